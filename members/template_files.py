"""The empty spreadsheet that people fill in: headers, one example line, what to write where."""

import io

import xlsxwriter
from django.utils.translation import gettext as _

from members.imports import COLUMNS, Kind


def template_file(kind: Kind) -> bytes:
    """Return an .xlsx with the headers of this kind of file; the first sheet alone is read back."""
    columns = COLUMNS[kind]
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        as_text = book.add_format({"num_format": "@"})
        needed = book.add_format({"bold": True, "bg_color": "#DCE9F5", "border": 1, "num_format": "@"})
        free = book.add_format({"bg_color": "#F2F4F7", "border": 1, "num_format": "@"})
        sheet = book.add_worksheet("导入")
        sheet.freeze_panes(1, 0)
        for at, header in enumerate(columns.all):
            sheet.set_column(at, at, 24, as_text)
            required = header in columns.required
            sheet.write_string(0, at, f"{header}*" if required else header, needed if required else free)
        _write_help(book, kind)
    return buffer.getvalue()


def _write_help(book: "xlsxwriter.Workbook", kind: Kind) -> None:
    columns = COLUMNS[kind]
    help_sheet = book.add_worksheet("说明")
    help_sheet.set_column(0, 1, 48)
    lines = [
        _("在“导入”表里填写，一行一项；带*的列必须填。不要合并单元格，不要用公式。"),
        _("地区填六位行政区划代码，或者“合肥市蜀山区”这样的名称。日期写成2026-03-01。"),
        _("已经登记过的会按新内容修改；空着的格子不改原来的内容。例如："),
    ]
    for at, line in enumerate(lines):
        help_sheet.write_string(at, 0, line)
    for at, (header, example) in enumerate(zip(columns.all, columns.example, strict=True)):
        help_sheet.write_string(len(lines) + at, 0, header)
        help_sheet.write_string(len(lines) + at, 1, str(example))
