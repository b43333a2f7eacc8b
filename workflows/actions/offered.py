"""What a person may do on a case now: asked of the same declarations that `perform` enforces."""

from django.utils import timezone

from accounts import policy
from accounts.models import User
from cases.choices import Status
from cases.conditions import unmet
from cases.lifecycle import ACTIONS
from cases.models import Case
from cases.move import Move
from workflows.actions.writing import open_to


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


# What a desk does next, by status: the first of these that is available is the one big button.
NEXT: dict[str, tuple[str, ...]] = {
    Status.DRAFT: ("submit",),
    Status.SUBMITTED: ("answer_enquiry", "forward_to_company", "invite", "accept_jointly", "refer"),
    Status.RETURNED: ("resubmit",),
    Status.ANSWERING: ("confirm_answer", "invite"),
    Status.INVITING: ("accept", "decline"),
    Status.ACCEPTED: ("assign",),
    Status.ASSIGNED: ("start_mediation",),
    Status.MEDIATING: ("draft_agreement", "settle_orally", "fail"),
    Status.SUSPENDED: ("resume",),
    Status.SIGNING: ("take_effect",),
    Status.PERFORMING: ("finish_performance",),
    Status.FOLLOWUP: ("close",),
    Status.CLOSED: ("archive",),
}


def available(case: Case, user: User) -> list[Available]:
    """Return the actions that the state machine and the policy leave to this person, the next one first.

    The same declarations that `perform` enforces; conditions that the action's own form supplies are not asked yet.
    """
    roles, move = case.roles_of(user), Move(user, timezone.now())
    found = []
    for name in dict.fromkeys([*NEXT.get(case.status, ()), *ACTIONS]):
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
