"""The pages of documents: what staff issue with one click, what parties read, what is refused."""

import io
from typing import Any

import pytest
import time_machine
from docx import Document as WordFile

from audit.models import Entry
from cases.models import Case, Service
from documents.files import make_files, pdf
from documents.models import Document
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.papers import due_row
from tests.web.pages import address, browser, hidden, text_of, traces
from workflows import papers
from workflows.papers import serving as delivery

pytestmark = pytest.mark.django_db


def looks(case: Case) -> list[Any]:
    entries = Entry.objects.filter(head__subject_id=str(case.pk), action="read_document").order_by("pk")
    return [(entry.actor.username, entry.after["what"]) for entry in entries]


def test_staff_issue_what_is_due_with_one_click(world: World) -> None:
    case = case_in("INVITING", world)
    due_row(case, "invitation_letter")
    client = browser(world.intake)
    page = client.get(address(case, "documents/"))
    assert "请在2026年11月6日" in text_of(page) or "前制发" in text_of(page)
    [row] = [one for one in page.context["due"] if one["title"] == "征询意见函"]
    answer = client.post(row["issue_url"], {"key": row["key"], "due": row["due"]})
    assert (answer.status_code, answer["Location"]) == (302, address(case, "documents/"))
    made = Document.objects.get(pk=row["due"])
    assert (made.number, made.stands) == ("皖物调询字〔2026〕第0002号", True)
    again = client.post(row["issue_url"], {"key": row["key"], "due": row["due"]})
    assert again.status_code == 302
    assert Document.objects.filter(kind="invitation_letter").count() == 2


def test_one_button_issues_and_serves_everything_that_is_due(world: World) -> None:
    case = case_in("MEDIATING", world)
    for kind in ("acceptance_notice", "assignment_notice", "mediation_proposal"):
        due_row(case, kind)
    client = browser(world.intake)
    page = client.get(address(case, "documents/"))
    assert "全部制发" in text_of(page)
    assert "《调解建议书》还缺：建议内容" in text_of(page)
    key = page.context["key"]
    answer = client.post(address(case, "documents/issue-all/"), {"key": key}, follow=True)
    assert "已制发2份文书" in text_of(answer)
    assert "还有1份不能制发" in text_of(answer)
    assert [one["title"] for one in answer.context["due"]] == ["调解建议书"]
    assert client.post(address(case, "documents/issue-all/"), {"key": key}).status_code == 302
    assert Document.objects.filter(kind="acceptance_notice", issued_at__isnull=False).count() == 2
    assert Service.objects.filter(document__kind="assignment_notice", kind="document_served").count() == 2
    assert client.get(address(case, "documents/issue-all/")).status_code == 404
    assert browser(world.resident).post(address(case, "documents/issue-all/"), {"key": ""}).status_code == 404


def test_both_sides_see_an_issued_paper_at_once_and_that_its_file_is_being_made(world: World) -> None:
    case = case_in("INVITING", world)
    with time_machine.travel(NOW, tick=False):
        for user in (world.resident, world.company_user, world.intake):
            page = browser(user).get(address(case, "documents/"))
            assert "权利义务告知书" in text_of(page)
            assert "正在生成" in text_of(page)
            assert 'hx-trigger="load delay:3s"' in page.content.decode()
    make_files(NOW, limit=50)
    page = browser(world.company_user).get(address(case, "documents/"))
    assert "正在生成" not in text_of(page)
    assert "hx-trigger" not in page.content.decode()


def test_staff_see_whom_a_paper_reached(world: World) -> None:
    case = case_in("ACCEPTED", world)
    own = Service.objects.get(case=case, document__kind="acceptance_notice", party__side="APPLICANT")
    delivery.confirm_receipt(own, by=world.resident, at=NOW)
    page = browser(world.intake).get(address(case, "documents/"))
    [row] = [one for one in page.context["issued"] if one["row"].kind == "acceptance_notice"]
    assert ["送达" in words for words in row["served"]] == [True, True]
    assert [words.endswith("还没有送达的证明") for words in row["served"]] == [False, True]
    assert "送达的证明" not in text_of(browser(world.resident).get(address(case, "documents/")))


def test_what_the_dossier_lacks_is_waived_with_a_reason_on_a_page(world: World) -> None:
    case = case_in("CLOSED", world)
    client = browser(world.archivist)
    url = address(case, "documents/waive/evidence_list/")
    assert client.post(url, hidden(client.get(url)) | {"reason": " "}).status_code == 422
    assert client.post(url, hidden(client.get(url)) | {"reason": "当事人没有交材料"}).status_code == 302
    row = Document.objects.get(kind="evidence_list", dropped_at__isnull=False)
    assert (row.dropped_reason, row.dropped_by) == ("当事人没有交材料", world.archivist)
    assert "当事人没有交材料" in text_of(client.get(address(case, "dossier/")))
    assert browser(world.resident).get(url).status_code == 404


def test_what_is_missing_is_asked_and_what_was_typed_is_kept(world: World) -> None:
    case = case_in("MEDIATING", world)
    client = browser(world.mediator)
    url = address(case, "documents/new/mediation_proposal/")
    page = client.get(url)
    assert page.status_code == 200
    form = hidden(page)
    refused = client.post(url, form | {"terms": "", "issues": "渗水的原因"})
    assert refused.status_code == 422
    assert "渗水的原因" in text_of(refused)
    refused = client.post(url, form | {"terms": "赔偿壹万元（¥1,000.00）", "issues": "渗水的原因"})
    assert refused.status_code == 422
    assert "大写金额“壹万元”和小写金额“1,000.00”不一致" in text_of(refused)
    assert "渗水的原因" in text_of(refused)
    assert client.post(url, form | {"terms": "修好外墙\n赔偿损失", "issues": ""}).status_code == 302
    assert Document.objects.get(kind="mediation_proposal").data["terms"] == ["修好外墙", "赔偿损失"]


def test_the_form_does_not_say_where_people_live(world: World) -> None:
    case = case_in("MEDIATING", world)
    for kind in ("address_confirmation", "referral_letter", "delegation_letter", "service_receipt"):
        page = text_of(browser(world.intake).get(address(case, f"documents/new/{kind}/")))
        assert "13855106612" not in page
        assert "3幢2单元502" not in page


def test_a_document_opens_as_pdf_and_staff_leave_a_trace(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    url = address(case, f"documents/{row.pk}.pdf")
    answer = browser(world.intake).get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer.content == pdf(Document.objects.get(pk=row.pk))
    assert "no-store" in answer["Cache-Control"]
    assert looks(case) == [("intake", "pdf")]
    assert browser(world.resident).get(url).content == answer.content
    assert looks(case) == [("intake", "pdf")]
    assert browser(world.resident).get(url + "?download=1")["Content-Disposition"].startswith("attachment")


def test_parties_see_what_is_for_them_and_nothing_to_do(world: World) -> None:
    case = case_in("MEDIATING", world)
    kept = papers.make(case, "acceptance_form", by=world.intake, at=NOW)
    papers.make(case, "session_notice", by=world.mediator, at=NOW)
    for user in (world.resident, world.company_user):
        client = browser(user)
        shown = text_of(client.get(address(case, "documents/")))
        assert "调解通知书" in shown
        assert "受理登记表" not in shown
        for word in ("应制发", "作废", "docx", "另外制作"):
            assert word not in shown
        assert client.get(address(case, f"documents/{kept.pk}.pdf")).status_code == 404
        for rest in ("new/session_notice/", f"{kept.pk}/revoke/", f"{kept.pk}.docx", "draft/agreement.docx", "new/"):
            assert client.get(address(case, f"documents/{rest}")).status_code == 404
    company = text_of(browser(world.company_user).get(address(case, "documents/")))
    assert "申请书" not in company


def test_strangers_find_nothing(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    before = traces(case)
    for user in (world.stranger, world.competitor_user, world.other_intake, world.second_mediator, world.regulator):
        for rest in ("", "new/", "new/session_notice/", f"{row.pk}.pdf", f"{row.pk}.docx", f"{row.pk}/revoke/"):
            assert browser(user).get(address(case, f"documents/{rest}")).status_code == 404
        assert browser(user).post(address(case, f"documents/{row.pk}/revoke/"), {"reason": "错"}).status_code == 404
    assert browser(None).get(address(case, f"documents/{row.pk}.pdf")).status_code == 302
    assert traces(case) == before


def test_a_document_is_not_found_under_another_case(world: World) -> None:
    case = case_in("MEDIATING", world)
    other = case_in("SUBMITTED", world, estate=world.other_estate, title="另一件事")
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    assert browser(world.intake).get(address(other, f"documents/{row.pk}.pdf")).status_code == 404


def test_revoking_is_for_those_who_hold_the_seal(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    url = address(case, f"documents/{row.pk}/revoke/")
    for user in (world.mediator, world.follower, world.archivist, world.legal):
        assert browser(user).get(url).status_code == 404
        assert browser(user).post(url, {"reason": "错"}).status_code == 404
    client = browser(world.director)
    page = client.get(url)
    assert client.post(url, hidden(page) | {"reason": ""}).status_code == 422
    assert client.post(url, hidden(page) | {"reason": "日期写错"}).status_code == 302
    row.refresh_from_db()
    assert (row.stands, row.revoked_by) == (False, world.director)
    assert client.post(url, {"reason": "再来", "key": "x" * 32}).status_code == 422
    assert "已作废" in text_of(browser(world.resident).get(address(case, "documents/")))


def test_a_new_one_takes_the_place_of_a_wrong_one(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "mediation_proposal", by=world.mediator, at=NOW, typed={"terms": "修好外墙"})
    url = address(case, f"documents/new/mediation_proposal/?replaces={row.pk}")
    client = browser(world.director)
    page = client.get(url)
    assert page.context["form"]["terms"].value() == "修好外墙"
    answer = client.post(url, hidden(page) | {"terms": "修好外墙并赔偿", "reason": "漏写一项", "issues": ""})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.stands, row.replaced_by.data["terms"]) == (False, ["修好外墙并赔偿"])


def test_a_due_document_may_be_left_out_with_a_reason(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = due_row(case, "assignment_notice")
    url, client = address(case, f"documents/{row.pk}/drop/"), browser(world.intake)
    page = client.get(url)
    assert client.post(url, hidden(page) | {"reason": "已当面告知"}).status_code == 302
    row.refresh_from_db()
    assert (row.is_due, row.dropped_by) == (False, world.intake)
    assert "已当面告知" in text_of(client.get(address(case, "documents/")))


def test_seal_and_signatures_are_noted(world: World) -> None:
    case = case_in("MEDIATING", world)
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    url, client = address(case, f"documents/{row.pk}/mark/"), browser(world.intake)
    page = client.get(url)
    assert client.post(url, hidden(page) | {"what": ["sealed"]}).status_code == 302
    row.refresh_from_db()
    assert (row.sealed_by, row.signed_at) == (world.intake, None)


def test_drafts_are_word_files_with_blanks(world: World) -> None:
    case = case_in("MEDIATING", world)
    answer = browser(world.mediator).get(address(case, "documents/draft/mediation_proposal.docx"))
    assert answer.status_code == 200
    shown = "\n".join(p.text for p in WordFile(io.BytesIO(answer.content)).paragraphs)
    assert "1. ＿＿＿＿＿＿" in shown
    assert "外墙渗水损坏天花板" in shown
    assert looks(case) == [("mediator", "draft")]
    assert browser(world.mediator).get(address(case, "documents/draft/invented.docx")).status_code == 404
    nothing = browser(world.mediator).get(address(case, "documents/draft/agreement.docx"))
    assert nothing.status_code == 422


def test_the_list_asks_the_same_queries_for_few_and_many(
    world: World, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    case = case_in("MEDIATING", world)
    client, url = browser(world.intake), address(case, "documents/")
    client.get(url)
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for _i in range(8):
        papers.make(case, "session_notice", by=world.mediator, at=NOW)
    with django_assert_num_queries(len(few)):
        client.get(url)
