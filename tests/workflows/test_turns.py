"""Whose turn it is: for every state and situation who has which turn, what opens it and what ends it."""

import pytest

from cases.choices import Status
from cases.models import Case
from tests.cast import World
from tests.journeys import case_in
from workflows.turns.models import Turn

pytestmark = pytest.mark.django_db
S = Status


def who(row: Turn) -> str:
    return str(row.party.side if row.party else row.role)


def awaited(case: Case) -> list[tuple[str, str]]:
    """The duties that are open, in the order of their writing: kind and whose."""
    rows = Turn.objects.filter(case=case, closed_at=None, duty=True).exclude(kind="make_paper")
    return sorted((row.kind, who(row)) for row in rows.select_related("party"))


IN_EACH_STATE: dict[Status, list[tuple[str, str]]] = {
    S.DRAFT: [("submit", "APPLICANT")],
    S.SUBMITTED: [("classify", "INTAKE")],
    S.RETURNED: [("resubmit", "APPLICANT")],
    S.ANSWERING: [("answer_complaint", "RESPONDENT")],
    S.INVITING: [("ask_again", "INTAKE"), ("consent", "RESPONDENT")],
    S.ACCEPTED: [("nominate", "DIRECTOR")],
    S.ASSIGNED: [("start_mediation", "MEDIATOR")],
    S.MEDIATING: [("hold_session", "MEDIATOR")],
    S.SUSPENDED: [("review_suspension", "MEDIATOR")],
    S.SIGNING: [],
    S.PERFORMING: [],
    S.FOLLOWUP: [],
    S.CLOSED: [],
    S.ARCHIVED: [],
}


@pytest.mark.parametrize("status", Status)
def test_in_every_state_somebody_has_a_turn_and_nobody_on_the_shelf(world: World, status: Status) -> None:
    assert awaited(case_in(status, world)) == IN_EACH_STATE[status]
