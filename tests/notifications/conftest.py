"""People to be told, and a gateway that keeps what it is given."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from notifications.gateways.memory import MemoryGateway

# 10:00 in Shanghai: text messages go out.
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def outbox(settings: Any) -> Iterator[type[MemoryGateway]]:
    settings.SMS_GATEWAY = "notifications.gateways.memory.MemoryGateway"
    MemoryGateway.clear()
    yield MemoryGateway
    MemoryGateway.clear()


@pytest.fixture
def resident() -> User:
    user = User(username="zhang", display_name="张桂兰")
    user.set_phone("+8613812345678")
    user.save()
    return user


@pytest.fixture
def clerk() -> User:
    return User.objects.create(username="clerk", display_name="李明", email="clerk@example.org")
