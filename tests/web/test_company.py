import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cases import services
from cases.choices import ConsentHow, ConsentMatter, PartyKind, Side, Status, Track
from cases.evidence import add_evidence
from cases.models import Case, Category
from mediation import services as mediation
from mediation.models import Issue
from tests.cast import World
from tests.files import photo
from tests.journeys import case_in, draft, party
from workflows import filing, meetings, talks
from workflows.actions import perform

pytestmark = pytest.mark.slow

NOW = timezone.now()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(user: User, query: str = "") -> Any:
    return signed_in(user).get(f"/company/{query}")


def waits(user: User) -> list[tuple[str, str]]:
    return [(row["what"], row["url"]) for row in page_of(user).context["waiting"]]


def shown(user: User, query: str = "") -> list[str]:
    return [row["url"] for row in page_of(user, query).context["rows"]]


def test_only_companies_and_committees_find_their_desk(world: World) -> None:
    may = {"company_user", "competitor_user", "committee_user"}
    for name, user in world.people().items():
        assert (name, page_of(user).status_code) == (name, 200 if name in may else 404)
    response = Client().get("/company/")
    assert (response.status_code, response["Location"]) == (302, "/account/login/?next=%2Fcompany%2F")


def test_a_case_appears_when_the_company_is_told_and_not_before(world: World) -> None:
    case = case_in(Status.SUBMITTED, world, NOW)
    assert (waits(world.company_user), shown(world.company_user)) == ([], [])
    perform(case, "forward_to_company", by=world.intake, at=NOW, consent_how=ConsentHow.PHONE)
    url = case.get_absolute_url()
    assert waits(world.company_user) == [("答复投诉", url)]
    assert shown(world.company_user) == [url]
    assert (waits(world.competitor_user), shown(world.competitor_user)) == ([], [])
    row = page_of(world.company_user).context["waiting"][0]
    assert row["due"] == timezone.localdate(NOW) + timedelta(days=10)
    services.answer_complaint(case, body="已安排维修。", by=world.company_user, at=NOW)
    assert waits(world.company_user) == []


def test_the_consent_asked_waits_until_it_is_given(world: World) -> None:
    case = case_in(Status.INVITING, world, NOW)
    assert waits(world.company_user) == [("答复是否同意调解", case.get_absolute_url())]
    party = case.parties.get(side=Side.RESPONDENT)
    services.record_consent(
        party, matter=ConsentMatter.MEDIATION, given=True, how=ConsentHow.ONLINE, by=world.company_user, at=NOW
    )
    assert waits(world.company_user) == []


def test_an_agreement_and_then_its_promises_wait(world: World) -> None:
    from tests.journeys import _effect, keep_promises

    case = case_in(Status.SIGNING, world)
    url = case.get_absolute_url()
    record = ("核对第1次调解会的记录，签名", f"{url}sessions/sign/?of=record-1")
    assert waits(world.company_user) == [("核对并签署调解协议", url), record]
    from tests.cast import NOW as THEN

    case = _effect(case, world, THEN)
    url = case.get_absolute_url()
    wish = ("表示是否愿意申请司法确认", f"{url}confirmation/")
    assert waits(world.company_user) == [("按协议履行：赔偿天花板和衣柜损失", f"{url}promises/"), wish]
    keep_promises(case, world, THEN)
    assert waits(world.company_user) == [wish]


def test_what_the_talks_ask_of_the_company_waits_until_it_answered(world: World) -> None:
    now = timezone.now()
    case = case_in(Status.MEDIATING, world, now)
    url, applicant, respondent = (
        case.get_absolute_url(),
        *(party(case, side) for side in (Side.APPLICANT, Side.RESPONDENT)),
    )
    issue = Issue.objects.filter(case=case)[0]
    term = mediation.Term(
        issue=issue, doer=respondent, what="修好外墙", manner="请专业单位施工", due=timezone.localdate()
    )
    until = now + timedelta(days=2)
    offers = [
        talks.propose(case, terms=[term], expires_at=until, mode=mode, by=by, at=now)
        for mode, by in (("OPEN", world.resident), ("BLIND", world.mediator), ("OPEN", world.company_user))
    ]
    starts = [now + timedelta(days=3), now + timedelta(days=4)]
    poll = meetings.propose_slots(case, starts=starts, place="调解室二", link="", minutes=60, by=world.mediator, at=now)
    asked = [(f"答复方案{one.number}", f"{url}offers/answer/?of={one.key}") for one in offers[:2]]
    times = ("选调解会的时间", f"{url}sessions/answer-slots/")
    assert waits(world.company_user) == [*asked, times]
    assert page_of(world.company_user).context["waiting"][0]["due"] == timezone.localdate(until)
    talks.answer_blind(offers[1], party=applicant, yes=False, by=world.resident, at=now)
    assert waits(world.company_user) == [*asked, times]  # what the other side answers blind changes nothing here
    talks.answer(offers[0], party=respondent, answers={issue.pk: False}, by=world.company_user, at=now)
    talks.answer_blind(offers[1], party=respondent, yes=True, by=world.company_user, at=now)
    words = dict.fromkeys(poll.slots.values_list("pk", flat=True), "YES")
    meetings.answer_slots(poll, party=respondent, words=words, by=world.company_user, at=now)
    assert waits(world.company_user) == []


def test_finished_cases_have_their_own_list(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    assert shown(world.company_user) == []
    assert shown(world.company_user, "?tab=finished") == [case.get_absolute_url()]


def test_the_applicant_s_telephone_and_address_are_never_on_the_page(world: World) -> None:
    case_in(Status.INVITING, world, NOW)
    page = page_of(world.company_user).content.decode()
    for secret in ("13855106612", "138****6612", "3幢2单元", "502", "张桂兰"):
        assert secret not in page
    assert "张**" in page


def test_a_committee_sees_what_it_brought(world: World) -> None:
    case = filing.open_draft(centre=world.centre, region=world.district, by=world.intake, at=NOW)
    model = draft(world, NOW)
    fields = {name: getattr(model, name) for name in ("estate", "category", "title", "facts", "requests", "amount")} | {
        "track": Track.MEDIATION
    }
    services.edit_filing(case, by=world.intake, at=NOW, **fields)
    services.put_party(
        case, by=world.intake, at=NOW, side=Side.APPLICANT, kind=PartyKind.COMMITTEE, committee=world.committee
    )
    services.put_party(
        case, by=world.intake, at=NOW, side=Side.RESPONDENT, kind=PartyKind.COMPANY, company=world.company
    )
    filed, _codes = filing.submit(Case.objects.get(pk=case.pk), by=world.intake, at=NOW, data_notice=True)
    assert shown(world.committee_user) == [filed.get_absolute_url()]
    assert shown(world.company_user) == []
    assert f"case:{filed.pk}@{filed.revision}" in page_of(world.committee_user).content.decode()
    perform(filed, "return_for_supplement", by=world.intake, at=NOW, items=["业主大会决定"])
    assert waits(world.committee_user) == [("补正材料", filed.get_absolute_url())]


def test_the_page_follows_its_company(world: World) -> None:
    page = page_of(world.company_user).content.decode()
    assert f'data-live-topic="company:{world.company.pk}"' in page


@pytest.mark.slow
def test_the_desk_costs_the_same_with_one_case_and_with_many(world: World) -> None:
    client = signed_in(world.company_user)
    case_in(Status.INVITING, world, NOW)
    client.get("/company/")
    with CaptureQueriesContext(connection) as few:
        client.get("/company/")
    others = Category.objects.filter(code__startswith="01", parent__isnull=False, mediable="Y")
    for category in others[:6]:
        case_in(Status.INVITING, world, NOW, category=category)
    with CaptureQueriesContext(connection) as many:
        response = client.get("/company/")
    assert len(response.context["waiting"]) == 1 + len(others[:6]) > 3
    assert len(few) == len(many)


def test_the_company_and_the_region_are_told_when_a_case_changes(world: World) -> None:
    case = case_in(Status.SUBMITTED, world, NOW)
    told = _told(lambda: perform(case, "return_for_supplement", by=world.intake, at=NOW, items=["证明"]))
    assert told == {
        f"case:{case.pk}", f"centre:{world.centre.pk}", "region:340104", "region:340100", "region:340000",
    }  # fmt: skip
    other = case_in(Status.SUBMITTED, world, NOW, category=Category.objects.get(code="0302"))
    told = _told(lambda: perform(other, "invite", by=world.intake, at=NOW))
    assert f"company:{world.company.pk}" in told


def _told(act: Any) -> set[str]:
    with CaptureQueriesContext(connection) as queries:
        act()
    found = [q["sql"] for q in queries.captured_queries if "pg_notify" in q["sql"]]
    topics = {json.loads(payload)["topic"] for sql in found for payload in re.findall(r"\{[^}]*\}", sql)}
    return {topic for topic in topics if not topic.startswith("user:")}


HIDDEN = ["１３８００１３８０００", "138.0013.8001", "(138)00138002", "138\u200b00138003", "0551-62345678",
          "340102 19800101 123X", "340102800101123", "6222 0212 3456 7890 123"]  # fmt: skip


def test_the_company_reads_what_it_must_answer_and_no_number_of_the_applicant(world: World) -> None:
    told = f"外墙渗水30天，赔18600元。{'；'.join(HIDDEN)}"
    case = draft(world, NOW, track=Track.COMPLAINT, title=f"渗水{HIDDEN[1]}", facts=told, requests=told)
    add_evidence(case, photo("微信13800138000.jpg"), by=world.resident, at=NOW)
    filed, _codes = filing.submit(case, by=world.resident, at=NOW, data_notice=True)
    perform(filed, "forward_to_company", by=world.intake, at=NOW, consent_how=ConsentHow.PHONE)
    pages = [
        page_of(world.company_user).content.decode(),
        signed_in(world.company_user).get(filed.get_absolute_url()).content.decode(),
        signed_in(world.company_user).get(f"{filed.get_absolute_url()}do/answer/").content.decode(),
    ]
    for page in pages:
        assert [number for number in HIDDEN if number in page] == []
        assert "13800138000" not in page
    assert "外墙渗水30天，赔18600元。138****8000；138****8001；138****8002；138****8003；0551-******78" in pages[1]
    own = signed_in(world.resident).get(filed.get_absolute_url()).content.decode()
    assert HIDDEN[4] in own
