"""Let tests with real commits empty the journal, which refuses TRUNCATE everywhere else; keep what migrations filled.

A pytest plugin: `pytest_plugins = ["tests.journal_flush"]` in tests/conftest.py is all it takes. Django flushes the
tables after each test with `transaction=True`; the triggers are off for just that statement, in its transaction.
"""

from collections.abc import Sequence
from typing import Any

import django.db.models  # noqa: F401 - must come before the backend, which is a circle of its own
import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

from audit.append_only import TRIGGERS

# Filled by migrations, never touched by a case, and slow to fill again for every test.
KEPT = {"accounts_region", "calendars_calendarday", "calendars_calendarversion", "cases_category"}
flush = DatabaseOperations.sql_flush


def flush_with_journal(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    """Return Django's own statements, between those that switch the journal's triggers off and on again."""
    tables = [table for table in tables if table not in KEPT]
    journal = [table for table in TRIGGERS if table in tables]
    return [
        *(f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table in journal for name in TRIGGERS[table]),
        *flush(self, style, tables, **options),
        *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table in journal for name in TRIGGERS[table]),
    ]


@pytest.hookimpl
def pytest_configure() -> None:
    DatabaseOperations.sql_flush = flush_with_journal  # type: ignore[assignment]


@pytest.hookimpl
def pytest_unconfigure() -> None:
    DatabaseOperations.sql_flush = flush  # type: ignore[method-assign]
