"""Amounts in capitals, read back, and whether words and figures agree."""

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.money import amount_in, disagreements, in_capitals, read_capitals, written

AMOUNTS = st.one_of(
    st.integers(0, 10**18 - 1),
    st.integers(0, 99),
    st.builds(lambda head, zeros: head * 10**zeros % 10**18, st.integers(0, 9999), st.integers(0, 15)),
).map(lambda cents: Decimal(cents) / 100)


@given(AMOUNTS)
def test_capitals_are_those_of_the_oracle(amount: Decimal) -> None:
    # Whether 整 follows 角 is left to the writer; we write it, the oracle does not.
    assert in_capitals(amount).rstrip("整") == cn2an.an2cn(str(amount), "rmb").rstrip("整")


@given(AMOUNTS)
def test_capitals_are_read_back(amount: Decimal) -> None:
    assert read_capitals(in_capitals(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("18600", "壹万捌仟陆佰元整"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("10.50", "壹拾元伍角整"),
        ("100.05", "壹佰元零伍分"),
        ("10010001", "壹仟零壹万零壹元整"),
        ("1203.04", "壹仟贰佰零叁元零肆分"),
        ("100010001", "壹亿零壹万零壹元整"),
        ("1000100000000", "壹万零壹亿元整"),
    ],
)
def test_capitals_by_example(amount: str, words: str) -> None:
    assert in_capitals(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("一万八千六百元", "18600"),
        ("贰佰圆整", "200"),
        ("十五元", "15"),
        ("两千元", "2000"),
        ("一八六元", None),
        ("壹零伍元", None),
        ("元", None),
    ],
)
def test_words_as_people_write_them(words: str, amount: str | None) -> None:
    assert amount_in(words) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("amount", ["-1", "1.005", "NaN", "Infinity", "1e17"])
def test_what_cannot_be_paid_has_no_words(amount: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        in_capitals(Decimal(amount))


def test_an_agreement_names_an_amount_twice() -> None:
    assert written(Decimal("18600")) == "人民币壹万捌仟陆佰元整（¥18,600.00）"


@pytest.mark.parametrize(
    "text",
    [
        "赔偿人民币壹万捌仟陆佰元整（¥18,600.00）",
        "赔偿18600元（大写：壹万捌仟陆佰元整）",
        "赔偿1.86万元（大写人民币壹万捌仟陆佰元整）",
        "赔偿伍佰圆整（500元）",
        "赔偿1.8万元（18000元）",
        "赔偿一万八千元（18,000元）",
        "赔偿500元（三百元现金，二百元转账）",
        "双方各自承担，2026年11月3日前付清",
        "第三条第（2）项",
    ],
)
def test_amounts_that_agree_are_left_alone(text: str) -> None:
    assert disagreements(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "赔偿人民币壹万捌仟元整（¥18,600.00）",
        "赔偿18600元（大写：壹万陆仟捌佰元整）",
        "赔偿3000元（人民币叁万元）",
        "赔偿一万八千元（1800元）",
        "赔偿一八六元（186元）",
        "赔偿壹拾佰元（¥1,000.00）整",
    ],
)
def test_amounts_that_differ_are_found(text: str) -> None:
    assert len(disagreements(text)) == 1
