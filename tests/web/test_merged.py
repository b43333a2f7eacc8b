"""A merged case loses nobody: each page leads to the other, the applicant follows the lead's stage and outcome."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from audit.selectors import history
from cases import services
from cases.choices import Outcome, Status
from cases.models import Case, Party
from cases.passes import issue_pass
from cases.related import lead_of, merged_into
from documents.sheet import texts_in
from mediation import party_desk
from mediation import services as mediation
from notifications.models import Kind, Notice
from tests.cast import NOW, World
from tests.journeys import MAIN, case_in, party, submitted
from tests.web.pages import address, browser, send, text_of
from workflows import papers
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def merged(world: World, source: str = Status.SUBMITTED) -> tuple[Case, Case]:
    """A lead of somebody else, and the resident's case that was merged into it by a page."""
    lead = submitted(world, by=world.intake)
    Party.objects.filter(case=lead, side="APPLICANT").update(name="王建国", phone="", phone_index="")
    own = case_in(source, world)
    assert send(world.intake, own, "merge/", {"lead_number": lead.number}).status_code == 302
    return fresh(lead), fresh(own)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def go_on(lead: Case, world: World, until: str) -> Case:
    names = [status for status, _step in MAIN]
    first = names.index(Status(lead.status)) + 1 if lead.status in names else 0
    for _status, step in MAIN[first : names.index(Status(until)) + 1]:
        lead = step(lead, world, NOW)
    return lead


def guest_of(case: Case, world: World) -> Client:
    """Somebody who opens the page of a case by its pass."""
    code = issue_pass(party(case, "APPLICANT"), by=world.intake, at=NOW)
    client = Client()
    answer = client.post("/pass/", {"code": code})
    assert answer.status_code == 302
    assert answer["Location"] == case.get_absolute_url()
    return client


def test_both_pages_lead_to_each_other_for_staff(world: World) -> None:
    lead, own = merged(world)
    staff = browser(world.intake)
    for here, there in ((lead, own), (own, lead)):
        assert f'href="/cases/{there.number}/"' in text_of(staff.get(address(here)))


def test_both_journals_say_it_and_name_the_other(world: World) -> None:
    lead, own = merged(world)
    assert history(own.subject).get(action="merge").after["lead"] == lead.number
    taken = history(lead.subject).get(action="take_in")
    assert (taken.after, taken.actor) == ({"number": own.number}, world.intake)
    assert "有一件事项并入本案" in text_of(browser(world.intake).get(address(lead, "history/")))
    assert own.number in text_of(browser(world.intake).get(address(lead, "history/")))
    assert lead.number in text_of(browser(world.intake).get(address(own, "history/")))


@pytest.mark.parametrize(
    "until", [Status.INVITING, Status.MEDIATING, Status.PERFORMING, Status.CLOSED, Status.ARCHIVED]
)
def test_the_merged_applicant_follows_stage_and_outcome_by_account_and_by_pass(world: World, until: str) -> None:
    lead, own = merged(world)
    lead = go_on(lead, world, until)
    for reader in (browser(world.resident), guest_of(own, world)):
        page = reader.get(address(own))
        assert page.status_code == 200
        shown = text_of(page)
        assert f"这件事已并入登记号{lead.number}的案件一起办理。那件案件现在：{lead.get_status_display()}" in shown
        assert (lead.get_outcome_display() in shown) or not lead.outcome
        assert f'href="/cases/{lead.number}/"' not in shown
        for area in ("", "agreement/", "rooms/", "offers/", "sessions/", "documents/", "promises/", "confirmation/"):
            assert reader.get(address(lead, area)).status_code == 404, area
    mine = text_of(browser(world.resident).get("/my/"))
    assert f"已并入登记号{lead.number}的案件一起办理：{lead.get_status_display()}" in mine


def test_nothing_of_the_lead_but_its_stage_is_on_the_page_of_the_merged(world: World) -> None:
    lead = submitted(world, by=world.intake, title="主案的事由绝密", facts="主案的事实绝密", requests="主案的请求绝密")
    Party.objects.filter(case=lead, side="APPLICANT").update(name="王绝密", phone="", phone_index="")
    own = case_in(Status.SUBMITTED, world)
    send(world.intake, own, "merge/", {"lead_number": lead.number})
    go_on(fresh(lead), world, Status.MEDIATING)
    services.write_message(fresh(lead), body="主案的话绝密", room="JOINT", by=world.mediator, at=NOW)
    for reader in (browser(world.resident), guest_of(own, world)):
        for rest in ("", "documents/", "service/"):
            shown = text_of(reader.get(address(own, rest)))
            assert "绝密" not in shown, shown[max(0, shown.find("绝密") - 300) :][:400]
    assert "绝密" not in text_of(browser(world.resident).get("/my/"))
    assert "绝密" not in text_of(browser(world.resident).get("/notices/"))


def test_an_archived_merged_case_still_shows_where_it_went(world: World) -> None:
    lead, own = merged(world)
    own = perform(own, "archive", by=world.archivist, at=NOW, retention="YEARS_10")
    lead = go_on(lead, world, Status.MEDIATING)
    page = browser(world.resident).get(address(own))
    assert page.status_code == 200
    assert f"那件案件现在：{lead.get_status_display()}" in text_of(page)
    assert fresh(own).revision == own.revision  # nothing of an archived case changes


def test_each_move_of_the_lead_is_told_to_the_merged_applicant_and_leads_to_the_own_page(world: World) -> None:
    lead, own = merged(world)
    assert Notice.objects.filter(recipient=world.resident, kind=Kind.MERGED).count() == 1
    Notice.objects.all().delete()
    go_on(lead, world, Status.ACCEPTED)
    told = list(Notice.objects.filter(recipient=world.resident))
    assert {(row.kind, row.url, row.params["number"]) for row in told} == {
        (Kind.LEAD_MOVED, own.get_absolute_url(), own.number)
    }
    assert len(told) == 2  # invited, accepted
    perform(fresh(lead), "withdraw", by=world.intake, at=NOW, reason="申请人书面撤回")
    assert Notice.objects.filter(recipient=world.resident, kind=Kind.LEAD_MOVED).count() == 3


def test_the_company_is_told_and_nothing_of_the_merged_waits_for_it(world: World) -> None:
    lead, own = merged(world, Status.ACCEPTED)
    assert Notice.objects.filter(recipient=world.company_user, kind=Kind.MERGED, url=own.get_absolute_url()).exists()
    assert [one.case.pk for one in party_desk.waiting_for(world.company_user, at=NOW) if one.case.pk == own.pk] == []
    assert own not in party_desk.running(world.company_user)
    shown = text_of(browser(world.company_user).get(address(own)))
    assert lead.number in shown
    assert f'href="/cases/{lead.number}/"' not in shown  # it has not been told of the lead yet
    lead = go_on(lead, world, Status.INVITING)
    assert f'href="/cases/{lead.number}/"' in text_of(browser(world.company_user).get(address(own)))
    assert f'href="/cases/{own.number}/"' in text_of(browser(world.company_user).get(address(lead)))


def test_nobody_is_asked_to_judge_a_case_that_only_went_elsewhere(world: World) -> None:
    _lead, own = merged(world)
    assert (own.outcome, mediation.survey_open(own)) == (Outcome.MERGED, False)
    assert "评价处理结果" not in text_of(browser(world.resident).get(address(own)))


def test_a_lead_that_is_merged_itself_takes_everybody_along(world: World) -> None:
    lead, own = merged(world)
    last = submitted(world, by=world.intake)
    perform(lead, "merge", by=world.intake, at=NOW, lead_number=last.number)
    assert lead_of(fresh(own)) == last
    assert [row.pk for row in merged_into(last)] == sorted([lead.pk, own.pk])
    assert f"登记号{last.number}的案件" in text_of(browser(world.resident).get(address(own)))
    Notice.objects.all().delete()
    perform(fresh(last), "invite", by=world.intake, at=NOW)
    assert Notice.objects.filter(recipient=world.resident, url=own.get_absolute_url()).count() == 1


def paper(case: Case, kind: str, world: World) -> str:
    row = papers.make(case, kind, by=world.director, at=NOW)
    return "".join(text for _name, text in texts_in(row.sheet["blocks"]))


def test_the_notice_promises_what_is_so_and_the_papers_of_both_name_the_other(world: World) -> None:
    lead, own = merged(world)
    said = paper(own, "merge_notice", world)
    assert "您仍是当事人之一" not in said
    assert "退出并案" not in said
    for words in (
        f"登记号{lead.number}",
        f"在登记号{own.number}的页面上",
        "您不是主案的当事人",
        "办到哪一步和办理结果",
    ):
        assert words in said
    lead = go_on(lead, world, Status.CLOSED)
    assert f"并入本案的案件：{own.number}。" in paper(lead, "closing_report", world)


def test_the_form_and_the_page_say_it_in_english_too(world: World) -> None:
    lead, own = merged(world)
    client: Any = browser(world.resident)
    client.cookies["django_language"] = "en"
    with override("en"):
        assert lead_of(own) == lead
    shown = text_of(client.get(address(own)))
    assert f"This matter was merged into the case {lead.number} and goes on there." in shown
