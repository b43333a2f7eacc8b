"""What is shown of a person: surnames of two signs, and numbers in free text in whatever spelling they were typed."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.masking import COMPOUND_SURNAMES, SURNAMES_OF_TWO, mask_address, mask_id, mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张桂兰", "张**"), ("李四", "李*"), ("欧阳修", "欧阳*"), ("欧阳文忠", "欧阳**"), ("司马相如", "司马**"),
        ("尉迟恭", "尉迟*"), ("上官婉儿", "上官**"), ("诸葛亮", "诸葛*"), ("夏侯惇", "夏侯*"), ("皇甫谧", "皇甫*"),
        ("令狐冲", "令狐*"), ("慕容复", "慕容*"), ("长孙无忌", "长孙**"), ("歐陽鋒", "歐陽*"), ("第五伦", "第五*"),
        ("欧阳", "欧*"), ("司马", "司*"), ("张", "*"), ("", ""), (" 张三 ", "张*"), ("王\u200b五", "王*"),
        ("\ufeff诸葛\u202d亮", "诸葛*"),
        ("阿卜杜拉·买买提", "阿**"), ("John Smith", "J**"), ("王𤧞", "王*"), ("𠮷田", "𠮷*"),
    ],
)  # fmt: skip
def test_a_name_keeps_its_surname_only(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_every_surname_of_two_signs_stays_whole_and_hides_the_rest() -> None:
    names = SURNAMES_OF_TWO.split()
    assert len(names) == len(COMPOUND_SURNAMES)
    assert [mask_name(f"{surname}明华") for surname in names] == [f"{surname}**" for surname in names]
    assert {len(surname) for surname in names} == {2}


def test_numbers_and_addresses_of_a_party() -> None:
    assert (mask_phone("+8613800138000"), mask_phone("+8655162345678")) == ("138****8000", "*********78")
    assert (mask_id("34010219800101123X"), mask_id("1")) == ("3****************X", "*")
    assert mask_address("翠湖花园3\u200b幢502") == mask_address("翠湖花园3幢502") == "翠湖花园…"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("１３８００１３８０００", "138****8000"),
        ("138.0013.8001", "138****8001"),
        ("(138)00138002", "138****8002"),
        ("（138）0013-8002", "138****8002"),
        ("138\u200b00138003", "138****8003"),
        ("\u202d138 0013 8000\u202c", "\u202d138****8000\u202c"),
        ("+86 138-0013-8000", "138****8000"),
        ("8613800138000", "138****8000"),
        ("1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
        ("1-380-013-8000", "138****8000"),
        ("一三八零零一三八零零零", "一三八****八零零零"),
        ("13800138000/13900139000", "138****8000/139****9000"),
        ("138・0013・8000", "138****8000"),
        ("138—0013—8000", "138****8000"),
        ("0551-62345678", "0551-******78"),
        ("（0551）6234 5678", "0551-******78"),
        ("055162345678", "0551-******78"),
        ("010-82345678转801", "010-******78转801"),
        ("电话：62345678", "电话：******78"),
        ("340102 19800101 123X", "3****************X"),
        ("３４０１０２１９８００１０１１２３ｘ", "3****************X"),
        ("340102800101123", "3*************3"),
        ("340102 800101 123", "3*************3"),
        ("6222 0212 3456 7890 123", "***************0123"),
        ("6222-0212-3456-7890", "************7890"),
        ("皖A12345", "皖A*****"),
        ("皖Ａ·１２３４５", "皖A*****"),
    ],
)
def test_a_number_that_identifies_somebody_is_masked_in_any_spelling(typed: str, shown: str) -> None:
    assert mask_text(typed) == shown
    assert mask_text(f"我是3幢502的业主，{typed}，请2026年11月30日前回复。") == (
        f"我是3幢502的业主，{shown}，请2026年11月30日前回复。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "电梯坏了", "2026-11-30 18:34", "2026年11月30日18时34分", "2024-01-15 2026-12-31 8点",
        "2024.1.15-2026.12.31",
        "18600元", "13,800,138,000.00元", "138001380.00", "13800138000元", "1.2万", "AH-2026-00001", "WT-2026-00412",
        "皖物调〔2026〕第00012号", "（2026）皖0104民初12345号", "蜀备〔2024〕12号", "91340100MA2MTXXM1B",
        "913401001234567890", "工单20261130001234567", "发票26342000000012345678", "户数 1500 156000 3", "12345热线",
        "400-820-8820", "3幢2单元502", "2026.11.30 10:00 至 2026.12.01 18:00", "GB 32100-2015", "第一二三四五期",
    ],
)  # fmt: skip
def test_days_amounts_and_numbers_of_files_stay_as_they_are(text: str) -> None:
    assert mask_text(text) == text


digits = "0123456789"
between = st.text(st.sampled_from(" .-()（）·－．\u200b\u2060\u202d"), max_size=2)
around = st.sampled_from(["", "我的电话是", "找", "，", "请打", "号码：", "（"])


def spelt(draw: st.DrawFn, number: str, cuts: list[int]) -> str:
    """One spelling of a number: cut into groups, anything between them, some digits in full width."""
    wide = draw(st.booleans())
    parts = [number[start:end] for start, end in zip([0, *cuts], [*cuts, len(number)], strict=True)]
    written = "".join(part + (draw(between) if part is not parts[-1] else "") for part in parts)
    return written.translate(str.maketrans(digits, "０１２３４５６７８９")) if wide else written


@st.composite
def mobiles(draw: st.DrawFn) -> tuple[str, str]:
    number = "1" + draw(st.from_regex(r"[3-9][0-9]{9}", fullmatch=True))
    cuts = draw(st.sampled_from([[], [3, 7], [3], [7], [4, 8], [4, 7], [3, 6], [3, 5, 7, 9]]))
    return number, spelt(draw, number, cuts)


@st.composite
def identities(draw: st.DrawFn) -> tuple[str, str]:
    born = date(1930, 1, 1) + timedelta(days=draw(st.integers(0, 30_000)))
    tail = draw(st.from_regex(r"[0-9]{3}[0-9X]", fullmatch=True))
    number = draw(st.sampled_from(["340102", "110101", "440304", "510104"])) + f"{born:%Y%m%d}" + tail
    return number, spelt(draw, number, draw(st.sampled_from([[], [6, 14], [6], [3, 6, 10, 14]])))


@st.composite
def cards(draw: st.DrawFn) -> tuple[str, str]:
    number = "62" + draw(st.from_regex(r"[0-9]{14}|[0-9]{17}", fullmatch=True))
    return number, spelt(draw, number, draw(st.sampled_from([[], [4, 8, 12], [4], [6, 12]])))


@st.composite
def landlines(draw: st.DrawFn) -> tuple[str, str]:
    area = draw(st.sampled_from(["0551", "010", "021", "0566", "0755"]))
    number = area + draw(st.from_regex(r"[2-8][0-9]{7}", fullmatch=True))
    return number, spelt(draw, number, draw(st.sampled_from([[], [len(area)], [len(area), len(area) + 4]])))


@settings(max_examples=150, deadline=None)
@given(one=st.one_of(mobiles(), identities(), cards(), landlines()), before=around, after=around)
def test_the_middle_of_a_number_never_passes(one: tuple[str, str], before: str, after: str) -> None:
    number, written = one
    shown = mask_text(f"{before}{written}{after}")
    left = "".join(sign for sign in shown if sign.isdecimal())
    assert len(left) <= 7 < len(number)
    assert "***" in shown
    assert mask_text(shown) == shown


harmless = st.one_of(
    st.dates(date(1990, 1, 1), date(2050, 1, 1)).map(lambda day: f"{day:%Y-%m-%d}"),
    st.dates(date(1990, 1, 1), date(2050, 1, 1)).map(lambda day: f"{day.year}年{day.month}月{day.day}日"),
    st.integers(1, 10**9).map(lambda yuan: f"{yuan:,}.00元"),
    st.integers(1, 10**9).map(lambda yuan: f"{yuan / 100:.2f}元"),
    st.integers(1, 99_999).map(lambda n: f"AH-2026-{n:05d}"),
    st.integers(1, 99_999).map(lambda n: f"皖物调〔2026〕第{n:05d}号"),
    st.integers(1, 99_999).map(lambda n: f"（2026）皖0104民初{n}号"),
    st.from_regex(r"9134[0-9]{4}MA[0-9A-HJ-NPQRTUWXY]{8}", fullmatch=True),
    st.integers(1, 400).map(lambda n: f"{n}幢"),
)


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(harmless, min_size=1, max_size=4), mark=st.sampled_from(["，", "；", " 和 ", "、"]))
def test_what_identifies_nobody_is_left_alone(parts: list[str], mark: str) -> None:
    text = mark.join(parts)
    assert mask_text(text) == text
