"""What every test may use."""

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.utils import translation

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


@pytest.fixture
def world(db: None) -> "World":
    """The cast (see tests/cast.py)."""
    from tests.cast import make_world  # models load after pytest has configured Django

    return make_world()


@pytest.fixture(autouse=True)
def one_language() -> Iterator[None]:
    """Leave no language behind: a request in English activates it for the thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)
