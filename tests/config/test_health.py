"""/healthz is 200 only when everything works."""

from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from calendars.models import CalendarDay, CalendarVersion
from tests.cast import World
from tests.journeys import draft
from workflows.models import CheckRun, FoundBreach, WorkerHeartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def working() -> WorkerHeartbeat:
    """Start each test with everything well."""
    return WorkerHeartbeat.objects.create(name="here:1", host="here", pid=1, at=timezone.now())


def test_all_is_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    report = answer.json()
    assert report["ok"] is True
    assert {name: part["ok"] for name, part in report.items() if name != "ok"} == {
        "database": True,
        "migrations": True,
        "worker": True,
        "calendar": True,
        "keys": True,
        "static": True,
        "evidence": True,
        "checks": True,
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_provisional_years_are_named(client: Client) -> None:
    year = timezone.localdate().year
    CalendarDay.objects.filter(date__year=year).update(provisional=True, source="holidays")
    CalendarVersion.objects.all().delete()
    assert year in client.get("/healthz").json()["calendar"]["provisional_years"]


def test_a_worker_silent_for_a_minute_is_not_well(client: Client, working: WorkerHeartbeat) -> None:
    WorkerHeartbeat.objects.update(at=timezone.now() - timedelta(seconds=61))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == {"ok": False, "running": 0}


def test_an_unapplied_migration_is_named(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="sessions", name="0001_initial").delete()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == {"ok": False, "unapplied": ["sessions.0001_initial"]}


def test_a_year_without_working_days_is_not_well(client: Client) -> None:
    CalendarDay.objects.all().delete()
    CalendarVersion.objects.all().delete()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["calendar"]["ok"] is False


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_look_at_all_cases_two_nights_ago_is_not_well(client: Client) -> None:
    CheckRun.objects.create(began_at=timezone.now() - timedelta(hours=49), ended_at=timezone.now(), cases=3, found=1)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"ok": False, "hours": 49, "found": 0}


def test_what_the_last_look_found_is_counted_and_blocks_nothing(client: Client, world: World) -> None:
    CheckRun.objects.create(began_at=timezone.now() - timedelta(hours=3), ended_at=timezone.now(), cases=3, found=1)
    FoundBreach.objects.create(case=draft(world), name="mediator_in_office", since=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"ok": True, "hours": 3, "found": 1}
