"""Who mediates: chosen or named, accepted by the own hand, challenged, replaced; and who sees nothing any more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import DomainError, NotAllowedError
from accounts.models import User
from accounts.roles import Role
from cases.choices import AgentScope, Side, Status
from cases.models import Case, Deadline, Party
from cases.search import find
from cases.selectors import desk_of
from documents.models import Document
from live.topics import may_join
from mediation import services as mediation
from mediation.models import Challenge, Disclosure, Nomination, Waiver
from notifications.models import Kind, Notice
from tests.cast import NOW, TODAY, World, later, staff
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party
from tests.workflows.invariants import broken
from workflows import mediators
from workflows.actions import GuardError, available, perform
from workflows.timers import tick

pytestmark = pytest.mark.django_db
INTEREST = {"has_interest": True, "statement": "曾在该物业公司做过顾问"}


def refused(call: Callable[[], Any], sentence: str | None = None) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def again(person: User) -> User:
    """The person as the next request reads him."""
    return User.objects.get(pk=person.pk)


def told(person: User, kind: str) -> int:
    return Notice.objects.filter(recipient=person, kind=kind).count()


def sees(case: Case, person: User) -> bool:
    """Whether anything of the case reaches this person: page, lists, search, socket; all agree."""
    person, case = again(person), fresh(case)
    desk = desk_of(person)
    ways = {
        bool(case.roles_of(person)),
        Case.objects.visible_to(person).filter(pk=case.pk).exists(),
        desk.cases().filter(pk=case.pk).exists(),
        find(desk.cases(), case.number or "").filter(pk=case.pk).exists(),
        may_join(person, case.topic) is not None,
    }
    assert len(ways) == 1, ways
    return ways.pop()


@pytest.fixture
def accepted(world: World) -> Case:
    return case_in(Status.ACCEPTED, world)


@pytest.fixture
def mediating(world: World) -> Case:
    return case_in(Status.MEDIATING, world)


def challenged(case: Case, world: World, **given: Any) -> Case:
    grounds = {"grounds": "INTEREST", "text": "调解员的配偶在该公司上班"} | given
    return mediators.challenge(case, by=world.resident, at=NOW, **grounds)


# --- chosen -------------------------------------------------------------------------------------------------


def test_a_joint_choice_asks_the_mediator_and_signs_nothing_for_him(world: World, accepted: Case) -> None:
    """The click of a party is no signature of somebody else."""
    wanted = world.second_mediator.mediator_profile
    assert not mediators.choose(accepted, wanted, by=world.resident, at=NOW)
    assert not mediators.choose(accepted, world.mediator.mediator_profile, by=world.company_user, at=NOW)
    assert mediators.choose(accepted, wanted, by=world.company_user, at=NOW)
    case = fresh(accepted)
    assert (case.status, case.mediator, case.nominee) == (Status.ACCEPTED, None, world.second_mediator)
    assert not Disclosure.objects.exists()
    assert told(world.second_mediator, Kind.MEDIATOR_NOMINATED) == 1
    for person in (world.resident, world.company_user, world.director):
        refused(lambda person=person: perform(case, "assign", by=person, at=NOW), "没有签署披露声明")
    case = mediators.accept(case, by=world.second_mediator, at=later(hours=1))
    assert (case.status, case.mediator, case.nominee) == (Status.ASSIGNED, world.second_mediator, None)
    signed = Disclosure.objects.get()
    assert (signed.mediator, signed.recorded_by, signed.how) == (world.second_mediator, world.second_mediator, "ONLINE")
    assert signed.signed_at == later(hours=1)
    assert broken(case.pk) == []


def test_a_joint_choice_goes_before_whom_the_director_named_and_he_cannot_undo_it(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    for person in (world.resident, world.company_user):
        mediators.choose(accepted, world.second_mediator.mediator_profile, by=person, at=NOW)
    assert fresh(accepted).nominee == world.second_mediator
    assert [n.state for n in Nomination.objects.all()] == ["LAPSED", "WAITING"]
    assert told(world.mediator, Kind.MEDIATOR_RELEASED) == 1
    refused(lambda: mediators.accept(accepted, by=world.mediator, at=NOW))
    refused(lambda: mediators.nominate(accepted, world.mediator, by=world.director, at=NOW), "共同选定")
    refused(
        lambda: perform(accepted, "assign", by=world.director, at=NOW, mediator=world.mediator, on_paper=True),
        "共同选定",
    )
    mediators.decline(accepted, reason="出差两个月", by=world.second_mediator, at=NOW)
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    assert fresh(accepted).nominee == world.mediator


def test_a_joint_choice_after_its_time_does_not_displace_whom_the_director_named(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=later(5))
    for person in (world.resident, world.company_user):
        assert not mediators.choose(accepted, world.second_mediator.mediator_profile, by=person, at=later(5))
    assert fresh(accepted).nominee == world.mediator
    mediators.decline(accepted, reason="忙", by=world.mediator, at=later(5))
    mediators.nominate(accepted, world.second_mediator, by=world.director, at=later(5))


def test_both_may_leave_it_to_the_centre(world: World, accepted: Case) -> None:
    for person in (world.resident, world.company_user):
        assert not mediators.choose(accepted, None, by=person, at=NOW)
    assert fresh(accepted).nominee is None


def test_an_agent_chooses_only_within_the_written_scope(world: World, accepted: Case) -> None:
    agency = party(accepted, Side.APPLICANT).agents.create(
        name="查理", user=world.stranger, scope=[AgentScope.EVIDENCE], from_date=TODAY
    )
    wanted = world.mediator.mediator_profile
    refused(lambda: mediators.choose(accepted, wanted, by=world.stranger, at=NOW), "授权委托书")
    agency.scope = [AgentScope.CHOOSE]
    agency.save()
    mediators.choose(accepted, wanted, by=world.stranger, at=NOW)


# --- asked ---------------------------------------------------------------------------------------------------


def test_whoever_is_asked_sees_nothing_of_the_file_before_he_has_accepted(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    case, nominee = fresh(accepted), again(world.mediator)
    assert case.roles_of(nominee) == {Role.NOMINEE}
    assert not Case.objects.visible_to(nominee).filter(pk=case.pk).exists()
    assert may_join(nominee, case.topic) is None
    assert available(case, nominee) == []
    mediators.accept(case, by=world.mediator, at=NOW)
    assert sees(case, world.mediator)


def test_only_the_nominee_accepts_and_declines(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    before = fingerprint()
    for name, person in world.people().items():
        if name == "mediator":
            continue
        with pytest.raises(NotAllowedError):
            mediators.accept(accepted, by=person, at=NOW)
        with pytest.raises(NotAllowedError):
            mediators.decline(accepted, reason="忙", by=person, at=NOW)
    assert changed(before) == []


def test_a_mediator_declines_with_a_reason_and_the_director_hears_of_it(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    refused(lambda: mediators.decline(accepted, reason=" ", by=world.mediator, at=NOW), "原因")
    heard = told(world.director, Kind.PROPOSAL_WAITING)
    mediators.decline(accepted, reason="与申请人相识", by=world.mediator, at=NOW)
    found = Nomination.objects.get()
    assert (found.state, found.decline_reason, fresh(accepted).nominee) == ("DECLINED", "与申请人相识", None)
    assert told(world.director, Kind.PROPOSAL_WAITING) == heard + 1
    refused(lambda: mediators.accept(accepted, by=world.mediator, at=NOW))


def test_what_is_not_answered_in_time_goes_back_to_the_director(world: World, accepted: Case) -> None:
    found = mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    assert found.answer_by == Deadline.objects.get(case=accepted, clock="K5").due == date(2026, 11, 6)
    tick(later(3))
    assert fresh(accepted).nominee == world.mediator
    tick(later(4))
    assert fresh(accepted).nominee is None
    assert Nomination.objects.get().state == "LAPSED"
    assert mediators.lapse_unanswered(later(4)) == 0
    late = mediators.nominate(accepted, world.mediator, by=world.director, at=later(6))
    assert late.answer_by == date(2026, 11, 10)  # the time for naming one is over: one working day


def test_paper_is_recorded_by_the_director_only_and_says_who_has_it(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    for person in (world.intake, world.resident, world.mediator, world.legal):
        with pytest.raises(NotAllowedError):
            mediators.record_acceptance(accepted, by=person, at=NOW)
    case = mediators.record_acceptance(accepted, by=world.director, at=NOW)
    signed = Disclosure.objects.get()
    assert (case.status, signed.how, signed.recorded_by) == (Status.ASSIGNED, "SIGNED", world.director)


# --- disclosed ------------------------------------------------------------------------------------------------


def test_an_interest_waits_for_every_party_itself(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    refused(lambda: mediators.accept(accepted, has_interest=True, by=world.mediator, at=NOW), "写明")
    case = mediators.accept(accepted, by=world.mediator, at=NOW, **INTEREST)
    assert case.status == Status.ACCEPTED
    assert not sees_file(case, world.mediator)
    assert told(world.resident, Kind.MEDIATOR_DISCLOSED) == told(world.company_user, Kind.MEDIATOR_DISCLOSED) == 1
    mine, theirs = party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    refused(lambda: perform(case, "assign", by=world.director, at=NOW, mediator=world.mediator), "不提异议")
    refused(lambda: mediators.waive(case, theirs, given=True, by=world.resident, at=NOW), "自己这一方")
    for person in (world.director, world.intake, world.mediator):
        refused(lambda person=person: mediators.waive(case, mine, given=True, by=person, at=NOW))
    case = mediators.waive(case, mine, given=True, by=world.resident, at=NOW)
    assert case.status == Status.ACCEPTED
    refused(lambda: mediators.waive(case, mine, given=True, by=world.resident, at=NOW), "已经表示过")
    case = mediators.waive(case, theirs, given=True, by=world.company_user, at=later(1))
    assert (case.status, case.mediator) == (Status.ASSIGNED, world.mediator)
    signed = Disclosure.objects.get()
    assert (signed.has_interest, signed.waived_at) == (True, later(1))
    assert {(w.party_id, w.how) for w in Waiver.objects.all()} == {(mine.pk, "ONLINE"), (theirs.pk, "ONLINE")}


def sees_file(case: Case, person: User) -> bool:
    return Case.objects.visible_to(again(person)).filter(pk=case.pk).exists()


def test_an_objection_ends_the_nomination(world: World, accepted: Case) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    mediators.accept(accepted, by=world.mediator, at=NOW, **INTEREST)
    mediators.waive(accepted, party(accepted, Side.RESPONDENT), given=True, by=world.company_user, at=NOW)
    case = mediators.waive(accepted, party(accepted, Side.APPLICANT), given=False, by=world.resident, at=NOW)
    assert (case.status, case.nominee, Nomination.objects.get().state) == (Status.ACCEPTED, None, "REFUSED")
    refused(lambda: perform(case, "assign", by=world.director, at=NOW), "没有签署")


def test_signed_paper_of_a_party_is_recorded_by_staff_and_the_director_then_assigns(
    world: World, accepted: Case
) -> None:
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    mediators.accept(accepted, by=world.mediator, at=NOW, **INTEREST)
    for side in (Side.APPLICANT, Side.RESPONDENT):
        one = party(accepted, side)
        for person in (world.mediator, world.resident, world.follower):
            with pytest.raises(NotAllowedError):
                mediators.waive(accepted, one, given=True, by=person, at=NOW, on_paper=True)
        mediators.waive(accepted, one, given=True, by=world.intake, at=NOW, on_paper=True)
    assert {w.how for w in Waiver.objects.all()} == {"SIGNED"}
    assert fresh(accepted).status == Status.ACCEPTED
    case = perform(accepted, "assign", by=world.director, at=NOW)
    assert (case.status, case.mediator) == (Status.ASSIGNED, world.mediator)


def test_a_new_disclosure_needs_new_waivers(world: World, accepted: Case) -> None:
    """What the parties said to one statement does not count for another."""
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    mediators.accept(accepted, by=world.mediator, at=NOW, **INTEREST)
    mediators.waive(accepted, party(accepted, Side.APPLICANT), given=True, by=world.resident, at=NOW)
    mediators.waive(accepted, party(accepted, Side.RESPONDENT), given=False, by=world.company_user, at=NOW)
    mediators.nominate(accepted, world.mediator, by=world.director, at=NOW)
    mediators.accept(accepted, by=world.mediator, at=NOW, has_interest=True, statement="还持有该公司股票")
    mediators.waive(accepted, party(accepted, Side.RESPONDENT), given=True, by=world.company_user, at=NOW)
    assert fresh(accepted).status == Status.ACCEPTED


# --- challenged -------------------------------------------------------------------------------------------------


def test_a_challenge_stops_mediation_and_shuts_the_mediator_out(world: World, mediating: Case) -> None:
    assert sees(mediating, world.mediator)
    case = challenged(mediating, world)
    assert (case.status, case.suspended_for) == (Status.SUSPENDED, "S01")
    found = Challenge.objects.get()
    assert (found.mediator, found.party, found.decision) == (world.mediator, party(case, Side.APPLICANT), "WAITING")
    assert not sees(case, world.mediator)
    assert told(world.mediator, Kind.SUSPENDED) == 0  # its link would lead nowhere
    assert told(world.mediator, Kind.MEDIATOR_RELEASED) == 1
    assert case.deadlines.get(clock="K6").state == "PAUSED"
    assert broken(case.pk) == []


def test_nobody_goes_on_before_the_decision_the_challenged_least_of_all(world: World, mediating: Case) -> None:
    case = challenged(mediating, world)
    for action in ("resume", "fail"):
        refused(lambda action=action: perform(case, action, by=world.mediator, at=NOW, reason="没有道理"))
    for person in (world.mediator, world.resident, world.company_user, world.intake, world.supervisor):
        with pytest.raises(DomainError):
            mediators.decide(case, upheld=False, reason="没有道理", by=person, at=NOW)
    with pytest.raises(GuardError, match="还没有决定"):
        perform(case, "resume", by=world.director, at=NOW, reason="继续")
    refused(
        lambda: mediators.nominate(case, world.second_mediator, by=world.director, at=NOW, reason="回避"), "还没有决定"
    )


def test_dismissed_it_goes_on_with_the_same_mediator(world: World, mediating: Case) -> None:
    case = challenged(mediating, world)
    refused(lambda: mediators.decide(case, upheld=False, reason=" ", by=world.director, at=NOW), "理由")
    case = mediators.decide(case, upheld=False, reason="查明没有亲属关系", by=world.director, at=later(1))
    assert (case.status, case.suspended_for, case.shut_out) == (Status.MEDIATING, "", [])
    assert sees(case, world.mediator)
    found = Challenge.objects.get()
    assert (found.decision, found.decided_by, found.reason) == ("DISMISSED", world.director, "查明没有亲属关系")
    assert told(world.resident, Kind.CHALLENGE_DECIDED) == 1
    paper = Document.objects.get(kind="recusal_decision", issued_at__isnull=False)
    assert "上班" not in str(paper.data)  # what one side said of the mediator is not for the other side
    refused(lambda: mediators.decide(case, upheld=True, reason="再想想", by=world.director, at=later(1)))
    assert broken(case.pk) == []


def test_upheld_another_takes_over_and_the_first_sees_nothing_any_more(world: World, mediating: Case) -> None:
    case = mediators.decide(challenged(mediating, world), upheld=True, reason="属实", by=world.director, at=NOW)
    assert (case.status, sees(case, world.mediator)) == (Status.SUSPENDED, False)
    with pytest.raises(GuardError, match="已经回避"):
        perform(case, "resume", by=world.director, at=NOW, reason="继续")
    given = {"by": world.director, "at": NOW, "reason": "回避成立"}
    refused(lambda: mediators.nominate(case, world.mediator, **given))
    refused(lambda: mediators.nominate(case, world.second_mediator, by=world.director, at=NOW), "更换的原因")
    mediators.nominate(case, world.second_mediator, **given)
    case = mediators.accept(case, by=world.second_mediator, at=later(1))
    assert (case.status, case.mediator) == (Status.ASSIGNED, world.second_mediator)
    assert (sees(case, world.mediator), sees(case, world.second_mediator)) == (False, True)
    refused(lambda: mediators.nominate(case, world.mediator, **given), "已经回避")
    assert broken(case.pk) == []


def test_where_the_centre_honours_it_one_party_is_enough(world: World, mediating: Case) -> None:
    type(world.centre).objects.update(honours_challenges=True)
    case = challenged(mediating, world, grounds="NONE", text="")
    assert Challenge.objects.get().decision == "HONOURED"
    refused(lambda: mediators.decide(case, upheld=False, reason="不成立", by=world.director, at=NOW), "没有待决定")
    mediators.nominate(case, world.second_mediator, by=world.director, at=NOW, reason="一方申请回避")
    assert mediators.accept(case, by=world.second_mediator, at=NOW).mediator == world.second_mediator


def test_a_mediator_who_steps_aside_needs_no_decision(world: World, mediating: Case) -> None:
    case = perform(mediating, "suspend", by=world.mediator, at=NOW, reason_code="S01", reason="与申请人是远亲")
    found = Challenge.objects.get()
    assert (found.decision, found.party, sees(case, world.mediator)) == ("HONOURED", None, False)


def test_a_challenged_director_does_not_decide_the_supervisory_committee_does(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    boss = staff("acting-director", "高主任", Role.DIRECTOR, world.centre)
    Case.objects.filter(pk=case.pk).update(mediator=boss, mediation_begun_by=boss)
    case = challenged(fresh(case), world)
    refused(lambda: mediators.decide(case, upheld=False, reason="我很公正", by=boss, at=NOW))
    assert (told(world.supervisor, Kind.PROPOSAL_WAITING), told(boss, Kind.PROPOSAL_WAITING)) == (1, 0)
    case = mediators.decide(case, upheld=True, reason="属实", by=world.supervisor, at=NOW)
    mediators.nominate(case, world.mediator, by=world.supervisor, at=NOW, reason="回避成立")
    case = mediators.accept(case, by=world.mediator, at=NOW)
    assert (case.status, case.mediator, sees(case, boss)) == (Status.ASSIGNED, world.mediator, False)


def test_the_supervisory_committee_names_nobody_otherwise(world: World, accepted: Case) -> None:
    refused(lambda: mediators.nominate(accepted, world.mediator, by=world.supervisor, at=NOW))
    case = case_in(Status.MEDIATING, world, estate=world.other_estate)
    refused(lambda: mediators.nominate(case, world.second_mediator, by=world.supervisor, at=NOW, reason="换人"))


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.MEDIATING])
def test_only_a_director_names_a_mediator(world: World, status: Status) -> None:
    case = case_in(status, world)
    before = fingerprint()
    for name, person in world.people().items():
        if name not in {"director", "second_director"}:
            with pytest.raises(DomainError):
                mediators.nominate(case, world.second_mediator, by=person, at=NOW, reason="换人")
    assert changed(before) == []


def test_a_challenge_says_what_it_rests_on_and_speaks_for_the_own_side(world: World, mediating: Case) -> None:
    refused(lambda: challenged(mediating, world, text=" "), "写明")
    refused(lambda: challenged(mediating, world, grounds="WHIM"), "选择")
    refused(lambda: challenged(mediating, world, party=party(mediating, Side.RESPONDENT)), "自己这一方")
    foreign = case_in(Status.ACCEPTED, world, estate=world.other_estate)
    given: dict[str, Any] = {"reason_code": "S01", "reason": "亲属", "challenger": party(foreign, Side.APPLICANT)}
    refused(lambda: perform(mediating, "suspend", by=world.director, at=NOW, **given), "不在本案")


def test_a_case_that_ends_leaves_no_challenge_open(world: World, mediating: Case) -> None:
    case = challenged(mediating, world)
    case = perform(case, "withdraw", by=world.resident, at=NOW)
    assert (Challenge.objects.get().decision, case.shut_out, case.suspended_for) == ("LAPSED", [], "")


def test_whoever_is_replaced_for_another_reason_sees_nothing_either(world: World, mediating: Case) -> None:
    mediators.nominate(mediating, world.second_mediator, by=world.director, at=NOW, reason="生病")
    assert sees(mediating, world.mediator)  # until the other has accepted
    case = mediators.accept(mediating, by=world.second_mediator, at=NOW)
    assert (case.status, case.mediator) == (Status.ASSIGNED, world.second_mediator)
    assert (sees(case, world.mediator), told(world.mediator, Kind.MEDIATOR_RELEASED)) == (False, 1)


def test_a_nomination_ends_with_the_state_in_which_it_could_be_answered(world: World, mediating: Case) -> None:
    mediators.nominate(mediating, world.second_mediator, by=world.director, at=NOW, reason="生病")
    case = perform(mediating, "fail", by=world.mediator, at=NOW, reason_code="E04", reason_text="差距过大")
    assert (case.nominee, Nomination.objects.exclude(state="DONE").get().state) == (None, "LAPSED")


# --- the suggestion ---------------------------------------------------------------------------------------------


def test_whoever_met_the_company_less_comes_first_and_the_reason_is_shown(world: World, accepted: Case) -> None:
    names = [str(c.mediator) for c in mediation.candidates(accepted)]
    assert names == ["李明哲", "周芳"]
    for sequence in range(3):
        Case.objects.filter(pk=case_in(Status.MEDIATING, world, estate=world.other_estate).pk).update(
            status=Status.CLOSED, outcome="FAILED", title=str(sequence)
        )
    Case.objects.exclude(pk=accepted.pk).update(accepted_at=timezone.now())
    first, second = mediation.candidates(fresh(accepted))
    assert (str(first.mediator), first.met, str(second.mediator), second.met) == ("周芳", 0, "李明哲", 3)
    assert "近一年调解过当事企业的案件 3 件" in second.reasons


def test_an_employer_of_the_mediator_is_a_conflict(world: World, accepted: Case) -> None:
    profile = world.mediator.mediator_profile
    profile.employers = f"合肥某律所\n{world.company.name}"
    profile.save()
    refused(lambda: mediators.nominate(accepted, world.mediator, by=world.director, at=NOW), "在当事单位任职")
    assert Party.objects.filter(company=world.company).exists()


def test_the_term_of_office_counts(world: World, accepted: Case) -> None:
    profile = world.mediator.mediator_profile
    profile.until = TODAY.replace(year=2025)
    profile.save()
    refused(lambda: mediators.nominate(accepted, world.mediator, by=world.director, at=NOW), "不在任")
