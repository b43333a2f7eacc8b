"""What every test may use."""

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests.ground import Ground, Here

if TYPE_CHECKING:
    from tests.cast import World

pytest_plugins = ["tests.journal_flush"]


def pytest_configure() -> None:
    """Make passwords cheap: what a real hash costs is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long: no worker is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Leave out of every collection of garbage what stays until the end: the code and the collected tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="module")
def file_ground(django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """What the tests of a file begin with (see tests/ground.py)."""
    ground = Ground()
    yield ground
    with django_db_blocker.unblock():
        ground.leave()


@pytest.fixture
def _on_ground(
    request: pytest.FixtureRequest,
    file_ground: Ground,
    monkeypatch: pytest.MonkeyPatch,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Begin the transaction of the file before the test's own; leave it where a test commits or has other people."""
    with django_db_blocker.unblock():
        if "cast" in request.fixturenames and not commits(request.node):
            file_ground.enter(monkeypatch)
            Here.ground = file_ground
        else:
            file_ground.leave()
    yield
    Here.ground = None


def commits(test: pytest.Item) -> bool:
    """Say whether a test commits what it writes."""
    marker = test.get_closest_marker("django_db")
    asks = {"transactional_db", "live_server"} & set(getattr(test, "fixturenames", ()))
    return bool(asks or (marker and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))))


@pytest.fixture
def _django_db_helper(_on_ground: None, _django_db_helper: None) -> None:
    """Let each test be a savepoint in the transaction of its file."""


@pytest.fixture
def cast(file_ground: Ground, db: None) -> "World":
    """The cast (see tests/cast.py)."""
    return file_ground.world()


@pytest.fixture
def world(cast: "World") -> "World":
    """The cast again, by the name that the tests use; files with other people have a `world` of their own."""
    return cast


@pytest.fixture(autouse=True)
def one_language() -> Iterator[None]:
    """Leave no language behind: a request in English activates it for the thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)
