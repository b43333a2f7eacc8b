"""Sessions, agreements, signatures and promises: whose they are, and until when they stand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import DomainError
from cases.choices import ConsentHow, Side, Status
from cases.evidence import add_evidence
from cases.models import Case
from mediation import services as mediation
from mediation.models import Session, Signature
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import begun, case_in, party, promise, record, text
from tests.moves import everybody, ready
from tests.signing import PROOF
from workflows.actions import perform

pytestmark = pytest.mark.django_db
ONLINE = Signature.How.ONLINE


def refused(call: Callable[[], Any], sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert changed(before) == []


@pytest.fixture
def other(world: World) -> Case:
    """Another case of the same people, about another estate."""
    return case_in(Status.MEDIATING, world, estate=world.other_estate)


def test_only_a_party_of_the_case_signs(world: World, other: Case) -> None:
    case = case_in(Status.SIGNING, world)
    stranger, agreement = party(other, Side.APPLICANT), case.current_agreement
    for how, by in [(Signature.How.PAPER, world.intake), (Signature.How.ONLINE, world.resident)]:
        refused(
            lambda how=how, by=by: mediation.sign(agreement, stranger, how=how, by=by, at=NOW), "不在本案中|自己这一方"
        )


def test_a_party_signs_for_itself_only_and_once(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    agreement, mine, theirs = case.current_agreement, party(case, Side.APPLICANT), party(case, Side.RESPONDENT)
    refused(
        lambda: mediation.sign(agreement, theirs, how=Signature.How.ONLINE, by=world.resident, at=NOW, proof=PROOF),
        "自己这一方",
    )
    first = mediation.sign(agreement, mine, how=ONLINE, by=world.resident, at=NOW, proof=PROOF)
    again = mediation.sign(agreement, mine, how=ONLINE, by=world.resident, at=later(1), proof=PROOF)
    assert (first.pk, first.at, first.text_hash) == (again.pk, again.at, mediation.text_hash(agreement))


def test_an_agent_signs_only_within_the_written_scope(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    mine = party(case, Side.APPLICANT)
    agency = mine.agents.create(name="查理", user=world.stranger, scope=["SIGN"], from_date=TODAY)
    agreement = case.current_agreement
    refused(lambda: mediation.sign(agreement, mine, how=Signature.How.ONLINE, by=world.stranger, at=NOW), "授权委托书")
    agency.scope = ["SIGN", "DISPOSE"]
    agency.save()
    mine = party(case, Side.APPLICANT)
    assert (
        mediation.sign(agreement, mine, how=Signature.How.ONLINE, by=world.stranger, at=NOW, proof=PROOF).by
        == world.stranger
    )


def test_nobody_signs_or_seals_before_the_text_lies_before_the_parties(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    for call in (
        lambda: mediation.sign(
            agreement, party(case, Side.APPLICANT), how=Signature.How.PAPER, by=world.intake, at=NOW
        ),
        lambda: mediation.sign_as_mediator(agreement, by=world.mediator, at=NOW),
        lambda: mediation.apply_seal(agreement, by=world.intake, at=NOW),
    ):
        refused(call, "不是当前文本")
    mediation.pass_legal_check(agreement, by=world.legal, at=NOW)  # the lawyer may look early


def test_the_seal_is_not_put_on_by_the_mediator(world: World) -> None:
    case = case_in(Status.SIGNING, world)
    refused(lambda: mediation.apply_seal(case.current_agreement, by=world.mediator, at=NOW), "印章由保管人")


def test_an_agreement_binds_the_parties_of_the_case_only(world: World, other: Case) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    mine = promise(case, world)
    for wrong in (
        replace(mine, doer=party(other, Side.RESPONDENT)),
        replace(mine, receiver=party(other, Side.APPLICANT)),
    ):
        given = text(case, world) | {"promises": [wrong]}
        refused(
            lambda given=given: mediation.draft_text(case, by=world.mediator, at=NOW, **given), "只能约束本案的当事人"
        )
    late = text(case, world) | {"promises": [replace(mine, due=TODAY - timedelta(days=1))]}
    refused(lambda: mediation.draft_text(case, by=world.mediator, at=NOW, **late), "不能早于今天")


def test_a_proof_belongs_to_the_case(world: World, other: Case) -> None:
    case = case_in(Status.PERFORMING, world)
    paper = add_evidence(other, SimpleUploadedFile("回单.pdf", b"%PDF-1.4 1"), by=world.intake, at=NOW)
    kept = case.current_agreement.obligations.get()
    refused(
        lambda: mediation.record_performance(kept, on=TODAY, proof=paper, note="", by=world.mediator, at=NOW),
        "不属于本案",
    )
    refused(
        lambda: mediation.record_performance(
            kept, on=TODAY + timedelta(days=1), proof=None, note="x", by=world.mediator, at=NOW
        ),
        "不能晚于今天",
    )


def test_a_promise_is_urged_only_when_it_is_late_and_confirmed_by_the_other_side(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    kept = case.current_agreement.obligations.get()
    refused(lambda: mediation.urge(kept, how="PHONE", note="", by=world.mediator, at=NOW), "还没有逾期")
    mediation.record_performance(kept, on=TODAY, proof=None, note="转账", by=world.company_user, at=NOW)
    kept.refresh_from_db()
    assert kept.confirmed_at is None
    refused(lambda: mediation.confirm_performance(kept, by=world.company_user, at=NOW), "由对方确认")
    mediation.confirm_performance(kept, by=world.resident, at=NOW)
    kept.refresh_from_db()
    assert kept.confirmed_at == NOW


def test_two_urgings_after_the_date_end_the_waiting(world: World) -> None:
    case = case_in(Status.PERFORMING, world)
    kept = case.current_agreement.obligations.get()
    late = later(12)
    mediation.urge(kept, how="PHONE", note="", by=world.mediator, at=late)
    refused(lambda: perform(case, "finish_performance", by=world.follower, at=late), "督促满两次")
    mediation.urge(kept, how="SIGNED", note="", by=world.follower, at=later(20))
    assert perform(case, "finish_performance", by=world.follower, at=later(20)).status == Status.FOLLOWUP


def round_two(world: World) -> Case:
    case = case_in(Status.CLOSED, world)
    case = perform(case, "remediate", by=world.director, at=later(1), reason="新的事实", agreed=everybody(case))
    mediation.schedule_session(case, starts_at=later(2), place="一室", notice="SERVED", by=world.mediator, at=later(1))
    session = Session.objects.get(case=case, record="")
    mediation.record_session(session, attendees="", record="再谈。", result="", by=world.mediator, at=later(2))
    return case


@pytest.mark.parametrize("action", ["fail", "withdraw"])
def test_a_second_round_without_result_leaves_the_first_agreement_in_force(world: World, action: str) -> None:
    case = round_two(world)
    mediation.draft_text(case, by=world.mediator, at=later(3), **(text(case, world)))
    given = {"reason_code": "E04"} if action == "fail" else {"reason": "不谈了"}
    by = world.mediator if action == "fail" else world.resident
    perform(case, action, by=by, at=later(4), **given)
    standing = case.agreements.filter(voided_at=None)
    assert [(agreement.round, agreement.effective_on) for agreement in standing] == [(1, TODAY)]


def test_a_second_agreement_takes_the_place_of_the_first(world: World) -> None:
    case = round_two(world)
    mediation.draft_text(case, by=world.mediator, at=later(3), **text(case, world))
    case = perform(case, "draft_agreement", by=world.mediator, at=later(3))
    agreement = case.current_agreement
    for one in everybody(case):
        mediation.sign(agreement, one, how=Signature.How.PAPER, by=world.intake, at=later(3))
    mediation.sign_as_mediator(agreement, by=world.mediator, at=later(3))
    mediation.apply_seal(agreement, by=world.intake, at=later(3))
    perform(case, "take_effect", by=world.mediator, at=later(3))
    assert [agreement.round for agreement in case.agreements.filter(voided_at=None)] == [2]


# --- who may mediate ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda w, m: m.interest_companies.add(w.company), "与当事企业有利害关系"),
        (lambda w, m: m.interest_estates.add(w.estate), "与本小区有利害关系"),
        (lambda w, m: setattr(m, "expertise", ["09"]), "专长不含"),
        (lambda w, m: setattr(m, "is_active", False), "不在任"),
        (lambda w, m: m.regions.add(w.other_centre.region), "不负责这个地区"),
        (lambda w, m: type(w.centre).objects.update(workload_limit=0), "已满"),
        (lambda w, m: w.mediator.memberships.update(until=TODAY - timedelta(days=900)), "不在任"),
    ],
)
def test_a_mediator_who_does_not_fit_is_not_assigned(
    world: World, spoil: Callable[[World, Any], Any], sentence: str
) -> None:
    case, mediator = case_in(Status.ACCEPTED, world), world.mediator.mediator_profile
    spoil(world, mediator)
    mediator.save()
    given = {"mediator": world.mediator, "on_paper": True}
    refused(lambda: perform(case, "assign", by=world.director, at=NOW, **given), sentence)


def test_somebody_not_on_the_roster_is_not_assigned(world: World) -> None:
    case = case_in(Status.ACCEPTED, world)
    refused(lambda: perform(case, "assign", by=world.director, at=NOW, mediator=world.legal, on_paper=True), "名册")


# --- sessions and call-backs --------------------------------------------------------------------------------------


def test_a_record_is_written_once(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    session = begun(case, NOW)
    assert session is not None
    written = {"attendees": "双方", "record": "双方陈述。", "result": "", "by": world.mediator, "at": NOW}
    mediation.record_session(session, **written)
    refused(lambda: mediation.record_session(session, **(written | {"record": "改写"})), "不能改写")
    refused(lambda: mediation.record_session(session, **(written | {"record": " "})), "请填写调解记录")


def test_the_mediator_does_not_call_back_and_an_answer_needs_somebody_who_answered(world: World) -> None:
    case = ready("close", Status.FOLLOWUP, world).case
    call: dict[str, Any] = {"how": ConsentHow.PHONE, "at": NOW}
    refused(lambda: mediation.follow_up(case, reached=True, by=world.follower, **call), "是否解决")
    refused(lambda: mediation.follow_up(case, reached=True, solved="SOLVED", by=world.mediator, **call), "不能")
    tried = mediation.follow_up(
        case, reached=False, solved="SOLVED", satisfaction="SATISFIED", by=world.follower, **call
    )
    assert (tried.solved, tried.satisfaction) == ("", "")
