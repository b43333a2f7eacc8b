"""People at their browsers: what they see, fill in and press, and what went wrong behind it."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from accounts.models import User
from cases.models import Case, Category
from members.models import Estate
from tests.cast import World
from tests.journeys import case_in
from tests.live.servers import Site, sign_in

PHONE, DESK = 390, 1440
HEIGHT = {PHONE: 844, DESK: 900}
SOON = 2_000  # milliseconds in which a page shows by itself what happened elsewhere
PATIENT = 10_000  # milliseconds for what only has to come
SPIN = 0.03  # seconds of processor with which a machine is asked how busy it is
MOST_BUSY = 4
expect.set_options(timeout=PATIENT)


def soon() -> float:
    """Return the two seconds as they pass on this machine now: longer where a processor is shared, at most fourfold."""
    began, spent = time.perf_counter(), time.thread_time()
    while time.thread_time() - spent < SPIN:
        pass
    return SOON * min(max((time.perf_counter() - began) / SPIN, 1), MOST_BUSY)


class Person:
    """One browser of one person, with the habits of its pages."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def open(self, path: str) -> "Person":
        """Go to an address of the site."""
        self.page.goto(self.origin + path)
        return self

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def status_of(self, path: str) -> int:
        """The status with which an address answers."""
        found: int = self.page.request.get(self.origin + path, max_redirects=0).status
        return found

    def case(self, case: Case) -> "Person":
        """Go to the page of a case."""
        return self.open(f"/cases/{case.number}/")

    def follow(self, name: str) -> "Person":
        """Press the link on the page of a case that leads to the form of an action or fact."""
        self.page.locator(f"main a[href*='/{name}/']:visible").first.click()
        self.page.wait_for_url(f"**/{name}/**")
        return self

    def fill(self, **answers: Any) -> "Person":
        """Answer by the names of the fields."""
        for name, value in answers.items():
            self.answer(name, value)
        return self

    def answer(self, name: str, value: Any) -> None:
        fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
        field = fields.first
        kind = field.evaluate("field => field.type")
        if kind == "radio" or (kind == "checkbox" and value is not True):
            for one in value if isinstance(value, list) else [value]:
                self.page.locator(f"main [name='{name}'][value='{one}']").check()
        elif kind == "checkbox":
            field.check()
        elif kind.startswith("select"):
            field.select_option(str(value))
        else:
            field.fill(str(value))

    @property
    def button(self) -> Locator:
        """The button that sends the form."""
        return self.page.locator("main .buttons button:visible").first

    def send(self) -> "Person":
        """Press it and wait for the answer."""
        with self.page.expect_navigation():
            self.button.click()
        return self

    @property
    def mistakes(self) -> str:
        """What the page says is not filled in right."""
        summary = self.page.locator("#error-summary")
        return summary.inner_text() if summary.count() else ""

    def act(self, name: str, **answers: Any) -> "Person":
        """From the page of a case: open a form, fill it in, send it; the case comes back."""
        self.follow(name).fill(**answers).send()
        assert f"/{name}/" not in self.path, self.page.locator("main").inner_text()[:600]
        return self

    def sees(self, text: str, *, within: float = PATIENT) -> "Person":
        expect(self.page.locator("main")).to_contain_text(text, timeout=within)
        return self

    def sees_soon(self, text: str) -> "Person":
        """What happened elsewhere appears by itself, in two seconds at most."""
        return self.sees(text, within=soon())

    def sees_nothing_of(self, *texts: str) -> "Person":
        markup = self.page.content()
        assert [text for text in texts if text in markup] == []
        return self

    def listening(self) -> "Person":
        """Wait until the page follows what happens elsewhere."""
        self.page.wait_for_function("document.querySelector('[data-live-place=announcer]') !== null")
        self.page.wait_for_timeout(400)
        return self


def all_matters() -> Iterator[dict[str, Any]]:
    """Matters in which the town's mediators are versed; the first stays free for what is filed in a browser."""
    known = Category.objects.filter(parent__in=["01", "02", "03"], mediable="Y").exclude(code="0301")
    yield from ({"estate": estate, "category": category} for estate in Estate.objects.all() for category in known)


class Stage:
    """All browsers of a test."""

    def __init__(self, browser: Browser, site: Site, world: World, matters: Iterator[dict[str, Any]]) -> None:
        self.browser, self.site, self.world, self.matters = browser, site, world, matters
        self.contexts: list[Any] = []
        self.problems: list[str] = []
        self.expected: set[int] = set()

    def case_in(self, status: str, **fields: Any) -> Case:
        """A case of its own in this state: another matter each time, because the same one may not be open twice."""
        return case_in(status, self.world, timezone.now(), **next(self.matters), **fields)

    def person(self, user: User | None = None, *, width: int = DESK, **options: Any) -> Person:
        """Open a browser, signed in where somebody is named."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT[width]}, locale="zh-CN", **options
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        if user is not None:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(user), "url": self.site.origin}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.note(page, message))
        page.on("response", self.check)
        return Person(page, self.site.origin)

    def texts(self) -> list[str]:
        """The text messages that the server has sent so far, as its terminal shows them."""
        lines = self.site.log.read_text("utf-8", errors="replace").splitlines()
        return [line for line in lines if line.startswith("[SMS")]

    def note(self, page: Page, message: ConsoleMessage) -> None:
        """Keep what the browser complains about, a breach of the content policy among it."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"{page.url}: {message.text}")

    def check(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and response.status not in self.expected):
            self.problems.append(f"{response.status} {response.request.method} {response.url}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()
