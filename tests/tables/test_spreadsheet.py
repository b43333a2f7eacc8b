"""Tables that people prepare: read by their headers, doubts said with their lines."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tables import spreadsheet
from tables.moments import parse_moment
from tables.spreadsheet import Problem, Row, SpreadsheetError, read_rows, text


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, lines in sheets.items():
        page = book.create_sheet(title)
        for line in lines:
            page.append(line)
    return book


def saved(book: openpyxl.Workbook) -> io.BytesIO:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def refusal(stream: io.BytesIO, required: tuple[str, ...] = ("名称", "户数")) -> str:
    with pytest.raises(SpreadsheetError) as refused:
        read_rows(stream, required=required)
    return str(refused.value)


def test_headers_decide_in_any_order_and_other_columns_are_left_alone() -> None:
    sheet = read_rows(
        saved(
            workbook(["备注", " 户数* ", "名 称", "面积"], ["好", 120, "锦绣苑", 8600.5], [None, 80.0, "春晖里", None])
        ),
        required=["名称", "户数"],
        optional=["面积"],
    )
    assert sheet.rows == [
        Row(2, {"名称": "锦绣苑", "户数": 120, "面积": 8600.5}),
        Row(3, {"名称": "春晖里", "户数": 80, "面积": None}),
    ]
    assert sheet.problems == []


def test_a_title_above_the_header_and_empty_lines_keep_the_line_numbers() -> None:
    book = workbook(["小区登记表"], [], ["名称", "户数"], ["甲", 1], [], ["乙", 2])
    book.active.merge_cells("A1:B1")
    assert [row.line for row in read_rows(saved(book), required=["名称", "户数"]).rows] == [4, 6]


def test_dates_and_truth_values_keep_their_meaning() -> None:
    book = workbook(["日", "时刻", "是否"], [date(2019, 3, 1), datetime(2019, 3, 1, 9, 30), True])
    cells = read_rows(saved(book), required=["日", "时刻", "是否"]).rows[0].cells
    assert cells == {"日": datetime(2019, 3, 1), "时刻": datetime(2019, 3, 1, 9, 30), "是否": "TRUE"} or cells == {
        "日": date(2019, 3, 1),
        "时刻": datetime(2019, 3, 1, 9, 30),
        "是否": "TRUE",
    }


def test_formulas_error_values_and_merged_cells_are_reported_line_by_line() -> None:
    book = workbook(["名称", "户数"], ["甲", "=1+1"], ["乙", 2], ["丙", 3], ["丁", 4], ["戊", 5])
    page = book.active
    page["B3"].value, page["B3"].data_type = "#N/A", "e"
    page.merge_cells("A4:A5")
    sheet = read_rows(saved(book), required=["名称", "户数"])
    assert [row.line for row in sheet.rows] == [6]
    assert sheet.problems == [
        Problem(2, "第 2 行“户数”是公式，请粘贴为数值后再导入。"),
        Problem(3, "第 3 行“户数”是错误值（如 #N/A），请改正后再导入。"),
        Problem(4, "第 4 行“名称”是合并单元格，请取消合并、逐行填写后再导入。"),
        Problem(5, "第 5 行“名称”是合并单元格，请取消合并、逐行填写后再导入。"),
    ]


def test_a_formula_in_a_column_that_is_not_used_does_no_harm() -> None:
    sheet = read_rows(saved(workbook(["名称", "合计"], ["甲", "=SUM(1,2)"])), required=["名称"])
    assert [row.cells for row in sheet.rows] == [{"名称": "甲"}]


def test_a_line_with_only_unused_cells_is_reported_and_not_lost() -> None:
    sheet = read_rows(saved(workbook(["名称", "备注"], ["甲", ""], [None, "见上"])), required=["名称"])
    assert sheet.problems == [Problem(3, "第 3 行所需的列都是空的。")]


def test_missing_columns_are_named() -> None:
    assert refusal(saved(workbook(["名称", "面积"], ["甲", 1]))) == "缺少列：户数。列名须与模板一致，先后顺序不限。"


def test_a_column_that_stands_twice_is_not_guessed() -> None:
    assert (
        refusal(saved(workbook(["名称", "户数", "户数"], ["甲", 1, 2]))) == "第 1 行有重复的列名“户数”，请只保留一列。"
    )


def test_a_merged_header_is_refused() -> None:
    book = workbook(["名称", "户数"], ["甲", 1])
    book.active.merge_cells("B1:C1")
    assert refusal(saved(book)) == "表头（第 1 行）有合并单元格，请取消合并后再导入。"


def test_of_several_sheets_the_one_with_the_columns_is_read_and_named() -> None:
    sheet = read_rows(saved(workbook(["说明"], 数据=[["名称"], ["甲"]])), required=["名称"])
    assert (sheet.name, sheet.notes) == ("数据", ["读取的是工作表“数据”。"])


def test_two_sheets_with_the_same_columns_are_refused() -> None:
    book = workbook(["名称", "户数"], ["甲", 1], 二月=[["名称", "户数"], ["乙", 2]])
    assert refusal(saved(book)) == "有几张工作表都含有所需的列（Sheet、二月），请只保留要导入的一张。"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的，请选择有内容的表格。"),
        (b"  \n", "文件是空的，请选择有内容的表格。"),
        (b"%PDF-1.7 ...", "这不是表格文件，请选择 .xlsx 或 .csv 文件。"),
        (b"PK\x03\x04 not really a package", "文件已损坏或不是 Excel 表格，请用 Excel 打开后重新保存再导入。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "这是旧版 Excel（.xls）文件，请另存为 .xlsx 后再导入。"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "文件设了打开密码，请在 Excel 中取消密码后重新保存再导入。",
        ),
        (b"\x81\xff\x00\x00\x81", "认不出这个文件的格式和文字编码，请在 Excel 中另存为 .xlsx 后再导入。"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content: bytes, sentence: str) -> None:
    assert refusal(io.BytesIO(content)) == sentence


def test_an_empty_workbook_and_a_header_without_rows_are_refused() -> None:
    assert refusal(saved(workbook())) == "文件里的工作表都是空的。"
    assert refusal(saved(workbook(["名称", "户数"]))) == "表头（第 1 行）下面没有数据。"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SpreadsheetError, match="找不到文件"):
        read_rows(tmp_path / "nothing.xlsx", required=["名称"])


def test_a_package_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    stream.seek(0)
    assert refusal(stream) == "这是压缩包或其他文档，不是 .xlsx 表格。"


def test_a_cell_far_out_does_not_take_the_memory_of_the_machine() -> None:
    book = workbook(["名称", "户数"], ["甲", 1])
    book.active["XFD1048576"] = "x"
    assert refusal(saved(book)) == "表格超过 100000 行或 500 列，请拆成几个较小的文件分别导入。"


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 1024 * 1024)
    assert refusal(io.BytesIO(b"a" * (1024 * 1024 + 1))) == "文件超过 1 MB，请拆成几个较小的文件分别导入。"


@pytest.mark.parametrize(("encoding", "name"), [("utf-8-sig", "UTF-8"), ("gb18030", "GB 18030"), ("utf-16", "UTF-16")])
def test_csv_is_read_and_its_encoding_is_said(encoding: str, name: str) -> None:
    stream = io.BytesIO('名称,户数\r\n"甲\r\n二期",12\r\n乙,13\r\n'.encode(encoding))
    sheet = read_rows(stream, required=["名称", "户数"])
    assert sheet.rows == [Row(2, {"名称": "甲\r\n二期", "户数": "12"}), Row(4, {"名称": "乙", "户数": "13"})]
    assert sheet.notes == [f"按 CSV 读取，文字编码为 {name}。"]


def test_csv_in_an_encoding_that_gives_no_headers_is_refused() -> None:
    assert refusal(io.BytesIO("名稱,戶數\r\n甲,1".encode("big5"))).startswith(
        "这不是 .xlsx 文件；按文本表格（GB 18030 编码）"
    )


def test_csv_with_a_broken_quote_names_the_line() -> None:
    assert refusal(io.BytesIO('名称,户数\n甲,"1\n'.encode())).startswith("第 2 行起引号或分隔符不完整")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_any_bytes_are_read_or_refused(content: bytes, start: bytes) -> None:
    with suppress(SpreadsheetError):
        assert read_rows(io.BytesIO(start + content), required=["名称"]).rows


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused(at: int, byte: int) -> None:
    content = bytearray(saved(workbook(["名称"], ["甲"])).getvalue())
    content[at % len(content)] = byte
    with suppress(SpreadsheetError):
        read_rows(io.BytesIO(bytes(content)), required=["名称"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["甲", "", None, "=A1"]), st.sampled_from([1, None, "x"])), max_size=12))
def test_every_line_that_is_not_empty_is_a_row_or_a_problem(lines: list[tuple[Any, Any]]) -> None:
    stream = saved(workbook(["名称", "备注"], *[list(line) for line in lines]))
    filled = [at for at, line in enumerate(lines, start=2) if any(cell not in (None, "") for cell in line)]
    try:
        sheet = read_rows(stream, required=["名称"])
    except SpreadsheetError:
        assert filled == []
    else:
        assert sorted([row.line for row in sheet.rows] + [problem.line for problem in sheet.problems]) == filled


def test_a_workbook_that_counts_from_1904_is_read_by_its_own_days() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        for column, cell in enumerate(["编号", "时间", "户数"]):
            sheet.write(0, column, cell)
        for column, value in enumerate(["A-1", 44624.395833, 800]):
            sheet.write(1, column, value)
    found = read_rows(io.BytesIO(buffer.getvalue()), required=["编号", "时间", "户数"]).rows[0].cells
    assert parse_moment(found["时间"]).isoformat() == "2026-03-05T09:30:00+08:00"
    assert text(found["户数"]) == "800"


@pytest.mark.parametrize("title", ["2026年物业企业名单", "2026年物业企业名单\t\t"])
def test_a_title_above_a_table_with_tabs_is_passed_over(title: str) -> None:
    content = f"{title}\r\n企业名称\t地区\r\n甲\u200b公司\t合肥市\r\n".encode()
    rows = read_rows(io.BytesIO(content), required=["企业名称", "地区"]).rows
    assert [(row.line, row.cells) for row in rows] == [(3, {"企业名称": "甲公司", "地区": "合肥市"})]


@pytest.mark.parametrize(
    "content",
    [
        "<html><head><meta charset='gbk'></head><table><tr><td>企业名称</td></tr></table></html>".encode("gbk"),
        b"\xef\xbb\xbf\n<!DOCTYPE html><table></table>",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
    ],
)
def test_a_page_called_xls_is_told_what_to_do(content: bytes) -> None:
    with pytest.raises(SpreadsheetError, match=r"其实是网页格式.*另存为 \.xlsx"):
        read_rows(io.BytesIO(content), required=["企业名称"])
