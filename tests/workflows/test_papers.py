"""Every kind of document, made from a case that lawful steps brought there: whole, archived, kept, for whom it is."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pypdf import PdfReader

from accounts.errors import NotAllowedError
from audit.models import Entry
from cases.changes import CaseArchivedError
from cases.choices import Flag
from cases.models import Case, Party
from documents import engine, files
from documents.drafts import draft
from documents.errors import DocumentError
from documents.font import printable_sheet
from documents.kind import Audience
from documents.kinds import KINDS
from documents.models import Document
from documents.services import revoke as take_back
from mediation import services as mediation
from tests.cast import NOW, World
from tests.files import archive_errors
from tests.journeys import begun, case_in
from tests.journeys import draft as draft_case
from tests.papers import RECIPES, due_row
from workflows import papers
from workflows.actions import perform
from workflows.papers import making
from workflows.papers.ask import ONE_YEAR

pytestmark = pytest.mark.django_db
PHONE, ADDRESS = "13855106612", "翠湖花园3幢2单元502"
# Where the law or the form itself asks for more than a name: by the party, for the party, or for a body that may know.
SAYS_WHERE_THE_RESIDENT_LIVES = {"agreement", "agreement_draft", "oral_agreement_form"}


def text_of(body: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def test_every_kind_has_a_builder_and_a_case_in_the_tests() -> None:
    assert set(making.BUILDERS) == set(RECIPES) == set(KINDS)


def test_every_paper_of_the_table_is_a_document() -> None:
    titles = {str(title) for row in papers.PAPERS.values() for title in row}
    assert titles == set(papers.KIND_OF)
    assert set(papers.KIND_OF.values()) <= set(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_document_is_made_whole(world: World, kind: str) -> None:
    recipe, declared = RECIPES[kind], KINDS[kind]
    case = recipe.make(world)
    with transaction.atomic():
        if kind == "referral_letter":  # stands once under its number
            take_back(papers.documents_of(case).get(kind=kind), reason="错", by=world.director, at=NOW)
        row = papers.write(case, kind, by=world.director, at=NOW, typed=recipe.typed)
    body = files.pdf(row)
    assert (row.kind, row.issued_by, row.stands, row.pages) == (kind, world.director, True, row.pages)
    assert bool(row.number) == bool(declared.series) or kind == "referral_letter"
    assert engine.render(row.sheet, at=NOW).body == body

    assert archive_errors(body) == []
    strange = printable_sheet(row.sheet, lambda text: text + "𤧞😡\u202e\u200b")
    assert archive_errors(engine.render(strange, at=NOW).body) == []
    assert draft(strange).startswith(b"PK")
    reader = PdfReader(io.BytesIO(body))
    assert "/OutputIntents" in reader.trailer["/Root"]
    assert reader.xmp_metadata is not None
    assert (reader.xmp_metadata.pdfaid_part, reader.xmp_metadata.pdfaid_conformance) == ("2", "B")
    shown = text_of(body)
    if declared.layout in {"letter", "form"}:
        assert f"1 / {row.pages}" in shown
        assert row.sheet["title"] in shown.replace("\n", "")
    if declared.layout != "back" and kind != "dossier_contents":
        assert row.shown_code in shown
    if row.audience in {Audience.PARTIES, Audience.RESPONDENTS}:
        assert PHONE not in shown
        assert ADDRESS not in shown.replace(" ", "") or kind in SAYS_WHERE_THE_RESIDENT_LIVES
    assert draft(row.sheet).startswith(b"PK")
    assert Entry.objects.filter(head__subject_id=str(case.pk), action="issue_document").exists()


def test_filing_gives_application_and_receipt_at_once(world: World) -> None:
    case = case_in("SUBMITTED", world)
    rows = list(papers.documents_of(case))
    assert [(row.kind, row.stands) for row in rows] == [("mediation_application", True), ("receipt", True)]
    shown = text_of(files.pdf(rows[1]))
    assert "AH-2026-00001" in shown
    assert "2026 年 11 月 10 日" in shown or "2026年11月10日" in shown.replace(" ", "")


def test_filing_never_waits_for_paper(world: World) -> None:
    facts = "漏水花了人民币壹佰元整（¥200.00）"  # words and figures differ: no paper is made of it as it stands
    case = draft_case(world, facts=facts)
    case = perform(case, "submit", by=world.resident, at=NOW, data_notice=True)
    kinds = {row.kind: row.stands for row in papers.documents_of(case)}
    assert kinds == {"mediation_application": False, "receipt": True}
    with pytest.raises(DocumentError, match="大写金额“壹佰元整”"):
        papers.make(case, "mediation_application", by=world.intake, at=NOW)


def test_an_emoji_a_rare_surname_and_a_hidden_sign_stop_no_paper(world: World) -> None:
    case = draft_case(world, facts="漏水😡很久了，修好✔\ufe0f再付，电话\u202d138 0013 8000\u202c")
    case.parties.filter(side="APPLICANT").update(name="王𤧞")
    case = perform(case, "submit", by=world.resident, at=NOW, data_notice=True)
    rows = {row.kind: row for row in papers.documents_of(case)}
    assert {kind: row.stands for kind, row in rows.items()} == {"mediation_application": True, "receipt": True}
    application = text_of(files.pdf(rows["mediation_application"]))
    assert ("王𤧞" in application, "U+1F621" in application, "\u202d" in application) == (True, True, False)
    assert "王𤧞" in text_of(files.pdf(rows["receipt"]))


def test_a_right_that_ends_after_a_year_is_written_on_the_receipt(world: World) -> None:
    from cases.models import Category

    case = draft_case(world, category=Category.objects.get(code="1105"))
    case = perform(case, "submit", by=world.resident, at=NOW, data_notice=True)
    receipt = papers.documents_of(case).get(kind="receipt")
    assert receipt.data["one_year"] == ONE_YEAR
    assert ONE_YEAR in str(receipt.sheet["blocks"])


def recorded(world: World, **more: Any) -> Case:
    """A case in mediation with the whole record of its first session, signed in three ways."""
    case = case_in("MEDIATING", world)
    [resident, company] = case.parties.order_by("pk")
    session = begun(case, NOW)
    assert session is not None
    given: dict[str, Any] = {
        "presence": [
            mediation.Presence(part="AGENT", party=resident, name="张建军"),
            mediation.Presence(part="PARTY", party=company, came=False, reason="负责人出差"),
            mediation.Presence(part="INVITED", name="翠湖社区网格员王敏"),
        ],
        "statements": {resident: "外墙漏水三次，天花板发霉。", company: "已派人看过，愿意修。"},
        "rights_notice": "已逐条告知并询问是否申请回避，双方不申请。",
        "record": "双方看了现场照片，对修缮范围谈了两轮。",
        "facts_checked": "核对了报修记录和照片。",
        "risk_notice": "已告知调解不成可能的费用和时间。",
        "undisputed_facts": "2026年10月以来外墙三次渗水，主卧天花板发霉。",
        "outcome": "FAILED",
        "result": "赔偿数额没有谈拢",
        "why_not": "双方对衣柜损失相差六千元",
        "other_routes": "可以向蜀山区人民法院起诉",
        "recorder": "赵敏",
    }
    mediation.record_session(session, attendees="", by=world.mediator, at=NOW, **(given | more))
    session.refresh_from_db()
    sign = {"by": world.resident, "at": NOW}
    mediation.sign_record(session, resident, how="ONLINE", **sign)
    mediation.sign_record(session, company, how="REFUSED", words="等负责人回来", by=world.intake, at=NOW)
    return Case.objects.get(pk=case.pk)


SAID_AT_A_SESSION = [
    "申请人张桂兰（代理人张建军）", "被申请人绿洲物业服务有限公司没有到场，理由：负责人出差",
    "翠湖社区网格员王敏（邀请参加人）", "已逐条告知并询问是否申请回避", "申请人张桂兰：外墙漏水三次",
    "被申请人绿洲物业服务有限公司：已派人看过", "谈了两轮", "核对了报修记录", "另行记载，由各方单独签名",
    "主卧天花板发霉", "可能的费用", "没有达成一致", "赔偿数额没有谈拢", "双方对衣柜损失相差六千元",
    "可以向蜀山区人民法院起诉", "申请人张桂兰：2026年11月3日网上签名", "不愿签名：等负责人回来", "赵敏",
]  # fmt: skip


@pytest.mark.slow
def test_the_record_of_a_session_prints_everything_that_was_kept(world: World) -> None:
    case = recorded(world)
    row = papers.make(case, "session_record", by=world.mediator, at=NOW)
    shown = text_of(files.pdf(row)).replace("\n", "").replace(" ", "")
    assert [words for words in SAID_AT_A_SESSION if words not in shown] == []
    assert (row.pages, "2/2" in shown) == (2, True)
    last = PdfReader(io.BytesIO(files.pdf(row))).pages[-1].extract_text().replace("\n", "")
    assert "请各方核对以上记录" in last  # the seal is not alone on its page


@pytest.mark.slow
def test_the_undisputed_facts_show_the_signatures_under_exactly_this_text(world: World) -> None:
    case = recorded(world)
    resident = case.parties.get(side="APPLICANT")
    mediation.sign_record(case.undisputed_facts.get(), resident, how="ONLINE", by=world.resident, at=NOW)
    row = papers.make(case, "undisputed_facts", by=world.mediator, at=NOW)
    assert row.data["signatures"] == ["2026年11月3日网上签名", ""]
    assert "申请人张桂兰：2026年11月3日网上签名" in text_of(files.pdf(row)).replace("\n", "").replace(" ", "")
    mediation.write_facts(case, "2026年10月以来外墙两次渗水。", by=world.mediator, at=NOW)
    again = papers.make(Case.objects.get(pk=case.pk), "undisputed_facts", by=world.mediator, at=NOW)
    assert (again.data["undisputed"], again.data["signatures"]) == ("2026年10月以来外墙两次渗水。", ["", ""])


@pytest.mark.slow
def test_the_record_of_a_session_names_the_mediator_who_wrote_it(world: World) -> None:
    case = recorded(world)
    Case.objects.filter(pk=case.pk).update(mediator=world.second_mediator)
    row = papers.make(Case.objects.get(pk=case.pk), "session_record", by=world.director, at=NOW)
    assert row.data["mediator"] == "李明哲"


@pytest.mark.slow
def test_nothing_is_typed_into_the_record_of_a_session_that_was_not_signed(world: World) -> None:
    case = recorded(world, facts_checked="")
    typed = {"facts_checked": "后来补写的", "statements": "后来补写的", "conclusion": "达成一致"}
    row = papers.make(case, "session_record", by=world.mediator, at=NOW, typed=typed)
    assert "后来补写的" not in text_of(files.pdf(row))
    assert row.data["conclusion"] == "没有达成一致"


def rights_notices(case: Case) -> list[Document]:
    return list(papers.documents_of(case).filter(kind="rights_notice").order_by("pk"))


@pytest.mark.slow
def test_the_notice_of_rights_is_given_once_however_many_actions_call_for_it(world: World) -> None:
    case = case_in("MEDIATING", world)
    [given] = rights_notices(case)
    assert (given.action, given.stands) == ("invite", True)


@pytest.mark.slow
def test_the_notice_of_rights_once_given_is_given_again_only_for_somebody_new(world: World) -> None:
    case = case_in("ASSIGNED", world)
    start = {"rights_told": True, "identities_checked": True, "starts_at": NOW + timedelta(days=1), "place": "调解室一"}
    with transaction.atomic():
        perform(case, "start_mediation", by=world.mediator, at=NOW, **start)
        assert [row.stands for row in rights_notices(case)] == [True]
        transaction.set_rollback(True)
    Party.objects.create(case=case, side="THIRD_PARTY", kind="PERSON", name="王建国").consents.create(
        matter="MEDIATION", given=True, how="SIGNED", at=NOW
    )
    perform(Case.objects.get(pk=case.pk), "start_mediation", by=world.mediator, at=NOW, **start)
    assert [row.stands for row in rights_notices(case)] == [True, True]


def test_a_due_document_is_answered_by_the_one_that_is_made(world: World) -> None:
    case = case_in("INVITING", world)
    due = due_row(case, "acceptance_notice")
    made = papers.make(
        case,
        "acceptance_notice",
        by=world.intake,
        at=NOW,
        typed={"mediate_by": "2026年12月3日", "accepted": "2026年11月3日"},
    )
    assert made.pk == due.pk
    assert not papers.documents_of(case).filter(kind="acceptance_notice", issued_at__isnull=True).exists()


def test_what_the_case_does_not_know_is_asked_by_name(world: World) -> None:
    case = case_in("MEDIATING", world)
    with pytest.raises(DocumentError) as refused:
        papers.make(case, "mediation_proposal", by=world.mediator, at=NOW)
    assert str(refused.value) == "《调解建议书》还缺：建议内容。请先补上，再制发。"
    row = papers.make(case, "mediation_proposal", by=world.mediator, at=NOW, typed={"terms": "修好外墙\n\n赔偿损失"})
    assert row.data["terms"] == ["修好外墙", "赔偿损失"]


def test_what_the_case_knows_is_not_typed_over(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW, typed={"place": "别处", "mediator": "某人"})
    assert (row.data["place"], row.data["mediator"]) == ("调解室一", "李明哲")


def test_nothing_to_write_about_is_said(world: World) -> None:
    with pytest.raises(DocumentError, match="还没有可以写进《司法确认申请书》的内容"):
        papers.make(case_in("MEDIATING", world), "confirmation_application", by=world.mediator, at=NOW)


def test_a_confidential_complaint_hides_who_complains(world: World) -> None:
    case = case_in("ANSWERING", world, track="COMPLAINT", facts="我是张桂兰，电话13855106612，外墙漏水。")
    Case.objects.filter(pk=case.pk).update(flags=[Flag.CONFIDENTIAL])
    case.refresh_from_db()
    row = papers.make(case, "forwarding_slip", by=world.intake, at=NOW)
    assert (row.data["complainant"], PHONE in str(row.sheet)) == ("", False)


@pytest.mark.slow
def test_a_case_of_the_committee_of_mediators_says_people(world: World) -> None:
    world.centre.nature = "PMC"
    world.centre.save()
    case = case_in("PERFORMING", world)
    row = papers.make(case, "agreement", by=world.mediator, at=NOW)
    assert (row.title, row.sheet["title"]) == ("人民调解协议书", "人民调解协议书")
    assert "人民调解委员会印章" in text_of(files.pdf(row))


# --- who may ------------------------------------------------------------------------------------------------------


def traces(case: Case) -> Any:
    return Document.objects.count(), Entry.objects.filter(head__subject_id=str(case.pk)).count()


def test_nobody_else_issues_or_takes_back(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    before = traces(case)
    people = world.people()
    for name, user in people.items():
        if name not in {"intake", "second_intake", "mediator", "director", "second_director", "follower", "archivist"}:
            with pytest.raises(NotAllowedError):
                papers.make(case, "session_notice", by=user, at=NOW)
        if name not in {"intake", "second_intake", "director", "second_director"}:
            with pytest.raises(NotAllowedError):
                papers.revoke(row, case, reason="错", by=user, at=NOW)
            with pytest.raises(NotAllowedError):
                papers.replace(row, case, reason="错", by=user, at=NOW)
    assert traces(case) == before
    row.refresh_from_db()
    assert row.stands


def test_an_archived_case_gets_no_more_paper(world: World) -> None:
    case = case_in("CLOSED", world)
    Case.objects.filter(pk=case.pk).update(status="ARCHIVED")
    with pytest.raises(CaseArchivedError):
        papers.make(case, "closing_report", by=world.archivist, at=NOW)


def test_a_document_of_another_case_is_not_touched_through_this_one(world: World) -> None:
    one, other = case_in("MEDIATING", world), case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    row = papers.make(one, "session_notice", by=world.mediator, at=NOW)
    with pytest.raises(DocumentError, match="不属于本案"):
        papers.revoke(row, other, reason="错", by=world.director, at=NOW)
    assert not papers.may_read(row, other, world.director)


def test_each_reads_what_is_meant_for_the_own_side(world: World) -> None:
    case = case_in("MEDIATING", world)
    company = Party.objects.get(case=case, side="RESPONDENT")
    papers.make(case, "address_confirmation", by=world.intake, at=NOW, about=company)
    case = Case.objects.get(pk=case.pk)

    def kinds(user: Any) -> set[str]:
        return {row.kind for row in papers.readable(case, user)}

    both = {"acceptance_notice", "assignment_notice", "disclosure_statement", "rights_notice", "session_notice"}
    assert kinds(world.resident) == {"mediation_application", "receipt", *both}
    assert kinds(world.company_user) == {"invitation_letter", "address_confirmation", *both}
    for nobody in (world.stranger, world.competitor_user, world.second_mediator, world.regulator, world.other_intake):
        assert kinds(nobody) == set()
    assert {"acceptance_form", "mediation_application"} <= kinds(world.mediator)


def test_telephones_and_addresses_are_for_staff_who_need_them(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.documents_of(case).get(kind="mediation_application")
    may = {name for name, user in world.people().items() if papers.may_read(row, case, user)}
    staff = {"intake", "second_intake", "mediator", "director", "second_director", "follower", "legal", "archivist"}
    assert may == staff | {"resident"}
    assert [one for one in papers.readable(case, world.supervisor) if one.pk == row.pk] == []


def test_the_other_side_reads_nothing_before_it_is_told(world: World) -> None:
    case = case_in("SUBMITTED", world)
    assert papers.readable(case, world.company_user) == []


# --- replacing ----------------------------------------------------------------------------------------------------


def test_a_replaced_document_names_its_successor(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    fresh = papers.replace(row, case, reason="地点写错", by=world.director, at=NOW)
    row.refresh_from_db()
    assert (row.stands, row.replaced_by, row.revoke_reason) == (False, fresh, "地点写错")
    assert (fresh.stands, fresh.number) == (True, "皖物调通字〔2026〕第0003号")
    assert fresh.code != row.code


def test_a_replacement_that_fails_leaves_the_old_one_standing(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "mediation_proposal", by=world.mediator, at=NOW, typed={"terms": "修好外墙"})
    with pytest.raises(DocumentError, match="还缺：建议内容"):
        papers.replace(row, case, reason="改内容", by=world.director, at=NOW)
    row.refresh_from_db()
    assert row.stands
    fresh = papers.replace(row, case, reason="改内容", by=world.director, at=NOW, typed={"terms": "修好外墙并赔偿"})
    assert fresh.data["terms"] == ["修好外墙并赔偿"]
