"""The pages of promises and of judicial confirmation: who sees what, what they press, what the pack holds."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from cases.choices import ConsentHow, ConsentMatter, Status
from cases.models import Case, Category
from documents.models import Document
from mediation import services as mediation
from mediation.models import JudicialConfirmation
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in, consent, promise, text
from tests.moves import everybody
from tests.web.pages import address, browser, hidden, send, text_of, traces
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = JudicialConfirmation.State
STAFF = ("intake", "mediator", "director", "legal", "follower", "archivist")
PARTIES = ("resident", "company_user")
NOBODY = ("stranger", "neighbour", "competitor_user", "other_intake", "regulator", "sysadmin")


@pytest.fixture(autouse=True)
def day_of_the_cast(settings: Any, tmp_path: Any) -> Iterator[None]:
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": storage}
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.PERFORMING, world)


def pay(case: Case, world: World, amount: str) -> Any:
    promise = case.current_agreement.obligations.get()
    return mediation.record_performance(
        promise, on=TODAY, proof=None, note="转账", amount=Decimal(amount), by=world.company_user, at=NOW
    )


def plan(case: Case, world: World) -> None:
    for one in everybody(case):
        mediation.say_confirmation(one, given=True, how=ConsentHow.SIGNED, by=world.intake, at=NOW)


@pytest.mark.parametrize("area", ["promises/", "confirmation/"])
def test_the_parties_and_the_staff_of_the_case_find_the_page_and_nobody_else(
    world: World, case: Case, area: str
) -> None:
    people = world.people()
    for name in (*STAFF, *PARTIES):
        page = browser(people[name]).get(address(case, area))
        assert page.status_code == 200, name
        assert browser(people[name]).get(address(case, f"{area}?fragment=1")).status_code == 200
        assert address(case, area) in text_of(browser(people[name]).get(address(case))), name
    for name in NOBODY:
        assert browser(people[name]).get(address(case, area)).status_code == 404, name
    assert browser(None).get(address(case, area)).status_code == 302


def test_before_an_agreement_there_is_no_such_page(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    for area in ("promises/", "confirmation/"):
        assert browser(world.mediator).get(address(case, area)).status_code == 404


@pytest.mark.parametrize("redrafted", [False, True], ids=["talks", "another text"])
def test_while_a_variation_is_talked_about_the_promises_in_force_stay_on_their_page(
    world: World, case: Case, redrafted: bool
) -> None:
    consent(case, world, ConsentMatter.VARIATION)
    case = perform(case, "reopen_talks", by=world.mediator, at=NOW, reason="要求改分期", cause="ALL_ASK")
    if redrafted:
        draft = text(case, world) | {"promises": [replace(promise(case, world), what="分三期退还")]}
        mediation.draft_text(case, by=world.mediator, at=NOW, **draft)
        case = perform(Case.objects.get(pk=case.pk), "draft_agreement", by=world.mediator, at=NOW)
    for person in (world.resident, world.company_user, world.mediator, world.intake):
        page = text_of(browser(person).get(address(case, "promises/")))
        assert "18,600.00" in page
        assert "新协议生效以前，这份协议仍然有效" in page
        assert "分三期退还" not in page
        assert "/do/performance/" not in page
        assert address(case, "promises/") in text_of(browser(person).get(address(case)))
    for name in NOBODY:
        assert browser(world.people()[name]).get(address(case, "promises/")).status_code == 404, name


def test_each_side_sees_its_own_promises_first_with_what_is_left(world: World, case: Case) -> None:
    pay(case, world, "8600.00")
    mine = text_of(browser(world.company_user).get(address(case, "promises/")))
    theirs = text_of(browser(world.resident).get(address(case, "promises/")))
    assert "我要做的" in mine
    assert "对方为我做的" in theirs
    for page in (mine, theirs, text_of(browser(world.company_user).get("/company/"))):
        assert "还差" in page
        assert "10,000.00" in page
    assert "我已收到" in theirs
    assert "还没收到" in theirs
    assert "我已收到" not in mine


def test_the_page_asks_as_many_questions_for_many_payments_as_for_one(world: World, case: Case) -> None:
    client = browser(world.resident)
    pay(case, world, "1.00")
    client.get(address(case, "promises/"))
    with CaptureQueriesContext(connection) as first:
        client.get(address(case, "promises/"))
    for _each in range(10):
        pay(case, world, "1.00")
    with CaptureQueriesContext(connection) as second:
        client.get(address(case, "promises/"))
    assert len(second) == len(first)


@pytest.mark.parametrize(
    ("who", "before", "words", "given"),
    [
        ("company_user", "", "我已履行", {"on": TODAY.isoformat(), "note": "转账"}),
        ("resident", "18600.00", "我已收到", {}),
        ("resident", "18600.00", "还没收到", {"reason": "没有到账"}),
        ("mediator", "", "记录履行", {"on": TODAY.isoformat(), "note": "转账"}),
    ],
)
def test_a_form_opened_from_the_promises_leads_back_to_them(
    world: World, case: Case, who: str, before: str, words: str, given: dict[str, Any]
) -> None:
    if before:
        pay(case, world, before)
    client, here = browser(world.people()[who]), address(case, "promises/")
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>\s*' + words, text_of(client.get(here)))
    url = html.unescape(found[0])
    page = client.get(url)
    assert f'href="{here}"' in text_of(page)
    assert "回到履行" in text_of(page)
    refused = client.post(url, hidden(page) | {"on": "2099-01-01"} | ({"reason": ""} if "reason" in given else {}))
    if refused.status_code == 422:  # still on the way from there
        assert f'href="{here}"' in text_of(refused)
    again = client.get(url)
    chosen = {f.html_name: f.value() for f in again.context["form"] if f.value() and f.widget_type == "radioselect"}
    form = chosen | hidden(again) | given
    for _twice in range(2):
        done = client.post(url, form)
        assert (done.status_code, done.headers.get("Location")) == (302, here), text_of(done)[:3000]
    elsewhere = client.post(url.replace("from=promises", "from=//evil.example"), form)
    assert elsewhere.headers.get("Location") == address(case)


# --- the pack -----------------------------------------------------------------------------------------------------


def test_the_pack_holds_every_paper_once_and_is_journalled(world: World, case: Case) -> None:
    plan(case, world)
    for _twice in range(2):
        answer = browser(world.intake).post(address(case, "confirmation/pack/"), {"court": "合肥市蜀山区人民法院"})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    titles = ["材料清单", "司法确认申请书", "调解协议书", "主持调解证明", "身份证明", "地址和联系方式确认书"]
    assert all(title in name for title, name in zip(titles, archive.namelist(), strict=True))
    assert {archive.read(name)[:5] for name in archive.namelist()} == {b"%PDF-"}
    issued = Document.objects.filter(subject_kind="case", subject_id=case.pk, issued_at__isnull=False)
    assert len(issued.values_list("kind", flat=True)) == len(set(issued.values_list("kind", flat=True)))
    assert Entry.objects.filter(action="confirmation_pack").count() == 2
    assert "张桂兰" in str(issued.get(kind="confirmation_application").data)


def test_nobody_but_the_desk_takes_the_pack_out(world: World, case: Case) -> None:
    people, before = world.people(), traces(case)
    for name in (*PARTIES, *NOBODY, "follower", "archivist"):
        assert browser(people[name]).post(address(case, "confirmation/pack/"), {}).status_code == 404, name
    assert browser(world.intake).get(address(case, "confirmation/pack/")).status_code == 404
    assert traces(case) == before
    assert "下载全部材料" not in text_of(browser(world.resident).get(address(case, "confirmation/")))


def test_what_no_court_confirms_has_no_pack_and_says_why(world: World, case: Case) -> None:
    Category.objects.filter(pk=case.category_id).update(confirmation_excluded=True)
    page = text_of(browser(world.intake).get(address(case, "confirmation/")))
    assert "法院不受理司法确认申请" in page
    assert "下载全部材料" not in page
    answer = browser(world.intake).post(address(case, "confirmation/pack/"), {})
    assert answer.status_code == 422
    assert "法院不受理司法确认申请" in text_of(answer)


# --- its forms ---------------------------------------------------------------------------------------------------


def test_the_confirmation_goes_its_way_through_the_pages(world: World, case: Case) -> None:
    state = lambda: mediation.confirmation_state(case.current_agreement)  # noqa: E731
    today = TODAY.isoformat()
    number = "（2026）皖0104调确1号"
    steps: list[tuple[Any, str, dict[str, Any], str]] = [
        (world.resident, "wish", {"answer": "yes"}, State.NONE),
        (world.company_user, "wish", {"answer": "yes"}, State.PLANNED),
        (world.intake, "apply", {"court": "蜀山区人民法院", "applied_on": today}, State.APPLIED),
        (world.intake, "court", {"event": "accept", "on": today, "case_number": number}, State.COURT_ACCEPTED),
        (world.intake, "court", {"event": "confirm", "on": today}, State.CONFIRMED),
        (world.intake, "enforcement", {"applied": "yes", "on": today}, State.CONFIRMED),
    ]
    for by, name, given, after in steps:
        answer = send(by, case, f"confirmation/{name}/", given)
        assert answer.status_code == 302, text_of(answer)[:4000]
        assert state() == after
    page = text_of(browser(world.resident).get(address(case, "confirmation/")))
    assert number in page
    assert "已申请" in page


def test_another_application_follows_on_the_page_and_in_the_pack(world: World, case: Case) -> None:
    plan(case, world)
    pack = address(case, "confirmation/pack/")
    assert browser(world.intake).post(pack, {"court": "蜀山区人民法院"}).status_code == 200
    papers = Document.objects.filter(subject_id=case.pk, kind="confirmation_application", issued_at__isnull=False)
    first, today = papers.get(), TODAY.isoformat()
    send(world.intake, case, "confirmation/apply/", {"court": "蜀山区人民法院", "applied_on": today})
    refusal = {"event": "refuse", "on": today, "reason": "应由包河区人民法院管辖", "refused_for": ""}
    answer = send(world.intake, case, "confirmation/court/", refusal)
    assert (answer.status_code, "请选择法院不予受理的情形" in text_of(answer)) == (422, True)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = send(world.intake, case, "confirmation/court/", refusal | {"refused_for": "JURISDICTION"})
    assert answer.status_code == 302
    page = text_of(browser(world.resident).get(address(case, "confirmation/")))
    for words in ("上一个法院没有管辖权", "第1次申请：法院不予受理", "不属于收到申请的人民法院管辖", "还能申请多少天"):
        assert words in page, words
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert browser(world.intake).post(pack, {"court": "包河区人民法院"}).status_code == 200
        assert browser(world.intake).post(pack, {"court": "包河区人民法院"}).status_code == 200
        given = {"court": "包河区人民法院", "applied_on": today}
        assert send(world.intake, case, "confirmation/apply/", given).status_code == 302
    first.refresh_from_db()
    assert (papers.count(), first.revoked_at) == (2, None)  # what lay before the first court stays as it was
    page = text_of(browser(world.intake).get(address(case, "confirmation/")))
    assert page.index("第2次申请：已申请") < page.index("第1次申请：法院不予受理")


def test_the_company_is_asked_again_after_a_withdrawal(world: World, case: Case) -> None:
    plan(case, world)
    today = TODAY.isoformat()
    send(world.intake, case, "confirmation/apply/", {"court": "蜀山区人民法院", "applied_on": today})
    assert "表示是否愿意申请司法确认" not in text_of(browser(world.company_user).get("/company/"))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        send(world.intake, case, "confirmation/court/", {"event": "withdraw", "on": today})
        assert "表示是否愿意申请司法确认" in text_of(browser(world.company_user).get("/company/"))
        page = text_of(browser(world.resident).get(address(case, "confirmation/")))
    assert "可以再共同申请一次" in page


def test_the_forms_of_the_court_are_the_desks(world: World, case: Case) -> None:
    plan(case, world)
    before = traces(case)
    for name in (*PARTIES, "follower", "stranger"):
        for form in ("apply", "court", "enforcement"):
            assert browser(world.people()[name]).get(address(case, f"confirmation/{form}/")).status_code == 404
            assert browser(world.people()[name]).post(address(case, f"confirmation/{form}/"), {}).status_code == 404
    assert browser(world.follower).get(address(case, "confirmation/wish/")).status_code == 404
    assert traces(case) == before


def test_a_form_that_is_not_open_leads_back(world: World, case: Case) -> None:
    answer = browser(world.intake).get(address(case, "confirmation/court/"))
    assert (answer.status_code, answer["Location"]) == (302, address(case, "confirmation/"))


def test_the_company_finds_on_its_desk_what_to_confirm_and_what_to_say(world: World, case: Case) -> None:
    page = text_of(browser(world.company_user).get("/company/"))
    assert "表示是否愿意申请司法确认" in page
    assert address(case, "confirmation/") in page
    plan(case, world)
    assert "表示是否愿意申请司法确认" not in text_of(browser(world.company_user).get("/company/"))
