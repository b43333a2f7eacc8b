"""What papers print is what was recorded: each sentence that once said more has its test here."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from accounts.models import Centre, User
from cases import limitation, services, serving
from cases.choices import ConsentHow, ConsentMatter, Side, Status
from cases.evidence import add_evidence
from cases.models import Case, Party
from cases.services import FilingError
from mediation import services as mediation
from mediation.models import Session
from tests import moves, papers
from tests.cast import NOW, World
from tests.journeys import begun, case_in, party
from workflows import papers as making
from workflows.actions import perform

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def words(case: Case, kind: str, by: User, typed: dict[str, str] | None = None) -> str:
    """Everything that stands on a paper, in one text."""
    case = Case.objects.get(pk=case.pk)
    made = making.documents_of(case).filter(kind=kind, revoked_at__isnull=True, issued_at__isnull=False).last()
    if made is not None:
        row = making.replace(made, case, reason="再看一遍", by=by, at=NOW, typed=typed or {})
    else:
        row = making.make(case, kind, by=by, at=NOW, typed=typed or {})
    return str(row.sheet["blocks"])


def test_one_tick_claims_neither_a_kind_of_paper_nor_a_copy(world: World) -> None:
    case = case_in(Status.ASSIGNED, world)
    one = party(case, Side.APPLICANT)
    services.check_identity(one, by=world.mediator, at=NOW)
    paper = words(case, "identity_proof", world.intake)
    for claim in ("居民身份证", "营业执照", "复印件附后", "附身份证"):
        assert claim not in paper
    assert "没有记录" in paper
    assert "没有留存" in paper
    assert "尚未核对" in paper  # the other side


def test_an_identity_proof_names_the_paper_who_looked_and_the_copy_that_was_kept(world: World) -> None:
    case = case_in(Status.ASSIGNED, world)
    one = party(case, Side.APPLICANT)
    copy = add_evidence(case, SimpleUploadedFile("身份证.pdf", PDF), by=world.mediator, at=NOW, sensitive=True)
    services.check_identity(one, by=world.mediator, at=NOW, paper="ID_CARD", copy=copy)
    paper = words(case, "identity_proof", world.intake)
    assert "居民身份证" in paper
    assert "李明哲" in paper
    assert f"证据材料第{copy.number}号" in paper
    foreign = add_evidence(
        case_in(Status.SUBMITTED, world, title="别的事"), SimpleUploadedFile("x.pdf", PDF), by=world.intake, at=NOW
    )
    with pytest.raises(FilingError, match="先上传到本案"):
        services.check_identity(one, by=world.mediator, at=NOW, paper="ID_CARD", copy=foreign)


@pytest.mark.parametrize("reviewer", ["director", "second_director"])
def test_a_review_names_somebody_else_only_where_it_was_somebody_else(world: World, reviewer: str) -> None:
    case = moves.rejected(world)
    first = case.endings.get().by
    case = perform(case, "review_rejection", by=getattr(world, reviewer), at=NOW, reason="原决定有误")
    paper = words(case, "review_decision", world.intake)
    assert "另行指定" not in paper
    if first == getattr(world, reviewer):
        assert "本中心已复核。" in paper
    else:
        assert f"已由{getattr(world, reviewer)}复核，作出原决定的人员没有参加" in paper


@pytest.mark.parametrize("nature", [Centre.Nature.INDUSTRY, Centre.Nature.PMC])
def test_a_termination_says_of_the_limitation_period_what_the_pages_say(world: World, nature: str) -> None:
    Centre.objects.filter(pk=world.centre.pk).update(nature=nature)
    case = Case.objects.get(pk=papers.RECIPES["termination_notice"].make(world).pk)
    paper = words(case, "termination_notice", world.intake)
    with override("zh-hans"):
        assert limitation.interruption(case) in paper
    assert "调解终止之日起诉讼时效重新计算" not in paper
    assert ("由法院认定" in paper) == (nature == Centre.Nature.INDUSTRY)


def plain_record(world: World, **more: Any) -> Case:
    case = case_in(Status.MEDIATING, world)
    session = begun(case, NOW)
    assert session is not None
    given = {"attendees": "", "record": "各自陈述。", "result": "再谈", "by": world.mediator, "at": NOW} | more
    mediation.record_session(session, **given)
    return case


def test_a_record_says_that_rights_were_told_only_where_that_is_recorded(world: World) -> None:
    case = plain_record(world)
    Party.objects.filter(case=case).update(rights_told_at=None, rights_told_how="")
    paper = words(case, "session_record", world.mediator)
    for claim in ("已向各方告知", "询问是否申请回避", "已给各方看过"):
        assert claim not in paper
    assert "没有记录" in paper


def test_a_record_names_whom_rights_were_told_before(world: World) -> None:
    paper = words(plain_record(world), "session_record", world.mediator)
    assert "申请人张桂兰于2026年11月3日被告知权利义务" in paper


def test_facts_are_confirmed_by_all_only_once_all_have_signed(world: World) -> None:
    case = plain_record(world, undisputed_facts="外墙渗水。")
    perform(case, "fail", by=world.mediator, at=NOW, reason_code="E04", reason_text="差距过大")
    assert "各方签名确认的无争议事实另附" not in words(case, "termination_notice", world.intake)


def test_facts_that_all_have_signed_are_named_so(world: World) -> None:
    case = plain_record(world, undisputed_facts="外墙渗水。")
    facts = case.undisputed_facts.get()
    mediation.sign_record(facts, party(case, Side.APPLICANT), how="PAPER", by=world.intake, at=NOW)
    mediation.sign_record(facts, party(case, Side.RESPONDENT), how="PAPER", by=world.intake, at=NOW)
    perform(case, "fail", by=world.mediator, at=NOW, reason_code="E04", reason_text="差距过大")
    assert "各方签名确认的无争议事实另附" in words(case, "termination_notice", world.intake)


def test_an_account_is_no_agreement_to_be_served_online(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    one = party(case, Side.RESPONDENT)
    assert one.reachable_online
    row = making.make(case, "address_confirmation", by=world.intake, at=NOW, about=one)
    assert [tick["on"] for block in row.sheet["blocks"] if block["t"] == "ticks" for tick in block["rows"]] == [
        False, False, False,
    ]  # fmt: skip
    serving.confirm_address(
        one, ways=["SITE", "POST"], how=ConsentHow.ONLINE, address="合肥市望江路1号", by=world.company_user, at=NOW
    )
    row = making.make(case, "address_confirmation", by=world.intake, at=NOW, about=one)
    assert [tick["on"] for block in row.sheet["blocks"] if block["t"] == "ticks" for tick in block["rows"]] == [
        True, True, False,
    ]  # fmt: skip
    assert "合肥市望江路1号" in str(row.sheet["blocks"])


def test_nothing_is_enclosed_that_nobody_named(world: World) -> None:
    case = papers.RECIPES["referral_letter"].make(world)
    assert "随函附送" not in words(case, "referral_letter", world.intake)


def test_what_is_enclosed_is_named(world: World) -> None:
    case = papers.RECIPES["referral_letter"].make(world)
    assert "照片三张" in words(case, "referral_letter", world.intake, {"attached": "照片三张"})


def test_a_delegation_claims_the_consent_of_all_only_where_all_gave_it(world: World) -> None:
    case = case_in(Status.ACCEPTED, world)
    typed = papers.RECIPES["delegation_letter"].typed
    assert "经各方当事人同意" not in words(case, "delegation_letter", world.intake, typed)
    for one in case.parties.all():
        services.record_consent(one, matter=ConsentMatter.SHARE, given=True, how="SIGNED", by=world.intake, at=NOW)
    assert "经各方当事人同意" in words(case, "delegation_letter", world.intake, typed)


def test_a_proof_of_performance_encloses_nothing_by_itself(world: World) -> None:
    case = papers.RECIPES["performance_proof"].make(world)
    assert "附后" not in words(case, "performance_proof", world.intake)


def test_a_decision_on_a_challenge_says_what_happened(world: World) -> None:
    case = papers.RECIPES["recusal_decision"].make(world)
    paper = words(case, "recusal_decision", world.director)
    assert "以外的人作出" in paper
    case.challenges.update(decided_by=None, party=None, decision="HONOURED")
    paper = words(case, "recusal_decision", world.director)
    assert "以外的人作出" not in paper
    assert "您" not in paper.split("回避申请")[0]


def test_resuming_claims_no_reason_that_nobody_gave(world: World) -> None:
    case = papers.RECIPES["resumption_notice"].make(world)
    assert "原因已经消除" not in words(case, "resumption_notice", world.director)


def test_an_approval_is_ticked_only_where_it_was_given(world: World) -> None:
    case = papers.RECIPES["remediation_approval"].make(world)
    row = making.make(case, "remediation_approval", by=world.director, at=NOW)
    ticks = [tick["on"] for block in row.sheet["blocks"] if block["t"] == "ticks" for tick in block["rows"]]
    assert ticks == [True, False]
    assert Session.objects.filter(case=case).exists()
