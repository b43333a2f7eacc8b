"""What a fact is: something that is written on a case without moving it, declared as an action is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError, NotAllowedError
from cases.choices import Status
from cases.conditions import Condition, unmet
from cases.move import Move

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

S = Status
EVERY = frozenset(S)
FILED = EVERY - {S.DRAFT}
KEPT = FILED - {S.ARCHIVED}
ACTIVE = KEPT - {S.CLOSED}
BEFORE_ACCEPTANCE = frozenset({S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING})
CALLING = frozenset({S.ASSIGNED, S.MEDIATING})


class ClosedError(DomainError):
    """This fact is not written now; the sentence says why."""


@dataclass(frozen=True)
class Fact:
    """One thing that may be written: who may, in which states, under which conditions, about which rows, with what.

    `rows` returns from a reading of the case (mediation.reading) what it can be about: nothing to write where there
    is nothing; None where it is about the case itself. `takes` is the input of its service, beside who and when.
    """

    name: str  # as in the address
    permissions: tuple[str, ...]  # any of them suffices
    states: frozenset[Status]
    takes: tuple[str, ...] = ()
    area: str = ""  # the page below the case on which its form stands
    suits: tuple[Condition, ...] = ()  # what the person must be, beside the role
    opens: tuple[Condition, ...] = ()
    rows: Callable[[Any], Iterable[Any]] | None = None
    closed: "_StrOrPromise | Callable[[Any], str]" = ""  # the sentence of a state in which it is not written

    @property
    def key(self) -> str:
        """Where it is written, below the case: the same word for page, turn and API."""
        return f"{self.area}/{self.name}" if self.area else self.name

    def is_for(self, reading: Any, move: Move) -> bool:
        """Say whether this person may write this on this case at all; whoever may not does not learn that it exists."""
        held = any(policy.RULES[permission] & reading.roles for permission in self.permissions)
        return held and not unmet(self.suits, reading.case, move)

    def require_person(self, case: Any, move: Move, permission: str = "") -> None:
        """Refuse whoever may not write this; raises NotAllowedError, ClosedError.

        `permission`: the one that this way of writing needs, where the fact knows several.
        """
        wanted = (permission,) if permission else self.permissions
        if not any(policy.allows(move.by, one, case) for one in wanted):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        if sentence := unmet(self.suits, case, move):
            raise ClosedError(sentence)

    def require_open(self, case: Any, move: Move) -> None:
        """Refuse what is not written now; raises ClosedError."""
        if sentence := self.obstacle(case, move):
            raise ClosedError(sentence)

    def obstacle(self, case: Any, move: Move) -> str:
        """Return the sentence why this is not written on the case now, or nothing."""
        if case.status not in self.states:
            words = _("案件现在是“%(status)s”，不能这样做。请看最新情况。")
            said = self.closed(case) if callable(self.closed) else str(self.closed)
            return said or words % {"status": case.get_status_display()}
        return unmet(self.opens, case, move)

    def is_open(self, reading: Any, move: Move) -> bool:
        """Say whether there is anything to write now, for a reader who may."""
        return not self.obstacle(reading.case, move) and (self.rows is None or bool(self.rows(reading)))
