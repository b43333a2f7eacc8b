"""Moments and dates of Asia/Shanghai."""

from datetime import UTC, date, datetime

import pytest

from calendars.today import end_of_day, local_date


def test_the_date_is_that_of_shanghai() -> None:
    assert local_date(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert local_date(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == date(2026, 11, 21)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 11, 20))


def test_a_day_ends_at_24_00() -> None:
    assert end_of_day(date(2026, 11, 20)) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert end_of_day(date(2026, 11, 20)).tzinfo is UTC
