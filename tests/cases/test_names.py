"""Names of estates and companies in free text."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.names import (
    KnownNames,
    find_company_names,
    find_estate_names,
    main_estate_name,
    match_estate,
    match_estates,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A市A3区青荷新城附近又在夜间施工", "青荷新城"),
        ("我是玉兰街道凤鸣国际小区的业主，电梯坏了", "凤鸣国际"),
        ("投诉望江路翡翠名邸2栋违建", "翡翠名邸"),
        ("家住映月湾小区，楼上漏水", "映月湾"),
        ("反映板桥头小区停水", "板桥头小区"),
        ("请问和顺里的物业费标准", "和顺里"),
        ("关于B4区梧桐华庭三期交房问题", "梧桐华庭"),
        ("星云世纪城没有幼儿园", "星云世纪城"),
    ],
)
def test_the_name_is_found_without_the_place_before_it(text: str, name: str) -> None:
    assert find_estate_names(text)[:1] == [name]


@pytest.mark.parametrize(
    "text", ["我们小区停水了", "附近小区都有", "这个老旧小区", "城市管理", "县城和市区", "在家里和邻居说", "", "去公园"]
)
def test_a_sentence_without_a_name_gives_none(text: str) -> None:
    assert find_estate_names(text) == []


def test_the_title_knows_best() -> None:
    assert main_estate_name("青荷新城停水", "隔壁映月湾、映月湾、映月湾都有水") == "青荷新城"
    assert main_estate_name("停水了", "我住在映月湾，没有水") == "映月湾"
    assert main_estate_name("停水了", "没有水") == ""


def test_companies_are_found() -> None:
    assert find_company_names("小区的安和物业管理有限公司不作为，多次找安和物业无果") == [
        "安和物业管理有限公司",
        "安和物业",
    ]
    assert find_company_names("我们小区物业不作为，打物业电话没人接") == []
    for words in ("公用设施和物业用房", "三次与物业沟通", "收取物业费", "同意公开选聘物业公司", "赠送一年物业费"):
        assert find_company_names(words) == []
    assert find_company_names("万和物业不作为") == ["万和物业"]


def test_known_estates_match_by_the_longest_name_and_without_the_suffix() -> None:
    known = KnownNames.of(["锦绣苑", "锦绣苑东区", "板桥头小区", "Moma·北岸"])
    assert match_estates("锦绣苑东区和板桥头，还有锦绣苑东区、锦绣苑", known) == ["锦绣苑东区", "板桥头小区", "锦绣苑"]
    assert match_estate("ＭＯＭＡ北岸停水", known) == "Moma·北岸"
    assert match_estate("别处停水", known) is None


def test_a_suffix_is_not_dropped_where_too_little_would_remain() -> None:
    assert match_estate("锦绣前程", KnownNames.of(["锦绣小区"])) is None


def test_five_thousand_names_are_matched_fast() -> None:
    letters = random.Random(7)
    names = ["".join(letters.choices("春夏秋冬梅兰竹菊江河湖海", k=4)) + "苑" for _each in range(5000)]
    known = KnownNames.of(names)
    text = "".join(letters.choices("春夏秋冬梅兰竹菊江河湖海苑，", k=20_000))
    started = time.perf_counter()
    match_estates(text, known)
    assert time.perf_counter() - started < 2


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=8), max_size=6))
def test_any_text_is_read(text: str, names: list[str]) -> None:
    assert find_estate_names(text) == find_estate_names(text)
    assert all(name in names for name in match_estates(text, KnownNames.of(names)))
    assert all("物业" in name for name in find_company_names(text))


@pytest.mark.parametrize("unit", ["小区", "苑", "青荷新城小区", "a", "物业", "路口街道镇", "1"])
def test_reading_takes_time_in_proportion_to_the_length(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.perf_counter()
    find_estate_names(text)
    find_company_names(text)
    assert time.perf_counter() - started < 2
