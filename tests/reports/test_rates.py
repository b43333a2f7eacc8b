from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import Period, Span, period
from reports.rates import is_partition, percent, percent_words, suppressed
from reports.selectors import Figures


@pytest.mark.parametrize(
    ("settled", "accepted", "digits", "rate"),
    [
        (842, 869, 1, "96.9"),  # the official formula: settled ÷ accepted (domain.md 2.10)
        (6217, 6368, 1, "97.6"),
        (410942, 417242, 2, "98.49"),
        (1, 8, 1, "12.5"),
        (1, 3, 0, "33"),
        (0, 5, 1, "0.0"),
    ],
)
def test_published_rates_come_out(settled: int, accepted: int, digits: int, rate: str) -> None:
    assert percent(settled, accepted, digits=digits) == Decimal(rate)


def test_the_published_month_is_a_partition_by_source() -> None:
    assert is_partition({"own": 455, "application": 378, "delegated": 36}, 869)
    assert [percent_words(part, 869) for part in (455, 378, 36)] == ["52.4%", "43.5%", "4.1%"]
    assert not is_partition([455, 378], 869)


def test_nothing_is_divided_by_nothing() -> None:
    assert (percent(0, 0), percent_words(3, 0)) == (None, "—")


def test_one_and_two_are_not_published() -> None:
    assert [suppressed(count) for count in range(5)] == [0, None, None, 3, 4]


def test_both_rates_of_one_month() -> None:
    figures = Figures(filed=900, accepted=869, concluded=860, settled=842)
    assert (figures.of_accepted, figures.of_concluded) == ("96.9%", "97.9%")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))))
def test_figures_add_up_line_by_line(rows: list[tuple[int, int, int, int]]) -> None:
    total = sum((Figures(*row) for row in rows), Figures())
    assert is_partition([row[1] for row in rows], total.accepted)
    assert is_partition([row[3] for row in rows], total.settled)


@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_every_period_holds_today_but_last_month_which_ends_before_this_one(today: date) -> None:
    for span in (Span.MONTH, Span.QUARTER, Span.YEAR):
        found = period(span, today)
        assert found.first <= today == found.last
        assert found.first.day == 1
    last = period(Span.LAST_MONTH, today)
    assert last.last + timedelta(days=1) == period(Span.MONTH, today).first
    assert last.first.day == 1
    assert period(Span.QUARTER, today).first.month in (1, 4, 7, 10)


def test_a_period_runs_from_midnight_to_midnight_in_shanghai() -> None:
    days = Period(date(2026, 11, 1), date(2026, 11, 30))
    assert (days.begins.isoformat(), days.ends.isoformat()) == (
        "2026-11-01T00:00:00+08:00",
        "2026-12-01T00:00:00+08:00",
    )
