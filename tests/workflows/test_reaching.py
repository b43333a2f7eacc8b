"""Somebody whom no way leads to becomes a task of the centre, and of nobody else."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.errors import ConflictError, NotAllowedError
from accounts.models import User
from audit.models import Entry
from cases.choices import Side, Status
from cases.models import Case, CasePass
from cases.passes import issue_pass
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import CannotReach, Delivery, Kind, Notice
from notifications.services import mark_seen
from tests.cast import NOW, World, later
from tests.fingerprint import fingerprint
from tests.journeys import case_in, party
from workflows.reaching import NotReachedError, hand_over_unreachable, record_reached
from workflows.telling import tell_one, tell_people

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Status_ = Delivery.Status


@pytest.fixture(autouse=True)
def _at_that_moment(settings: object) -> Iterator[None]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"  # type: ignore[attr-defined]
    MemoryGateway.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    MemoryGateway.clear()


def dead(case: Case, user: User) -> CannotReach:
    """One notice whose only way failed for good."""
    tell_one(user, case, Kind.ACCEPTED, at=NOW)
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    Delivery.objects.filter(status=Status_.PENDING).exclude(notice__recipient=user).delete()
    deliver_due(NOW)
    return CannotReach.objects.get(recipient=user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told_only(world: World) -> Case:
    case = case_in(Status.INVITING, world)
    Notice.objects.all().delete()
    return case


def test_the_task_goes_to_the_handler_who_is_told_and_the_file_says_so(world: World) -> None:
    case = told_only(world)
    task = dead(case, world.resident)
    assert [hand_over_unreachable(NOW), hand_over_unreachable(NOW)] == [1, 0]
    task.refresh_from_db()
    assert task.assigned_to == world.intake
    assert Notice.objects.get(kind=Kind.CANNOT_REACH).recipient == world.intake
    assert Entry.objects.get(action="cannot_reach").after == {"task": task.pk}
    assert task.subject_id == case.pk


def test_one_person_and_case_is_one_task_however_many_notices_fail(world: World) -> None:
    case = told_only(world)
    first, again = dead(case, world.resident), dead(case, world.resident)
    assert first == again
    assert Notice.objects.filter(cannot_reach=first).count() == 2


def test_whoever_looks_after_all_is_reached(world: World) -> None:
    case = told_only(world)
    task = dead(case, world.resident)
    mark_seen(world.resident, case.subject, at=later(hours=2))
    task.refresh_from_db()
    assert (task.how, task.resolved_at, task.resolved_by) == ("READ", later(hours=2), None)


def test_a_guest_without_a_telephone_who_does_not_look_becomes_a_task_after_three_days(world: World) -> None:
    case = told_only(world)
    applicant = party(case, Side.APPLICANT)
    type(applicant).objects.filter(pk=applicant.pk).update(phone="", user=None)
    applicant.refresh_from_db()
    issue_pass(applicant, by=world.intake, at=NOW)
    guest = CasePass.objects.get(party=applicant, revoked_at=None).guest
    tell_people(Case.objects.get(pk=case.pk), "accept", by=None, at=NOW)
    deliver_due(later(days=2))
    assert not CannotReach.objects.filter(recipient=guest).exists()
    deliver_due(later(days=3))
    assert CannotReach.objects.filter(recipient=guest).count() == 1


def test_only_the_desk_of_the_case_finds_the_task(world: World) -> None:
    case = told_only(world)
    task = dead(case, world.resident)
    seen = {"intake", "second_intake", "director", "second_director", "follower"}
    for name, user in world.people().items():
        found = signed_in(user).get(f"/desk/unreachable/{task.pk}/").status_code
        assert (name, found) == (name, 200 if name in seen else 404)
        page = signed_in(user).get("/desk/unreachable/").content.decode()
        assert (name, (case.number or "?") in page) == (name, name in seen)
    page = signed_in(world.intake).get(f"/desk/unreachable/{task.pk}/").content.decode()
    assert "13855106612" not in page
    assert "张桂兰" not in page


def test_it_is_recorded_once_how_somebody_was_reached(world: World) -> None:
    case = told_only(world)
    task = dead(case, world.resident)
    client, url = signed_in(world.intake), f"/desk/unreachable/{task.pk}/"
    assert client.post(url, {"how": "GAVE_UP"}).status_code == 422
    assert client.post(url, {"how": "PHONE", "note": "女儿接的，已转告"}).status_code == 302
    assert client.post(url, {"how": "LETTER"}).status_code == 302  # a double click
    task.refresh_from_db()
    assert (task.how, task.note, task.resolved_by) == ("PHONE", "女儿接的，已转告", world.intake)
    with pytest.raises(ConflictError):
        record_reached(task, how="LETTER", note="", by=world.second_intake, at=NOW)
    assert Entry.objects.filter(action="reached").count() == 1


def test_whoever_has_no_part_in_the_case_records_nothing(world: World) -> None:
    task = dead(told_only(world), world.resident)
    before = fingerprint()
    for user in (world.resident, world.company_user, world.mediator, world.legal, world.other_intake):
        with pytest.raises(NotAllowedError):
            record_reached(task, how="PHONE", note="", by=user, at=NOW)
    with pytest.raises(NotReachedError):
        record_reached(task, how="READ", note="", by=world.intake, at=NOW)
    assert fingerprint() == before
