"""What the journal's tests share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from accounts.models import User
from audit.append_only import TRIGGERS
from audit.models import Entry
from audit.services import Subject, record
from audit.verification import Verification

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

Append = Callable[..., Entry]


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user("clerk", display_name="王芳")


@pytest.fixture
def append(clerk: User) -> Append:
    """Append one entry that fills every column."""

    def append_one(subject: Subject = ("case", 1), action: str = "accept", **given: object) -> Entry:
        values: dict[str, object] = {
            "before": {"status": "SUBMITTED", "version": 1},
            "after": {"status": "ACCEPTED", "version": 2, "说明": "漏水，楼上不修"},
            "reason": "材料齐全",
            "at": NOON + timedelta(microseconds=Entry.objects.count()),
        }
        with transaction.atomic():
            return record(subject, action, by=clerk, **{**values, **given})  # type: ignore[arg-type]

    return append_one


def breaks() -> list[str]:
    """Verify and return the lines that the command would print."""
    with transaction.atomic():
        return [str(place) for place in Verification().breaks()]


@contextmanager
def owner_without_triggers() -> Iterator[None]:
    """Do what the owner of the database could do behind our back, and put the triggers back."""
    run("SET CONSTRAINTS ALL IMMEDIATE", *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TRIGGERS))
    yield
    run(
        "SET CONSTRAINTS ALL IMMEDIATE",
        *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, names in TRIGGERS.items() for name in names),
    )


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
