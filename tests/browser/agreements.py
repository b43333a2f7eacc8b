"""How somebody signs in a browser: the name drawn with the finger, the code read from the phone."""

import re
from typing import Any

from accounts.models import Spent
from cases.models import Case
from tests.browser.people import Person, Stage

CODE = re.compile(r"验证码(\d{6})")


def draw(person: Person) -> None:
    """Write a name with the finger."""
    sheet = person.page.locator("canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box is not None
    mouse = person.page.mouse
    for x1, y1, x2, y2 in [(0.1, 0.2, 0.4, 0.3), (0.25, 0.1, 0.25, 0.9), (0.5, 0.2, 0.9, 0.8)]:
        mouse.move(box["x"] + x1 * box["width"], box["y"] + y1 * box["height"])
        mouse.down()
        mouse.move(box["x"] + x2 * box["width"], box["y"] + y2 * box["height"], steps=6)
        mouse.up()


def ask_for_code(person: Person, stage: Stage, case: Case, **answers: Any) -> str:
    """Read the whole text, draw, tick, and have the code sent; return it as the phone shows it."""
    person.open(f"/cases/{case.number}/agreement/sign/").sees("核对并签署协议")
    draw(person)
    person.fill(confirmation="yes", read=True, **answers)
    before = len(stage.texts())
    Spent.objects.all().delete()  # the same phone had a code in the test before
    with person.page.expect_navigation():
        person.page.locator("button[name=step][value=code]").first.click()
    person.sees("验证码已经发到")
    assert person.page.locator("[data-strokes]").input_value() != ""
    found = CODE.search(stage.texts()[before])
    assert found is not None
    return found.group(1)


def enter(person: Person, code: str) -> Person:
    person.fill(code=code)
    with person.page.expect_navigation():
        person.page.locator("button[name=step][value=sign]").click()
    return person
