"""Promises kept in parts, disputed, urged, reminded: the sums are exact and the states follow from the rows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError, NotAllowedError
from calendars.services import load_calendar
from calendars.working_days import add_working_days
from cases.choices import ConsentMatter, Side, Status
from cases.deadlines import why
from cases.models import Case, Deadline
from documents.models import Document
from mediation import services as mediation
from mediation.models import Obligation, Performance, Reminder
from notifications.models import Kind, Notice
from tests import journeys
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party
from workflows import promises
from workflows.actions import perform
from workflows.timers import tick

pytestmark = pytest.mark.django_db
Answer = Performance.Answer


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.PERFORMING, world)


@pytest.fixture
def promise(case: Case) -> Obligation:
    return case.current_agreement.obligations.get()


def pay(promise: Obligation, world: World, amount: str | None, at: datetime = NOW) -> Performance:
    given = Decimal(amount) if amount else None
    return mediation.record_performance(
        promise, on=TODAY, proof=None, note="转账", amount=given, by=world.company_user, at=at
    )


def answer(row: Performance, world: World, *, received: bool, reason: str = "") -> Performance:
    return mediation.answer_performance(row, received=received, reason=reason, by=world.resident, at=NOW)


def refused(call: object, sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()  # type: ignore[operator]
    assert changed(before) == []


def fresh(promise: Obligation) -> Obligation:
    return Obligation.objects.get(pk=promise.pk)


# --- parts and sums ---------------------------------------------------------------------------------------------


def test_a_part_leaves_a_rest_and_the_last_part_keeps_the_promise(world: World, promise: Obligation) -> None:
    pay(promise, world, "8600.55")
    assert (fresh(promise).paid(), fresh(promise).rest()) == (Decimal("8600.55"), Decimal("9999.45"))
    assert fresh(promise).performed_on is None
    pay(promise, world, None)
    kept = fresh(promise)
    assert (kept.rest(), kept.performed_on, kept.confirmed_at) == (Decimal("0.00"), TODAY, None)
    assert not Deadline.objects.filter(clock="K8", about_id=promise.pk, state="RUNNING").exists()
    refused(lambda: pay(promise, world, "1.00"), "已经全部履行")


def test_more_than_the_rest_is_refused_with_both_figures(world: World, promise: Obligation) -> None:
    pay(promise, world, "18000.00")
    refused(lambda: pay(promise, world, "600.01"), "只差600.00元，填写的600.01元")
    for nonsense in ("0.00", "-5.00", "0.001"):
        refused(lambda nonsense=nonsense: pay(promise, world, nonsense), "付了多少元")


def test_work_is_done_in_parts_by_word(world: World, promise: Obligation) -> None:
    Obligation.objects.filter(pk=promise.pk).update(amount=None)
    promise = fresh(promise)
    refused(lambda: pay(promise, world, "5.00"), "没有约定金额")
    mediation.record_performance(
        promise, on=TODAY, proof=None, note="搭了脚手架", completes=False, by=world.company_user, at=NOW
    )
    assert fresh(promise).performed_on is None
    mediation.record_performance(promise, on=TODAY, proof=None, note="完工", by=world.company_user, at=NOW)
    assert fresh(promise).performed_on == TODAY


def test_a_dispute_opens_the_promise_again_and_its_clock_runs(world: World, promise: Obligation) -> None:
    row = pay(promise, world, None)
    refused(lambda: answer(row, world, received=False), "写明理由")
    answer(row, world, received=False, reason="没有到账")
    assert (fresh(promise).performed_on, fresh(promise).rest()) == (None, promise.amount)
    assert Deadline.objects.filter(clock="K8", about_id=promise.pk, state="RUNNING").count() == 1
    answer(row, world, received=True)
    assert fresh(promise).performed_on == TODAY
    assert fresh(promise).confirmed_at == NOW
    refused(lambda: answer(row, world, received=False, reason="反悔"), "已经确认过")


def test_a_disputed_sum_paid_again_cannot_be_confirmed_twice(world: World, promise: Obligation) -> None:
    first = pay(promise, world, None)
    answer(first, world, received=False, reason="没有到账")
    second = pay(promise, world, None)
    answer(second, world, received=True)
    refused(lambda: answer(first, world, received=True), "超过约定的金额")


def test_the_word_of_the_receiver_needs_no_confirmation(world: World, promise: Obligation) -> None:
    row = mediation.record_performance(promise, on=TODAY, proof=None, note="收到现金", by=world.resident, at=NOW)
    assert (row.answer, fresh(promise).confirmed_at) == (Answer.CONFIRMED, NOW)


def test_the_doer_does_not_confirm_and_staff_say_how_they_know(world: World, promise: Obligation) -> None:
    row = pay(promise, world, None)
    refused(lambda: mediation.answer_performance(row, received=True, by=world.company_user, at=NOW), "由对方确认")
    refused(lambda: mediation.answer_performance(row, received=True, by=world.mediator, at=NOW), "怎样核实")
    mediation.answer_performance(row, received=True, reason="电话问过", by=world.mediator, at=NOW)
    assert fresh(promise).confirmed_at == NOW


def test_the_database_takes_no_nonsense(world: World, promise: Obligation) -> None:
    row = pay(promise, world, "1.00")
    rows = Performance.objects.filter(pk=row.pk)
    for nonsense in (
        {"amount": Decimal("-1.00")},
        {"note": "", "proof": None},
        {"answer": "MAYBE"},
        {"answer": Answer.DISPUTED, "answered_at": NOW, "dispute_reason": ""},
        {"answer": Answer.CONFIRMED, "answered_at": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**nonsense)


FIXED = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "phases": [Phase.generate],
    "derandomize": True,
}  # fmt: skip


@settings(max_examples=12, **FIXED)  # type: ignore[arg-type]
@given(seed=st.integers(0, 2**32))
def test_sums_and_states_hold_whatever_is_recorded_and_answered(world: World, seed: int) -> None:
    dice = Random(seed)
    with transaction.atomic():
        promise = case_in(Status.PERFORMING, world).current_agreement.obligations.get()
        for _step in range(12):
            try_something(promise, world, dice)
            holds(fresh(promise))
        transaction.set_rollback(True)


def try_something(promise: Obligation, world: World, dice: Random) -> None:
    rows = list(promise.performances.all())
    try:
        with transaction.atomic():
            if rows and dice.random() < 0.5:
                who = dice.choice([world.resident, world.mediator, world.company_user])
                yes = dice.random() < 0.5
                mediation.answer_performance(dice.choice(rows), received=yes, reason="核对", by=who, at=NOW)
            else:
                who = dice.choice([world.company_user, world.resident, world.follower])
                amount = Decimal(dice.randint(-100, 1_900_000)).scaleb(-2)
                mediation.record_performance(promise, on=TODAY, proof=None, note="转账", amount=amount, by=who, at=NOW)
    except DomainError:
        return


def holds(promise: Obligation) -> None:
    rows = list(promise.performances.all())
    standing = [row for row in rows if row.answer != Answer.DISPUTED]
    paid = sum((row.amount or Decimal(0) for row in standing), Decimal("0.00"))
    assert promise.amount is not None
    assert Decimal(0) <= paid <= promise.amount
    assert (promise.paid(), promise.rest()) == (paid, promise.amount - paid)
    assert (promise.performed_on is not None) == (paid == promise.amount)
    everything = bool(standing) and all(row.answer == Answer.CONFIRMED for row in standing)
    assert (promise.confirmed_at is not None) == (promise.performed_on is not None and everything)
    runs = Deadline.objects.filter(clock="K8", about_id=promise.pk, state="RUNNING").count()
    assert runs == (0 if promise.performed_on else 1)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))


# --- who may ---------------------------------------------------------------------------------------------------


def test_who_may_not_record_confirm_or_urge(world: World, promise: Obligation) -> None:
    row = pay(promise, world, "1.00")
    calls = [
        (lambda by: mediation.record_performance(promise, on=TODAY, proof=None, note="x", by=by, at=NOW), "intake"),
        (lambda by: mediation.answer_performance(row, received=True, reason="x", by=by, at=NOW), "legal"),
        (lambda by: mediation.report_missing(promise, note="", by=by, at=NOW), "archivist"),
        (lambda by: mediation.urge(promise, how="PHONE", note="", by=by, at=later(20)), "resident"),
    ]
    for call, name in calls:
        for person in (world.people()[name], world.stranger, world.competitor_user, world.regulator):
            before = fingerprint()
            with pytest.raises(NotAllowedError):
                call(person)
            assert changed(before) == []


# --- reminders ---------------------------------------------------------------------------------------------------


def notices(case: Case, kind: str) -> list[str]:
    rows = Notice.objects.filter(subject_id=case.pk, kind=kind).order_by("recipient__username")
    return [row.recipient.username for row in rows]


def day(promise: Obligation, days: int) -> datetime:
    return datetime.combine(promise.due + timedelta(days=days), NOW.timetz())


def test_both_sides_are_reminded_three_days_before_on_the_day_and_the_working_day_after(
    world: World, case: Case, promise: Obligation
) -> None:
    both, stages = ["company-user", "resident"], Reminder.Stage
    company = world.company_user.memberships.exists()
    assert company
    for days, due, late in [(-4, 0, 0), (-3, 1, 0), (-2, 1, 0), (0, 2, 0), (1, 2, 0 if days_off(promise, 1) else 1)]:
        for _again in range(2):
            tick(day(promise, days))
        assert notices(case, Kind.PERFORMANCE_DUE) == sorted(both * due)
        assert notices(case, Kind.PERFORMANCE_OVERDUE) == sorted(both * late)
    tick(day(promise, 4))
    assert notices(case, Kind.PERFORMANCE_OVERDUE) == both
    assert set(promise.reminders.values_list("stage", "sent")) == {(stage, True) for stage in stages}


def days_off(promise: Obligation, days: int) -> bool:
    from calendars.working_days import add_working_days

    return add_working_days(load_calendar(), promise.due, 1).due > promise.due + timedelta(days=days)


def test_after_three_days_without_a_worker_only_what_is_still_true_is_said(
    world: World, case: Case, promise: Obligation
) -> None:
    tick(day(promise, -4))
    tick(day(promise, -1))
    tick(day(promise, 5))
    tick(day(promise, 6))
    sent = dict(promise.reminders.values_list("stage", "sent"))
    assert sent == {"BEFORE": True, "DAY": False, "AFTER": True}
    assert (
        notices(case, Kind.PERFORMANCE_DUE) == notices(case, Kind.PERFORMANCE_OVERDUE) == ["company-user", "resident"]
    )


def test_nobody_is_reminded_of_what_is_kept(world: World, case: Case, promise: Obligation) -> None:
    pay(promise, world, None)
    tick(day(promise, -3))
    tick(day(promise, 9))
    assert not promise.reminders.exists()


# --- urging and breach -----------------------------------------------------------------------------------------------


def clocks(promise: Obligation) -> list[tuple[int, str]]:
    rows = Deadline.objects.filter(clock="K8B", about_id=promise.pk).order_by("pk")
    return [(row.count, row.state) for row in rows]


def test_a_late_promise_is_urged_by_two_clocks_and_once_a_day(world: World, case: Case, promise: Obligation) -> None:
    tick(day(promise, 1))
    assert clocks(promise) == [(3, "RUNNING")]
    promises.urge(promise, how="PHONE", note="", by=world.mediator, at=day(promise, 2))
    assert clocks(promise) == [(3, "MET"), (10, "RUNNING")]
    refused(
        lambda: mediation.urge(promise, how="PHONE", note="", by=world.mediator, at=day(promise, 2)), "今天已经督促"
    )
    assert mediation.unkept(case.current_agreement, today=day(promise, 2).date()) == []
    promises.urge(promise, how="SIGNED", note="", by=world.follower, at=day(promise, 9))
    assert clocks(promise) == [(3, "MET"), (10, "MET")]
    assert notices(case, Kind.PERFORMANCE_URGED) == ["company-user"] * 2
    letters = Document.objects.filter(kind="urging_letter", subject_id=case.pk, party_id=promise.doer_id)
    assert letters.count() == 2
    found = mediation.unkept(case.current_agreement, today=day(promise, 9).date())
    assert [(one.party_id, one.due) for one in found] == [(promise.doer_id, promise.due)]
    assert set(vars(found[0])) == {"obligation_id", "party_id", "due", "urged_on"}
    assert perform(case, "finish_performance", by=world.follower, at=day(promise, 9)).status == Status.FOLLOWUP


def to_finish(case: Case) -> list[tuple[date, str]]:
    return list(case.deadlines.filter(clock="K8C").order_by("pk").values_list("start", "state"))


def test_when_every_promise_is_kept_the_handler_has_a_day_to_end_performance(world: World, case: Case) -> None:
    promise = case.current_agreement.obligations.get()
    first = pay(promise, world, "18000.00")
    assert to_finish(case) == []
    row = pay(promise, world, None)
    assert to_finish(case) == [(TODAY, "RUNNING")]
    stored = Case.objects.get(pk=case.pk)
    assert (stored.next_clock, stored.next_due) == ("K8C", add_working_days(load_calendar(), TODAY, 5).due)
    assert "约定全部了结" in "".join(why(case.deadlines.get(clock="K8C")))
    answer(row, world, received=False, reason="没有到账")  # not kept after all: the promise's own clock runs again
    assert to_finish(case) == [(TODAY, "STOPPED")]
    assert Case.objects.get(pk=case.pk).next_clock == "K8"
    answer(row, world, received=True)
    answer(first, world, received=True)
    tick(day(promise, 30))
    clock = case.deadlines.get(clock="K8C", state="RUNNING")
    assert clock.overdue_of == world.mediator
    case = perform(Case.objects.get(pk=case.pk), "finish_performance", by=world.follower, at=day(promise, 31))
    assert (to_finish(case)[-1][1], case.next_clock) == ("MET", "K12")


def test_after_the_second_urging_nothing_is_left_but_to_end_performance(
    world: World, case: Case, promise: Obligation
) -> None:
    tick(day(promise, 1))
    promises.urge(promise, how="PHONE", note="", by=world.mediator, at=day(promise, 2))
    assert to_finish(case) == []
    promises.urge(promise, how="SIGNED", note="", by=world.follower, at=day(promise, 20))
    assert to_finish(case) == [(day(promise, 20).date(), "RUNNING")]
    case = perform(Case.objects.get(pk=case.pk), "finish_performance", by=world.follower, at=day(promise, 21))
    case = perform(case, "report_breach", by=world.follower, at=day(promise, 22), note="还是没有付")
    assert (len(to_finish(case)), case.next_clock) == (1, "K8B")  # the whole case is urged first


def test_talks_about_another_text_need_no_end_of_performance(world: World, case: Case) -> None:
    pay(case.current_agreement.obligations.get(), world, None)
    journeys.consent(case, world, ConsentMatter.VARIATION)
    case = perform(
        Case.objects.get(pk=case.pk), "reopen_talks", by=world.mediator, at=NOW, reason="另谈", cause="ALL_ASK"
    )
    assert (to_finish(case), case.next_clock) == ([(TODAY, "STOPPED")], "K6")


def test_a_breach_found_by_a_call_back_opens_the_promise_and_is_urged(world: World, case: Case) -> None:
    promise = case.current_agreement.obligations.get()
    pay(promise, world, None)
    case = perform(case, "finish_performance", by=world.follower, at=NOW)
    at = day(promise, 3)
    case = perform(case, "report_breach", by=world.follower, at=at, note="没有到账", broken=[fresh(promise)])
    assert fresh(promise).performed_on is None
    assert promise.performances.get().dispute_reason == "没有到账"
    running = Deadline.objects.filter(case=case, clock="K8B", state="RUNNING")
    assert [row.about_id for row in running] == [promise.pk]
    with pytest.raises(DomainError):
        perform(case, "finish_performance", by=world.follower, at=at)


def test_what_was_confirmed_as_paid_is_not_taken_for_broken(world: World, case: Case) -> None:
    promise = case.current_agreement.obligations.get()
    answer(pay(promise, world, None), world, received=True)
    case = perform(case, "finish_performance", by=world.follower, at=NOW)
    refused(
        lambda: perform(case, "report_breach", by=world.follower, at=NOW, note="没到账", broken=[fresh(promise)]),
        "对方确认收到",
    )


def test_the_receiver_says_that_nothing_came_only_when_it_is_due(world: World, case: Case, promise: Obligation) -> None:
    refused(lambda: mediation.report_missing(promise, note="", by=world.resident, at=NOW), "还没有到约定的日期")
    refused(lambda: mediation.report_missing(promise, note="", by=world.company_user, at=day(promise, 0)), "由对方说明")
    promises.report_missing(promise, note="没到账", by=world.resident, at=day(promise, 0))
    assert (fresh(promise).missed_note, notices(case, Kind.PERFORMANCE_OVERDUE)) == (
        "没到账",
        ["company-user", "mediator"],
    )


def test_the_other_side_hears_of_what_was_done_and_said(world: World, case: Case, promise: Obligation) -> None:
    row = promises.record_performance(promise, on=TODAY, proof=None, note="转账", by=world.company_user, at=NOW)
    assert notices(case, Kind.PERFORMANCE_REPORTED) == ["resident"]
    promises.answer_performance(row, received=False, reason="没到账", by=world.resident, at=NOW)
    assert notices(case, Kind.PERFORMANCE_ANSWERED) == ["company-user", "mediator"]
    assert party(case, Side.APPLICANT).pk != promise.doer_id
