"""The main pages of every role, on a phone and at a desk: accessible, inside the screen, also large and in English."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.dressing import REQUESTS, dress
from tests.browser.pages import READERS, STATES, Reader
from tests.browser.people import DESK, HEIGHT, PHONE, Person, Stage
from tests.cast import World
from tests.journeys import case_in

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"
SPILLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
READER = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


@pytest.fixture(scope="module")
def numbers(town: World, matters: Iterator[dict[str, Any]]) -> dict[str, str]:
    """A case in each state, by the number in its address, and the keys of what lies in them."""
    cases = {
        str(status): case_in(status, town, timezone.now(), requests=REQUESTS, **next(matters)) for status in STATES
    }
    return {status: case.number or "" for status, case in cases.items()} | dress(town, matters, cases)


def sit_down(stage: Stage, reader: Reader, width: int) -> Person:
    user = getattr(stage.world, reader.cast) if reader.cast else None
    stage.expected.add(404)  # a page that does not exist is a page as well
    return stage.person(user, width=width)


def look_at(person: Person, reader: Reader, address: str) -> Page:
    """Open a page that is there."""
    answer = person.page.goto(person.origin + address)
    assert answer is not None
    assert answer.status == (404 if "/no/such/" in address else 200), (reader.name, address, answer.status)
    return person.page


def keep(page: Page, reader: Reader, name: str) -> None:
    """Keep what a page looks like where `PICTURES=<directory>` asks for it."""
    if kept := os.environ.get("PICTURES"):
        page.screenshot(path=Path(kept) / f"{reader.name}-{name}.png", full_page=True)


def found_wrong(page: Page) -> list[str]:
    """What axe says of a page, one line for each kind of violation."""
    result: dict[str, Any] = page.evaluate(RUN, TAGS)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in result["violations"]
        for node in one["nodes"][:3]
    ]


@READER
def test_no_violation_and_nothing_beside_the_screen(stage: Stage, numbers: dict[str, str], reader: Reader) -> None:
    """Open each page on a phone, then make the window as wide as at a desk."""
    person = sit_down(stage, reader, PHONE)
    person.page.add_init_script(path=AXE)
    wrong = []
    for i, address in enumerate(reader.pages):
        page = look_at(person, reader, address.format(**numbers))
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": HEIGHT[width]})
            wrong += [f"{address} {width}: {one}" for one in found_wrong(page)]
            keep(page, reader, f"{i:02}-{width}")
            if spill := page.evaluate(SPILLS):
                wrong.append(f"{address}: {spill} pixels wider than a screen of {width}")
        page.set_viewport_size({"width": PHONE, "height": HEIGHT[PHONE]})
    assert not wrong, "\n".join(wrong)


@READER
def test_large_type_and_english_open_everywhere(stage: Stage, numbers: dict[str, str], reader: Reader) -> None:
    person = sit_down(stage, reader, PHONE)
    cookies = [("large_type", "1"), ("django_language", "en")]
    person.page.context.add_cookies([{"name": n, "value": v, "url": person.origin} for n, v in cookies])
    wrong = []
    for address in reader.pages:
        page = look_at(person, reader, address.format(**numbers))
        if page.locator("html").get_attribute("lang") != "en" or page.locator("html.large").count() != 1:
            wrong.append(f"{address}: not English in large type")
        if spill := page.evaluate(SPILLS):
            wrong.append(f"{address}: {spill} pixels wider than the screen")
    assert not wrong, "\n".join(wrong)
