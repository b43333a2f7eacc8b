"""The front page, everybody's way to the own desk, and a resident's list of cases."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.choices import STATUS_SENTENCES, Status
from cases.passes import issue_pass
from tests.cast import NOW, World
from tests.journeys import case_in, party, submitted

pytestmark = pytest.mark.slow


def test_a_visitor_finds_the_three_ways_in_and_a_phone_number(world: World) -> None:
    page = Client().get("/").content.decode()
    for way in ('href="/file/"', 'href="/pass/"', 'href="/account/phone/?next=/my/"', 'href="tel:', "/account/login/"):
        assert way in page


@pytest.mark.parametrize(
    ("who", "desk"),
    [
        ("resident", "/my/"), ("neighbour", "/my/"), ("company_user", "/company/"), ("competitor_user", "/company/"),
        ("committee_user", "/company/"), ("regulator", "/region/"), ("intake", "/desk/"), ("mediator", "/desk/"),
        ("director", "/desk/"), ("archivist", "/desk/"), ("sysadmin", "/desk/accounts/"),
    ],
)  # fmt: skip
def test_whoever_is_signed_in_goes_to_the_own_desk(world: World, who: str, desk: str) -> None:
    browser = Client()
    browser.force_login(getattr(world, who))
    assert browser.get("/")["Location"] == desk


def test_a_guest_sees_the_front_page_with_the_own_matters(world: World) -> None:
    case = submitted(world)
    code = issue_pass(party(case, "APPLICANT"), by=world.intake, at=NOW)
    browser = Client()
    browser.post("/pass/", {"code": code})
    assert 'href="/my/"' in browser.get("/").content.decode()
    assert case.number in browser.get("/my/").content.decode()


def test_nobody_is_asked_to_come_in_first() -> None:
    assert Client().get("/my/")["Location"] == "/account/phone/?next=/my/"


def test_a_resident_sees_the_own_cases_in_plain_words_and_nobody_elses(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    browser = Client()
    browser.force_login(world.resident)
    page = browser.get("/my/").content.decode()
    assert case.number in page
    assert str(STATUS_SENTENCES[Status.MEDIATING]) in page
    assert "最晚 " in page
    stranger = Client()
    stranger.force_login(world.stranger)
    assert case.number not in stranger.get("/my/").content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "２", "99999999999", "2"])
def test_strange_page_numbers_show_a_page(world: World, page: str) -> None:
    browser = Client()
    browser.force_login(world.resident)
    assert browser.get("/my/", {"page": page}).status_code == 200


def queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get("/my/").status_code == 200
    return len(captured)


def test_the_list_asks_the_database_as_often_for_many_cases_as_for_one(world: World, settings: Any) -> None:
    browser = Client()
    browser.force_login(world.resident)
    submitted(world)
    browser.get("/my/")
    one = queries(browser)
    for _i in range(24):
        submitted(world)
    assert queries(browser) == one
    assert "?page=2" in browser.get("/my/").content.decode()
    assert browser.get("/my/?page=2").content.decode().count("AH-2026-") >= 5
