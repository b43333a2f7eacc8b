"""One server on the test database, one browser, one world: made once for all browser tests, with real commits."""

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Centre, Region
from calendars.models import CalendarDay
from cases.models import Category
from members.models import Estate
from tests.chromium import chromium_path
from tests.live.servers import Site, serve

if TYPE_CHECKING:
    from tests.browser.people import Stage
    from tests.cast import World

# Only in the browser: no other machine is asked, nothing is stored, no sandbox of its own in a container.
SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
MORE_ESTATES = ("梧桐雅苑", "银杏家园", "滨河新村")
SEEDS = [
    (Region, "accounts.migrations.0009_whole_country", "add"),
    (CalendarDay, "calendars.migrations.0002_known_years", "fill"),
    (Category, "cases.migrations.0002_taxonomy", "load"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this directory."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def _django_db_helper(django_db_setup: None) -> None:
    """Neither roll back nor empty anything after a test: the town stays until the last of them."""


def restore_seeds() -> None:
    """Load again what the migrations load, where tests with real commits have emptied the tables."""
    for model, module, function in SEEDS:
        if not model._default_manager.exists():
            getattr(importlib.import_module(module), function)(apps, None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps an event loop in this thread
        browser = running.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> "Iterator[World]":
    """The cast, committed; the calendar of the machine, because the server has its own clock."""
    from tests import journeys  # models load after pytest has configured Django
    from tests.cast import make_world

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(journeys, "TODAY", timezone.localdate())
        restore_seeds()
        made = make_world()
        for name in MORE_ESTATES:  # every case of the town needs a matter that no other case is about
            Estate.objects.create(name=name, region=made.district, address="合肥市蜀山区", households=300, area=9000)
        Centre.objects.update(workload_limit=400)  # one mediator has the cases of all tests
        yield made
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()  # playwright's loop has a connection of its own


@pytest.fixture(scope="package")
def matters(town: "World") -> Iterator[dict[str, Any]]:
    """What each case of this town is about; a town that is made anew has estates of its own."""
    from tests.browser.people import all_matters

    return all_matters()


@pytest.fixture(scope="package")
def house(town: "World", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def stage(chromium: Browser, house: Site, town: "World", matters: Iterator[dict[str, Any]]) -> "Iterator[Stage]":
    """Browsers of as many people as a test needs; nothing may go wrong unseen in any of them."""
    from tests.browser.people import Stage

    made = Stage(chromium, house, town, matters)
    yield made
    made.close()
    assert made.problems == []
