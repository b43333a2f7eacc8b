"""One name in whatever spelling: found at every door, entered once, reported where there are two."""

from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from accounts.folding import fold
from cases.models import Case
from cases.search import find, index_case
from members import selectors, services
from members.imports import Kind, Report, import_file
from members.models import Company, Estate
from members.places import PlaceError, Places
from tests.cast import NOW, World
from tests.journeys import submitted
from tests.members.files import file_of
from tests.web.pages import browser

SPELLINGS = [
    "绿洲物业服务（合肥）有限公司",
    "绿洲物业服务(合肥)有限公司",
    "绿洲 物业服务〔合肥〕有限公司",
    "绿洲物业服务（合肥）有限\u200b公司",
]


def code(number: int) -> str:
    first = f"91340100MA2{number:06d}"
    return first + uscc.calc_check_digit(first)


def line(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"企业名称": name, "统一社会信用代码": code(number), "地区": "合肥市"} | more


def take(kind: Kind, *rows: dict[str, Any]) -> Report:
    return import_file(kind, file_of(kind, *rows), by=None, at=NOW)


def estate(world: World, name: str) -> Estate:
    return services.create_estate(
        name=name, region=world.district, address="路1号", households=9, area=Decimal(9), by=None, at=NOW
    )


def test_one_name_under_two_codes_is_two_companies_and_is_said(world: World) -> None:
    report = take(Kind.COMPANIES, line(SPELLINGS[1], 20), line(SPELLINGS[0], 21), line("绿洲\u3000物业 有限公司", 22))
    assert (report.stored, report.created) == (True, 3)
    sentence = f"第 3 行：“{SPELLINGS[0]}”与另一个代码下的企业同名：{SPELLINGS[1]} {code(20)}。"
    assert [note for note in report.notes if "同名" in note] == [f"{sentence}按两家企业登记，请核对是不是同一家。"]
    said = StringIO()
    call_command("list_same_names", stdout=said)
    assert said.getvalue() == f"同名：{SPELLINGS[1]} {code(20)}、{SPELLINGS[0]} {code(21)}\n"
    page = browser(world.intake).get(f"/members/companies/{Company.objects.get(credit_code=code(20)).pk}/")
    assert f"{SPELLINGS[0]} {code(21)}" in page.content.decode()


def test_nothing_unseen_and_no_line_break_is_stored(world: World) -> None:
    take(
        Kind.COMPANIES,
        line("\u200b甲物业有限公司\ufeff", 23),
        line("乙物业有限公司\n（原翠湖物业）", 24, 住所="某路\u202d1号", 法定代表人=" 张\u00a0三 "),
    )
    first, second = Company.objects.filter(credit_code__in=[code(23), code(24)]).order_by("credit_code")
    assert (first.name, second.name) == ("甲物业有限公司", "乙物业有限公司 （原翠湖物业）")
    assert (second.address, second.legal_representative) == ("某路1号", "张 三")


def test_codes_are_read_as_people_write_them_and_a_letter_for_a_digit_is_named(world: World) -> None:
    wide = code(31).translate({ord(sign): ord(sign) + 0xFEE0 for sign in code(31)})
    wrong = code(30).replace("0", "O", 2)
    report = take(
        Kind.COMPANIES,
        *(
            line(f"丙{n}物业", 30) | {"统一社会信用代码": written}
            for n, written in enumerate([f" {code(30)[:8]} {code(30)[8:]}\u200b", wide, f"'{code(32)}", wrong])
        ),
    )
    assert [problem.sentence for problem in report.problems] == [
        "第 5 行：统一社会信用代码里不会有字母“O”，可能是把数字（如0、1、5、2）写成了字母，请核对。"
    ]
    assert not report.stored
    again = take(Kind.COMPANIES, *(line(f"丙{n}物业", 30 + n) for n in range(3)))
    assert again.created == 3


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_company_is_found_in_whatever_spelling(world: World, typed: str) -> None:
    services.create_company(name=SPELLINGS[0], credit_code=code(40), region=world.city, by=None, at=NOW)
    company = Company.objects.get(credit_code=code(40))
    assert selectors.company_meant(typed) == company
    assert list(selectors.companies(typed)) == [company]
    page = browser(world.intake).get("/members/companies/", {"q": typed})
    assert SPELLINGS[0] in page.content.decode()


def test_among_two_of_one_name_the_one_that_serves_the_estate_is_meant(world: World) -> None:
    one, other = (
        services.create_company(name=SPELLINGS[n], credit_code=code(50 + n), region=world.city, by=None, at=NOW)
        for n in (0, 1)
    )
    served = estate(world, "云水湾（A区）")
    services.begin_service(served, other, from_date=date(2026, 1, 1), by=None, at=NOW)
    assert selectors.company_meant(SPELLINGS[2]) is None
    assert selectors.company_meant(SPELLINGS[2], estate=served) == other
    assert selectors.company_meant(one.credit_code) == one


def test_an_estate_is_entered_once_in_whatever_spelling(world: World) -> None:
    estate(world, "云水湾（Ⅱ期）")
    with pytest.raises(services.MembersError, match="已经有叫“云水湾（Ⅱ期）”的小区"):
        estate(world, "云水湾 (二期)")
    row = {"地区": "合肥市蜀山区", "地址": "路1号", "户数": 9, "建筑面积（平方米）": 9}
    assert take(Kind.ESTATES, row | {"小区名称": "云水湾(II期)"}).unchanged == 1
    twice = take(Kind.ESTATES, row | {"小区名称": "云水湾（III期）"}, row | {"小区名称": "云水湾 (三期)"})
    assert [problem.sentence for problem in twice.problems] == ["第 3 行：与第 2 行重复，请只保留一行。"]
    assert Estate.objects.filter(name__startswith="云水湾").count() == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.sampled_from("云水湾翠湖AⅡ（）二期3·-"), min_size=2, max_size=12).filter(fold),
    blank=st.sampled_from(["", " ", "\u3000", "\u200b"]),
)
def test_a_row_is_found_by_its_name_with_anything_unseen_in_it(world: World, name: str, blank: str) -> None:
    row = Estate(name=name, region=world.district, address="x", households=1, area=Decimal(1))
    row.name_key = fold(name)
    typed = blank.join(name)
    assert fold(typed) == row.name_key


def test_cases_are_found_by_the_name_of_an_estate_with_and_without_its_blanks(world: World) -> None:
    place = estate(world, "云水 湾（Ａ区）")
    case = submitted(world)
    case.estate = place
    case.save(update_fields=["estate"])
    index_case(case)
    for typed in ("云水湾(A区)", "云水 湾", "云水湾a区", "\u200b云水湾（Ａ区）"):
        assert (typed, list(find(Case.objects.all(), typed))) == (typed, [case])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("合肥", "合肥市"), ("合肥市", "合肥市"), ("安徽合肥", "合肥市"),
        ("安徽省合肥市包河区", "包河区"),
        ("包河区", "包河区"), ("合肥市 蜀山区", "蜀山区"), ("蜀山", "蜀山区"), ("340111", "包河区"),
        ("３４０１１１", "包河区"),
        ("巢湖市", "巢湖市"), ("芜湖县", "湾沚区"), ("繁昌县", "繁昌区"), ("繁昌区", "繁昌区"), ("合肥蜀山", "蜀山区"),
    ],
)  # fmt: skip
def test_a_region_is_found_as_people_write_it_near_the_centre_first(world: World, written: str, name: str) -> None:
    assert Places(near=["340000"]).find(written).name == name


@pytest.mark.parametrize("written", ["合肥高新区", "合肥市经开区"])
def test_a_development_zone_is_asked_back_with_the_districts_of_its_city(world: World, written: str) -> None:
    with pytest.raises(PlaceError, match="不是行政区划，请填它所在的区县：合肥市瑶海区、合肥市庐阳区、合肥市蜀山区"):
        Places(near=["340000"]).find(written)


def test_without_a_city_the_choice_is_what_lies_below_the_centres_region(world: World) -> None:
    with pytest.raises(PlaceError, match="“高新区”不是行政区划，请填它所在的区县：合肥市瑶海区"):
        Places(near=["340100"]).find("高新区")
    with pytest.raises(PlaceError, match="安徽省合肥市、安徽省芜湖市"):
        Places(near=["340000"]).find("某某区")
