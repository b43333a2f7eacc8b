"""What does not hold is looked for every night, named on the command line, and listed for the director until mended."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases.choices import Status
from cases.models import Case, Category
from tests.cast import NOW, World
from tests.journeys import case_in
from workflows.checks import BY_NAME, CHECKS, check_cases
from workflows.checks.nightly import check_nightly, look_at_next
from workflows.models import CheckRun, FoundBreach

pytestmark = pytest.mark.django_db


def left(world: World) -> Case:
    """A case whose mediator has left, as it may come back from a dump."""
    case = case_in(Status.MEDIATING, world)
    User.objects.filter(pk=world.mediator.pk).update(is_active=False)
    return case


def look(now: datetime | None = None) -> None:
    now = now or timezone.now()
    while check_nightly(now):
        pass


def test_every_check_has_a_name_of_its_own_and_says_what_to_do() -> None:
    assert len(BY_NAME) == len(CHECKS)
    assert [check.name for check in CHECKS if not (check.holds and check.breach and check.remedy)] == []


def test_the_command_names_each_breach_with_its_remedy_and_page(world: World) -> None:
    case, said = left(world), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_cases", case.number, stdout=said)
    assert ended.value.code == 1
    lines = said.getvalue().splitlines()
    assert any(
        line.startswith(f"{case.number} mediator_in_office:") and f"/cases/{case.number}/do/nominate/" in line
        for line in lines
    )


def test_the_command_is_content_with_whole_cases(world: World) -> None:
    case, said = case_in(Status.SUBMITTED, world, timezone.now()), StringIO()
    call_command("check_cases", case.number, stdout=said)
    assert said.getvalue() == "1 个案件，0 处不合规则。\n"


def test_the_worker_looks_once_a_night(world: World) -> None:
    case_in(Status.SUBMITTED, world)
    look()
    first = CheckRun.objects.get()
    assert (first.cases, first.ended_at is not None) == (Case.objects.count(), True)
    look()
    assert CheckRun.objects.count() == 1
    look(timezone.now() + timedelta(days=1))
    assert CheckRun.objects.count() == 2


def test_a_run_goes_on_where_it_stopped(world: World) -> None:
    for _each in range(3):
        case_in(Status.SUBMITTED, world)
    run = CheckRun.objects.create(began_at=NOW)
    assert [look_at_next(run, NOW, cases=2), run.ended_at] == [2, None]
    assert look_at_next(run, NOW, cases=2) == 1
    assert (run.cases, run.ended_at) == (3, NOW)


def test_what_is_found_stays_with_its_first_day_and_goes_when_mended(world: World) -> None:
    case = left(world)
    look()
    row = FoundBreach.objects.get(name="mediator_in_office")
    assert row.case_id == case.pk
    look(timezone.now() + timedelta(days=1))
    assert FoundBreach.objects.get(name="mediator_in_office").since == row.since
    User.objects.filter(pk=world.mediator.pk).update(is_active=True)
    look(timezone.now() + timedelta(days=2))
    assert not FoundBreach.objects.filter(name="mediator_in_office").exists()


def test_the_director_reads_what_is_to_be_done_and_where(world: World, client: Client) -> None:
    case = left(world)
    look()
    client.force_login(world.director)
    page = client.get("/desk/director/?tab=breaches")
    assert page.status_code == 200
    text = page.content.decode()
    assert "调解员已经不在任，案件没有交给别人。" in text
    assert f'href="/cases/{case.number}/do/nominate/"' in text
    assert "案件核对" in client.get("/desk/").content.decode()


def test_another_centre_reads_nothing_of_it(world: World, client: Client) -> None:
    left(world)
    look()
    world.other_intake.memberships.update(role="DIRECTOR")
    client.force_login(world.other_intake)
    assert "不在任" not in client.get("/desk/director/?tab=breaches").content.decode()


def test_many_cases_cost_as_many_queries_as_one(world: World) -> None:
    def asked(cases: QuerySet[Case]) -> int:
        with CaptureQueriesContext(connection) as queries:
            check_cases(cases, at=NOW)
        return len(queries)

    def some(*codes: str) -> None:
        for status, code in zip([Status.PERFORMING, Status.CLOSED, Status.MEDIATING], codes, strict=True):
            case_in(status, world, category=Category.objects.get(code=code))

    some("0301", "0302", "0303")
    three = asked(Case.objects.all())
    some("0304", "0201", "0202")
    assert asked(Case.objects.all()) == three
