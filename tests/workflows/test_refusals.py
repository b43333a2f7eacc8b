"""Every action from every wrong state, and by everybody whose action it is not: refused, and nothing has changed."""

import pytest

from accounts.errors import ConflictError, DomainError, NotAllowedError
from cases.choices import Side, Status
from cases.models import CasePass
from cases.passes import issue_pass
from tests.cast import NOW, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party
from tests.workflows.trade import ROWS, everybody, players
from workflows.actions import available, perform

BY_ITSELF = {"resident": {"assign"}, "company_user": {"assign"}, "supervisor": {"resume"}}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("status", Status)
def test_from_a_wrong_state_every_action_is_refused_to_whoever_may_take_it_and_nothing_changes(
    world: World, status: Status
) -> None:
    case = case_in(status, world)
    before = fingerprint()
    for action, row in ROWS.items():
        for name in sorted(players(action, case))[:2] if status not in row.sources else ():
            with pytest.raises(ConflictError) as refusal:
                perform(case, action, by=everybody(world)[name], at=NOW)
            assert case.get_status_display() in str(refusal.value)
    assert changed(before) == []
    for name, person in world.people().items():  # and a page offers exactly what is lawful
        offered = {action.name for action in available(case, person)}
        lawful = {action for action, row in ROWS.items() if status in row.sources and name in players(action, case)}
        # These follow by themselves: a waiver of a party completes an assignment, a decision of the committee resumes.
        assert offered == lawful - BY_ITSELF.get(name, set()), name


def test_somebody_deactivated_or_nobody_known_acts_no_more(world: World) -> None:
    case = case_in(Status.INVITING, world)
    world.intake.is_active = False
    world.intake.save()
    before = fingerprint()
    for action in ("accept", "no_such_action", "status", "refresh_from_db", "__class__", ""):
        with pytest.raises(NotAllowedError):
            perform(case, action, by=world.intake, at=NOW)
        with pytest.raises(NotAllowedError):
            perform(case, action, by=None, at=NOW)
    assert changed(before) == []


def test_a_guest_acts_for_the_one_party_until_the_pass_is_revoked(world: World) -> None:
    case, other = case_in(Status.SUBMITTED, world), case_in(Status.SUBMITTED, world, estate=world.other_estate)
    issue_pass(party(case, Side.APPLICANT), by=world.intake, at=NOW)
    guest = CasePass.objects.get(party__case=case).guest
    before = fingerprint()
    with pytest.raises(NotAllowedError):
        perform(other, "withdraw", by=guest, at=NOW)
    with pytest.raises(NotAllowedError):
        perform(case, "void", by=guest, at=NOW, reason="不要了")
    assert changed(before) == []
    issue_pass(party(case, Side.APPLICANT), by=world.intake, at=NOW)  # a new code ends the old one
    guest.refresh_from_db()
    with pytest.raises(NotAllowedError):
        perform(case, "withdraw", by=guest, at=NOW)
    guest = CasePass.objects.get(party__case=case, revoked_at=None).guest
    assert perform(case, "withdraw", by=guest, at=NOW).status == Status.CLOSED


def test_a_stale_page_is_refused_before_anything_is_looked_at(world: World) -> None:
    case = case_in(Status.INVITING, world)
    before = fingerprint()
    with pytest.raises(ConflictError):
        perform(case, "accept", by=world.intake, at=NOW, version=case.version - 1)
    assert changed(before) == []


def test_a_party_assigns_and_suspends_only_in_the_one_way_open_to_it(world: World) -> None:
    for status, estate, action, given in [
        (Status.ACCEPTED, world.estate, "assign", {"mediator": world.mediator}),
        (Status.MEDIATING, world.other_estate, "suspend", {"reason_code": "S02", "reason": "等检测"}),
    ]:
        case = case_in(status, world, estate=estate)
        before = fingerprint()
        for person in (world.resident, world.company_user):
            with pytest.raises(DomainError):
                perform(case, action, by=person, at=NOW, **given)
        assert changed(before) == []
    suspended = perform(case, "suspend", by=world.resident, at=NOW, reason_code="S01", reason="调解员是对方亲属")
    assert suspended.status == Status.SUSPENDED
