"""Whose session has ended comes to the right door, and from there back; what one may not see stays 404."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from cases.choices import Side, Status
from cases.passes import issue_pass
from tests.cast import NOW, PASSWORD, World
from tests.journeys import case_in, party
from tests.web.pages import address, browser, text_of

pytestmark = pytest.mark.django_db
STAFF_PAGES = ["/desk/", "/desk/?status=SIGNING&q=水", "/desk/accounts/", "/desk/unreachable/", "/members/companies/"]


def was_here(user: User, page: str = "/account/") -> Client:
    """A browser in which somebody has worked, and whose session has ended."""
    client = browser(user)
    client.get(page)
    Session.objects.all().delete()
    return client


def door(answer: Any) -> tuple[str, str]:
    parts = urlsplit(answer["Location"])
    return parts.path, parse_qs(parts.query).get("next", [""])[0]


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_staff_land_on_their_sign_in_page_and_come_back(world: World, page: str) -> None:
    client = was_here(world.intake)
    answer = client.get(page)
    assert door(answer) == ("/account/login/", client.get(page).wsgi_request.get_full_path())
    form = client.get(answer["Location"])
    assert "工作人员登录" in text_of(form)
    assert f"/account/phone/?next={page[:6]}" in text_of(form)  # the other door keeps the way back
    name = "sysadmin" if "accounts" in page else "intake"
    done = client.post("/account/login/", {"login": name, "password": PASSWORD, "next": door(answer)[1]})
    assert done["Location"] == door(answer)[1]
    assert client.get(done["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "page"), [("company_user", "/company/"), ("regulator", "/region/"), ("committee_user", "/company/")]
)
def test_companies_committees_and_regulators_too(world: World, name: str, page: str) -> None:
    assert door(was_here(world.people()[name]).get(page)) == ("/account/login/", page)
    assert door(Client().get(page)) == ("/account/login/", page)  # also on a device that is new


def test_a_case_opens_by_the_door_that_this_device_was_used_with(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    world.resident.set_unusable_password()
    world.resident.save()
    here = address(case)
    assert door(was_here(world.intake).get(here)) == ("/account/login/", here)
    assert door(was_here(world.company_user).get(here)) == ("/account/login/", here)
    assert door(was_here(world.resident).get(here)) == ("/account/phone/", here)
    issue_pass(party(case, Side.APPLICANT), by=world.intake, at=NOW)
    guest = User.objects.get(case_pass__party=party(case, Side.APPLICANT), is_active=True)
    assert door(was_here(guest, here).get(here)) == ("/pass/", here)
    assert door(Client().get(here)) == ("/account/phone/", here)
    phone = text_of(Client().get(f"/account/phone/?next={here}"))
    assert f"/account/login/?next={here}" in phone
    assert 'href="/pass/"' in phone


def test_an_unknown_and_a_real_case_answer_nobody_alike(world: World) -> None:
    real = address(case_in(Status.SUBMITTED, world))
    answers = [Client().get(page) for page in (real, "/cases/AH-1999-99999/")]
    assert {answer.status_code for answer in answers} == {302}
    assert {door(answer)[0] for answer in answers} == {"/account/phone/"}


def test_what_was_sent_after_the_end_is_not_saved_and_says_so(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    client, here = was_here(world.intake), address(case, "do/message/")
    answer = client.post(here, {"body": "请来电"}, headers={"referer": f"http://testserver{here}"})
    assert answer.status_code == 401
    assert "请来电" in text_of(answer)
    assert f"/account/login/?next={quote(here, safe='')}" in text_of(answer)
    assert case.messages.count() == 0
    for page in ("https://evil.example/desk/", "http://testserver/desk/?who=me"):
        led = client.post("/desk/new/", {}, headers={"referer": page})
        assert door(led) == ("/account/login/", "/desk/?who=me" if "testserver" in page else "/")
        assert "没有生效" in text_of(client.get(led["Location"]))


def test_a_fragment_that_is_fetched_leads_the_whole_page_to_the_door(world: World) -> None:
    client = was_here(world.intake)
    given = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?who=me"}
    answer = client.get("/desk/", headers=given)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/account/login/?next=%2Fdesk%2F%3Fwho%3Dme")


def test_the_way_back_never_leads_to_another_site(world: World) -> None:
    client = Client()
    for wanted in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        done = client.post("/account/login/", {"login": "intake", "password": PASSWORD, "next": wanted})
        assert done["Location"] == "/"
        client.post("/account/logout/")


def test_whoever_is_signed_in_and_may_not_see_a_page_finds_none(world: World) -> None:
    for name in ("resident", "company_user", "regulator"):
        assert browser(world.people()[name]).get("/desk/").status_code == 404
    assert browser(world.intake).get("/desk/accounts/").status_code == 404
    assert Client().get("/no/such/page/").status_code == 404


def test_public_pages_ask_nobody_to_sign_in(world: World) -> None:
    for page in ("/", "/mediators/", "/verify/", "/pass/", "/file/", "/account/login/", "/account/phone/"):
        assert Client().get(page).status_code == 200, page


def test_the_device_remembers_the_door_and_nothing_else(world: World) -> None:
    for user, way in ((world.intake, "password"), (world.resident, "phone")):
        client = browser(user)
        kept = client.get("/account/").cookies["comes_in_by"]
        assert (kept.value, kept["httponly"], kept["samesite"]) == (way, True, "Lax")
        assert int(kept["max-age"]) == timedelta(days=365).total_seconds()
        assert "comes_in_by" not in client.get("/account/").cookies  # once is enough
