"""What a check is: a named question about a text that answers with sentences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cases.models import Party
from mediation.checks.draft import Draft

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Problem(NamedTuple):
    """One thing that is not right, in a sentence that says what to do."""

    sentence: str
    blocks: bool


Question = Callable[[Draft], Iterable[Problem]]


@dataclass(frozen=True)
class Check:
    """A named check; `on_paper`: about copies, seals, sentences of a written text."""

    code: str
    label: "_StrOrPromise"
    question: Question
    on_paper: bool = False


def check(label: "_StrOrPromise", *, on_paper: bool = False) -> Callable[[Question], Check]:
    """Make a check of a question, under the name of its function."""

    def named(question: Question) -> Check:
        return Check(question.__name__, label, question, on_paper)

    return named


@dataclass(frozen=True)
class Result:
    """What one check found."""

    code: str
    label: str
    problems: tuple[Problem, ...]

    @property
    def state(self) -> str:
        if any(problem.blocks for problem in self.problems):
            return "block"
        return "warn" if self.problems else "ok"


def name_of(party: Party) -> str:
    return f"{party.get_side_display()}{party.shown_name}"
