from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import DomainError
from audit.models import Entry
from members.imports import COLUMNS, Fate, Kind, Report, import_file
from members.models import Company, Estate, OwnersCommittee, ServiceTerm
from members.template_files import template_file
from tables.spreadsheet import SpreadsheetError, read_rows
from tests.cast import NOW, World
from tests.members.files import file_of, workbook

COMPANY = {"企业名称": "安泰物业有限公司", "统一社会信用代码": "91340100MA2NTXYL8F", "地区": "合肥市"}
ESTATE = {
    "小区名称": "玉兰苑",
    "地区": "合肥市蜀山区",
    "地址": "合肥市蜀山区玉兰路2号",
    "户数": 800,
    "建筑面积（平方米）": 90000.5,
}
COMMITTEE = {
    "业主委员会名称": "书香名邸业主委员会",
    "小区名称": "书香名邸",
    "地区": "蜀山区",
    "任期起": "2025-01-01",
    "任期止": "2029-12-31",
}


def take(kind: Kind, *rows: dict[str, Any], **more: Any) -> Report:
    return import_file(kind, file_of(kind, *rows), by=None, at=NOW, **more)


def sentences(report: Report) -> list[str]:
    return [problem.sentence for problem in report.problems]


@pytest.fixture
def code() -> str:
    """A credit code that is right and not yet used."""
    from stdnum.cn import uscc

    return COMPANY["统一社会信用代码"][:17] + uscc.calc_check_digit(COMPANY["统一社会信用代码"][:17])


def test_companies_are_entered_once_and_a_second_run_changes_nothing(world: World, code: str) -> None:
    row = COMPANY | {"统一社会信用代码": code.lower(), "会员单位": "是", "联系电话": 62341234}
    first = take(Kind.COMPANIES, row)
    company = Company.objects.get(credit_code=code)
    assert (first.created, company.name, company.region, company.is_member) == (1, row["企业名称"], world.city, True)
    assert company.phone == "62341234"
    entries = Entry.objects.filter(head__subject_kind="company", head__subject_id=str(company.pk))
    assert entries.get().after["phone"] == "******34"
    again = take(Kind.COMPANIES, row)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    changed = take(Kind.COMPANIES, COMPANY | {"统一社会信用代码": code, "会员单位": "否"})
    assert changed.fates == {2: Fate.CHANGED}
    company.refresh_from_db()
    assert (company.is_member, company.phone) == (False, "62341234")  # an empty cell leaves what is stored
    assert entries.count() == 2
    assert entries.order_by("sequence").last().before == {"is_member": True}  # type: ignore[union-attr]


def test_one_bad_line_and_nothing_is_stored(world: World, code: str) -> None:
    before = Company.objects.count(), Entry.objects.count()
    good = COMPANY | {"统一社会信用代码": code}
    report = take(Kind.COMPANIES, good, {"企业名称": "无代码公司", "地区": "合肥市"})
    assert (report.stored, report.created, report.rejected) == (False, 1, 1)
    assert sentences(report) == ["第 3 行：“统一社会信用代码”没有填。"]
    assert (Company.objects.count(), Entry.objects.count()) == before
    kept = take(Kind.COMPANIES, good, {"企业名称": "无代码公司", "地区": "合肥市"}, skip_bad=True)
    assert (kept.stored, kept.created, kept.rejected) == (True, 1, 1)
    assert Company.objects.count() == before[0] + 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"统一社会信用代码": "91340100MA2NTXYL80"},
         "统一社会信用代码不对：应为18位，请逐位核对。"),
        ({"统一社会信用代码": 913401001234567890},
         "统一社会信用代码被存成了数字，末尾几位已经丢失，请把这一列设为文本后重新填写。"),
        ({"地区": "火星市"}, "找不到地区“火星市”，请填六位行政区划代码，或者省、市、区县的全称。"),
        ({"会员单位": "大概是"}, "“会员单位”请填“是”或“否”。"),
        ({"企业名称": None}, "“企业名称”没有填。"),
        ({"企业名称": "长" * 121}, "企业名称：确保该变量包含不超过 120 字符 (目前字符数 121)。"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_a_company_is_said(world: World, code: str, row: dict[str, Any], said: str) -> None:
    report = take(Kind.COMPANIES, COMPANY | {"统一社会信用代码": code} | row)
    assert (sentences(report), report.stored) == ([f"第 2 行：{said}"], False)


def test_the_same_thing_twice_in_a_file_is_said(world: World, code: str) -> None:
    row = COMPANY | {"统一社会信用代码": code}
    assert sentences(take(Kind.COMPANIES, row, row)) == ["第 3 行：与第 2 行重复，请只保留一行。"]
    assert sentences(take(Kind.ESTATES, ESTATE, ESTATE | {"户数": 1})) == ["第 3 行：与第 2 行重复，请只保留一行。"]


def test_estates_come_with_their_company_and_term(world: World) -> None:
    row = ESTATE | {"物业企业": world.company.name, "服务起": date(2023, 5, 1)}
    assert take(Kind.ESTATES, row).created == 1
    estate = Estate.objects.get(name="玉兰苑")
    assert (estate.region, estate.area, estate.households) == (world.district, Decimal("90000.50"), 800)
    assert take(Kind.ESTATES, row).fates == {2: Fate.UNCHANGED}
    moved = ESTATE | {"物业企业": world.competitor.credit_code, "服务起": "2026/6/1"}
    assert take(Kind.ESTATES, moved).fates == {2: Fate.CHANGED}
    terms = list(estate.service_terms.order_by("from_date").values_list("company", "from_date", "until"))
    assert terms == [
        (world.company.pk, date(2023, 5, 1), date(2026, 5, 31)),
        (world.competitor.pk, date(2026, 6, 1), None),
    ]
    ended = moved | {"服务止": "2026-12-31"}
    assert take(Kind.ESTATES, ended).fates == {2: Fate.CHANGED}
    assert not ServiceTerm.objects.filter(estate=estate, until=None).exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            {"地区": "合肥市"},
            "“合肥市”范围太大，请写到区县：合肥市瑶海区、合肥市庐阳区、合肥市蜀山区、合肥市包河区、"
            "合肥市长丰县、合肥市肥东县、合肥市肥西县、合肥市庐江县、合肥市巢湖市。",
        ),
        ({"户数": "很多"}, "“户数”不是数字：很多"),
        ({"户数": 10.5}, "“户数”应为不小于0的整数。"),
        ({"户数": -3}, "“户数”应为不小于0的整数。"),
        ({"建筑面积（平方米）": 0}, "“建筑面积（平方米）”应大于0，最多两位小数。"),
        ({"建筑面积（平方米）": "1.234"}, "“建筑面积（平方米）”应大于0，最多两位小数。"),
        ({"建筑面积（平方米）": "NaN"}, "“建筑面积（平方米）”不是数字：NaN"),
        ({"物业企业": "不存在的物业", "服务起": "2024-01-01"},
         "没有登记企业“不存在的物业”，请先导入企业，或者核对名称和代码。"),
        ({"物业企业": "绿洲物业服务有限公司"}, "填了物业企业，还须填服务起。"),
        ({"服务起": "2024-01-01"}, "填了服务起止，却没有填物业企业。"),
        ({"物业企业": "绿洲物业服务有限公司", "服务起": "去年"},
         "“服务起”：“去年”不是能认出的日期，请写成“2026-03-01”或“2026/3/1 9:00”。"),
        ({"物业企业": "绿洲物业服务有限公司", "服务起": "2024-01-01", "服务止": "2023-01-01"},
         "服务止不能早于服务起。"),
        ({"小区名称": "翠湖花园", "物业企业": "恒信物业服务有限公司", "服务起": "2021-01-01"},
         "与绿洲物业服务有限公司的服务期（2022-01-01起）重叠，请核对起止日期。"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_an_estate_is_said(world: World, row: dict[str, Any], said: str) -> None:
    report = take(Kind.ESTATES, ESTATE | row)
    assert (sentences(report), report.stored) == ([f"第 2 行：{said}"], False)
    assert not Estate.objects.filter(name="玉兰苑").exists()


def test_two_districts_of_one_name_need_the_city(world: World) -> None:
    from members.places import PlaceError, Places

    places = Places()
    twice = [name for name, found in places._full.items() if len(places._here(found)) > 1]
    for name in twice:
        with pytest.raises(PlaceError, match="有几个地区都叫"):
            places.find(name)
    for written in (
        "340104",
        "蜀山区",
        "合肥市蜀山区",
        "安徽省合肥市蜀山区",
        "安徽省 / 合肥市 / 蜀山区",
        "安徽省蜀山区",
    ):
        assert places.find_district(written) == world.district


def test_committees_are_found_by_estate_and_term(world: World) -> None:
    assert take(Kind.COMMITTEES, COMMITTEE | {"备案号": "蜀备1号", "备案日期": "2025年1月20日"}).created == 1
    committee = OwnersCommittee.objects.get(estate=world.other_estate)
    assert (committee.filed_on, committee.filing_number) == (date(2025, 1, 20), "蜀备1号")
    assert take(Kind.COMMITTEES, COMMITTEE).unchanged == 1
    report = take(Kind.COMMITTEES, COMMITTEE | {"任期起": "2026-01-01"})
    assert sentences(report) == [
        "第 2 行：与这个小区现有的书香名邸业主委员会（2025-01-01至2029-12-31）任期重叠，请核对。"
    ]
    unknown = take(Kind.COMMITTEES, COMMITTEE | {"小区名称": "无名苑"})
    assert sentences(unknown) == ["第 2 行：蜀山区没有登记叫“无名苑”的小区，请先导入小区。"]
    backwards = take(Kind.COMMITTEES, COMMITTEE | {"任期起": "2035-01-01", "任期止": "2034-01-01"})
    assert sentences(backwards) == ["第 2 行：任期止不能早于任期起。"]


def test_missing_columns_merged_cells_and_formulas_are_said(world: World, tmp_path: Any, code: str) -> None:
    with pytest.raises(SpreadsheetError, match="缺少列：统一社会信用代码"):
        import_file(Kind.COMPANIES, workbook(["企业名称", "地区"], [["甲", "合肥市"]]), by=None, at=NOW)
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["企业名称", "统一社会信用代码", "地区"])
    sheet.append(["合并公司", code, "合肥市"])
    sheet.append(["公式公司", "=A2", "合肥市"])
    sheet.append(["", "", ""])
    sheet.merge_cells("C2:C3")
    book.save(tmp_path / "merged.xlsx")
    report = import_file(Kind.COMPANIES, tmp_path / "merged.xlsx", by=None, at=NOW, skip_bad=True)
    assert sentences(report) == [
        "第 2 行“地区”是合并单元格，请取消合并、逐行填写后再导入。",
        "第 3 行“统一社会信用代码”是公式，请粘贴为数值后再导入。",
    ]
    assert report.created == 0


def test_too_many_rows_for_a_page_are_refused(world: World, code: str) -> None:
    with pytest.raises(DomainError, match="文件有2行"):
        take(Kind.COMPANIES, COMPANY, COMPANY, most_rows=1)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_template_is_read_back_with_all_its_columns(kind: Kind) -> None:
    import io

    content = template_file(kind)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["导入"]
    for column, cell in enumerate(COLUMNS[kind].example, start=1):
        sheet.cell(2, column, cell or None)
    filled = io.BytesIO()
    book.save(filled)
    filled.seek(0)
    read = read_rows(filled, required=COLUMNS[kind].required, optional=COLUMNS[kind].optional)
    assert (len(read.rows), read.problems, list(read.rows[0].cells)) == (1, [], COLUMNS[kind].all)


def test_the_commands_say_the_counts_last(world: World, code: str, tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "companies.xlsx"
    path.write_bytes(file_of(Kind.COMPANIES, COMPANY | {"统一社会信用代码": code}).getvalue())
    call_command("import_companies", str(path))
    assert capsys.readouterr().out.splitlines()[-1] == "1 created, 0 changed, 0 unchanged, 0 rejected"
    path.write_bytes(file_of(Kind.ESTATES, ESTATE, ESTATE | {"小区名称": None}).getvalue())
    with pytest.raises(CommandError, match="Nothing was stored: 1 rejected"):
        call_command("import_estates", str(path))
    assert capsys.readouterr().out.splitlines() == ["第 3 行：“小区名称”没有填。"]
    call_command("import_estates", str(path), skip_bad=True)
    assert capsys.readouterr().out.splitlines()[-1] == "1 created, 0 changed, 0 unchanged, 1 rejected"
    path.write_bytes(file_of(Kind.COMMITTEES, COMMITTEE).getvalue())
    call_command("import_committees", str(path))
    assert capsys.readouterr().out.splitlines()[-1] == "1 created, 0 changed, 0 unchanged, 0 rejected"
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("import_companies", str(tmp_path / "none.xlsx"))


def test_the_verifier_expects_a_journal_of_every_one(world: World) -> None:
    from audit.subjects import expected

    assert {"company", "estate", "committee", "case"} <= set(expected())
    assert world.company.pk in set(expected()["company"]())


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1950, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["合肥市蜀山区", "翠湖花园", "是", "2024-01-01", "91340100MA2MTXXM1U", "绿洲物业服务有限公司"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(list(Kind)), cells=st.lists(CELLS, min_size=9, max_size=9))
def test_every_line_is_taken_or_told(world: World, kind: Kind, cells: list[Any]) -> None:
    from members.imports import _take
    from tables.spreadsheet import Row, Sheet

    row = Row(2, dict(zip(COLUMNS[kind].all, cells, strict=True)))
    report = _take(kind, Sheet([row], []), by=None, at=NOW, skip_bad=True)
    assert len(report.fates) + len(report.problems) == 1
