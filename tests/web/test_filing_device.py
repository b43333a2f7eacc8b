"""A visitor's draft is kept thirty days on this device, whoever signs in or out meanwhile, or is deleted on demand."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from cases.choices import Status
from cases.models import Case
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import text_of
from tests.web.test_filing import begun, file_it, prepared
from web.filing.device import COOKIE

pytestmark = pytest.mark.django_db


def words(answer: object) -> str:
    return re.sub(r"\s+", "", text_of(answer))  # type: ignore[arg-type]


def take_up(browser: Client, case: Case) -> None:
    """Go on with a draft that the first page offers, and see that it is open."""
    assert "这台设备上没填完的" in words(browser.get("/file/"))
    answer = browser.post(f"/file/{case.key}/take-up/")
    assert (answer.status_code, answer["Location"]) == (302, f"/file/{case.key}/")
    assert browser.get(f"/file/{case.key}/estate/").status_code == 200
    case.refresh_from_db()
    assert str(case.created_by_id) == browser.session["_auth_user_id"]


def kept(case: Case) -> bool:
    case.refresh_from_db()
    return case.status == Status.DRAFT


def test_leaving_asks_first_and_says_until_when_and_who_else_could_see_it(world: World) -> None:
    browser = Client()
    with time_machine.travel(NOW, tick=False):
        case = begun(browser)
        page = browser.get(f"/file/{case.key}/estate/").content.decode()
        assert 'action="/file/leave/"' in page
        answer = browser.post("/file/leave/")
        assert (answer.status_code, answer["Location"]) == (302, "/file/leave/")
        asked = words(browser.get("/file/leave/"))
    assert "您有1份没填完的草稿，可以在这台设备上留到12月3日；留着的话，用这台设备的人都能打开它。" in asked
    assert "checked" not in asked
    assert "_auth_user_id" in browser.session  # still there, nothing is thrown away
    assert kept(case)


def test_leaving_with_the_draft_kept_lets_this_device_go_on(world: World) -> None:
    browser = Client()
    case = begun(browser)
    assert browser.post("/file/leave/", {"drafts": "keep"}).status_code == 302
    assert "_auth_user_id" not in browser.session
    assert "草稿还在这台设备上" in words(browser.get("/"))
    assert kept(case)
    assert browser.get(f"/file/{case.key}/estate/")["Location"] == "/file/"
    take_up(browser, case)


def test_leaving_with_the_draft_deleted_leaves_nothing_on_a_shared_device(world: World) -> None:
    browser = Client()
    first, second = begun(browser), begun(browser, estate_name="书香名邸")
    assert browser.post("/file/leave/", {"drafts": "delete"}).status_code == 302
    assert "_auth_user_id" not in browser.session
    assert browser.cookies[COOKIE].value == ""
    assert (kept(first), kept(second)) == (False, False)
    assert "没填完的" not in words(browser.get("/file/"))
    assert browser.post(f"/file/{first.key}/take-up/").status_code == 404


def test_a_guest_without_drafts_leaves_at_once(world: World) -> None:
    browser = Client()
    case = begun(browser)
    browser.post(f"/file/{case.key}/discard/")
    answer = browser.post("/file/leave/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "_auth_user_id" not in browser.session


def test_signing_out_by_the_old_address_loses_nothing(world: World) -> None:
    browser = Client()
    case = begun(browser)
    browser.post("/account/logout/")
    assert "_auth_user_id" not in browser.session
    take_up(browser, case)


def test_another_account_on_the_device_neither_sees_the_draft_nor_loses_it(world: World) -> None:
    browser = Client()
    case = begun(browser)
    browser.force_login(world.stranger)
    assert "没填完的" not in words(browser.get("/file/"))
    assert browser.post(f"/file/{case.key}/take-up/").status_code == 404
    browser.post("/account/logout/")
    take_up(browser, case)


def test_a_session_that_ended_loses_nothing_for_thirty_days(world: World) -> None:
    browser = Client()
    with time_machine.travel(NOW, tick=False):
        case = begun(browser)
        del browser.cookies["sessionid"]
        answer = browser.post(f"/file/{case.key}/estate/", {"estate": "", "note": "刚才填的"})
        assert answer.status_code == 404
        assert "刚才填的" in words(answer)
        assert "以前存下的草稿还在这台设备上，可以接着填。" in words(answer)
    with time_machine.travel(NOW + timedelta(days=29), tick=False):
        take_up(browser, case)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        del browser.cookies["sessionid"]
        assert "没填完的" not in words(browser.get("/file/"))


def test_beginning_anew_and_another_language_keep_the_first_draft(world: World) -> None:
    browser = Client()
    first = begun(browser)
    browser.post("/language/", {"language": "en", "next": "/file/"})
    assert browser.get(f"/file/{first.key}/estate/").status_code == 200
    browser.post("/language/", {"language": "zh-hans", "next": "/file/"})
    del browser.cookies["sessionid"]
    second = begun(browser, estate_name="书香名邸")
    take_up(browser, first)
    assert kept(second)
    assert browser.get(f"/file/{second.key}/estate/").status_code == 200


def test_a_pass_that_ends_after_twelve_hours_does_not_take_the_draft_with_it(world: World) -> None:
    browser = Client()
    first = prepared(browser, world)
    second = begun(browser, estate_name="书香名邸")
    file_it(browser, first)
    del browser.cookies["sessionid"]
    take_up(browser, second)
    user = User.objects.get(pk=browser.session["_auth_user_id"])
    assert list(Case.objects.visible_to(user)) == [second]  # the filed case needs its pass


def test_a_draft_can_be_given_up_from_the_first_page(world: World) -> None:
    browser = Client()
    case = begun(browser)
    del browser.cookies["sessionid"]
    answer = browser.post(f"/file/{case.key}/take-up/", {"discard": "1"})
    assert answer["Location"] == f"/file/{case.key}/discard/"
    browser.post(answer["Location"])
    assert not kept(case)


def test_a_cookie_that_was_made_up_opens_nothing(world: World) -> None:
    owner, thief = Client(), Client()
    case = begun(owner)
    real = owner.cookies[COOKIE].value
    for forged in (str(case.key), real[:-1] + ("A" if real[-1] != "A" else "B"), "x" * 5000, f"{case.key}:1:2"):
        thief.cookies[COOKIE] = forged
        assert "没填完的" not in words(thief.get("/file/"))
        assert thief.post(f"/file/{case.key}/take-up/").status_code == 404
    assert Client().post(f"/file/{case.key}/take-up/").status_code == 404


def test_a_draft_of_an_account_is_never_taken_up_from_a_device(world: World) -> None:
    browser = Client()
    case = begun(browser)
    Case.objects.filter(pk=case.pk).update(created_by=world.resident)
    del browser.cookies["sessionid"]
    assert browser.post(f"/file/{case.key}/take-up/").status_code == 404
    filed = case_in(Status.SUBMITTED, world)
    assert browser.post(f"/file/{filed.key}/take-up/").status_code == 404
