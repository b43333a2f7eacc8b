"""What a page does with a hint: a browser, a real server, and a page of our own that it fetches again."""

import html
from collections.abc import Iterator

import pytest
from django.db import transaction
from playwright.sync_api import Page, Playwright, Route, expect, sync_playwright

from accounts.models import Membership
from audit.live import announce
from tests.chromium import chromium_path
from tests.live.conftest import World
from tests.live.servers import Site, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    chromium_path()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps an event loop in this thread
        yield running


class Probe:
    """A page with one region about the case, as a template would draw it, and what was asked of it."""

    def __init__(self, page: Page, site: Site, world: World) -> None:
        self.page, self.site, self.world = page, site, world
        self.version = 3
        self.text = "调解中"
        self.title = "我的案件"
        self.fragments = 0
        self.holds = False  # answers are kept until they are released
        self.held: list[tuple[Route, str]] = []
        page.route("**/probe/", self.give_page)
        page.route("**/probe/region/", self.give_region)
        self.url = f"{site.origin}/probe/"

    def region(self) -> str:
        topic = self.world.case.topic
        return (
            f'<section id="status" data-live-topic="{topic}" data-live-version="{self.version}"'
            f' data-live-url="/probe/region/"><p>{html.escape(self.text)}</p><a id="more" href="#more">详情</a>'
            '<form><input type="hidden" name="csrfmiddlewaretoken" value="x"><label>意见 <input name="opinion"></label>'
            "<select name=choice><option>甲<option>乙</select></form>"
            f"<details><summary>经过</summary><p>{self.version}</p></details></section>"
        )

    def give_page(self, route: Route) -> None:
        body = (
            f'<!DOCTYPE html><html lang="zh-Hans"><title>x</title><script src="/static/js/live.js" defer></script>'
            f'<body data-live="user:{self.world.people["resident"].pk}@0"><main id="main"><h1>{self.title}</h1>'
            f'{self.region()}</main><div id="toasts"></div></body>'
        )
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)

    def give_region(self, route: Route) -> None:
        self.fragments += 1
        if self.holds:
            self.held.append((route, self.region()))
        else:
            route.fulfill(body=self.region(), content_type="text/html; charset=utf-8")

    def release(self) -> None:
        """Let arrive what the page was answered when it asked, however old that is by now."""
        self.holds = False
        for route, body in self.held:
            route.fulfill(body=body, content_type="text/html; charset=utf-8")

    def change(self, text: str) -> None:
        self.text = text
        self.version += 1
        self.announce()

    def announce(self) -> None:
        with transaction.atomic():
            self.world.case.revision = self.version
            self.world.case.save(update_fields=["revision"])
            announce(self.world.case.topic, self.version)


@pytest.fixture
def probe(playwright: Playwright, site: Site, world: World) -> Iterator[Probe]:
    # A page that a test gives has no address; without the last switch it may not open sockets to this machine.
    switches = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=switches)
    context = browser.new_context()
    context.add_cookies([{"name": "sessionid", "value": sign_in(world.people["resident"]), "url": site.origin}])
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield Probe(page, site, world)
    browser.close()
    assert problems == []


def opened(probe: Probe) -> Page:
    """Open the page and wait until it has joined its topics."""
    with probe.page.expect_websocket() as socket:
        probe.page.goto(probe.url)
    socket.value.wait_for_event("framereceived", lambda frame: "joined" in str(frame))
    return probe.page


def test_a_change_appears_by_itself_within_two_seconds(probe: Probe) -> None:
    page = opened(probe)
    probe.change("协议已达成")
    expect(page.locator("#status p").first).to_have_text("协议已达成", timeout=2_000)
    expect(page.locator("#status")).to_have_attribute("data-live-version", "4")
    expect(page.locator("[data-live-place=announcer]")).to_have_text("内容已更新。")
    assert probe.fragments == 1


def test_news_that_no_region_shows_fetch_the_page_again(probe: Probe) -> None:
    page = opened(probe)
    probe.title = "我的案件（1）"
    page.wait_for_timeout(300)
    with transaction.atomic():
        announce(f"user:{probe.world.people['resident'].pk}", 0)
    expect(page.locator("h1")).to_have_text("我的案件（1）", timeout=2_000)
    page.locator("[name=opinion]").fill("我不同意")
    probe.title = "我的案件（2）"
    with transaction.atomic():
        announce(f"user:{probe.world.people['resident'].pk}", 0)
    page.get_by_role("button", name="有更新，点这里查看").click()
    expect(page.locator("h1")).to_have_text("我的案件（2）")
    expect(page.locator("[name=opinion]")).to_have_value("我不同意")


@pytest.mark.parametrize("replaced", [False, True])
def test_what_is_heard_while_an_answer_is_on_its_way_is_fetched_after_it(probe: Probe, replaced: bool) -> None:
    """Also where something else replaced the region meanwhile, as a room does after sending."""
    page = opened(probe)
    probe.holds = True
    probe.change("调解中，有新方案")
    while not probe.held:
        page.wait_for_timeout(50)
    probe.change("协议已达成")
    page.wait_for_timeout(1_000)  # the second hint is there, the first answer is not
    if replaced:
        page.evaluate(
            "document.getElementById('status').replaceWith(document.getElementById('status').cloneNode(true))"
        )
    probe.release()
    expect(page.locator("#status p").first).to_have_text("协议已达成", timeout=2_000)
    expect(page.locator("#status")).to_have_attribute("data-live-version", "5")
    assert probe.fragments == 2


def test_the_focus_and_open_details_stay(probe: Probe) -> None:
    page = opened(probe)
    page.locator("summary").click()
    page.locator("#more").focus()
    probe.change("协议已达成")
    expect(page.locator("#status p").first).to_have_text("协议已达成")
    expect(page.locator("#more")).to_be_focused()
    expect(page.locator("details")).to_have_attribute("open", "")


@pytest.mark.parametrize("leave", [False, True])
def test_somebody_who_types_is_asked_and_loses_nothing(probe: Probe, leave: bool) -> None:
    page = opened(probe)
    page.locator("[name=opinion]").fill("我不同意")
    page.locator("[name=choice]").select_option("乙")
    if leave:
        page.locator("body").click(position={"x": 1, "y": 1})
    probe.change("协议已达成")
    offer = page.get_by_role("button", name="有更新，点这里查看")
    expect(offer).to_be_visible()
    expect(page.locator("#status p").first).to_have_text("调解中")
    probe.change("已签署")
    page.wait_for_timeout(600)
    expect(offer).to_have_count(1)
    offer.click()
    expect(page.locator("#status p").first).to_have_text("已签署")
    expect(page.locator("[name=opinion]")).to_have_value("我不同意")
    expect(page.locator("[name=choice]")).to_have_value("乙")
    expect(page.locator("#status")).to_be_focused()
    expect(offer).to_have_count(0)


def test_what_looks_the_same_is_not_announced(probe: Probe) -> None:
    page = opened(probe)
    page.evaluate("document.getElementById('status').sameNode = true")
    probe.announce()
    page.wait_for_timeout(1_000)
    assert probe.fragments == 1
    assert page.evaluate("document.getElementById('status').sameNode") is True
    expect(page.locator("[data-live-place=announcer]")).to_have_text("")


def test_a_lost_connection_is_said_and_mended(probe: Probe) -> None:
    page = opened(probe)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('pagehide'))")  # closes the socket, as Chromium's offline mode does not
    state = page.locator("[data-live-place=state]")
    expect(state).to_have_text("连接已断开，正在重连", timeout=6_000)
    probe.change("协议已达成")
    page.context.set_offline(False)
    expect(page.locator("#status p").first).to_have_text("协议已达成", timeout=5_000)
    expect(state).to_be_hidden()


def test_without_a_socket_the_page_polls(probe: Probe) -> None:
    probe.page.add_init_script("window.WebSocket = class { static OPEN = 1; constructor() { throw new Error(); } }")
    probe.page.goto(probe.url)
    probe.change("协议已达成")
    probe.page.evaluate("dispatchEvent(new Event('online'))")
    expect(probe.page.locator("#status p").first).to_have_text("协议已达成", timeout=15_000)


def test_a_session_that_ends_is_said(probe: Probe) -> None:
    page = opened(probe)
    page.context.clear_cookies()
    probe.world.people["resident"].set_password("something else entirely")
    probe.world.people["resident"].save()
    expect(page.locator("[data-live-place=state]")).to_contain_text("登录已失效", timeout=5_000)
    expect(page.get_by_role("button", name="刷新页面")).to_be_visible()


def test_a_lost_permission_is_said(probe: Probe) -> None:
    page = opened(probe)
    with transaction.atomic():
        probe.world.case.parties.update(user=None)
        Membership.objects.filter(user=probe.world.people["resident"]).delete()
        announce(f"roles:{probe.world.people['resident'].pk}", 0)
    expect(page.locator("[data-live-place=state]")).to_contain_text("无权查看", timeout=5_000)
