"""Signing: codes bound to the text, changed texts, agents, the seal, and when an agreement is in force."""

import hashlib
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from accounts.errors import DomainError, NotAllowedError
from accounts.models import Membership, Spent
from cases import passes
from cases.choices import ConsentMatter, Side, Status
from cases.models import Case
from mediation import services as mediation
from mediation.drawing import picture, read_strokes
from mediation.models import Agreement, Signature, SigningCode
from mediation.services.signing import signing_of
from mediation.signature_providers.sms_code import LIFETIME, SmsCode
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import Kind, Notice
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party, sign_all, text
from tests.signing import PROOF, STROKES
from workflows.actions import perform
from workflows.agreements import save_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("texts")]
ONLINE, PAPER = Signature.How.ONLINE, Signature.How.PAPER


@pytest.fixture
def texts() -> Any:
    with override_settings(SMS_GATEWAY="notifications.gateways.memory.MemoryGateway"):
        MemoryGateway.clear()
        yield
        MemoryGateway.clear()


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.SIGNING, world)


def start(case: Case, world: World, at: Any = NOW) -> str:
    """Ask for a code as the resident, and read it from the phone."""
    mediation.start_signing(
        case.current_agreement, party(case, Side.APPLICANT), by=world.resident, address="1.2.3.4", language="", at=at
    )
    found = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert found is not None
    return found.group()


def check(case: Case, world: World, code: str, at: Any = NOW) -> Any:
    return mediation.verify_signing(case.current_agreement, party(case, Side.APPLICANT), code, by=world.resident, at=at)


def refused(call: Any, sentence: str) -> None:
    before = fingerprint()
    with pytest.raises(DomainError, match=sentence):
        call()
    assert [one for one in changed(before) if "spent" not in str(one).lower()] == []


def test_a_drawn_name_and_the_code_are_kept_with_what_they_stand_under(case: Case, world: World) -> None:
    proof = check(case, world, start(case, world))
    agreement, mine = case.current_agreement, party(case, Side.APPLICANT)
    signed = mediation.sign(
        agreement, mine, how=ONLINE, by=world.resident, at=NOW, proof=proof, strokes=STROKES, confirmation=True
    )
    assert (signed.text_hash, signed.provider, signed.signer_name) == (agreement.text_hash, "sms-code", "张桂兰")
    assert signed.image_hash == hashlib.sha256(bytes(signed.image)).hexdigest()
    assert Image.open(io.BytesIO(bytes(signed.image))).size == (1000, 400)
    assert signed.proof["masked_phone"] == "138****6612"
    assert "1.2.3.4" not in str(signed.proof)
    assert mine.consents.get(matter=ConsentMatter.CONFIRMATION).given


def test_the_code_goes_to_the_signers_own_phone_and_says_nothing_of_the_matter(case: Case, world: World) -> None:
    code = start(case, world)
    assert MemoryGateway.outbox[-1].to == "+8613855106612"
    assert "张桂兰" not in MemoryGateway.outbox[-1].text
    assert code not in str(SigningCode.objects.values().get())


def test_a_code_fits_once_in_time_and_under_its_own_text(case: Case, world: World) -> None:
    code = start(case, world)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with pytest.raises(DomainError, match="验证码不对"):
        check(case, world, wrong)
    with pytest.raises(DomainError, match="已过期"):
        check(case, world, code, NOW + LIFETIME + timedelta(seconds=1))
    check(case, world, code)
    with pytest.raises(DomainError, match="已经用过"):
        check(case, world, code)
    second = start(case, world, later(hours=1))
    save_text(case, by=world.mediator, at=later(hours=1), **text(case, world))
    with pytest.raises(DomainError, match="请先获取短信验证码"):
        check(case, world, second, later(hours=1))


def test_guesses_are_counted(case: Case, world: World) -> None:
    code = start(case, world)
    for _each in range(5):
        with pytest.raises(DomainError, match="验证码不对"):
            check(case, world, "x")
    with pytest.raises(DomainError, match="次数太多"):
        check(case, world, code)


def test_codes_are_not_sent_in_a_row(case: Case, world: World) -> None:
    start(case, world)
    with pytest.raises(DomainError, match="等一分钟"):
        start(case, world)
    assert len(MemoryGateway.outbox) == 1


def test_a_gateway_that_is_down_loses_nothing(case: Case, world: World) -> None:
    MemoryGateway.failures.append(GatewayError("down"))
    refused(lambda: start(case, world), "您填的内容还在")
    assert not SigningCode.objects.exists()


def test_nobody_signs_online_without_the_code(case: Case, world: World) -> None:
    mine = party(case, Side.APPLICANT)
    refused(lambda: mediation.sign(case.current_agreement, mine, how=ONLINE, by=world.resident, at=NOW), "短信验证码")


def test_a_proof_for_another_text_does_not_serve(case: Case, world: World) -> None:
    proof = check(case, world, start(case, world))
    new = save_text(case, by=world.mediator, at=later(hours=1), **text(case, world))
    mine = party(case, Side.APPLICANT)
    refused(
        lambda: mediation.sign(new, mine, how=ONLINE, by=world.resident, at=later(hours=1), proof=proof), "换了一版"
    )


def test_a_changed_text_voids_every_signature_and_everybody_is_told(case: Case, world: World) -> None:
    old, mine = case.current_agreement, party(case, Side.APPLICANT)
    mediation.sign(old, mine, how=ONLINE, by=world.resident, at=NOW, proof=PROOF)
    mediation.sign_as_mediator(old, by=world.mediator, at=NOW)
    given = text(case, world) | {"content": "物业公司修好外墙防水并赔偿18600元，质保五年。"}
    new = save_text(case, by=world.mediator, at=later(hours=1), **given)
    told = set(Notice.objects.filter(kind=Kind.AGREEMENT_CHANGED).values_list("recipient", flat=True))
    assert told == {world.resident.pk, world.company_user.pk}
    assert [s.voided_at for s in Signature.objects.filter(agreement=old)] == [later(hours=1)]
    assert (new.missing_signatures(), new.mediator_signed_at) == ([*new.case.parties.all()], None)
    refused(lambda: mediation.sign(old, mine, how=ONLINE, by=world.resident, at=NOW, proof=PROOF), "不是当前文本")
    refused(lambda: perform(case, "take_effect", by=world.mediator, at=later(hours=1)), "还有当事人没有签署")


def test_a_changed_text_must_pass_the_checks_too(case: Case, world: World) -> None:
    given = text(case, world) | {"content": "张某不得再投诉。"}
    refused(lambda: save_text(case, by=world.mediator, at=NOW, **given), "没有效力")
    assert case.current_agreement.version == 1


def test_a_party_who_came_or_changed_makes_a_new_version_necessary(case: Case, world: World) -> None:
    mine = party(case, Side.APPLICANT)
    type(mine).objects.filter(pk=mine.pk).update(name="张桂芳")
    refused(
        lambda: mediation.sign(case.current_agreement, mine, how=PAPER, by=world.intake, at=NOW), "当事人或者内容有变动"
    )


def test_a_text_altered_behind_the_signatures_does_not_take_effect(case: Case, world: World) -> None:
    sign_all(case, world, NOW)
    case.current_agreement.obligations.update(amount="1.00")
    refused(lambda: perform(case, "take_effect", by=world.mediator, at=NOW), "与各方签署的不一致")


def test_a_text_that_must_be_seen_by_the_lawyer_waits_also_while_signing(case: Case, world: World) -> None:
    type(world.centre).objects.update(legal_check_amount=10_000)
    with pytest.raises(DomainError, match="法律咨询处审核"):
        save_text(case, by=world.mediator, at=NOW, **text(case, world))


def test_signing_after_the_matter_ended_is_answered_in_a_sentence(case: Case, world: World) -> None:
    old, mine = case.current_agreement, party(case, Side.APPLICANT)
    perform(case, "reopen_talks", by=world.mediator, at=NOW, reason="申请人不接受", cause="REFUSED")
    perform(case, "withdraw", by=world.resident, at=NOW, reason="不谈了")
    refused(lambda: mediation.sign(old, mine, how=PAPER, by=world.intake, at=NOW), "这件事已经撤回")


def test_talks_taken_up_again_void_the_signatures(case: Case, world: World) -> None:
    mine = party(case, Side.APPLICANT)
    signed = mediation.sign(case.current_agreement, mine, how=ONLINE, by=world.resident, at=NOW, proof=PROOF)
    perform(case, "reopen_talks", by=world.mediator, at=later(hours=1), reason="企业不接受", cause="REFUSED")
    signed.refresh_from_db()
    assert signed.voided_at == later(hours=1)
    assert Notice.objects.filter(kind=Kind.AGREEMENT_CHANGED, recipient=world.resident).exists()


def test_a_guest_signs_by_its_pass_and_an_ended_pass_opens_nothing(world: World) -> None:
    case = case_in(Status.SIGNING, world, by=world.intake)
    mine = party(case, Side.APPLICANT)
    passes.issue_pass(mine, by=world.intake, at=NOW)
    guest = mine.passes.get(revoked_at=None).guest
    again = Case.objects.get(pk=case.pk)
    proof = mediation.verify_signing(again.current_agreement, mine, _code(again, mine, guest), by=guest, at=NOW)
    passes.revoke_passes(mine, by=world.intake, at=NOW)
    guest.refresh_from_db()
    with pytest.raises(NotAllowedError):
        mediation.sign(again.current_agreement, mine, how=ONLINE, by=guest, at=NOW, proof=proof)
    assert not Signature.objects.exists()


def _code(case: Case, mine: Any, by: Any) -> str:
    mediation.start_signing(case.current_agreement, mine, by=by, address="1.2.3.4", language="", at=NOW)
    return re.search(r"\d{6}", MemoryGateway.outbox[-1].text).group()  # type: ignore[union-attr]


def test_a_refused_code_may_be_asked_for_again_and_a_doubtful_one_says_so(case: Case, world: World) -> None:
    mine, agreement = party(case, Side.APPLICANT), case.current_agreement
    MemoryGateway.failures.append(GatewayError("http_503"))
    refused(lambda: _code(case, mine, world.resident), "没有发出去")
    assert mediation.code_sent(agreement, mine, by=world.resident, at=NOW) is None
    MemoryGateway.failures.append(GatewayError("no_answer", uncertain=True))
    given = {"by": world.resident, "address": "1.2.3.4", "language": "", "at": NOW}
    assert mediation.start_signing(agreement, mine, **given).doubtful
    assert mediation.code_sent(agreement, mine, by=world.resident, at=NOW).doubtful  # type: ignore[union-attr]


def test_somebody_without_a_phone_signs_on_paper(case: Case, world: World) -> None:
    theirs = party(case, Side.RESPONDENT)
    with pytest.raises(DomainError, match="还没有确认手机号"):
        signing_of(case.current_agreement, theirs, world.company_user)


def test_a_company_says_who_signs_for_it_and_on_what_authority(case: Case, world: World) -> None:
    theirs, agreement = party(case, Side.RESPONDENT), case.current_agreement
    given: dict[str, Any] = {"how": ONLINE, "by": world.company_user, "at": NOW, "proof": PROOF}
    refused(lambda: mediation.sign(agreement, theirs, **given), "代表本单位签署的人")
    refused(lambda: mediation.sign(agreement, theirs, **given, signer_name="刘经理", capacity="AGENT"), "授权依据")
    signed = mediation.sign(
        agreement, theirs, **given, signer_name="刘经理", capacity="AGENT", authority="授权书2026-7", body_seal="LATER"
    )
    assert (signed.capacity, signed.authority, signed.proof["body_seal"]) == ("AGENT", "授权书2026-7", "LATER")


def test_what_the_law_keeps_on_paper_is_not_signed_online(case: Case, world: World) -> None:
    given = text(case, world) | {"content": "更换水管时停水4小时，赔偿18600元。"}
    new, mine = save_text(case, by=world.mediator, at=NOW, **given), party(case, Side.APPLICANT)
    refused(lambda: mediation.sign(new, mine, how=ONLINE, by=world.resident, at=NOW, proof=PROOF), "不能用电子签名")
    assert mediation.sign(new, mine, how=PAPER, by=world.intake, at=NOW).how == PAPER


@pytest.mark.parametrize("who", ["intake", "director"])
def test_only_the_keeper_seals(case: Case, world: World, who: str) -> None:
    Membership.objects.update(holds_seal=False)
    by = type(world.intake).objects.get(pk=world.people()[who].pk)
    refused(
        lambda: mediation.apply_seal(case.current_agreement, by=by, at=NOW),
        "没有登记为保管人，登记由系统管理员（韩系统）办理",
    )
    Membership.objects.filter(user=by).update(holds_seal=True)
    by = type(by).objects.get(pk=by.pk)
    mediation.apply_seal(case.current_agreement, by=by, at=NOW, page_sealed=True)
    sealed = case.current_agreement
    assert (sealed.sealed_by, sealed.page_sealed) == (by, True)


SIGNERS = ["resident", "company", "mediator", "seal"]


@settings(max_examples=16, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(done=st.sets(st.sampled_from(SIGNERS)), changed_after=st.booleans())
def test_in_force_if_and_only_if_everything_stands_under_the_standing_text(
    world: World, done: set[str], changed_after: bool
) -> None:
    from django.db import transaction

    with transaction.atomic():
        case = case_in(Status.SIGNING, world)
        _put_under(case, world, done)
        if changed_after:
            save_text(case, by=world.mediator, at=later(hours=1), **text(case, world))
        try:
            after = perform(case, "take_effect", by=world.mediator, at=later(hours=1)).status
        except DomainError:
            after = Status.SIGNING
        assert (after == Status.PERFORMING) == (done == set(SIGNERS) and not changed_after)
        assert Agreement.objects.filter(effective_on__isnull=False).exists() == (after == Status.PERFORMING)
        transaction.set_rollback(True)


def _put_under(case: Case, world: World, done: set[str]) -> None:
    agreement = case.current_agreement
    steps = {
        "resident": lambda: mediation.sign(agreement, party(case, Side.APPLICANT), how=PAPER, by=world.intake, at=NOW),
        "company": lambda: mediation.sign(agreement, party(case, Side.RESPONDENT), how=PAPER, by=world.intake, at=NOW),
        "mediator": lambda: mediation.sign_as_mediator(agreement, by=world.mediator, at=NOW),
        "seal": lambda: mediation.apply_seal(agreement, by=world.intake, at=NOW),
    }
    for name in sorted(done):
        steps[name]()


def test_a_varied_agreement_stays_in_force_until_the_new_one_does(world: World) -> None:
    from cases import services

    case = case_in(Status.PERFORMING, world)
    old = case.current_agreement
    for one in case.parties.all():
        services.record_consent(one, matter="VARIATION", given=True, how="SIGNED", by=world.intake, at=NOW)
    case = perform(case, "reopen_talks", by=world.mediator, at=later(1), reason="改为分期", cause="ALL_ASK")
    assert case.agreements.filter(voided_at=None, effective_on__isnull=False).get() == old
    assert set(case.deadlines.filter(state="RUNNING").values_list("clock", flat=True)) >= {"K8", "K9"}
    new = mediation.draft_text(case, by=world.mediator, at=later(1), **text(case, world))
    case = perform(case, "draft_agreement", by=world.mediator, at=later(1))
    sign_all(case, world, later(1))
    old.refresh_from_db()
    assert old.voided_at is None
    case = perform(case, "take_effect", by=world.mediator, at=later(1))
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.voided_at is not None
    assert new.effective_on == TODAY + timedelta(days=1)
    assert case.deadlines.filter(clock="K9", state="RUNNING").count() == 1


def test_talks_on_a_variation_that_fail_leave_what_was_agreed(world: World) -> None:
    from cases import services

    case = case_in(Status.PERFORMING, world)
    for one in case.parties.all():
        services.record_consent(one, matter="VARIATION", given=True, how="SIGNED", by=world.intake, at=NOW)
    case = perform(case, "reopen_talks", by=world.mediator, at=later(1), reason="改为分期", cause="ALL_ASK")
    case = perform(case, "fail", by=world.mediator, at=later(2), reason_code="E04", served_on=TODAY)
    assert (case.status, case.outcome) == (Status.FOLLOWUP, "SETTLED_WRITTEN")
    assert case.agreements.filter(voided_at=None, effective_on__isnull=False).count() == 1
    assert perform(case, "report_breach", by=world.follower, at=later(3), note="没有付").status == Status.PERFORMING


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("[[[1,1],[9,9]]]", "签名太短"),
        ("nonsense", "没有传过来"),
        ("[[[1]]]", "没有传过来"),
        ('[[["a",2]]]', "没有传过来"),
        ("[[[5000,2]]]", "没有传过来"),
        ("[" * 5000, "没有传过来"),
        ("[[" + ",".join(["[1,1]"] * 6001) + "]]", "太复杂"),
    ],
)
def test_what_is_no_signature_is_not_drawn(sent: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        read_strokes(sent)


def test_the_same_strokes_give_the_same_picture() -> None:
    assert read_strokes("") == []
    assert picture(read_strokes(STROKES)) == picture(read_strokes(STROKES))


def test_the_provider_is_a_setting() -> None:
    from mediation.signature_providers import provider

    assert isinstance(provider(), SmsCode)
    assert not Spent.objects.exists()
