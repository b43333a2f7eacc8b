"""How text is kept and how it is compared: nothing unseen is stored, and two spellings of one name are one name."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.folding import clean, clean_line, fold

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u202a\u202d\u202c\u2066\u2069\u00ad\ufe0f\u3164\u034f\x00\x07\ud800"


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("云水湾（A区）", "云水湾(A区)"),
        ("云水湾（A区）", "云水湾（Ａ区）"),
        ("云水湾（A区）", "云水湾〔a 区〕"),
        ("云水湾Ⅱ期", "云水湾II期"),
        ("云水湾Ⅱ期", "云水湾 Ⅱ 期"),
        ("云水湾Ⅱ期", "云水湾二期"),
        ("云水湾Ⅱ期", "云水湾ⅱ期"),
        ("云水湾十二期", "云水湾12期"),
        ("云水湾Ⅻ期", "云水湾１２期"),
        ("绿洲物业服务（合肥）有限公司", "绿洲物业服务(合肥)有限公司"),
        ("绿洲物业服务有限公司", "绿洲\u3000物业 服务有限公司"),
        ("绿洲物业有限公司", "\u200b绿洲物业有限公司\ufeff"),
        ("CBD·国际—中心", "ＣＢＤ•国际－中心"),
        ("é苑", "e\u0301苑"),
        ("⼀品苑", "一品苑"),
    ],
)
def test_two_spellings_of_one_name_are_one_name(registered: str, typed: str) -> None:
    assert fold(registered) == fold(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云水湾Ⅱ期", "云水湾Ⅲ期"),
        ("云水湾一期", "云水湾十一期"),
        ("云水湾1-2期", "云水湾12期"),
        ("云水湾（A区）", "云水湾（B区）"),
        ("绿洲物业", "绿州物业"),
    ],
)
def test_two_names_stay_two_names(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_what_is_kept_has_nothing_unseen_and_says_the_same() -> None:
    assert clean("\u202d138 0013 8000\u202c ✔️ 葛\U000e0100城\r\n第二行\u2028第三行") == (
        "138 0013 8000 ✔ 葛城\r\n第二行\n第三行"
    )
    assert clean_line(" 绿洲物业有限公司\n（原翠湖物业）\xa0 ") == "绿洲物业有限公司 （原翠湖物业）"
    assert clean("王𤧞、𠮷田、𰻝、😡") == "王𤧞、𠮷田、𰻝、😡"
    assert clean("\u3000\u3000段首空两格") == "\u3000\u3000段首空两格"


words = st.text(st.sampled_from("云水湾翠湖花园AbⅡⅫ二十期123（）()【】·- \u3000ｶ㈱" + UNSEEN), max_size=20)


@settings(max_examples=100, deadline=None)
@given(text=words, unseen=st.sampled_from(UNSEEN), at=st.integers(0, 20))
def test_unseen_signs_and_widths_never_matter(text: str, unseen: str, at: int) -> None:
    key = fold(text)
    assert fold(text[:at] + unseen + text[at:]) == key
    assert fold(key) == key
    assert fold(unicodedata.normalize("NFKC", clean(text))) == key
    assert fold(text.replace("（", "(").replace("）", ")")) == key
    kept = clean(text)
    assert clean(kept) == kept
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in kept)
    assert "\n" not in clean_line(text)
