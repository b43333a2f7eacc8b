"""A case goes through every state."""

import pytest

from cases.choices import Outcome, Status
from tests.cast import World
from tests.journeys import case_in
from workflows.tasks import active_tasks, check

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status.values)
def test_a_case_reaches_every_state(world: World, status: str) -> None:
    case = case_in(status, world)
    case.refresh_from_db()
    assert case.status == status
    check(case)


def test_a_case_settled_in_writing_ends_on_the_shelf(world: World) -> None:
    case = case_in(Status.ARCHIVED, world)
    case.refresh_from_db()
    assert (case.number, case.case_number) == ("AH-2026-00001", "（2026）皖物调字第00001号")
    assert case.outcome == Outcome.SETTLED_WRITTEN
    assert active_tasks(case) == []
    assert case.process.status == "DONE"
