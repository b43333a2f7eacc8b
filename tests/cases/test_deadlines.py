"""The clocks: from which event, how long, by which law; pauses, extensions, calendars; and why that date."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError
from audit.services import record
from calendars.notices import DayRow
from calendars.services import change_days, load_calendar
from calendars.today import local_date
from calendars.working_days import add_days, add_working_days
from cases import services
from cases.choices import Flag, Source, Status, Track
from cases.clocks import CLOCKS, Basis, ClockKey, Unit, clock_for, urgency
from cases.deadlines import extend_clock, pause_clocks, recompute, resume_clocks, start_clock, why
from cases.models import Case, Deadline
from mediation import services as mediation
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in, draft
from tests.moves import answered, answering, everybody, ready, rejected
from workflows import mediators
from workflows.actions import perform
from workflows.timers import tick

pytestmark = pytest.mark.django_db

S = Status
WD, D = Unit.WORKING_DAYS, Unit.DAYS

# Key, days, unit, how strong, and a word of its source (domain.md 8.5).
NUMBERS = [
    ("K0", 30, D, Basis.SETTING, "草稿"),
    ("K1", 5, WD, Basis.SETTING, "受理规则"),
    ("K2", 5, WD, Basis.SETTING, "受理规则"),
    ("K3", 10, D, Basis.BENCHMARK, "杭州市物业管理条例"),
    ("K3B", 5, WD, Basis.SETTING, "核实"),
    ("K4", 8, WD, Basis.BENCHMARK, "在线调解规则"),
    ("K5", 3, WD, Basis.BENCHMARK, "在线调解规则"),
    ("K6", 30, D, Basis.BENCHMARK, "第33条"),
    ("K6B", 10, WD, Basis.SETTING, "中止"),
    ("K7", 5, WD, Basis.SETTING, "调解规则"),
    ("K8", 0, Unit.AGREED, Basis.SETTING, "协议约定"),
    ("K8B", 3, WD, Basis.SETTING, "督促"),
    ("K8C", 5, WD, Basis.SETTING, "履行终结"),
    ("K9", 30, D, Basis.LAW, "《人民调解法》第33条"),
    ("K10", 0, Unit.SAME_DAY, Basis.LAW, "第25条"),
    ("K11", 3, WD, Basis.BENCHMARK, "第45条"),
    ("K12", 15, D, Basis.SETTING, "回访"),
    ("K12B", 90, D, Basis.SETTING, "重大案件"),
    ("K13", 30, D, Basis.SETTING, "归档"),
    ("K14", 3, WD, Basis.SETTING, "特邀调解"),
    ("K15", 1, WD, Basis.SETTING, "群体性"),
    ("K16", 3, WD, Basis.BENCHMARK, "第21条"),
]


def test_every_clock_has_its_number_unit_and_source() -> None:
    assert {key for key, *_rest in NUMBERS} == set(ClockKey.values)
    for key, count, unit, basis, word in NUMBERS:
        clock = CLOCKS[key]
        assert (clock.count, clock.unit, clock.basis) == (count, unit, basis), key
        assert word in str(clock.source), key


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("K6", {"source": Source.COURT_PRE}, (30, Basis.LAW)),
        ("K6", {"source": Source.COURT_POST}, (15, Basis.LAW)),
        ("K6", {"source": Source.COURT_POST, "overrides": {"K6": 60}}, (15, Basis.LAW)),
        ("K6", {"source": Source.COURT_POST, "summary": True, "overrides": {"K6": 60}}, (7, Basis.LAW)),
        ("K6", {"source": Source.COURT_PRE, "summary": True}, (30, Basis.LAW)),
        ("K6", {"source": Source.APPLY, "overrides": {"K6": 45}}, (45, Basis.BENCHMARK)),
        ("K3", {"safety": True}, (1, Basis.SETTING)),
        ("K3", {"safety": True, "overrides": {"K3": 15}}, (1, Basis.SETTING)),
        ("K3", {"overrides": {"K3": 15}}, (15, Basis.BENCHMARK)),
        ("K9", {"overrides": {"K9": 60}}, (30, Basis.LAW)),
        ("K10", {"overrides": {"K10": 5}}, (0, Basis.LAW)),
        ("K1", {"overrides": {"K2": 9}}, (5, Basis.SETTING)),
    ],
)
def test_a_centre_sets_its_own_numbers_except_where_the_law_does(
    key: str, given: dict[str, Any], expected: tuple[int, Basis]
) -> None:
    clock = clock_for(key, **given)
    assert (clock.count, clock.basis) == expected


# --- which event starts which clock, on which day, until when -----------------------------------------------


def due(key: str, start: date = TODAY, count: int | None = None) -> date:
    clock = CLOCKS[key]
    n = clock.count if count is None else count
    return (add_working_days if clock.unit == WD else add_days)(load_calendar(), start, n).due


@pytest.mark.parametrize(
    ("action", "source", "key"),
    [
        ("submit", S.DRAFT, "K1"),
        ("return_for_supplement", S.SUBMITTED, "K2"),
        ("resubmit", S.RETURNED, "K1"),
        ("forward_to_company", S.SUBMITTED, "K3"),
        ("redo_answer", S.FOLLOWUP, "K3"),
        ("invite", S.SUBMITTED, "K4"),
        ("accept", S.INVITING, "K5"),
        ("accept", S.INVITING, "K6"),
        ("draft_agreement", S.MEDIATING, "K7"),
        ("settle_orally", S.MEDIATING, "K9"),
        ("take_effect", S.SIGNING, "K9"),
        ("decline", S.INVITING, "K12"),
        ("finish_performance", S.PERFORMING, "K12"),
        ("withdraw", S.SUBMITTED, "K13"),
        ("review_rejection", S.CLOSED, "K1"),
        ("remediate", S.CLOSED, "K6"),
        ("suspend", S.MEDIATING, "K6B"),
        ("report_breach", S.FOLLOWUP, "K8B"),
    ],
)
def test_a_clock_runs_from_the_day_of_its_event(world: World, action: str, source: Status, key: str) -> None:
    move = ready(action, source, world)
    case = move.take(action)
    deadline = case.deadlines.get(clock=key, state="RUNNING")
    day = local_date(move.at)
    assert (deadline.start, deadline.due, deadline.first_due) == (day, due(key, day), due(key, day))
    assert deadline.start_event == str(getattr(Case, action)._django_fsm.get_transition(source).custom["label"])
    assert deadline.legal_basis == str(CLOCKS[key].source)
    sentences = why(deadline)
    assert deadline.legal_basis.rstrip("。") in sentences[0]
    assert deadline.start_event in sentences[1]
    assert f"{deadline.due.month}月{deadline.due.day}日" in "".join(sentences)


def test_a_draft_is_kept_for_thirty_days(world: World) -> None:
    deadline = draft(world).deadlines.get()
    assert (deadline.clock, deadline.start, deadline.due) == ("K0", TODAY, due("K0"))


def test_the_confirmation_period_counts_from_the_last_signature_not_from_the_entry(world: World) -> None:
    move = ready("take_effect", S.SIGNING, world)  # everything signed and sealed on that day
    move.at = NOW + timedelta(days=4)
    case = move.take("take_effect")
    k9 = case.deadlines.get(clock="K9")
    assert (case.current_agreement.effective_on, k9.start, k9.due) == (TODAY, TODAY, due("K9"))
    assert local_date(case.concluded_at) == TODAY + timedelta(days=4)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("effective", "until"),
    [(date(2026, 8, 28), date(2026, 9, 28)), (date(2026, 9, 4), date(2026, 10, 8)), (TODAY, date(2026, 12, 3))],
)
def test_thirty_calendar_days_roll_over_days_of_rest(world: World, effective: date, until: date) -> None:
    case = case_in(S.SUBMITTED, world)
    assert start_clock(case, "K9", on=effective, event="协议生效").due == until


def test_each_promise_has_its_own_date_and_ends_with_its_proof(world: World) -> None:
    case = case_in(S.PERFORMING, world)
    promise = case.current_agreement.obligations.get()
    deadline = case.deadlines.get(clock="K8")
    assert (deadline.about_id, deadline.due, deadline.unit) == (promise.pk, promise.due, Unit.AGREED)
    assert "协议约定" in why(deadline)[0]
    mediation.record_performance(promise, on=TODAY, proof=None, note="回单", by=world.mediator, at=NOW)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.ended_on) == ("MET", TODAY)


def test_a_referral_is_sent_within_its_time_and_a_termination_served(world: World) -> None:
    referred = ready("refer", S.SUBMITTED, world).take("refer")
    assert referred.deadlines.get(clock="K11").state == "MET"
    failed = ready("fail", S.MEDIATING, world).take("fail")
    assert (failed.deadlines.get(clock="K16").state, failed.deadlines.get(clock="K16").due) == ("MET", due("K16"))


@pytest.mark.parametrize(("source", "delegated"), [(Source.COURT_PRE, True), (Source.HOTLINE, False)])
def test_whoever_delegated_a_case_hears_of_its_end(world: World, source: Source, delegated: bool) -> None:
    for action, status in [("withdraw", S.SUBMITTED), ("take_effect", S.SIGNING), ("reject", S.SUBMITTED)]:
        move = ready(action, status, world)
        Case.objects.filter(pk=move.case.pk).update(source=source)
        case = move.take(action)
        rows = case.deadlines.filter(clock="K14", state="RUNNING")
        assert [row.due for row in rows] == ([due("K14")] if delegated else [])
        if delegated:
            services.meet_duty(case, "K14", note="已书面回复法院", by=world.intake, at=NOW)
            assert case.deadlines.get(clock="K14").state == "MET"


def test_a_flag_starts_its_duty_once(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    flags = [Flag.SAFETY, Flag.MASS_RISK, Flag.COLLECTIVE]
    for _each in range(2):
        services.classify(case, category=case.category, flags=flags, by=world.intake, at=NOW)  # type: ignore[arg-type]
    found = dict(case.deadlines.filter(clock__in=["K10", "K15"]).values_list("clock", "due"))
    assert found == {"K10": TODAY, "K15": due("K15")}
    case = Case.objects.get(pk=case.pk)
    assert (case.next_due, case.next_clock) == (TODAY, "K10")


def test_a_safety_complaint_is_answered_within_one_working_day(world: World) -> None:
    case = case_in(S.SUBMITTED, world, track=Track.COMPLAINT)
    Case.objects.filter(pk=case.pk).update(flags=[Flag.SAFETY])
    case.refresh_from_db()
    assert start_clock(case, "K3", on=date(2026, 11, 6), event="转办").due == date(2026, 11, 9)


def test_the_period_of_a_court_case_is_the_courts(world: World) -> None:
    case = case_in(S.ACCEPTED, world, source=Source.COURT_POST)
    deadline = case.deadlines.get(clock="K6")
    assert (deadline.count, "委托调解15日" in deadline.legal_basis) == (15, True)


def test_a_court_that_hears_the_case_in_summary_procedure_leaves_seven_days(world: World) -> None:
    case = case_in(S.ACCEPTED, world, source=Source.COURT_POST, court_procedure="SUMMARY")
    deadline = case.deadlines.get(clock="K6")
    assert (deadline.count, deadline.due) == (7, add_days(load_calendar(), TODAY, 7).due)
    assert "简易程序的委托调解7日" in why(deadline)[0]


def test_only_a_pending_court_case_has_a_court_procedure(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        case_in(S.SUBMITTED, world, source=Source.COURT_PRE, court_procedure="SUMMARY")


def test_a_centre_changes_its_numbers_for_new_deadlines_only(world: World) -> None:
    before = case_in(S.SUBMITTED, world)
    world.centre.clock_days = {"K1": 2, "K9": 90}
    world.centre.save()
    after = case_in(S.SUBMITTED, world, estate=world.other_estate)
    assert before.deadlines.get(clock="K1").due == due("K1")
    assert after.deadlines.get(clock="K1").due == due("K1", count=2)


# --- pauses and extensions -------------------------------------------------------------------------------------


def at(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_a_suspension_does_not_count_and_an_extension_does(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    case = perform(case, "suspend", by=world.mediator, at=at(3), reason_code="S02", reason="检测")
    period = case.deadlines.get(clock="K6")
    assert (period.state, period.pauses.get().from_date) == ("PAUSED", TODAY + timedelta(days=3))
    assert (case.next_due, case.next_clock) == (due("K6B", TODAY + timedelta(days=3)), "K6B")
    case = perform(case, "resume", by=world.mediator, at=at(10), reason="已出结果")
    period = case.deadlines.get(clock="K6")
    assert (period.state, period.due) == ("RUNNING", due("K6", count=37))
    everyone = everybody(case)
    case = perform(case, "extend", by=world.mediator, at=at(11), days=10, agreed=everyone)
    case = perform(case, "extend", by=world.director, at=at(12), days=5, agreed=everyone)
    period = case.deadlines.get(clock="K6")
    assert (period.due, case.next_due) == (due("K6", count=52), due("K6", count=52))
    told = "".join(why(period))
    assert told.count("到期日由") == 3
    with pytest.raises(Exception, match="延长次数已满"):
        perform(case, "extend", by=world.mediator, at=at(13), days=5, agreed=everyone)


def test_a_suspension_is_looked_at_again_and_again_until_it_ends(world: World) -> None:
    world.centre.clock_days = {"K6B": 6}
    world.centre.save()
    case = case_in(S.SUSPENDED, world)
    assert (case.next_due, case.next_clock) == (due("K6B", count=6), "K6B")
    for refused in ({"note": " "}, {"by": world.resident}, {"by": world.intake}):
        with pytest.raises(DomainError):
            services.review_suspension(
                case, **({"note": "检测还没出结果", "by": world.mediator, "at": at(9)} | refused)
            )
    services.review_suspension(case, note="检测还没出结果", by=world.mediator, at=at(9))
    rows = list(case.deadlines.filter(clock="K6B").order_by("pk").values_list("start", "state"))
    assert rows == [(TODAY, "MET"), (TODAY + timedelta(days=9), "RUNNING")]
    again = due("K6B", TODAY + timedelta(days=9), count=6)
    assert Case.objects.get(pk=case.pk).next_due == again
    tick(at(60))  # nobody looked: it is late, and goes on all the same
    late = case.deadlines.get(clock="K6B", state="RUNNING")
    assert (late.overdue_of, Case.objects.get(pk=case.pk).status) == (world.mediator, S.SUSPENDED)
    case = perform(Case.objects.get(pk=case.pk), "resume", by=world.mediator, at=at(61), reason="已出结果")
    assert (case.deadlines.filter(clock="K6B", state="RUNNING").exists(), case.next_clock) == (False, "K6")


def test_a_suspension_over_a_challenge_is_the_directors_to_look_at(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    mediators.challenge(case, grounds="NONE", text="不公", by=world.resident, at=NOW)
    tick(at(30))
    assert case.deadlines.get(clock="K6B").overdue_of == world.director


def test_only_a_suspended_case_is_looked_at_again(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    with pytest.raises(DomainError, match="没有中止"):
        services.review_suspension(case, note="看过", by=world.mediator, at=NOW)


def test_an_answered_complaint_stays_in_the_queue_by_the_day_for_checking_the_answer(world: World) -> None:
    case = answering(world)
    services.answer_complaint(case, body="已经修好。", by=world.company_user, at=NOW)
    case = Case.objects.get(pk=case.pk)
    check = case.deadlines.get(clock="K3B", state="RUNNING")
    assert (case.next_due, case.next_clock) == (due("K3B"), "K3B") == (check.due, "K3B")
    services.say_solved(case, solved="SOLVED", by=world.resident, at=NOW)  # the desk still has to conclude it
    assert Case.objects.get(pk=case.pk).next_clock == "K3B"
    case = perform(case, "confirm_answer", by=world.intake, at=NOW)
    assert (case.deadlines.get(clock="K3B").state, case.next_clock) == ("MET", "K12")


def test_a_complaint_that_becomes_a_mediation_needs_no_more_checking(world: World) -> None:
    case = answering(world)
    services.answer_complaint(case, body="不同意修。", by=world.company_user, at=NOW)
    case = perform(case, "invite", by=world.intake, at=NOW)
    assert (case.deadlines.get(clock="K3B").state, case.next_clock) == ("MET", "K4")


def test_a_new_round_has_a_new_period_with_its_own_extensions(world: World) -> None:
    case = case_in(S.CLOSED, world)
    case = perform(case, "remediate", by=world.director, at=at(5), reason="新的事实", agreed=everybody(case))
    period = case.deadlines.get(clock="K6", state="RUNNING")
    assert (case.round, period.start, period.moves.count()) == (2, TODAY + timedelta(days=5), 0)


def test_the_answer_ends_the_companys_clock_and_the_refusal_everything(world: World) -> None:
    case = answered(world)
    assert case.deadlines.get(clock="K3").state == "MET"
    other = rejected(world)
    assert set(other.deadlines.filter(state="RUNNING").values_list("clock", flat=True)) == {"K13"}


FIXED = {"deadline": None, "suppress_health_check": list(HealthCheck), "max_examples": 25, "database": None}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("extend"), st.integers(1, 30)),
        st.tuples(st.just("pause"), st.integers(0, 40)),
        st.tuples(st.just("calendar"), st.integers(0, 70)),
        st.tuples(st.just("recompute"), st.just(0)),
    ),
    max_size=6,
)


@settings(**FIXED)  # type: ignore[arg-type]
@given(steps=STEPS, key=st.sampled_from(["K1", "K3", "K4", "K6", "K8B", "K9"]), start=st.integers(0, 200))
def test_a_date_never_comes_earlier_and_counting_again_changes_nothing(
    world: World, steps: list[tuple[str, int]], key: str, start: int
) -> None:
    with transaction.atomic():
        case = _filed(world)
        day = date(2026, 1, 5) + timedelta(days=start)
        deadline = start_clock(case, key, on=day, event="测试")
        added, last = 0, deadline.due
        for what, amount in steps:
            if what == "extend":
                extend_clock(case, key, days=amount, at=NOW, by=None)
                added += amount
            elif what == "pause":
                pause_clocks(case, [key], on=day, reason="测试")
                resume_clocks(case, [key], on=day + timedelta(days=amount), at=NOW, by=None)
                added += amount
            elif what == "calendar":
                _turn(day + timedelta(days=amount), by=world.intake)
            recompute(load_calendar(), at=NOW, by=None)
            assert recompute(load_calendar(), at=NOW, by=None) == []
            deadline.refresh_from_db()
            assert deadline.due >= last
            assert deadline.due >= deadline.start + timedelta(days=added)
            assert sum(move.days for move in deadline.moves.all()) == added
            last = deadline.due
        assert why(deadline)
        transaction.set_rollback(True)


def _filed(world: World) -> Case:
    case: Case | None = Case.objects.filter(status=S.CLOSED).first()
    if case is None:
        case = ready("void", S.SUBMITTED, world).take("void")
        case.deadlines.update(state="STOPPED", ended_on=TODAY)
    return case


def _turn(day: date, *, by: Any) -> None:
    """Make a working day a day of rest, and the other way round."""
    works = load_calendar().is_working_day(day)
    change_days([DayRow(day, not works, "测试")], reason="测试", by=by, at=NOW, record=record)


def test_an_agreed_date_stays_whatever_the_calendar_says_but_is_no_longer_provisional(world: World) -> None:
    case = case_in(S.PERFORMING, world)
    deadline = case.deadlines.get(clock="K8")
    Deadline.objects.filter(pk=deadline.pk).update(provisional=True)
    _turn(deadline.due, by=world.intake)
    recompute(load_calendar(), at=NOW, by=None)
    fresh = Deadline.objects.get(pk=deadline.pk)
    assert (fresh.due, fresh.provisional) == (deadline.due, False)


def test_what_reaches_next_year_says_that_it_is_provisional(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    deadline = start_clock(case, "K9", on=date(2026, 12, 20), event="协议生效")
    assert deadline.provisional
    assert "暂定" in why(deadline)[-1]
    assert not start_clock(case, "K5", on=TODAY, event="受理").provisional


@pytest.mark.parametrize(
    ("left", "clock", "colour"),
    [
        (-1, "K6", "red"),
        (0, "K6", "orange"),
        (2, "K6", "orange"),
        (3, "K1", "green"),
        (10, "K6", "yellow"),
        (11, "K6", "green"),
        (3, "K4", "yellow"),
        (5, "K4", "green"),
        (3, "", "green"),
    ],
)
def test_colours_say_how_much_is_left(left: int, clock: str, colour: str) -> None:
    assert urgency(left, clock) == colour
