"""Dates as people write them."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.moments import SHANGHAI, MomentError, parse_day, parse_moment


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2019/12/28 9:00:13", at(2019, 12, 28, 9, 0, 13)),
        ("2018-05-17", date(2018, 5, 17)),
        ("2019年3月1日", date(2019, 3, 1)),
        ("2019年3月1日9时30分", at(2019, 3, 1, 9, 30)),
        ("２０１９／３／１　９：０５", at(2019, 3, 1, 9, 5)),
        ("2019.03.01 下午3:20", at(2019, 3, 1, 15, 20)),
        ("2019-03-01T09:05:00", at(2019, 3, 1, 9, 5)),
        ("2019-03-01T01:05:00Z", at(2019, 3, 1, 9, 5)),
        ("2019-03-01 01:05:00.250+00:00", at(2019, 3, 1, 9, 5)),
        ("20190301", date(2019, 3, 1)),
        ("20190301 0905", at(2019, 3, 1, 9, 5)),
        (20190301, date(2019, 3, 1)),
        (43525, date(2019, 3, 1)),
        (43525.375, at(2019, 3, 1, 9)),
        ("43525", date(2019, 3, 1)),
        (date(2019, 3, 1), date(2019, 3, 1)),
        (datetime(2019, 3, 1), date(2019, 3, 1)),
        (datetime(2019, 3, 1, 9), at(2019, 3, 1, 9)),
        (datetime(2019, 3, 1, 1, tzinfo=UTC), at(2019, 3, 1, 9)),
    ],
)
def test_usual_notations_are_read_in_shanghai_time(written: object, read: date | datetime) -> None:
    assert parse_moment(written) == read
    assert type(parse_moment(written)) is type(read)


@pytest.mark.parametrize(
    "written",
    [
        "昨天",
        "2019-02-30",
        "2019/13/1",
        "03/04/2019",
        "2019-3",
        "2019-03-01 25:00",
        "0201-03-01",
        7,
        1e12,
        "9" * 200,
        True,
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(written: object) -> None:
    with pytest.raises(MomentError) as refused:
        parse_moment(written)
    assert str(refused.value).endswith("。")


def test_an_empty_cell_is_said_to_be_empty() -> None:
    for cell in ("", "  ", None):
        with pytest.raises(MomentError, match="没有填写日期"):
            parse_moment(cell)


def test_a_day_is_the_day_in_shanghai() -> None:
    assert parse_day(datetime(2019, 3, 1, 20, tzinfo=UTC)) == date(2019, 3, 2)


@given(st.text(max_size=60) | st.floats() | st.integers())
def test_any_cell_is_read_or_refused(cell: object) -> None:
    with suppress(MomentError):
        assert 1949 <= parse_moment(cell).year <= 2100
