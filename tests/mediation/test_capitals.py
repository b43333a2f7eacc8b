"""Amounts in capitals: written as on a cheque, read back to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.capitals import amount_in, in_capitals


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("10", "壹拾元整"),
        ("18600", "壹万捌仟陆佰元整"),
        ("18600.50", "壹万捌仟陆佰元伍角整"),
        ("1203.04", "壹仟贰佰零叁元零肆分"),
        ("10020000", "壹仟零贰万元整"),
        ("100010001", "壹亿零壹万零壹元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("0.05", "伍分"),
    ],
)
def test_amounts_as_documents_have_them(amount: str, words: str) -> None:
    assert in_capitals(Decimal(amount)) == words


@given(fen=st.integers(100, 10**18 - 1))
def test_what_is_written_is_read_back(fen: int) -> None:
    amount = Decimal(fen) / 100
    assert amount_in(in_capitals(amount)) == amount


@pytest.mark.parametrize("wrong", ["-1", "0.001", "10000000000000000"])
def test_what_no_cheque_can_carry_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="amount of yuan"):
        in_capitals(Decimal(wrong))


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("一万八千六百元", "18600"),
        ("贰佰圆整", "200"),
        ("十五元", "15"),
        ("两千元", "2000"),
        ("一八六元", None),
        ("元", None),
    ],
)
def test_words_as_people_write_them(words: str, amount: str | None) -> None:
    assert amount_in(words) == (None if amount is None else Decimal(amount))
