"""Judicial confirmation: together or not at all, within thirty days, and only as the court's papers say."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError, NotAllowedError
from cases.choices import ConsentHow, Side, Source, Status
from cases.models import Case, Category
from mediation import services as mediation
from mediation.models import JudicialConfirmation
from mediation.services.confirmation import MOVES
from notifications.models import Kind, Notice
from tests.cast import NOW, TODAY, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party
from workflows import confirmation
from workflows.timers import tick

pytestmark = pytest.mark.django_db
State = JudicialConfirmation.State
COURT = "合肥市蜀山区人民法院"


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.PERFORMING, world)


def state(case: Case) -> str:
    return mediation.confirmation_state(case.current_agreement)


def want(case: Case, world: World, *, given: bool = True, at: datetime = NOW) -> None:
    for side, by in [(Side.APPLICANT, world.resident), (Side.RESPONDENT, world.company_user)]:
        mediation.say_confirmation(party(case, side), given=given, how=ConsentHow.ONLINE, by=by, at=at)


def file_it(case: Case, world: World, on: date = TODAY, at: datetime = NOW, **more: Any) -> JudicialConfirmation:
    return mediation.apply_for_confirmation(case, court=COURT, applied_on=on, by=world.intake, at=at, **more)


def court(case: Case, event: str, world: World, **more: Any) -> JudicialConfirmation:
    given = {"on": TODAY, "case_number": "（2026）皖0104调确1号", "reason": "内容不明确", "refused_for": "SCOPE"} | more
    return mediation.record_court(case, event, by=world.intake, at=NOW, **given)


def refused(call: Any, sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


def due(case: Case) -> date:
    clock = mediation.last_day(case)
    assert clock is not None
    return clock.due


def noon(day: date) -> datetime:
    return datetime.combine(day, NOW.timetz())


# --- together or not at all --------------------------------------------------------------------------------------


def test_it_is_planned_when_every_party_says_yes_and_no_longer_when_one_says_no(world: World, case: Case) -> None:
    mine = party(case, Side.APPLICANT)
    mediation.say_confirmation(mine, given=True, how=ConsentHow.ONLINE, by=world.resident, at=NOW)
    assert state(case) == State.NONE
    refused(lambda: file_it(case, world), "现在是“未提出”")
    want(case, world)
    assert state(case) == State.PLANNED
    mediation.say_confirmation(mine, given=False, how=ConsentHow.ONLINE, by=world.resident, at=NOW)
    assert state(case) == State.NONE


def test_a_party_speaks_for_itself_only(world: World, case: Case) -> None:
    theirs = party(case, Side.RESPONDENT)
    say = lambda **more: mediation.say_confirmation(theirs, given=True, at=NOW, **more)  # noqa: E731
    refused(lambda: say(how=ConsentHow.ONLINE, by=world.resident), "自己这一方")
    refused(lambda: say(how=ConsentHow.ORAL, by=world.intake), "书面签字")
    assert say(how=ConsentHow.SIGNED, by=world.intake).state == State.NONE


def test_an_agent_speaks_only_with_power_to_dispose(world: World, case: Case) -> None:
    mine = party(case, Side.APPLICANT)
    mine.agents.create(name="查理", user=world.stranger, scope=["SIGN"], from_date=TODAY)
    mine = party(case, Side.APPLICANT)
    refused(
        lambda: mediation.say_confirmation(mine, given=True, how=ConsentHow.ONLINE, by=world.stranger, at=NOW),
        "授权委托书",
    )


def test_what_no_court_confirms_is_not_even_planned(world: World, case: Case) -> None:
    Category.objects.filter(pk=case.category_id).update(confirmation_excluded=True)
    case = Case.objects.get(pk=case.pk)
    mine = party(case, Side.APPLICANT)
    refused(
        lambda: mediation.say_confirmation(mine, given=True, how=ConsentHow.ONLINE, by=world.resident, at=NOW),
        "不受理司法确认",
    )


def test_clauses_on_ownership_are_named(world: World, case: Case) -> None:
    agreement = case.current_agreement
    assert mediation.ownership_words(agreement) == []
    agreement.content = "公司三日内退款。地下车位归业主所有。"
    assert mediation.ownership_words(agreement) == ["地下车位归业主所有"]


def test_the_court_is_suggested_by_its_rule(world: World, case: Case) -> None:
    assert "蜀山区" in mediation.courts_for(case)[0]
    case.source = Source.COURT_PRE
    assert mediation.courts_for(case) == ["法院委派、委托本中心调解的，向作出邀请的人民法院提出。"]


# --- thirty days (K9) ----------------------------------------------------------------------------------------------


def test_the_thirtieth_day_is_rolled_to_a_working_day_and_still_in_time(world: World, case: Case) -> None:
    assert case.current_agreement.effective_on == TODAY
    assert due(case) == TODAY + timedelta(days=30)  # Thursday 3 December 2026
    want(case, world)
    last = noon(due(case))
    tick(last)
    assert state(case) == State.PLANNED
    assert file_it(case, world, on=due(case), at=last).state == State.APPLIED
    assert mediation.last_day(case).state == "MET"  # type: ignore[union-attr]
    tick(noon(due(case) + timedelta(days=5)))
    assert state(case) == State.APPLIED


def test_a_thirtieth_day_on_a_weekend_ends_on_the_monday(world: World) -> None:
    at = NOW + timedelta(days=3)  # Friday 6 November: the thirtieth day is Sunday 6 December
    case = case_in(Status.PERFORMING, world, at=at)
    assert due(case) == date(2026, 12, 7)
    tick(noon(date(2026, 12, 7)))
    assert state(case) == State.NONE
    tick(noon(date(2026, 12, 8)))
    assert state(case) == State.EXPIRED


def test_on_the_day_after_it_is_over_and_says_so(world: World, case: Case) -> None:
    want(case, world)
    day = due(case) + timedelta(days=1)
    for _again in range(2):
        tick(noon(day))
    row = case.current_agreement.confirmations.get()
    assert (row.state, row.expired_at) == (State.EXPIRED, noon(day))
    refused(lambda: file_it(case, world, on=day, at=noon(day)), "超过30日")
    refused(lambda: want(case, world, at=noon(day)), "逾期未申请")


def test_a_filing_in_time_that_is_told_late_is_recorded(world: World, case: Case) -> None:
    want(case, world)
    late = noon(due(case) + timedelta(days=4))
    tick(late)
    row = file_it(case, world, on=due(case), at=late)
    assert (row.state, row.expired_at) == (State.APPLIED, None)


# --- the court ----------------------------------------------------------------------------------------------------


def applied(case: Case, world: World) -> Case:
    want(case, world)
    file_it(case, world)
    return case


def test_the_way_to_a_ruling_and_its_enforcement(world: World, case: Case) -> None:
    applied(case, world)
    refused(lambda: court(case, "confirm", world), "不能这样登记")
    refused(lambda: court(case, "accept", world, case_number=""), "调确字")
    assert court(case, "accept", world).state == State.COURT_ACCEPTED
    refused(lambda: mediation.record_enforcement(case, applied=True, by=world.intake, at=NOW), "裁定有效以后")
    assert court(case, "confirm", world).state == State.CONFIRMED
    row = mediation.record_enforcement(case, applied=True, by=world.intake, at=NOW)
    assert (row.enforcement_applied, row.enforcement_on) == (True, TODAY)
    assert mediation.record_enforcement(case, applied=False, by=world.intake, at=NOW).enforcement_on is None


@pytest.mark.parametrize(("event", "before"), [("refuse", []), ("dismiss", ["accept"])])
def test_a_refusal_needs_the_reason_of_the_court(world: World, case: Case, event: str, before: list[str]) -> None:
    applied(case, world)
    for one in before:
        court(case, one, world)
    refused(lambda: court(case, event, world, reason=" "), "法院的理由")
    refused(lambda: court(case, event, world, on=TODAY + timedelta(days=1)), "不能晚于今天")
    refused(lambda: court(case, event, world, on=TODAY - timedelta(days=1)), "不能早于")
    assert court(case, event, world).decided_on == TODAY


def test_who_may_not_speak_record_or_take_out(world: World, case: Case) -> None:
    want(case, world)
    mine = party(case, Side.APPLICANT)
    say = mediation.say_confirmation
    calls: list[tuple[Any, list[Any]]] = [
        (lambda by: file_or(case, by), [world.resident, world.company_user, world.follower, world.stranger]),
        (lambda by: say(mine, given=True, how=ConsentHow.SIGNED, by=by, at=NOW), [world.follower, world.regulator]),
        (lambda by: say(mine, given=True, how=ConsentHow.ONLINE, by=by, at=NOW), [world.intake, world.competitor_user]),
    ]
    for call, people in calls:
        for person in people:
            before = fingerprint()
            with pytest.raises(NotAllowedError):
                call(person)
            assert changed(before) == []


def file_or(case: Case, by: Any) -> None:
    mediation.apply_for_confirmation(case, court=COURT, applied_on=TODAY, by=by, at=NOW)


def test_everybody_else_hears_of_it(world: World, case: Case) -> None:
    confirmation.say(party(case, Side.APPLICANT), given=True, how=ConsentHow.ONLINE, by=world.resident, at=NOW)
    told = Notice.objects.filter(kind=Kind.CONFIRMATION_MOVED).values_list("recipient__username", flat=True)
    assert sorted(told) == ["company-user", "mediator"]


def test_the_database_takes_no_state_without_its_facts(world: World, case: Case) -> None:
    want(case, world)
    rows = JudicialConfirmation.objects.filter(agreement=case.current_agreement)
    applied_facts = {"court": COURT, "applied_on": TODAY}
    for nonsense in (
        {"state": "SOMEWHERE"},
        {"state": State.APPLIED},
        {"state": State.COURT_ACCEPTED, **applied_facts},
        {"state": State.COURT_REFUSED, **applied_facts},
        {"enforcement_applied": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**nonsense)


# --- once more ------------------------------------------------------------------------------------------------------


def rows(case: Case) -> list[tuple[int, str]]:
    return list(case.current_agreement.confirmations.values_list("number", "state"))


def test_after_a_withdrawal_all_may_apply_again_within_the_same_thirty_days(world: World, case: Case) -> None:
    applied(case, world)
    later_on, last = NOW + timedelta(days=5), due(case)
    on = later_on.date()
    mediation.record_court(case, "withdraw", on=on, by=world.intake, at=later_on)
    assert rows(case) == [(1, State.WITHDRAWN), (2, State.NONE)]
    clock = mediation.last_day(case)
    assert clock is not None
    assert (clock.state, clock.due, clock.start) == ("RUNNING", last, TODAY)  # the same thirty days, not others
    refused(lambda: file_it(case, world, on=on, at=later_on), "现在是“未提出”")  # all are asked anew
    want(case, world, at=later_on + timedelta(minutes=1))
    refused(lambda: file_it(case, world, on=TODAY + timedelta(days=4), at=later_on), "不能早于")
    assert file_it(case, world, on=on, at=later_on + timedelta(minutes=2)).number == 2
    assert rows(case) == [(1, State.WITHDRAWN), (2, State.APPLIED)]


def test_another_court_may_be_asked_where_the_first_was_not_the_right_one(world: World, case: Case) -> None:
    applied(case, world)
    court(case, "refuse", world, refused_for="JURISDICTION", reason="应由包河区人民法院管辖")
    assert rows(case) == [(1, State.COURT_REFUSED), (2, State.PLANNED)]  # that all want it was said already
    assert file_it(case, world).state == State.APPLIED
    assert court(case, "accept", world).number == 2


@pytest.mark.parametrize("ground", ["SCOPE", "IDENTITY", "PROCEDURE", "OWNERSHIP"])
def test_what_is_refused_for_what_it_is_about_stays_refused(world: World, case: Case, ground: str) -> None:
    applied(case, world)
    refused(lambda: court(case, "refuse", world, refused_for=""), "不予受理的情形")
    court(case, "refuse", world, refused_for=ground)
    assert rows(case) == [(1, State.COURT_REFUSED)]
    refused(lambda: file_it(case, world), "不能这样登记")
    refused(lambda: want(case, world), "不用再表示")


def test_after_a_dismissal_there_is_no_other_application(world: World, case: Case) -> None:
    applied(case, world)
    court(case, "accept", world)
    court(case, "dismiss", world)
    assert rows(case) == [(1, State.DISMISSED)]


def test_after_the_thirty_days_a_withdrawal_ends_it(world: World, case: Case) -> None:
    applied(case, world)
    over = noon(due(case) + timedelta(days=1))
    mediation.record_court(case, "withdraw", on=over.date(), by=world.intake, at=over)
    assert rows(case) == [(1, State.WITHDRAWN)]
    assert mediation.last_day(case).state == "MET"  # type: ignore[union-attr]


def test_another_application_in_time_that_is_told_late_is_recorded(world: World, case: Case) -> None:
    applied(case, world)
    late, day = noon(due(case) + timedelta(days=3)), due(case)
    mediation.record_court(case, "withdraw", on=day - timedelta(days=2), by=world.intake, at=late)
    assert rows(case) == [(1, State.WITHDRAWN), (2, State.EXPIRED)]
    refused(lambda: file_it(case, world, on=late.date(), at=late), "超过30日")
    assert file_it(case, world, on=day, at=late).state == State.APPLIED


def test_the_other_application_runs_out_like_the_first(world: World, case: Case) -> None:
    applied(case, world)
    court(case, "withdraw", world)
    tick(noon(due(case) + timedelta(days=1)))
    assert rows(case) == [(1, State.WITHDRAWN), (2, State.EXPIRED)]


def test_two_applications_never_go_on_at_once(world: World, case: Case) -> None:
    applied(case, world)
    for number in (1, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            JudicialConfirmation.objects.create(agreement=case.current_agreement, number=number)


# --- any order of events -----------------------------------------------------------------------------------------

EVENTS = ["yes", "no", "half", "apply", "accept", "refuse", "confirm", "dismiss", "withdraw", "expire"]
FINAL = {State.CONFIRMED, State.DISMISSED, State.COURT_REFUSED}
OPEN_AGAIN = {State.WITHDRAWN}


@settings(
    max_examples=15, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_in_whatever_order_only_the_moves_of_the_table_are_made(world: World, seed: int) -> None:
    dice = Random(seed)
    allowed = {(before, after) for sources, after in MOVES.values() for before in sources}
    with transaction.atomic():
        case, seen, gone = case_in(Status.PERFORMING, world), [str(State.NONE)], [0]
        for _step in range(14):
            try:
                with transaction.atomic():
                    happen(case, dice.choice(EVENTS), world)
            except DomainError:
                assert state(case) == seen[-1]
            seen.append(state(case))
            gone.append(JudicialConfirmation.objects.filter(agreement__case=case, state__in=OPEN_AGAIN).count())
            another = gone[-1] > gone[-2] and seen[-1] == State.NONE and (seen[-2], State.WITHDRAWN) in allowed
            assert seen[-2] == seen[-1] or (seen[-2], seen[-1]) in allowed or another
            assert seen[-2] not in FINAL or seen[-1] == seen[-2]
            if seen[-1] == State.PLANNED:
                assert mediation.everybody_wants(case, case.current_agreement)
        transaction.set_rollback(True)


def happen(case: Case, event: str, world: World) -> None:
    if event in {"yes", "no"}:
        want(case, world, given=event == "yes")
    elif event == "half":
        mediation.say_confirmation(
            party(case, Side.RESPONDENT), given=False, how=ConsentHow.SIGNED, by=world.intake, at=NOW
        )
    elif event == "apply":
        file_it(case, world)
    elif event == "expire":
        mediation.expire_confirmation(case, at=NOW)
    else:
        court(case, event, world)
