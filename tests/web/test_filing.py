"""A resident files from a phone, without script: question by question, back and forth, to the receipt."""

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.limits import FILING_PER_ADDRESS
from accounts.models import Centre, Membership, User
from accounts.roles import Role
from audit.models import Entry
from cases import services
from cases.choices import ConsentMatter, PartyKind, Side, Status, Track
from cases.evidence import visible_evidence
from cases.models import Case, Category, Party
from cases.passes import ALPHABET
from members.models import Company, ServiceTerm
from notifications.ways import ways_to
from tests.cast import NOW, World
from tests.journeys import submitted
from web.filing.categories import GROUPS, detail_choices, is_settled, unsure_code
from workflows.actions import perform

pytestmark = pytest.mark.slow

FACTS = "10月起外墙渗水，主卧天花板发霉。多次报修没有修好。"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def browser(world: World) -> Client:
    return Client()


def picture(name: str = "墙.jpg", colour: str = "red") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def begun(browser: Client, city: str = "340100", estate_name: str = "翠湖花园") -> Case:
    response = browser.post("/file/place/", {"city": city, "estate_name": estate_name})
    assert response.status_code == 302, response.content.decode()
    return Case.objects.latest("pk")


def go(browser: Client, case: Case, slug: str, expect: str, **answer: Any) -> Any:
    """Answer one question and see which page follows."""
    response = browser.post(f"/file/{case.key}/{slug}/", answer)
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == f"/file/{case.key}/{expect}/"
    assert browser.get(response["Location"]).status_code == 200
    return response


YOU = {"name": "张桂兰", "phone": "13855106612", "address": "3幢2单元502", "relation": "OWNER"}


def filled(browser: Client, world: World, way: str = "MEDIATION", **you: str) -> Case:
    """Answer every question up to the check."""
    case = begun(browser)
    go(browser, case, "estate", "category", estate=str(world.estate.pk))
    go(browser, case, "category", "detail", group="repair")
    go(browser, case, "detail", "facts", category="0301")
    go(browser, case, "facts", "other-side", facts=FACTS)
    go(browser, case, "other-side", "way", who="serving")
    go(browser, case, "way", "wish", way=way)
    amount = {} if way == "CONSULT" else {"amount": "１８,６００元"}
    go(browser, case, "wish", "you", requests="修好外墙防水，赔偿损失", **amount)
    go(browser, case, "you", "files", **(YOU | you))
    go(browser, case, "files", "check")
    case.refresh_from_db()
    return case


def prepared(browser: Client, world: World) -> Case:
    """The same draft as `filled`, its answers written by the services."""
    case = begun(browser)
    by = User.objects.get(pk=browser.session["_auth_user_id"])
    answers = {"category": Category.objects.get(code="0301"), "facts": FACTS, "title": "外墙渗水", "requests": "修好"}
    place = {"estate": world.estate, "region": world.district, "amount": Decimal(18600)}
    services.edit_filing(case, by=by, at=NOW, **answers, **place)
    services.put_party(case, by=by, at=NOW, side=Side.RESPONDENT, kind=PartyKind.COMPANY, company=world.company)
    services.put_party(case, by=by, at=NOW, side=Side.APPLICANT, kind=PartyKind.PERSON, **YOU)
    case.refresh_from_db()
    return case


def key_on(browser: Client, case: Case) -> str:
    page = browser.get(f"/file/{case.key}/check/").content.decode()
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def file_it(browser: Client, case: Case, **more: Any) -> Any:
    return browser.post(f"/file/{case.key}/check/", {"key": key_on(browser, case), "data_notice": "on"} | more)


def code_on(page: str) -> str:
    found = re.search(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", page)
    assert found
    return found[0]


# --- the whole way --------------------------------------------------------------------------------------------


def test_a_visitor_files_without_an_account_and_keeps_seeing_the_case(browser: Client, world: World) -> None:
    assert browser.get("/file/").status_code == 200
    assert browser.get("/file/place/").status_code == 200
    assert not User.objects.filter(is_guest=True).exists()
    case = filled(browser, world)
    assert (case.estate, case.region, case.centre) == (world.estate, world.district, world.centre)
    assert (case.category_id, case.facts, str(case.amount)) == ("0301", FACTS, "18600.00")
    assert case.title == "10月起外墙渗水，主卧天花板发霉"
    response = file_it(browser, case)
    assert (response.status_code, response["Location"]) == (302, f"/file/{case.key}/receipt/")
    page = browser.get(response["Location"]).content.decode()
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED
    assert case.number in page
    assert "最晚 2026年11月10日（星期二） 告诉您" in page
    assert "<svg" in page
    applicant = case.parties.get(side=Side.APPLICANT)
    assert (applicant.name, applicant.phone, applicant.relation, applicant.sex) == (
        "张桂兰", "+8613855106612", "OWNER", "",
    )  # fmt: skip
    respondent = case.parties.get(side=Side.RESPONDENT)
    assert (respondent.kind, respondent.company) == (PartyKind.COMPANY, world.company)
    assert applicant.consented(ConsentMatter.DATA_NOTICE)
    guest = User.objects.get(pk=browser.session["_auth_user_id"])
    assert Case.objects.visible_to(guest).get() == case
    assert guest == applicant.passes.get().guest
    assert applicant.passes.get().last_used_at is None
    # the code opens the case on another device
    other = Client()
    assert (
        other.post("/pass/", {"code": code_on(page).lower().replace("-", " ")})["Location"] == f"/cases/{case.number}/"
    )


def test_the_receipt_stays_until_it_is_left_and_the_code_is_shown_no_more(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    url = file_it(browser, case)["Location"]
    first = code_on(browser.get(url).content.decode())
    assert code_on(browser.get(url).content.decode()) == first
    assert browser.get(f"/file/{case.key}/facts/")["Location"] == url
    case.refresh_from_db()
    assert browser.post(f"{url}done/")["Location"] == f"/cases/{case.number}/"
    assert browser.get(url)["Location"] == f"/cases/{case.number}/"
    assert browser.get(f"/file/{case.key}/facts/")["Location"] == f"/cases/{case.number}/"


def test_the_code_is_not_shown_any_more_after_two_hours(browser: Client, world: World, clock: Any) -> None:
    case = prepared(browser, world)
    url = file_it(browser, case)["Location"]
    clock.shift(3 * 60 * 60)
    page = browser.get(url).content.decode()
    assert "pass-code" in page  # the receipt number stays
    assert not re.search(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", page)


def test_the_visitor_who_filed_handles_nothing_and_is_named_as_the_applicant(browser: Client, world: World) -> None:
    case = filled(browser, world)
    file_it(browser, case)
    case.refresh_from_db()
    assert (case.status, case.handler) == (Status.SUBMITTED, None)
    desk = Client()
    desk.force_login(world.intake)
    page = desk.get(f"/cases/{case.number}/").content.decode()
    assert ("guest-" in page, "申请人 张**" in page) == (False, True)
    perform(case, "return_for_supplement", by=world.intake, at=NOW, items=["身份证明"])
    case.refresh_from_db()
    assert case.handler == world.intake


def test_a_second_click_files_once_and_shows_the_same_receipt(browser: Client, world: World) -> None:
    case = filled(browser, world)
    old = browser.cookies["sessionid"].value
    answer = {"key": key_on(browser, case), "data_notice": "on"}
    first = browser.post(f"/file/{case.key}/check/", answer)
    code = code_on(browser.get(first["Location"]).content.decode())
    # The answer to the first click never arrived: the browser still has the old session.
    second = Client()
    second.cookies["sessionid"] = old
    again = second.post(f"/file/{case.key}/check/", answer)
    assert again["Location"] == first["Location"]
    assert code_on(second.get(again["Location"]).content.decode()) == code
    assert Case.objects.exclude(status=Status.DRAFT).count() == 1
    assert Entry.objects.filter(action="submit").count() == 1
    # And with the new session
    assert browser.post(f"/file/{case.key}/check/", answer)["Location"] == first["Location"]


def test_a_signed_in_resident_files_under_the_own_account(browser: Client, world: World) -> None:
    browser.force_login(world.resident)
    case = filled(browser, world, phone="", name="张桂兰")
    assert case.created_by == world.resident
    page = browser.get(f"/file/{case.key}/you/").content.decode()
    assert "138****6612" in page
    assert "13855106612" not in page
    response = file_it(browser, case)
    receipt = browser.get(response["Location"]).content.decode()
    applicant = case.parties.get(side=Side.APPLICANT)
    assert (applicant.user, applicant.phone) == (world.resident, "+8613855106612")
    assert not applicant.passes.exists()
    assert "以后用您的手机号进入" in receipt
    assert browser.session["_auth_user_id"] == str(world.resident.pk)
    assert not User.objects.filter(is_guest=True).exists()


def test_who_files_may_leave_an_email_as_a_second_way(browser: Client, world: World) -> None:
    case = filled(browser, world, email="zhang@example.org")
    assert 'value="zhang@example.org"' in browser.get(f"/file/{case.key}/you/").content.decode()
    refused = browser.post(f"/file/{case.key}/you/", YOU | {"email": "zhang@"})
    assert refused.status_code == 422
    assert "这个电子邮箱不对" in refused.content.decode()
    file_it(browser, case)
    guest = Party.objects.get(case=case, side="APPLICANT").passes.get().guest
    assert (guest.email, ways_to(guest, "accepted", None)) == ("zhang@example.org", ["SMS", "EMAIL"])


def test_an_email_left_while_filing_is_that_of_the_account(browser: Client, world: World) -> None:
    browser.force_login(world.resident)
    case = filled(browser, world, email="zhang@example.org")
    assert User.objects.get(pk=world.resident.pk).email == "zhang@example.org"
    browser.post(f"/file/{case.key}/you/", YOU)  # an empty field takes nothing away: the account's page does
    assert User.objects.get(pk=world.resident.pk).email == "zhang@example.org"


def test_consent_to_pass_the_matter_on_is_asked_of_complaints_only(browser: Client, world: World) -> None:
    case = filled(browser, world, way="COMPLAINT")
    assert (case.track, case.wants_mediation) == (Track.COMPLAINT, True)
    assert 'name="forward"' in browser.get(f"/file/{case.key}/check/").content.decode()
    file_it(browser, case, forward="on")
    assert case.parties.get(side=Side.APPLICANT).consented(ConsentMatter.FORWARD)
    other = filled(Client(), world)
    assert 'name="forward"' not in browser.get(f"/file/{other.key}/check/").content.decode()


@pytest.mark.parametrize(("way", "wants"), [("CONSULT", False), ("REPORT", False), ("MEDIATION", True)])
def test_each_way_is_filed_as_what_it_is(browser: Client, world: World, way: str, wants: bool) -> None:
    case = filled(browser, world, way=way)
    assert file_it(browser, case).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.track, case.wants_mediation) == (Status.SUBMITTED, way, wants)
    consented = case.parties.get(side=Side.APPLICANT).consented(ConsentMatter.MEDIATION)
    assert consented is (True if wants else None)


# --- back, forth, resume --------------------------------------------------------------------------------------


SLUGS = ["place", "estate", "category", "detail", "facts", "other-side", "way", "wish", "you", "files", "check"]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_can_be_opened_again_with_its_answer_and_its_way_back(
    browser: Client, world: World, slug: str
) -> None:
    case = prepared(browser, world)
    page = browser.get(f"/file/{case.key}/{slug}/").content.decode()
    back = re.search(r'class="back" href="([^"]+)"', page)
    assert back
    assert browser.get(back[1]).status_code == 200
    stored = {
        "place": "翠湖花园", "estate": "checked", "category": "checked", "detail": "checked", "facts": FACTS,
        "other-side": "checked", "way": "checked", "wish": "18600", "you": "13855106612",
    }  # fmt: skip
    assert stored.get(slug, "") in page
    assert "tel:" in page


def test_a_page_before_its_turn_leads_to_the_first_open_question(browser: Client, world: World) -> None:
    case = begun(browser)
    for slug in ("facts", "other-side", "way", "wish", "you", "files", "check", "detail"):
        assert browser.get(f"/file/{case.key}/{slug}/")["Location"] == f"/file/{case.key}/estate/"
        assert browser.post(f"/file/{case.key}/{slug}/", {"facts": "x"}).status_code == 302
    assert browser.get(f"/file/{case.key}/")["Location"] == f"/file/{case.key}/estate/"
    go(browser, case, "estate", "district", estate="none")
    go(browser, case, "district", "category", district="340104")
    assert browser.get(f"/file/{case.key}/detail/")["Location"] == f"/file/{case.key}/category/"


def test_changing_one_answer_goes_back_to_the_check(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    page = browser.get(f"/file/{case.key}/check/").content.decode()
    assert page.count("?check=1") == 8
    changed = browser.post(f"/file/{case.key}/facts/", {"facts": "外墙还在渗水。", "check": "1"})
    assert changed["Location"] == f"/file/{case.key}/check/"
    category = browser.post(f"/file/{case.key}/category/", {"group": "neighbours", "check": "1"})
    assert category["Location"] == f"/file/{case.key}/detail/?check=1"
    detail = browser.post(f"/file/{case.key}/detail/", {"category": "0901", "check": "1"})
    assert detail["Location"] == f"/file/{case.key}/check/"


def test_another_estate_asks_again_for_the_other_side(browser: Client, world: World) -> None:
    ServiceTerm.objects.create(estate=world.other_estate, company=world.competitor, from_date=date(2024, 1, 1))
    case = prepared(browser, world)
    browser.post(f"/file/{case.key}/place/", {"city": "340100", "estate_name": "书香名邸", "check": "1"})
    moved = browser.post(f"/file/{case.key}/estate/", {"estate": str(world.other_estate.pk), "check": "1"})
    assert moved["Location"] == f"/file/{case.key}/other-side/?check=1"
    back = browser.post(f"/file/{case.key}/other-side/", {"who": "serving", "check": "1"})
    assert back["Location"] == f"/file/{case.key}/check/"
    assert case.parties.get(side=Side.RESPONDENT).company == world.competitor


def test_a_draft_is_offered_again_and_can_be_given_up(browser: Client, world: World) -> None:
    case = begun(browser)
    assert f"/file/{case.key}/" in browser.get("/file/").content.decode()
    assert f"/file/{case.key}/" in browser.get("/my/").content.decode()
    assert browser.get(f"/file/{case.key}/discard/").status_code == 200
    assert browser.post(f"/file/{case.key}/discard/")["Location"] == "/file/"
    case.refresh_from_db()
    assert case.status == Status.CLOSED
    assert f"/file/{case.key}/" not in browser.get("/file/").content.decode()
    assert browser.get(f"/file/{case.key}/facts/").status_code in {302, 404}


def test_a_draft_is_kept_for_thirty_days_in_this_browser(browser: Client, world: World) -> None:
    begun(browser)
    assert 0 <= 30 * 24 * 60 * 60 - browser.session.get_expiry_age() < 60


def test_filing_one_draft_keeps_the_other_in_this_browser(browser: Client, world: World) -> None:
    first = prepared(browser, world)
    second = begun(browser, estate_name="书香名邸")
    file_it(browser, first)
    assert browser.get(f"/file/{second.key}/estate/").status_code == 200
    second.refresh_from_db()
    assert str(second.created_by_id) == browser.session["_auth_user_id"]


def test_two_tabs_write_to_one_draft_and_the_last_answer_stands(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    for text in ("第一个标签页。", "第二个标签页。"):
        assert browser.post(f"/file/{case.key}/facts/", {"facts": text}).status_code == 302
    case.refresh_from_db()
    assert case.facts == "第二个标签页。"


def test_forms_of_other_tabs_stay_valid_when_the_first_answer_signs_the_guest_in(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    tokens = []
    for _tab in range(2):
        page = browser.get("/file/place/").content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found
        tokens.append(found[1])
    for token in tokens:
        answer = {"city": "340100", "estate_name": "翠湖花园", "csrfmiddlewaretoken": token}
        assert browser.post("/file/place/", answer).status_code == 302
    assert User.objects.filter(is_guest=True).count() == 1


# --- strangers -------------------------------------------------------------------------------------------------


def test_a_draft_is_nobody_elses(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    stranger = Client()
    stranger.force_login(world.stranger)
    clerk = Client()
    clerk.force_login(world.intake)
    for other in (Client(), stranger, clerk):
        for page in ("", "check/", "facts/", "elsewhere/", "receipt/", "discard/"):
            assert other.get(f"/file/{case.key}/{page}").status_code == 404
            assert other.get(f"/file/{uuid4()}/{page}").status_code == 404
        before = case.facts
        answer = other.post(f"/file/{case.key}/facts/", {"facts": "我改一下"})
        assert answer.status_code == 404
        assert "我改一下" in answer.content.decode()  # nothing typed is lost when a session has ended
        assert FACTS not in answer.content.decode()
        assert other.post(f"/file/{case.key}/discard/").status_code == 404
        case.refresh_from_db()
        assert (case.facts, case.status) == (before, Status.DRAFT)


def test_a_filed_case_is_nobody_elses(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    file_it(browser, case)
    for page in ("", "check/", "receipt/"):
        assert Client().get(f"/file/{case.key}/{page}").status_code == 404


def test_staff_are_led_to_their_desk(browser: Client, world: World) -> None:
    browser.force_login(world.intake)
    assert browser.get("/file/")["Location"] == "/desk/"


def test_too_many_drafts_from_one_address_are_held_back(browser: Client, world: World) -> None:
    for _i in range(59):
        FILING_PER_ADDRESS.hit("127.0.0.1", at=NOW)
    answer = {"city": "340100", "estate_name": "翠湖花园"}
    assert Client().post("/file/place/", answer).status_code == 302
    held = browser.post("/file/place/", answer)
    assert held.status_code == 429
    assert "翠湖花园" in held.content.decode()
    assert Case.objects.count() == 1


# --- answers that cannot be taken ---------------------------------------------------------------------------------

HOSTILE = '<script>alert("1")</script>'


@pytest.mark.parametrize(
    ("slug", "answer", "sentence", "kept"),
    [
        ("place", {"city": "", "estate_name": "翠湖花园"}, "请选择城市。", "翠湖花园"),
        ("place", {"city": "340100", "estate_name": ""}, "请写小区的名字。", "合肥市"),
        ("place", {"city": "999999", "estate_name": HOSTILE}, "", "&lt;script&gt;"),
        ("place", {"city": "340100", "estate_name": "长" * 100}, "小区名字太长", "长" * 100),
        ("estate", {}, "请选择一个小区。", ""),
        ("estate", {"estate": "0"}, "", ""),
        ("category", {}, "请选择一类问题。", ""),
        ("category", {"group": HOSTILE}, "", ""),
        ("detail", {}, "请选择一项", ""),
        ("detail", {"category": "0901"}, "", ""),
        ("facts", {"facts": "   "}, "请写一写发生了什么。", ""),
        ("facts", {"facts": "长" * 100_000}, "最多10000字", "长" * 100_000),
        ("facts", {"facts": "\x00"}, "请写一写发生了什么。", ""),
        ("other-side", {}, "请选择对方是谁。", ""),
        ("other-side", {"who": "person", "name": ""}, "请写对方的姓名或名称", ""),
        ("other-side", {"who": "person", "name": "长" * 101}, "名称太长", "长" * 101),
        ("way", {}, "请选择一种办法。", ""),
        ("way", {"way": "INTERMEMBER"}, "", ""),
        ("wish", {"requests": "", "amount": "18600"}, "请写一写您的要求。", "18600"),
        ("wish", {"requests": "赔偿", "amount": "一万多"}, "金额请只写数字", "一万多"),
        ("wish", {"requests": "赔偿", "amount": "-5"}, "金额超出范围", "赔偿"),
        ("wish", {"requests": "赔偿", "amount": "9" * 30}, "金额超出范围", "赔偿"),
        ("you", YOU | {"phone": "12"}, "这个电话号码不对", "3幢2单元502"),
        ("you", YOU | {"phone": "13900139OOO"}, "电话号码里有字母“OOO”", "13900139OOO"),
        ("you", YOU | {"phone": "1380013800"}, "这个电话号码不对", "1380013800"),
        ("you", YOU | {"phone": "138001380000"}, "这个电话号码不对", "138001380000"),
        ("you", YOU | {"phone": "12345"}, "这个电话号码不对", "12345"),
        ("you", YOU | {"phone": "62345678"}, "这个电话号码不对", "62345678"),
        ("you", YOU | {"phone": HOSTILE}, "这个电话号码不对", "&lt;script&gt;"),
        ("you", YOU | {"name": " "}, "请填您的姓名。", "3幢2单元502"),
        ("you", YOU | {"relation": ""}, "请选择您和小区的关系。", "张桂兰"),
        ("you", YOU | {"address": "长" * 200}, "住址太长", "长" * 200),
        ("check", {"key": "0" * 32}, "请先阅读并同意个人信息处理告知。", "翠湖花园"),
        ("check", {"key": "x", "data_notice": "on"}, "", "翠湖花园"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_said_and_kept(
    browser: Client, world: World, slug: str, answer: dict[str, str], sentence: str, kept: str
) -> None:
    case = prepared(browser, world)
    entries = Entry.objects.count()
    before = Case.objects.filter(pk=case.pk).values().get()
    response = browser.post(f"/file/{case.key}/{slug}/", answer)
    page = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in page
    assert "<title>错误：" in page
    assert sentence in page
    assert kept in page
    assert HOSTILE not in page
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    "phone", ["１３８５５１０６６１２", "138 5510 6612", "+86 138-5510-6612", "0086 13855106612", "138５５10６612"]
)
def test_phone_numbers_are_understood_as_people_write_them(browser: Client, world: World, phone: str) -> None:
    case = prepared(browser, world)
    go(browser, case, "you", "files", **(YOU | {"phone": phone}))
    assert case.parties.get(side=Side.APPLICANT).phone == "+8613855106612"


@pytest.mark.parametrize(("typed", "shown"), [("１３８ 5510 6612", "13855106612"), ("0551-62345678", "0551-62345678")])
def test_the_check_shows_the_number_in_full_to_whoever_typed_it(
    browser: Client, world: World, typed: str, shown: str
) -> None:
    case = filled(browser, world, phone=typed)
    page = browser.get(f"/file/{case.key}/check/").content.decode()
    assert shown in page
    assert "****" not in page
    assert Client().get(f"/file/{case.key}/check/").status_code == 404


def test_script_and_emoji_are_kept_as_text(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    go(browser, case, "you", "files", **(YOU | {"name": "𬭎🙂<b>"}))
    browser.post(f"/file/{case.key}/facts/", {"facts": f"{HOSTILE}🙂 半夜施工"})
    page = browser.get(f"/file/{case.key}/check/").content.decode()
    assert "&lt;script&gt;" in page
    assert "𬭎🙂&lt;b&gt;" in page
    assert HOSTILE not in page
    assert file_it(browser, case).status_code == 302


def test_a_page_that_does_not_exist_is_404(browser: Client, world: World) -> None:
    case = begun(browser)
    assert browser.get(f"/file/{case.key}/nothing/").status_code == 404
    assert browser.get("/file/not-a-key/facts/").status_code == 404


# --- where, what, who -------------------------------------------------------------------------------------------


def test_an_estate_that_we_do_not_know_is_taken_as_written(browser: Client, world: World) -> None:
    case = begun(browser, estate_name="没听过的小区")
    go(browser, case, "district", "category", district="340103")
    case.refresh_from_db()
    assert (case.estate, case.estate_name, case.region_id, case.centre) == (
        None,
        "没听过的小区",
        "340103",
        world.centre,
    )


def test_an_estate_is_found_by_part_of_its_name_and_with_too_much_written(browser: Client, world: World) -> None:
    for typed in ("翠湖", "翠湖花园小区", "翠湖花园3幢502", "翠湖 花园".replace(" ", "")):
        case = begun(browser, estate_name=typed)
        assert "合肥市蜀山区翠湖路8号" in browser.get(f"/file/{case.key}/estate/").content.decode()


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("云水湾（A区）", "云水湾（A区）"),
        ("云水湾（A区）", "云水湾(Ａ区)"),
        ("云水湾（A区）", "云水湾A区"),
        ("云水湾Ⅱ期", "云水湾Ⅱ期"),
        ("云水湾Ⅱ期", "云水湾II期"),
        ("云水湾Ⅱ期", "云水湾二期小区"),
        ("云水湾（Ⅱ 期）", "\u200b云水湾 2期"),
    ],
)
def test_an_estate_is_found_as_the_register_has_it_and_in_other_spellings(
    browser: Client, world: World, registered: str, typed: str
) -> None:
    other = world.other_estate
    other.name = registered
    other.save()
    case = begun(browser, estate_name=typed)
    page = browser.get(f"/file/{case.key}/estate/").content.decode()
    assert registered in page
    assert "翠湖花园" not in page


def test_an_open_matter_at_an_estate_that_nobody_registered_is_told_in_whatever_spelling(
    browser: Client, world: World
) -> None:
    submitted(world, estate=None, estate_name="金色池塘（Ⅱ期）")
    case = begun(browser, estate_name="金色池塘(ⅱ 期)")
    go(browser, case, "district", "category", district=world.district.code)
    go(browser, case, "category", "detail", group="repair")
    go(browser, case, "detail", "facts", category="0301")
    assert browser.get(f"/file/{case.key}/facts/").context["similar"] == 1


def test_a_city_without_a_centre_is_told_where_to_go(browser: Client, world: World) -> None:
    offered = browser.get("/file/place/").content.decode()
    assert ('value="340100"' in offered, 'value="440400"' in offered, 'value="440100"' in offered) == (
        True,
        True,
        False,
    )
    response = browser.post("/file/place/", {"city": "another", "estate_name": "某小区"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "还没有开设" in page
    assert "人民法院" in page
    assert not Case.objects.exists()
    assert not User.objects.filter(is_guest=True).exists()


@pytest.mark.django_db
def test_in_a_municipality_and_in_a_county_below_its_province_the_place_is_found(world: World, browser: Client) -> None:
    """上海 has districts without a city between, 仙桃 has none below."""
    for code, prefix in (("310000", "沪物调"), ("429004", "仙物调")):
        Centre.objects.create(code=prefix, name=prefix, region_id=code, number_prefix=prefix, phone="12345678")
    page = browser.get("/file/place/").content.decode()
    assert [f'value="{code}"' in page for code in ("310000", "429004", "429005")] == [True, True, False]
    shanghai = browser.post("/file/place/", {"city": "310000", "estate_name": "梧桐苑"})
    assert shanghai["Location"].endswith("/district/")
    asked = browser.get(shanghai["Location"]).content.decode()
    assert ("徐汇区" in asked, "卢湾区" in asked) == (True, False)
    assert browser.post(shanghai["Location"], {"district": "310104"}).status_code == 302
    assert Case.objects.get().region_id == "310104"
    xiantao = Client().post("/file/place/", {"city": "429004", "estate_name": "江汉花园"})
    assert xiantao["Location"].endswith("/category/")
    assert Case.objects.latest("pk").centre.number_prefix == "仙物调"


def test_a_city_decides_the_centre(browser: Client, world: World) -> None:
    assert begun(browser, city="440400", estate_name="海湾花园").centre == world.other_centre


@pytest.mark.django_db
def test_every_category_can_be_reached() -> None:
    reached = set()
    for group in GROUPS:
        reached.add(unsure_code(group))
        reached |= {code for _heading, matters in detail_choices(group) for code, _name in matters}
    assert reached == {row.code for row in Category.objects.all() if is_settled(row)}


@pytest.mark.parametrize(
    ("answer", "kind", "name"),
    [
        ({"who": "serving"}, PartyKind.COMPANY, "绿洲物业服务有限公司"),
        ({"who": "company", "name": "恒信物业服务有限公司"}, PartyKind.COMPANY, "恒信物业服务有限公司"),
        ({"who": "company", "name": "没听过的物业"}, PartyKind.COMPANY, "没听过的物业"),
        ({"who": "company", "name": ""}, PartyKind.COMPANY, "物业企业（名称待核实）"),
        ({"who": "person", "name": "3幢602住户"}, PartyKind.PERSON, "3幢602住户"),
        ({"who": "committee"}, PartyKind.COMMITTEE, "翠湖花园业主委员会"),
        ({"who": "body", "name": "某开发公司"}, PartyKind.OTHER, "某开发公司"),
    ],
)
def test_the_other_side_may_be_anybody(
    browser: Client, world: World, answer: dict[str, str], kind: str, name: str
) -> None:
    case = prepared(browser, world)
    assert browser.post(f"/file/{case.key}/other-side/", answer).status_code == 302
    party = case.parties.get(side=Side.RESPONDENT)
    assert (party.kind, party.name) == (kind, name)
    known = {"绿洲物业服务有限公司": world.company, "恒信物业服务有限公司": world.competitor}
    assert party.company == known.get(name)
    shown = browser.get(f"/file/{case.key}/other-side/").content.decode()
    assert "checked" in shown
    assert file_it(browser, case).status_code == 302


def test_a_committee_files_in_its_own_name(browser: Client, world: World) -> None:
    browser.force_login(world.committee_user)
    case = filled(browser, world, acting_for=f"committee-{world.committee.pk}", name="周主任")
    party = case.parties.get(side=Side.APPLICANT)
    assert (party.kind, party.committee, party.name) == (PartyKind.COMMITTEE, world.committee, "翠湖花园业主委员会")
    assert party.representative == "周主任"
    assert file_it(browser, case).status_code == 302


def test_a_company_cannot_file_against_itself(browser: Client, world: World) -> None:
    browser.force_login(world.company_user)
    case = begun(browser)
    go(browser, case, "estate", "category", estate=str(world.estate.pk))
    go(browser, case, "category", "detail", group="repair")
    go(browser, case, "detail", "facts", category="0301")
    go(browser, case, "facts", "other-side", facts=FACTS)
    go(browser, case, "other-side", "way", who="serving")
    go(browser, case, "way", "wish", way="MEDIATION")
    go(browser, case, "wish", "you", requests="付费")
    own = YOU | {"acting_for": f"company-{world.company.pk}"}
    response = browser.post(f"/file/{case.key}/you/", own)
    assert response.status_code == 422
    assert "您的单位是对方" in response.content.decode()
    assert Party.objects.filter(case=case, side=Side.APPLICANT).count() == 0


def test_nobody_files_in_the_name_of_a_foreign_company(browser: Client, world: World) -> None:
    browser.force_login(world.resident)
    case = filled(browser, world)
    browser.post(f"/file/{case.key}/you/", YOU | {"acting_for": f"company-{world.company.pk}"})
    assert case.parties.get(side=Side.APPLICANT).company is None


# --- what is said in between --------------------------------------------------------------------------------------


def test_a_matter_of_an_authority_is_told_so_and_may_go_on(browser: Client, world: World) -> None:
    case = begun(browser)
    go(browser, case, "estate", "category", estate=str(world.estate.pk))
    go(browser, case, "category", "detail", group="other")
    go(browser, case, "detail", "elsewhere", category="16")
    page = browser.get(f"/file/{case.key}/elsewhere/").content.decode()
    assert "劳动人事争议仲裁委员会" in page
    assert "12333" in page
    assert f"/file/{case.key}/facts/" in page


def test_danger_is_answered_with_the_numbers_to_ring_first(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    response = browser.post(f"/file/{case.key}/facts/", {"facts": "外墙瓷砖脱落，砸到人了。"})
    assert response["Location"] == f"/file/{case.key}/elsewhere/"
    page = browser.get(response["Location"]).content.decode()
    assert all(f'href="tel:{number}"' in page for number in ("119", "110", "120"))
    assert f"/file/{case.key}/check/" in page


def test_the_same_matter_at_the_estate_is_hinted_at_without_saying_whose(browser: Client, world: World) -> None:
    known = submitted(world)
    case = prepared(browser, world)
    page = browser.get(f"/file/{case.key}/check/").content.decode()
    assert "您的小区已有相同的事项在办" in page
    assert known.number not in page
    browser.post(f"/file/{case.key}/category/", {"group": "parking"})
    browser.post(f"/file/{case.key}/detail/", {"category": "0602"})
    assert "您的小区已有相同的事项在办" not in browser.get(f"/file/{case.key}/check/").content.decode()


def test_the_own_open_case_is_shown_to_its_owner(browser: Client, world: World) -> None:
    known = submitted(world)
    browser.force_login(world.resident)
    case = filled(browser, world)
    assert known.number in browser.get(f"/file/{case.key}/facts/").content.decode()


# --- files ------------------------------------------------------------------------------------------------------


def test_good_files_are_kept_and_each_bad_one_is_named_with_its_reason(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    uploads = [picture(), SimpleUploadedFile("a.exe", b"MZ" * 50), SimpleUploadedFile("空.pdf", b"")]
    response = browser.post(f"/file/{case.key}/files/", {"files": uploads})
    page = response.content.decode()
    assert response.status_code == 422
    assert "“a.exe”没有收下" in page
    assert "“空.pdf”没有收下：这个文件是空的" in page
    assert [e.name for e in case.evidence.all()] == ["墙.jpg"]
    assert case.evidence.get().party == case.parties.get(side=Side.APPLICANT)
    removed = browser.post(f"/file/{case.key}/files/", {"remove": "1"})
    assert removed.status_code == 302
    assert not case.evidence.filter(withdrawn_at__isnull=True).exists()
    for nonsense in ("x", "", "99", "１", "-1", "9" * 40):
        assert browser.post(f"/file/{case.key}/files/", {"remove": nonsense}).status_code == 302


def test_several_files_are_taken_at_once_and_more_may_follow(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    uploads = [picture("一.jpg"), picture("二.jpg", "blue")]
    more = browser.post(f"/file/{case.key}/files/", {"files": uploads, "upload": "1"})
    assert more["Location"] == f"/file/{case.key}/files/"
    page = browser.get(more["Location"]).content.decode()
    assert "一.jpg" in page
    assert "二.jpg" in page
    assert browser.post(f"/file/{case.key}/files/", {"upload": "1"}).status_code == 422
    assert browser.post(f"/file/{case.key}/files/", {})["Location"] == f"/file/{case.key}/check/"
    assert "2 份" in browser.get(f"/file/{case.key}/check/").content.decode()
    file_it(browser, case)
    guest = User.objects.get(pk=browser.session["_auth_user_id"])
    assert len(visible_evidence(Case.objects.get(pk=case.pk), guest)) == 2


def test_a_membership_that_ended_no_longer_lends_its_name(browser: Client, world: World) -> None:
    Membership.objects.filter(user=world.committee_user, role=Role.COMMITTEE_USER).update(until=date(2026, 1, 1))
    browser.force_login(world.committee_user)
    case = filled(browser, world)
    assert "以谁的名义" not in browser.get(f"/file/{case.key}/you/").content.decode()


def test_the_pages_of_a_filing_are_never_kept_by_a_cache(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    for slug in SLUGS:
        assert "no-store" in browser.get(f"/file/{case.key}/{slug}/")["Cache-Control"]


def test_the_wizard_speaks_english_too(browser: Client, world: World) -> None:
    case = prepared(browser, world)
    browser.post("/language/", {"language": "en", "next": "/"})
    for slug in SLUGS:
        assert browser.get(f"/file/{case.key}/{slug}/").status_code == 200


@pytest.mark.parametrize(
    ("language", "facts", "words"),
    [
        (
            "en",
            "There is a gas leak in the kitchen and my mother is trapped in the lift, please help us at once.",
            (
                "tel:119",
                "tel:110",
                "tel:120",
                "emergency number",
                "24-hour rescue number",
                "95598",
            ),
        ),
        (
            "zh-hans",
            "廚房煤氣洩漏，我媽媽被困在電梯裡，已經半個小時了，請快來幫忙。",
            ("tel:119", "tel:110", "tel:120", "燃气公司的抢修电话", "24小时救援电话", "95598"),
        ),
    ],
)
def test_danger_in_english_and_in_traditional_characters_is_answered_first(
    browser: Client, world: World, language: str, facts: str, words: tuple[str, ...]
) -> None:
    Company.objects.filter(pk=world.company.pk).update(phone="0551-62345678")
    browser.cookies["django_language"] = language
    case = begun(browser)
    go(browser, case, "estate", "category", estate=str(world.estate.pk))
    go(browser, case, "category", "detail", group="repair")
    go(browser, case, "detail", "facts", category="0301")
    go(browser, case, "facts", "elsewhere", facts=facts)
    page = browser.get(f"/file/{case.key}/elsewhere/").content.decode()
    assert [word for word in (*words, "0551-62345678") if word not in page] == []
