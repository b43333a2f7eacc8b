"""Call-backs by somebody else, the parties' own word, and the second call of a major case."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.errors import DomainError, NotAllowedError
from cases.choices import Flag, PartyKind, Side, Status
from cases.clocks import ENOUGH_TRIES
from cases.conditions import complainant_not_content, followed_up
from cases.models import Case, CasePass, Party
from cases.move import Move
from cases.passes import issue_pass
from mediation import services as mediation
from mediation.errors import MediationError
from mediation.models import FollowUp, Survey
from notifications.models import Kind, Notice
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import fingerprint
from tests.journeys import call_back, case_in, let_thirty_days_pass, party
from workflows import timers
from workflows.actions import perform

CALL = Move(None, NOW)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SAID = {"solved": "SOLVED", "satisfaction": "BASICALLY"}


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def answer(case: Case, world: World, side: str = Side.APPLICANT, **more: Any) -> Survey:
    by = more.pop("by", world.resident if side == Side.APPLICANT else world.company_user)
    return mediation.answer_survey(party(case, side), **(SAID | {"by": by, "at": NOW} | more))


def test_a_call_back_keeps_everything_that_was_asked(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    heard = {
        "performed": "PARTIAL", "performance": "还差一次付款", "lawsuit": "没有起诉", "hidden_danger": "邻里仍有争吵",
        "wrong_mediation": "没有", "measures": "请社区上门", "next_on": TODAY + timedelta(days=9), "note": "晚上再打",
    }  # fmt: skip
    row = mediation.follow_up(case, how="VISIT", reached=True, by=world.follower, at=NOW, **(SAID | heard))
    assert {name: getattr(row, name) for name in heard} == heard
    assert (row.solved, row.satisfaction, row.how) == ("SOLVED", "BASICALLY", "VISIT")


def test_nobody_reached_leaves_no_answers_and_three_tries_are_enough(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    for number in range(ENOUGH_TRIES):
        assert not followed_up(fresh(case), CALL), number
        row = mediation.follow_up(
            case, how="PHONE", reached=False, by=world.follower, at=later(hours=number), lawsuit="有", **SAID
        )
        assert (row.solved, row.satisfaction, row.lawsuit) == ("", "", "")
    assert followed_up(fresh(case), CALL)


def test_the_next_call_lies_ahead(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    with pytest.raises(MediationError, match="晚于今天"):
        call_back(case, world, NOW, next_on=NOW.date())


# --- the parties' own word -----------------------------------------------------------------------------------


def test_a_party_says_once_for_each_conclusion_what_it_thinks(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    answer(case, world)
    answer(case, world, Side.RESPONDENT, satisfaction="DISSATISFIED")
    with pytest.raises(MediationError, match="已经评价过"):
        answer(case, world, satisfaction="DISSATISFIED")
    assert list(Survey.objects.values_list("party__side", "satisfaction").order_by("pk")) == [
        ("APPLICANT", "BASICALLY"),
        ("RESPONDENT", "DISSATISFIED"),
    ]


def test_nobody_of_the_centre_answers_for_a_party(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    before = fingerprint()
    for name in ("mediator", "follower", "intake", "director", "regulator", "neighbour", "competitor_user"):
        with pytest.raises(NotAllowedError):
            answer(case, world, by=world.people()[name])
    with pytest.raises(MediationError, match="自己评价"):
        answer(case, world, Side.RESPONDENT, by=world.resident)
    assert fingerprint() == before


def test_the_mediator_who_comes_as_an_agent_is_refused_too(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    Case.objects.filter(pk=case.pk).update(mediator=world.resident)
    with pytest.raises(DomainError):
        answer(case, world)
    assert not Survey.objects.exists()


def test_a_guest_with_a_case_pass_answers(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    issue_pass(party(case, Side.APPLICANT), by=world.intake, at=NOW)
    guest = CasePass.objects.get(party__side=Side.APPLICANT, revoked_at=None).guest
    assert answer(case, world, by=guest).by == guest


@pytest.mark.parametrize("status", [Status.INVITING, Status.MEDIATING, Status.PERFORMING, Status.ARCHIVED])
def test_there_is_nothing_to_judge_before_the_end_nor_after_the_shelf(world: World, status: Status) -> None:
    with pytest.raises(DomainError):
        answer(case_in(status, world), world)
    assert not Survey.objects.exists()


def test_the_applicants_word_is_a_call_back_and_the_last_word_counts(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    answer(case, world, Side.RESPONDENT)
    assert not followed_up(fresh(case), CALL)
    answer(case, world, solved="NOT_SOLVED")
    assert followed_up(fresh(case), CALL)
    assert complainant_not_content(fresh(case), CALL)
    call_back(case, world, later(hours=1), solved="SOLVED")
    assert not complainant_not_content(fresh(case), CALL)
    perform(case, "close", by=world.follower, at=later(hours=2))


def test_the_parties_are_invited_once_on_the_day_after(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    assert timers.invite_to_survey(NOW) == 0
    assert [timers.invite_to_survey(later(days=1)), timers.invite_to_survey(later(days=2))] == [1, 0]
    told = Notice.objects.filter(kind=Kind.SURVEY)
    assert {notice.recipient for notice in told} >= {world.resident, world.company_user}
    assert {notice.url for notice in told} == {f"/cases/{case.number}/do/survey/"}


def test_a_third_party_is_invited_with_the_others_where_the_other_side_knows_of_the_case(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    Party.objects.create(case=case, side=Side.THIRD_PARTY, kind=PartyKind.PERSON, name="王建国", user=world.neighbour)
    timers.invite_to_survey(later(days=1))
    assert Notice.objects.filter(kind=Kind.SURVEY, recipient=world.neighbour).count() == 1
    assert answer(fresh(case), world, Side.THIRD_PARTY, by=world.neighbour).party.side == Side.THIRD_PARTY


# --- ninety days ----------------------------------------------------------------------------------------------


def closed(world: World, **fields: Any) -> Case:
    case = case_in(Status.FOLLOWUP, world)
    Case.objects.filter(pk=case.pk).update(**fields)
    let_thirty_days_pass(case)
    call_back(fresh(case), world, NOW)
    return perform(fresh(case), "close", by=world.follower, at=NOW)


@pytest.mark.parametrize("fields", [{"flags": [Flag.COLLECTIVE]}, {"flags": [Flag.MASS_RISK]}, {"households": 10}])
def test_a_major_case_is_asked_about_again_after_ninety_days_and_bound_only_then(
    world: World, fields: dict[str, Any]
) -> None:
    case = closed(world, **fields)
    again, first = case.deadlines.get(clock="K12B"), case.deadlines.get(clock="K12")
    assert (again.state, again.start, again.count) == ("RUNNING", first.start, 90)
    assert case.deadlines.get(clock="K13").state == "STOPPED"
    given = {"retention": "PERMANENT"}
    with pytest.raises(DomainError, match="90日"):
        perform(case, "archive", by=world.archivist, at=NOW, **given)
    mediation.follow_up(fresh(case), how="PHONE", reached=True, by=world.follower, at=later(days=90), **SAID)
    assert case.deadlines.get(clock="K12B").state == "MET"
    assert case.deadlines.filter(clock="K13", state="RUNNING").count() == 1
    with pytest.raises(MediationError, match="不在回访阶段"):
        mediation.follow_up(fresh(case), how="PHONE", reached=True, by=world.follower, at=later(days=91), **SAID)


def test_three_tries_in_vain_end_the_second_round_too(world: World) -> None:
    case = closed(world, households=12)
    for number in range(3):
        assert case.deadlines.get(clock="K12B").state == "RUNNING"
        mediation.follow_up(fresh(case), how="PHONE", reached=False, by=world.follower, at=later(days=90 + number))
    assert case.deadlines.get(clock="K12B").state == "MET"


def test_an_ordinary_case_is_not_asked_about_again(world: World) -> None:
    case = closed(world, households=9)
    assert not case.deadlines.filter(clock="K12B").exists()
    assert case.deadlines.get(clock="K13").state == "RUNNING"
    with pytest.raises(MediationError, match="不在回访阶段"):
        mediation.follow_up(case, how="PHONE", reached=True, by=world.follower, at=later(days=90), **SAID)
    assert FollowUp.objects.count() == 1
