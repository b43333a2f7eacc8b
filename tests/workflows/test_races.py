"""People and the clock at the same moment, on real threads and real commits: one winner each, one entry each."""

import threading
import uuid
from collections.abc import Callable, Generator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.errors import ConflictError, DomainError
from audit.models import Entry
from audit.services import record
from audit.verification import Verification
from calendars.today import end_of_day
from cases import services
from cases.changes import again_after_deadlock
from cases.choices import Solved, Status, Track
from cases.models import Case, Category, Deadline, NumberSeries
from cases.numbers import case_number
from members.services import create_committee, create_company, create_estate
from notifications.models import Kind, Notice
from tests.cast import NOW, World, make_world
from tests.fingerprint import counts
from tests.journeys import case_in, consent, draft
from tests.moves import everybody
from workflows import filing, timers
from workflows.actions import perform
from workflows.tasks import active_tasks, check

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

THREADS = 8
Job = Callable[[], Any]


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _journal_holds(world: World) -> Generator[None]:
    """After every race the journal verifies and every case has the tasks that its state demands."""
    yield
    for case in Case.objects.all():
        check(case)
    with transaction.atomic():
        places = [str(place) for place in Verification().breaks()]
    assert [place for place in places if not place.endswith("has no journal")] == []


def race(*jobs: Job) -> list[Any]:
    """Run the jobs at the same moment; return what each returned, or the error that it raised."""
    results: list[Any] = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(i: int, job: Job) -> None:
        try:
            gate.wait(timeout=20)
            results[i] = job()
        except Exception as error:
            results[i] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def winners(results: list[Any]) -> list[Any]:
    """Return what succeeded; whatever else came must be a clear refusal."""
    odd = [result for result in results if isinstance(result, Exception) and not isinstance(result, DomainError)]
    assert odd == []
    return [result for result in results if not isinstance(result, Exception)]


def entries(case: Case, action: str) -> int:
    return Entry.objects.filter(head__subject_kind="case", head__subject_id=str(case.pk), action=action).count()


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_eight_clerks_take_the_same_action(world: World) -> None:
    case = case_in(Status.INVITING, world)
    consent(case, world)
    clerks = [world.intake, world.second_intake, world.director, world.second_director] * 2
    results = race(*[lambda by=by: perform(case, "accept", by=by, at=NOW) for by in clerks])
    assert len(winners(results)) == 1
    assert all(isinstance(result, ConflictError) for result in results if isinstance(result, Exception))
    assert (entries(case, "accept"), fresh(case).status, fresh(case).version) == (1, Status.ACCEPTED, case.version + 1)
    assert NumberSeries.objects.get(kind="CASE").last == 1


def test_two_people_take_different_actions(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    parties = everybody(case)
    results = race(
        lambda: perform(case, "withdraw", by=world.resident, at=NOW, version=case.version),
        lambda: perform(case, "extend", by=world.mediator, at=NOW, version=case.version, days=10, agreed=parties),
        lambda: perform(
            case, "suspend", by=world.director, at=NOW, version=case.version, reason_code="S06", reason="雪"
        ),
        lambda: perform(case, "fail", by=world.second_director, at=NOW, version=case.version, reason_code="E04"),
    )
    assert len(winners(results)) == 1
    assert fresh(case).version == case.version + 1


def test_a_double_click_has_one_effect_and_the_same_answer(world: World) -> None:
    case, key = case_in(Status.SUBMITTED, world), uuid.uuid4().hex
    rows = counts()
    results = race(*[lambda: perform(case, "invite", by=world.intake, at=NOW, key=key)] * THREADS)
    assert {(result.status, result.version) for result in results} == {(Status.INVITING, case.version + 1)}
    assert entries(case, "invite") == 1
    assert counts()["workflows_actionkey"] == rows["workflows_actionkey"] + 1


def test_a_double_click_on_filing_gives_one_number_and_one_pass(world: World) -> None:
    case, key = draft(world, by=world.intake), uuid.uuid4().hex
    results = race(*[lambda: filing.submit(case, by=world.intake, at=NOW, key=key, data_notice=True)] * THREADS)
    assert {filed.number for filed, _codes in results} == {"AH-2026-00001"}
    assert sum(len(codes) for _filed, codes in results) == 1
    assert (entries(case, "submit"), entries(case, "issue_pass")) == (1, 1)


def test_the_same_key_on_two_cases_is_a_conflict(world: World) -> None:
    cases = [case_in(Status.SUBMITTED, world), case_in(Status.SUBMITTED, world, estate=world.other_estate)]
    key = uuid.uuid4().hex
    results = race(*[lambda case=case: perform(case, "invite", by=world.intake, at=NOW, key=key) for case in cases])
    assert len(winners(results)) == 1
    assert sorted(fresh(case).status for case in cases) == [Status.INVITING, Status.SUBMITTED]


# --- the clock against people ----------------------------------------------------------------------------


@pytest.mark.parametrize("again", range(4))
def test_lapse_and_resubmit_at_the_boundary(world: World, again: int) -> None:
    case = case_in(Status.RETURNED, world)
    late = end_of_day(case.deadlines.get(clock="K2", state="RUNNING").due)
    timers.remind(late - timedelta(days=1))
    race(lambda: timers.fire_timers(late), lambda: perform(case, "resubmit", by=world.resident, at=late))
    lapsed, resubmitted = entries(case, "lapse"), entries(case, "resubmit")
    assert (lapsed, resubmitted, fresh(case).status) in [(1, 0, Status.CLOSED), (0, 1, Status.SUBMITTED)]


def test_the_clock_first_then_the_person_and_the_other_way_round(world: World) -> None:
    case = case_in(Status.RETURNED, world)
    late = end_of_day(case.deadlines.get(clock="K2", state="RUNNING").due)
    timers.remind(late - timedelta(days=1))
    perform(case, "resubmit", by=world.resident, at=late - timedelta(seconds=1))
    assert (timers.fire_timers(late), fresh(case).status) == (0, Status.SUBMITTED)
    case = case_in(Status.RETURNED, world)
    timers.remind(late - timedelta(days=1))
    assert timers.fire_timers(late - timedelta(seconds=1)) == 0
    assert timers.fire_timers(late) == 1
    with pytest.raises(ConflictError):
        perform(case, "resubmit", by=world.resident, at=late)
    assert fresh(case).status == Status.CLOSED


@pytest.mark.parametrize("again", range(4))
def test_discard_and_submit_at_the_boundary(world: World, again: int) -> None:
    case = draft(world)
    late = end_of_day(case.deadlines.get(clock="K0").due)
    race(
        lambda: timers.fire_timers(late),
        lambda: filing.submit(case, by=world.resident, at=late, data_notice=True),
    )
    assert (entries(case, "discard"), entries(case, "submit"), fresh(case).status) in [
        (1, 0, Status.CLOSED),
        (0, 1, Status.SUBMITTED),
    ]


def complaint(world: World, **fields: Any) -> Case:
    return case_in(Status.ANSWERING, world, track=Track.COMPLAINT, **fields)


def test_the_clock_invites_and_a_clerk_confirms(world: World) -> None:
    case = complaint(world)
    late = end_of_day(case.deadlines.get(clock="K3").due)

    def answer_and_confirm() -> Case:
        services.answer_complaint(case, body="已修好。", by=world.company_user, at=late)
        services.say_solved(case, solved=Solved.SOLVED, by=world.resident, at=late)
        return perform(case, "confirm_answer", by=world.intake, at=late)

    results = race(lambda: timers.fire_timers(late), answer_and_confirm)
    winners(results)
    assert (entries(case, "invite"), entries(case, "confirm_answer")) in [(1, 0), (0, 1)]


def test_the_clock_invites_nobody_once_the_company_has_answered(world: World) -> None:
    case = complaint(world)
    late = end_of_day(case.deadlines.get(clock="K3").due)
    services.answer_complaint(case, body="已修好。", by=world.company_user, at=NOW)
    assert (timers.fire_timers(late), fresh(case).status) == (0, Status.ANSWERING)


def test_parallel_ticks_fire_each_timer_and_remind_once(world: World) -> None:
    estates = [world.estate, world.other_estate]
    drafts = [draft(world, at=NOW - timedelta(days=40)) for _each in range(3)]
    asked = [complaint(world, estate=estate) for estate in estates]
    supplements = [case_in(Status.RETURNED, world, category=category(i)) for i in range(2)]
    late = end_of_day(max(case.deadlines.get(clock="K3").due for case in asked))
    race(*[lambda: timers.tick(late)] * 4)
    assert [entries(case, "discard") for case in drafts] == [1, 1, 1]
    assert [entries(case, "invite") for case in asked] == [1, 1]
    assert [entries(case, "remind") for case in supplements] == [1, 1]
    assert [entries(case, "lapse") for case in supplements] == [0, 0]  # reminded only today
    assert all(deadline.overdue_at is None or _once(deadline) for deadline in Deadline.objects.all())
    race(*[lambda: timers.tick(late + timedelta(days=1))] * 4)
    assert [entries(case, "lapse") for case in supplements] == [1, 1]


def _once(deadline: Deadline) -> bool:
    rows = Entry.objects.filter(head__subject_id=str(deadline.case_id), action="overdue")
    return [row.after["clock"] for row in rows].count(deadline.clock) == 1


# --- numbers -----------------------------------------------------------------------------------------------


def test_case_numbers_have_no_gap_where_some_acceptances_fail(world: World) -> None:
    cases = [case_in(Status.INVITING, world, category=category(i)) for i in range(20)]
    for one in cases:
        consent(one, world)

    def accept(i: int) -> str:
        with transaction.atomic():
            number = perform(cases[i], "accept", by=world.intake, at=NOW).case_number
            if i % 4 == 0:
                raise DomainError("the power fails")
        return str(number)

    given = winners(race(*[lambda i=i: accept(i) for i in range(20)]))
    assert len(given) == 15
    assert sorted(given) == [f"（2026）皖物调字第{n:05d}号" for n in range(1, 16)]
    assert NumberSeries.objects.get(kind="CASE").last == 15


def category(i: int) -> Category:
    return Category.objects.filter(parent__isnull=False, mediable="Y").order_by("code")[i]


def test_receipt_numbers_have_no_gap_where_some_filings_fail(world: World) -> None:
    drafts = [draft(world) for _each in range(20)]

    def file(i: int) -> str:
        with transaction.atomic():
            filed, _codes = filing.submit(drafts[i], by=world.resident, at=NOW, data_notice=True)
            if i % 5 == 0:
                raise DomainError("the power fails")
        return str(filed.number)

    given = winners(race(*[lambda i=i: file(i) for i in range(20)]))
    assert sorted(given) == [f"AH-2026-{n:05d}" for n in range(1, 17)]


def test_twenty_new_drafts_and_filings_at_once_do_not_lock_each_other_out(world: World) -> None:
    ready = [draft(world) for _each in range(10)]

    def whole() -> str:
        with transaction.atomic():  # as an import does it: register, then number
            case = filing.open_draft(centre=world.centre, region=world.district, by=world.intake, at=NOW)
            services.edit_filing(case, by=world.intake, at=NOW, title="测试")
            return str(case_number(world.centre, 2026))

    def known(case: Case) -> str:
        with transaction.atomic():  # number, then a subject new to the journal
            filing.submit(case, by=world.resident, at=NOW, data_notice=True)
            record(("company", f"{case.pk}"), "test", by=None, at=NOW)
        return "filed"

    results = race(*[whole] * 10, *[lambda case=case: known(case) for case in ready])
    assert len(winners(results)) == 20


def test_two_cases_are_not_merged_into_each_other(world: World) -> None:
    first, second = case_in(Status.SUBMITTED, world), case_in(Status.SUBMITTED, world, estate=world.other_estate)
    results = race(
        lambda: perform(first, "merge", by=world.intake, at=NOW, lead_number=second.number),
        lambda: perform(second, "merge", by=world.second_intake, at=NOW, lead_number=first.number),
    )
    assert len(winners(results)) == 1
    assert sorted([fresh(first).status, fresh(second).status]) == [Status.CLOSED, Status.SUBMITTED]


def test_a_transaction_given_up_in_a_deadlock_is_done_again(world: World) -> None:
    first, second = case_in(Status.SUBMITTED, world), case_in(Status.SUBMITTED, world, estate=world.other_estate)
    meet, tries = threading.Barrier(2), []

    @again_after_deadlock
    def both(one: Case, other: Case) -> str:
        with transaction.atomic():
            tries.append(one.pk)
            Case.objects.select_for_update(of=("self",)).get(pk=one.pk)
            if len(tries) <= 2:
                meet.wait(timeout=20)
            Case.objects.select_for_update(of=("self",)).get(pk=other.pk)
        return "done"

    assert race(lambda: both(first, second), lambda: both(second, first)) == ["done", "done"]
    assert len(tries) > 2, "neither was given up, so nothing was shown"


def test_whoever_was_given_up_twice_gets_a_third_try_and_no_more(world: World) -> None:
    tries = []

    @again_after_deadlock
    def given_up(times: int) -> str:
        tries.append(times)
        if len(tries) <= times:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE deadlock_detected; END $$")
        return "done"

    assert (given_up(2), len(tries)) == ("done", 3)
    tries.clear()
    with pytest.raises(OperationalError):
        given_up(3)
    assert len(tries) == 3


def test_an_error_that_is_no_deadlock_or_lies_in_a_larger_transaction_is_not_repeated(world: World) -> None:
    tries = []

    @again_after_deadlock
    def fail() -> None:
        tries.append(1)
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        fail()
    assert tries == [1]


def test_status_is_read_anew_by_many_threads_at_once(world: World) -> None:
    """The library's own refresh flips a flag on the field, which all threads share; ours does not."""
    cases = [case_in(Status.SUBMITTED, world) for _each in range(2)]

    def refresh(case: Case) -> set[str]:
        mine = Case.objects.get(pk=case.pk)
        seen = set()
        for _each in range(60):
            mine.refresh_from_db()
            seen.add(mine.status)
            with pytest.raises(AttributeError):
                mine.status = Status.CLOSED
        return seen

    results = race(*[lambda case=case: refresh(case) for case in cases * 4])
    assert results == [{Status.SUBMITTED}] * 8


def test_overdue_is_told_once_by_parallel_ticks(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    late = end_of_day(case.deadlines.get(clock="K6").due) + timedelta(days=3)
    race(*[lambda: timers.tick(late)] * 4)
    assert case.proposals.filter(action="fail").count() == 1
    assert Notice.objects.filter(recipient=world.mediator, kind=Kind.OVERDUE_STAFF).count() == 1
    assert [task.flow_task.name for task in active_tasks(case)] == ["mediating"]


def test_two_people_who_enter_one_estate_in_two_spellings_enter_it_once(world: World) -> None:
    def entering(name: str) -> Job:
        where = {"region": world.district, "address": "路1号", "households": 9, "area": Decimal(9)}
        return lambda: create_estate(name=name, by=None, at=NOW, **where)

    for k in range(4):
        results = race(
            entering(f"云水湾{k}号（Ⅱ期）"), entering(f"云水湾{k}号(二期)"), entering(f"云水湾{k}号 （II期）")
        )
        assert [made.name_key for made in winners(results)] == [f"云水湾{k}号(2期)"]
        refused = [str(result) for result in results if isinstance(result, DomainError)]
        assert [sentence.split("已经有叫")[0] for sentence in refused] == ["蜀山区", "蜀山区"]


def test_two_people_who_enter_the_committee_of_one_estate_enter_it_once(world: World) -> None:
    def entering(name: str) -> Job:
        term = {"term_from": date(2026, 1, 1), "term_until": date(2030, 12, 31)}
        return lambda: create_committee(estate=world.other_estate, name=name, by=None, at=NOW, **term)

    results = race(entering("书香名邸（Ⅱ期）业主委员会"), entering("书香名邸(二期)业主委员会"))
    assert len(winners(results)) == 1
    assert "任期重叠" in next(str(result) for result in results if isinstance(result, DomainError))


def test_two_people_who_enter_one_company_enter_it_once(world: World) -> None:
    def entering(name: str) -> Job:
        return lambda: create_company(
            name=name, credit_code="91340100MA2PTXXM1G", region=world.district, by=None, at=NOW
        )

    results = race(entering("绿水（合肥）物业"), entering("绿水(合肥)物业"))
    assert len(winners(results)) == 1
    assert "已经登记过" in next(str(result) for result in results if isinstance(result, DomainError))
