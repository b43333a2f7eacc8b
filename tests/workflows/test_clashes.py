"""Whoever takes a case over finds its sessions called: those at which he is elsewhere are shown, and can be moved."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Entry
from cases.choices import Status
from cases.models import Case
from mediation import services as mediation
from mediation.models import Session
from notifications.models import Kind, Notice
from tests.cast import NOW, World, later
from tests.journeys import case_in, consent
from tests.web.pages import browser, send
from workflows import mediators, meetings
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SENTENCE = "与您在09:30的另一场调解会时间冲突，请改期。"
FOR_THE_DIRECTOR = "与调解员在09:30的另一场调解会时间冲突，请调解员改期。"


@pytest.fixture(autouse=True)
def _at_that_moment() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def busy(world: World, days: float) -> Case:
    """A case of the second mediator with a session called for that day, the same hour."""
    case = case_in(Status.INVITING, world, estate=world.other_estate)
    consent(case, world)
    case = perform(case, "accept", by=world.intake, at=NOW)
    mediators.nominate(case, world.second_mediator, by=world.director, at=NOW)
    case = mediators.accept(case, by=world.second_mediator, at=NOW)
    call(case, world.second_mediator, days)
    return case


def call(case: Case, by: User, days: float) -> Session:
    return meetings.schedule(case, starts_at=later(days), place="调解室三", notice="SERVED", by=by, at=NOW)


def take_over(case: Case, world: World) -> Case:
    mediators.nominate(case, world.second_mediator, by=world.director, at=NOW, reason="原调解员患病")
    return mediators.accept(Case.objects.get(pk=case.pk), by=world.second_mediator, at=NOW)


def clashes(case: Case) -> list[int]:
    case = Case.objects.get(pk=case.pk)
    return [own.number for own, _other in mediation.clashing_sessions(case, at=NOW)]


def page(user: User, case: Case, rest: str = "") -> str:
    client: Client = browser(user)
    return client.get(f"/cases/{case.number}/{rest}").content.decode()


def test_a_session_that_clashes_is_shown_to_both_and_goes_away_when_it_is_moved(world: World) -> None:
    other = busy(world, 1)
    case = case_in(Status.MEDIATING, world)  # its first session is on the next day at the same hour
    call(case, world.mediator, 2)
    assert clashes(case) == []
    taken = take_over(case, world)
    assert (taken.mediator, taken.status) == (world.second_mediator, Status.ASSIGNED)
    assert clashes(case) == [1]
    for rest in ("", "sessions/", "mediator/"):
        assert page(world.second_mediator, case, rest).count(SENTENCE) == 1
        shown = page(world.director, case, rest)
        assert shown.count(FOR_THE_DIRECTOR) == 1
        assert other.number not in shown
        assert "时间冲突" not in page(world.resident, case, rest)
        assert "时间冲突" not in page(world.intake, case, rest)
    assert "sessions/move/?of=1" in page(world.second_mediator, case)
    moved = {"starts_at": "2026-11-06T14:00", "place": "调解室一", "minutes": "90", "link": "", "reason": "调解员更换"}
    assert send(world.second_mediator, case, "sessions/move/?of=1", {"of": "1"} | moved).status_code == 302
    assert clashes(case) == []
    assert "时间冲突" not in page(world.second_mediator, case)


def test_the_clash_is_journalled_and_told_and_stops_nothing(world: World) -> None:
    busy(world, 1)
    case = case_in(Status.MEDIATING, world)
    Notice.objects.all().delete()
    take_over(case, world)
    assert Entry.objects.get(action="sessions_clash").after == {"sessions": [1]}
    told = Notice.objects.filter(kind=Kind.TASK_ASSIGNED, url=f"/cases/{case.number}/sessions/")
    assert {one.recipient for one in told} == {world.second_mediator, world.director, world.second_director}


def test_sessions_beside_each_other_off_over_or_of_ended_cases_do_not_clash(world: World) -> None:
    other = busy(world, 1 + 1.5 / 24)  # begins when the first one ends
    case = case_in(Status.MEDIATING, world)
    take_over(case, world)
    assert clashes(case) == []
    assert not Entry.objects.filter(action="sessions_clash").exists()
    session = Session.objects.get(case=other)
    Session.objects.filter(pk=session.pk).update(starts_at=later(1))
    assert clashes(case) == [1]
    Session.objects.filter(pk=session.pk).update(cancelled_at=NOW)
    assert clashes(case) == []
    Session.objects.filter(pk=session.pk).update(cancelled_at=None, record="开过了")
    assert clashes(case) == []
    Session.objects.filter(pk=session.pk).update(record="")
    Case.objects.filter(pk=other.pk).update(status=Status.FOLLOWUP, outcome="FAILED", concluded_at=NOW)
    assert clashes(case) == []
