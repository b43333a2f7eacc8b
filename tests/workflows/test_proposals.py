"""What is proposed comes back as it was given when somebody approves it."""

from datetime import timedelta
from typing import Any

import pytest

from cases.choices import Outcome, Status
from tests.cast import NOW, TODAY, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in
from workflows import filing
from workflows.filing import ProposalError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", [TODAY, TODAY.isoformat()])
def test_a_day_survives_the_proposal_whether_given_as_day_or_as_text(world: World, day: Any) -> None:
    case = case_in(Status.SUBMITTED, world)
    proposal = filing.propose(case, "reject", by=world.intake, at=NOW, reason_code="R01", served_on=day)
    done = filing.approve(proposal, by=world.director, at=NOW + timedelta(hours=1))
    assert (done.outcome, done.ending.served_on) == (Outcome.REJECTED, TODAY)


@pytest.mark.parametrize("day", ["明天", "2026-13-01", ""])
def test_a_day_that_is_none_is_refused_at_once(world: World, day: str) -> None:
    case = case_in(Status.SUBMITTED, world)
    before = fingerprint()
    with pytest.raises(ProposalError, match="送达日期"):
        filing.propose(case, "reject", by=world.intake, at=NOW, reason_code="R01", served_on=day)
    assert changed(before) == []
