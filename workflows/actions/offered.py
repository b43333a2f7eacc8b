"""What a person may do on a case now: asked of the same declarations that `perform` enforces."""

from django.utils import timezone

from accounts import policy
from accounts.models import User
from cases.conditions import unmet
from cases.lifecycle import ACTIONS
from cases.models import Case
from cases.move import Move
from workflows.actions.writing import open_to
from workflows.turns.kinds import KINDS


def label_of(model: type[Case], action: str) -> str:
    """Return what an action is called on its button."""
    method = getattr(model, action)
    return str(next(iter(method._django_fsm.transitions.values())).custom["label"])


class Available:
    """One action that a person may take now: its name, its label, and what still stands against it."""

    def __init__(self, name: str, label: str, obstacle: str) -> None:
        self.name, self.label, self.obstacle = name, label, obstacle

    @property
    def ready(self) -> bool:
        return not self.obstacle


# The actions to which a turn leads come first, in the order of the table of turns.
LEADING = tuple(name for kind in KINDS.values() for name in kind.done_by[:1] if name in ACTIONS)


def available(case: Case, user: User) -> list[Available]:
    """Return the actions that the state machine and the policy leave to this person, those to which a turn leads first.

    The same declarations that `perform` enforces; conditions that the action's own form supplies are not asked yet.
    """
    roles, move = case.roles_of(user), Move(user, timezone.now())
    found = []
    for name in dict.fromkeys([*LEADING, *ACTIONS]):
        transition = getattr(Case, name)._django_fsm.get_transition(case.status)
        if transition is None or not (policy.RULES[f"case.{name}"] & roles):
            continue
        if not open_to(name, case, roles):
            continue
        found.append(
            Available(
                name,
                str(transition.custom["label"]),
                unmet(transition.custom["conditions"], case, move, except_input=True),
            )
        )
    return sorted(found, key=lambda action: not action.ready)
