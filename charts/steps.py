"""Every way in which a case moves, read from the state machine, the policy, the timers and the list of documents."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from accounts import policy
from accounts.roles import Role
from cases.choices import Status
from cases.clocks import CLOCKS, ClockKey, Unit
from cases.lifecycle import transitions_of
from cases.models import Case
from workflows.actions import ACTIONS
from workflows.flows import TIMERS
from workflows.papers import PAPERS

LANGUAGE = "zh-hans"


@dataclass(frozen=True)
class Step:
    """One action from one status to another, in words."""

    action: str
    label: str
    source: Status
    target: Status
    who: tuple[str, ...]
    conditions: tuple[str, ...]
    clocks: tuple[str, ...]
    papers: tuple[str, ...]
    outcome: str
    by_clock: bool = False

    @property
    def name(self) -> str:
        """An identifier, the same as long as the action leads from here to there."""
        timer = "clock_" if self.by_clock else ""
        return f"{timer}{self.action}_{self.source}_{self.target}"


@dataclass(frozen=True)
class Timer:
    """A deadline that acts by itself: on which status, which clock, which step."""

    clock: ClockKey
    step: Step

    @property
    def label(self) -> str:
        return clock_words(self.clock)


def clock_words(key: str) -> str:
    """Say what a clock is and how long it runs."""
    with override(LANGUAGE):
        clock, name = CLOCKS[key], ClockKey(key).label
        days = (
            str(clock.unit.label) if clock.unit in {Unit.SAME_DAY, Unit.AGREED} else f"{clock.count}{clock.unit.label}"
        )
        return f"{key} {name}（{days}）"


def steps() -> list[Step]:
    """Return the steps that people take, in the order of their declaration."""
    with override(LANGUAGE):
        found = [step for transition in transitions_of(Case) for step in _steps_of(transition)]
    people = [step for step in found if step.who]
    return sorted(people, key=lambda step: (ACTIONS.index(step.action), _rank(step.source), _rank(step.target)))


def timers() -> list[Timer]:
    """Return the steps that the clock takes by itself, with their clocks."""
    with override(LANGUAGE):
        found = [step for transition in transitions_of(Case) for step in _steps_of(transition, by_clock=True)]
    at = {(node._attached_to.status, node.action): ClockKey(node.clock) for node in _timer_nodes()}
    timed = [Timer(at[step.source, step.action], step) for step in found if (step.source, step.action) in at]
    return sorted(timed, key=lambda timer: timer.clock)


def _timer_nodes() -> list[Any]:
    return list(TIMERS.values())


def _rank(status: str) -> int:
    return list(Status).index(Status(status))


def _steps_of(transition: Any, *, by_clock: bool = False) -> list[Step]:
    roles = policy.RULES[f"case.{transition.name}"]
    who = [Role.CLOCK] if by_clock else [role for role in Role if role in roles - {Role.CLOCK}]
    return [
        Step(
            action=transition.name,
            label=str(transition.custom["label"]),
            source=Status(transition.source),
            target=Status(target),
            who=tuple(str(role.label) for role in who),
            conditions=tuple(str(condition.hint) for condition in transition.custom["conditions"]),
            clocks=tuple(_clocks_of(transition.custom)),
            papers=tuple(str(title) for title in PAPERS.get(transition.name, ())),
            outcome=str(ends.label) if (ends := transition.custom["ends"]) else "",
            by_clock=by_clock,
        )
        for target in _targets(transition.target)
    ]


def _targets(target: Any) -> list[str]:
    return [target] if isinstance(target, str) else list(target.allowed_states)


def _clocks_of(custom: dict[str, Any]) -> list[str]:
    words = [("meets", "止"), ("starts", "起"), ("pauses", "停"), ("resumes", "续")]
    found = [f"{word} {' '.join(custom[kind])}" for kind, word in words if custom[kind]]
    return ["全部停止", *found] if custom["stops_all"] else found
