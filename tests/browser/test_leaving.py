"""A visitor leaves in the middle of the wizard, on a phone: asked first, and found again or gone for good."""

from playwright.sync_api import Page

from tests.browser.people import PHONE, Person, Stage
from tests.cast import World

SPILLS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def begin(person: Person) -> Page:
    page = person.page
    page.goto(person.origin + "/file/place/")
    page.get_by_label("城市").select_option("340100")
    page.get_by_label("小区").fill("翠湖花园")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/file/*/*/")
    return page


def test_leaving_the_wizard_asks_and_keeps_or_deletes(stage: Stage, town: World) -> None:
    person = stage.person(None, width=PHONE)
    page = begin(person)
    page.get_by_role("contentinfo").get_by_role("button", name="退出").click()
    page.wait_for_url("**/file/leave/")
    assert page.get_by_role("heading", level=1).inner_text() == "退出前：草稿留不留？"
    assert page.evaluate(SPILLS) == 0
    assert page.get_by_text("留着的话，用这台设备的人都能打开它。").is_visible()
    page.get_by_role("link", name="不退出，继续填写").last.click()
    page.wait_for_url("**/file/")
    page.get_by_role("contentinfo").get_by_role("button", name="退出").click()
    page.get_by_role("button", name="留着草稿，退出").click()
    page.get_by_text("草稿还在这台设备上").wait_for()
    page.goto(person.origin + "/file/")
    page.get_by_role("button", name="接着填").click()
    page.wait_for_url("**/file/*/*/")
    page.get_by_role("contentinfo").get_by_role("button", name="退出").click()
    page.get_by_role("button", name="删除草稿，退出").click()
    page.get_by_text("已退出，草稿已经删除，不会提交。").wait_for()
    page.goto(person.origin + "/file/")
    assert page.get_by_text("没填完的").count() == 0
