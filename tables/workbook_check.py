"""Look into an .xlsx package before its values are read: size, formulas, error values and merged cells by position.

The value reader returns cached results of formulas and empty text for error values as if a person had typed them,
and allocates every cell up to the last one: both must be known beforehand. ECMA-376 part 1, chapter 18.
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from django.utils.translation import gettext as _

from accounts.errors import DomainError

MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_MERGED = 200
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


class BrokenWorkbookError(DomainError):
    """The package is not a workbook that can be read safely."""


@dataclass
class Marks:
    """What one worksheet holds besides plain values. Lines count from 1, columns from 0."""

    filled: bool = False
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def merged_in(self, line: int, columns: set[int]) -> bool:
        """Tell whether a merged range covers one of these columns on this line."""
        return any(
            top <= line <= bottom and any(left <= column <= right for column in columns)
            for top, left, bottom, right in self.merged
        )


def inspect(content: bytes, *, max_rows: int, max_columns: int) -> dict[str, Marks]:
    """Mark every visible worksheet by name, in the order of the tabs. Raises BrokenWorkbookError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _refuse_unsafe(package)
            return {
                name: _Scan(max_rows, max_columns).run(_part(package, path))
                for name, path in _worksheets(package)
                if path in package.namelist()
            }
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError, EOFError, NotImplementedError) as broken:
        raise BrokenWorkbookError(_("文件已损坏或不是 Excel 表格，请用 Excel 打开后重新保存再导入。")) from broken


def counts_from_1904(content: bytes) -> bool:
    """Say whether the days of this workbook are counted from 1904 (ECMA-376 18.2.28)."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return re.search(rb'date1904\s*=\s*["\'](?:1|true|on)["\']', _part(package, "xl/workbook.xml")) is not None


def _refuse_unsafe(package: zipfile.ZipFile) -> None:
    entries = package.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise BrokenWorkbookError(_("文件设了密码，请取消密码后再导入。"))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise BrokenWorkbookError(_("文件解开后过大，请拆成几个较小的文件分别导入。"))
    if "xl/workbook.xml" not in package.namelist():
        raise BrokenWorkbookError(_("这是压缩包或其他文档，不是 .xlsx 表格。"))


def _part(package: zipfile.ZipFile, path: str) -> bytes:
    try:
        return package.read(path)
    except RuntimeError as encrypted:
        raise BrokenWorkbookError(_("文件设了密码，请取消密码后再导入。")) from encrypted
    except Exception as broken:  # zlib and lzma raise their own kinds on hostile input
        raise zipfile.BadZipFile(path) from broken


def _worksheets(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    _parse(_part(package, "xl/_rels/workbook.xml.rels"), relation)
    sheets: list[tuple[str, str]] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet" and attributes.get("state", "visible") == "visible":
            key = next((value for name, value in attributes.items() if _local(name) == "id"), "")
            sheets.append((attributes.get("name", ""), targets.get(key, "")))

    _parse(_part(package, "xl/workbook.xml"), sheet)
    return sheets


def _parse(xml: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse_entities
    parser.Parse(xml, True)


def _refuse_entities(*_declaration: object) -> None:
    raise ValueError("a workbook declares no entities")


def _local(tag: str) -> str:
    return tag.rsplit(":", 1)[-1]


class _Scan:
    """Walk one worksheet once."""

    def __init__(self, max_rows: int, max_columns: int) -> None:
        self.marks = Marks()
        self.max_rows = max_rows
        self.max_columns = max_columns
        self.line = 0
        self.column = -1
        self.error = False

    def run(self, xml: bytes) -> Marks:
        _parse(xml, self.start)
        return self.marks

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            self.line = int(attributes.get("r", self.line + 1))
            self.column = -1
        elif name == "c":
            self._cell(attributes)
        elif name == "f":
            self._fill()
            self.marks.formulas.add((self.line, self.column))
        elif name in ("v", "is"):
            self._fill()
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        if reference:
            self.column, self.line = _position(reference)
        else:
            self.column += 1
        self.error = attributes.get("t") == "e"

    def _fill(self) -> None:
        if self.line > self.max_rows or self.column >= self.max_columns:
            raise BrokenWorkbookError(
                _("表格超过 %(rows)d 行或 %(columns)d 列，请拆成几个较小的文件分别导入。")
                % {"rows": self.max_rows, "columns": self.max_columns}
            )
        self.marks.filled = True
        if self.error:
            self.marks.errors.add((self.line, self.column))

    def _merge(self, ref: str) -> None:
        corners = [_position(found) for found in _REFERENCE.finditer(ref)]
        if len(corners) == 2:
            (left, top), (right, bottom) = corners
            self.marks.merged.append((top, left, bottom, right))
        if len(self.marks.merged) > MAX_MERGED:
            raise BrokenWorkbookError(_("表里的合并单元格太多，请全部取消合并、逐行填写后再导入。"))


def _position(reference: re.Match[str]) -> tuple[int, int]:
    column = 0
    for letter in reference[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(reference[2])
