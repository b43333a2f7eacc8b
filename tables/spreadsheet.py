"""Read a table that somebody prepared: .xlsx or .csv, the headers decide, and what is doubtful is said with its line.

Every line that is not empty ends up either in `Sheet.rows` or in `Sheet.problems`, never in both and never in neither.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from accounts.errors import DomainError
from accounts.folding import clean
from tables import workbook_check
from tables.moments import Serial1904

Cell = str | int | float | date | datetime | None
Table = list[tuple[int, list[Cell]]]

MAX_BYTES = 30 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 500
HEADER_SEARCH_ROWS = 10


# What other systems export as .xls is often a page with a table in it, or the XML of Excel 2003.
_WEB_PAGE = re.compile(rb"\W*<(?:!doctype|html|head|body|meta|table|style|\?xml|\w+:)", re.IGNORECASE)


class SpreadsheetError(DomainError):
    """The whole file cannot be read. Nothing of it was used."""


@dataclass(frozen=True)
class Row:
    """One line of the table: its line number as the spreadsheet program shows it, and its cells by header."""

    line: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Problem:
    """One line that was not taken, and why."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Sheet:
    """What was read; `notes` say what a person should know about how it was read."""

    rows: list[Row]
    problems: list[Problem]
    name: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Header:
    position: int  # index into the table, not a line number
    line: int
    columns: dict[str, int]


def read_rows(source: str | Path | IO[bytes], *, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """Read the one table in the file that has all required headers. Raises SpreadsheetError."""
    content = _content(source)
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, required, optional)
    _refuse_other_formats(content)
    return _read_csv(content, required, optional)


def text(cell: Cell) -> str:
    """Write a cell as a person would read it, without outer blanks."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return clean(str(cell)).strip()


# --- the file ---------------------------------------------------------------------------------------------------------


def _content(source: str | Path | IO[bytes]) -> bytes:
    try:
        if isinstance(source, str | Path):
            with Path(source).open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        else:
            content = source.read(MAX_BYTES + 1)
    except FileNotFoundError as missing:
        raise SpreadsheetError(_("找不到文件“%(path)s”，请检查路径。") % {"path": source}) from missing
    except (OSError, ValueError) as unreadable:
        raise SpreadsheetError(_("文件打不开，请检查路径和读取权限。")) from unreadable
    if not content.strip():
        raise SpreadsheetError(_("文件是空的，请选择有内容的表格。"))
    if len(content) > MAX_BYTES:
        raise SpreadsheetError(
            _("文件超过 %(limit)d MB，请拆成几个较小的文件分别导入。") % {"limit": MAX_BYTES // 1024 // 1024}
        )
    return content


def _refuse_other_formats(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise SpreadsheetError(_("文件设了打开密码，请在 Excel 中取消密码后重新保存再导入。"))
        raise SpreadsheetError(_("这是旧版 Excel（.xls）文件，请另存为 .xlsx 后再导入。"))
    if _WEB_PAGE.match(content[:2000]):
        raise SpreadsheetError(_("这个文件其实是网页格式，不是 Excel 工作簿，请用 Excel 打开后另存为 .xlsx 再导入。"))
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")):
        raise SpreadsheetError(_("这不是表格文件，请选择 .xlsx 或 .csv 文件。"))


# --- workbooks --------------------------------------------------------------------------------------------------------


def _read_workbook(content: bytes, required: Sequence[str], optional: Sequence[str]) -> Sheet:
    try:
        marks = workbook_check.inspect(content, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)
    except workbook_check.BrokenWorkbookError as broken:
        raise SpreadsheetError(broken.sentence) from broken
    tables = {name: _table_of(content, name) for name, mark in marks.items() if mark.filled}
    if not tables:
        raise SpreadsheetError(_("文件里的工作表都是空的。"))
    name, header = _choose_sheet(tables, required, optional)
    sheet = _rows_below(tables[name], header, marks[name], required)
    notes = [_("读取的是工作表“%(name)s”。") % {"name": name}] if len(marks) > 1 else []
    return Sheet(rows=sheet.rows, problems=sheet.problems, name=name, notes=notes)


def _table_of(content: bytes, name: str) -> Table:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as broken:
        raise SpreadsheetError(_("文件已损坏，Excel 打开后重新保存一次再导入。")) from broken
    plain = _counted_from_1904 if workbook_check.counts_from_1904(content) else _plain
    return [(line, [plain(cell) for cell in cells]) for line, cells in enumerate(grid, start=1)]


def _plain(cell: str | int | float | bool | date | datetime | time | timedelta) -> Cell:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    if isinstance(cell, str):
        return clean(cell).strip() or None
    return cell


def _counted_from_1904(cell: str | int | float | bool | date | datetime | time | timedelta) -> Cell:
    """A number may be a day without the format of one: it is known by the workbook from when it counts."""
    plain = _plain(cell)
    short = isinstance(plain, int | float) and not isinstance(plain, bool) and abs(plain) < 100_000
    return Serial1904(plain) if short and isinstance(plain, int | float) else plain


def _choose_sheet(tables: dict[str, Table], required: Sequence[str], optional: Sequence[str]) -> tuple[str, _Header]:
    found = {name: header for name, table in tables.items() if (header := _find_header(table, required, optional))}
    if len(found) > 1:
        names = "、".join(found)
        raise SpreadsheetError(_("有几张工作表都含有所需的列（%(names)s），请只保留要导入的一张。") % {"names": names})
    for name, header in found.items():
        return name, header
    raise SpreadsheetError(_missing_columns(tables.values(), required))


def _find_header(table: Table, required: Sequence[str], optional: Sequence[str]) -> _Header | None:
    wanted = {_normal(header): header for header in (*required, *optional)}
    for position, line, cells in _first_filled(table):
        names = [wanted.get(_normal(text(cell))) for cell in cells]
        if not set(required) <= set(names):
            continue
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise SpreadsheetError(
                _("第 %(line)d 行有重复的列名“%(name)s”，请只保留一列。") % {"line": line, "name": twice[0]}
            )
        return _Header(position, line, {name: column for column, name in enumerate(names) if name})
    return None


def _first_filled(table: Table) -> Iterator[tuple[int, int, list[Cell]]]:
    seen = 0
    for position, (line, cells) in enumerate(table):
        if any(cell is not None for cell in cells):
            yield position, line, cells
            seen += 1
        if seen == HEADER_SEARCH_ROWS:
            return


def _normal(header: str) -> str:
    return re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", header))


def _missing_columns(tables: Iterable[Table], required: Sequence[str]) -> str:
    best = list(required)
    for table in tables:
        for _position, _line, cells in _first_filled(table):
            present = {_normal(text(cell)) for cell in cells}
            missing = [header for header in required if _normal(header) not in present]
            best = missing if len(missing) < len(best) else best
    return _("缺少列：%(missing)s。列名须与模板一致，先后顺序不限。") % {"missing": "、".join(best)}


def _rows_below(table: Table, header: _Header, mark: workbook_check.Marks, required: Sequence[str]) -> Sheet:
    columns = header.columns
    used = set(columns.values())
    if mark.merged_in(header.line, used):
        raise SpreadsheetError(_("表头（第 %(line)d 行）有合并单元格，请取消合并后再导入。") % {"line": header.line})
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in [*table[header.position + 1 :], *_lines_without_values(table, mark)]:
        sentence = _doubt(line, columns, mark)
        if sentence:
            problems.append(Problem(line, sentence))
        elif any(cells[column] is not None for column in used if column < len(cells)):
            values = {name: cells[at] if at < len(cells) else None for name, at in columns.items()}
            rows.append(Row(line, values))
        elif any(cell is not None for cell in cells):
            problems.append(Problem(line, _("第 %(line)d 行所需的列都是空的。") % {"line": line}))
    if not rows and not problems:
        raise SpreadsheetError(_("表头（第 %(line)d 行）下面没有数据。") % {"line": header.line})
    return Sheet(rows, problems)


def _lines_without_values(table: Table, mark: workbook_check.Marks) -> Table:
    """The value reader stops at the last value: formulas without a stored result may stand below it."""
    last = table[-1][0]
    return [(line, []) for line in sorted({line for line, _column in mark.formulas | mark.errors if line > last})]


def _doubt(line: int, columns: dict[str, int], mark: workbook_check.Marks) -> str:
    """Say why this line cannot be taken as it stands, or nothing."""
    for name, column in columns.items():
        if (line, column) in mark.formulas:
            return _("第 %(line)d 行“%(name)s”是公式，请粘贴为数值后再导入。") % {"line": line, "name": name}
        if (line, column) in mark.errors:
            return _("第 %(line)d 行“%(name)s”是错误值（如 #N/A），请改正后再导入。") % {"line": line, "name": name}
        if mark.merged_in(line, {column}):
            return _("第 %(line)d 行“%(name)s”是合并单元格，请取消合并、逐行填写后再导入。") % {
                "line": line,
                "name": name,
            }
    return ""


# --- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(content: bytes, required: Sequence[str], optional: Sequence[str]) -> Sheet:
    decoded, encoding = _decode(content)
    table = _csv_table(decoded)
    header = _find_header(table, required, optional)
    if header is None:
        raise SpreadsheetError(
            _("这不是 .xlsx 文件；按文本表格（%(encoding)s 编码）读取时%(missing)s")
            % {"encoding": encoding, "missing": _missing_columns([table], required)}
        )
    if len(table[header.position][1]) > MAX_COLUMNS or len(table) > MAX_ROWS:
        raise SpreadsheetError(_too_large())
    sheet = _rows_below(table, header, workbook_check.Marks(), required)
    note = _("按 CSV 读取，文字编码为 %(encoding)s。") % {"encoding": encoding}
    return Sheet(sheet.rows, sheet.problems, notes=[note])


def _decode(content: bytes) -> tuple[str, str]:
    # UTF-8 cannot be mistaken for anything else; GB 18030 can, but then the headers will not match.
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in decoded:
            return decoded, {"utf-8-sig": "UTF-8", "gb18030": "GB 18030", "utf-16": "UTF-16"}[encoding]
    raise SpreadsheetError(_("认不出这个文件的格式和文字编码，请在 Excel 中另存为 .xlsx 后再导入。"))


def _csv_table(decoded: str) -> Table:
    # A title may stand above the header: the line with most of a delimiter tells which one it is.
    first = decoded.split("\n", HEADER_SEARCH_ROWS)[:HEADER_SEARCH_ROWS]
    delimiter = max(",", "\t", ";", key=lambda mark: max(line.count(mark) for line in first))
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter, strict=True)
    table: Table = []
    line = 1
    try:
        for cells in reader:
            table.append((line, [clean(cell).strip() or None for cell in cells]))
            line = reader.line_num + 1
            if len(table) > MAX_ROWS:
                raise SpreadsheetError(_too_large())
    except csv.Error as broken:
        raise SpreadsheetError(
            _("第 %(line)d 行起引号或分隔符不完整，请在 Excel 中另存为 .xlsx 后再导入。") % {"line": line}
        ) from broken
    return table


def _too_large() -> str:
    return _("表格超过 %(rows)d 行或 %(columns)d 列，请拆成几个较小的文件分别导入。") % {
        "rows": MAX_ROWS,
        "columns": MAX_COLUMNS,
    }
