"""Text messages that are kept, limits that start afresh, and an account at the desk."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Centre, Region, User
from accounts.regions import load_regions
from notifications.gateways.memory import MemoryGateway

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PASSWORD = "translucent-otter-47"
PHONE = "13812345678"


@pytest.fixture(autouse=True)
def outbox(settings: Any, db: None) -> Iterator[type[MemoryGateway]]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    cache.clear()
    yield MemoryGateway
    MemoryGateway.clear()


@pytest.fixture
def centre(db: None) -> Centre:
    load_regions()
    return Centre.objects.create(
        code="AH", name="安徽省调处中心", region=Region.objects.get(code="340000"), number_prefix="皖物调", phone="0551"
    )


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user("clerk", password=PASSWORD, display_name="王芳")


@pytest.fixture
def browser() -> Client:
    return Client()


def last_code() -> str:
    """Return the code in the last text message."""
    found = re.search(r"\d{6}", MemoryGateway.outbox[-1].text)
    assert found
    return found[0]
