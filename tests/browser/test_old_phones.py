"""Pages with the style sheets as a phone of about 2020 reads them: laid out, wide enough, nothing off the screen."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Route

from cases.choices import Status
from tests.browser.people import DESK, PHONE, Stage
from tests.cast import World
from tests.journeys import case_in
from tests.old_browser import as_read

CSS = Path(settings.BASE_DIR, "static/css")
WIDE = "(name) => document.querySelector(name).getBoundingClientRect().width"
SPILLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOK = """(name) => { const look = getComputedStyle(document.querySelector(name));
  return [look.display, look.backgroundColor, look.minHeight]; }"""


def read_as_old(route: Route) -> None:
    found = re.search(r"/css/(\w+)", route.request.url)
    assert found
    route.fulfill(body=as_read((CSS / f"{found[1]}.css").read_text()), content_type="text/css")


@pytest.fixture(scope="module")
def number(town: World, matters: Iterator[dict[str, Any]]) -> str:
    return case_in(Status.MEDIATING, town, timezone.now(), **next(matters)).number or ""


def opened(stage: Stage, cast: str, width: int, address: str) -> Page:
    person = stage.person(getattr(stage.world, cast) if cast else None, width=PHONE if width == PHONE else DESK)
    person.page.set_viewport_size({"width": width, "height": 900})
    person.page.route("**/css/*.css*", read_as_old)
    answer = person.page.goto(person.origin + address)
    assert answer is not None
    assert answer.status == 200
    return person.page


@pytest.mark.parametrize("address", ["/", "/file/", "/file/place/", "/verify/", "/pass/"])
def test_a_resident_with_an_old_phone_sees_a_laid_out_page(stage: Stage, address: str) -> None:
    page = opened(stage, "", PHONE, address)
    assert page.evaluate(WIDE, "main.page") == PHONE
    assert page.evaluate(SPILLS) == 0
    assert page.evaluate(LOOK, ".site-head")[1] == "rgb(13, 56, 102)"
    if page.locator(".button").count():
        display, ground, height = page.evaluate(LOOK, ".button")
        assert display in {"inline-flex", "flex"}
        assert ground in {"rgb(20, 80, 140)", "rgb(255, 255, 255)"}
        assert float(height.removesuffix("px")) >= 44


@pytest.mark.parametrize("cast", ["mediator", "intake"])
@pytest.mark.parametrize("width", [DESK, 1100, PHONE])
def test_an_old_browser_at_a_desk_has_room_for_the_work(stage: Stage, number: str, cast: str, width: int) -> None:
    for address in ("/desk/", f"/cases/{number}/", f"/cases/{number}/documents/"):
        page = opened(stage, cast, width, address)
        least = {PHONE: PHONE, 1100: 500, DESK: 700}[width]
        assert page.evaluate(WIDE, ".desk__main") >= least, (address, width)
        assert page.evaluate(SPILLS) == 0, (address, width)
        beside = page.locator(".desk > .beside")
        if beside.count() and width == DESK:
            assert beside.evaluate("(e) => e.getBoundingClientRect().width") > 250


def test_without_the_order_of_the_sheets_this_test_is_red(stage: Stage) -> None:
    """The sheets as they were, in layers: an old phone has no style at all."""
    person = stage.person(None, width=PHONE)
    layered = re.compile(r"/css/(\w+)")

    def in_layers(route: Route) -> None:
        found = layered.search(route.request.url)
        assert found
        sheet = (CSS / f"{found[1]}.css").read_text()
        route.fulfill(body=as_read(f"@layer base {{ {sheet} }}"), content_type="text/css")

    person.page.route("**/css/*.css*", in_layers)
    person.page.goto(person.origin + "/")
    assert person.page.evaluate(LOOK, ".site-head")[1] != "rgb(13, 56, 102)"
