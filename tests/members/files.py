"""Spreadsheets made for tests."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from members.imports import COLUMNS, Kind


def workbook(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> io.BytesIO:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([headers, *rows]):
            for column, cell in enumerate(cells):
                sheet.write(line, column, cell)
    buffer.seek(0)
    return buffer


def file_of(kind: Kind, *rows: dict[str, Any]) -> io.BytesIO:
    """A file with all the columns of its kind; what a row does not name stays empty."""
    headers = COLUMNS[kind].all
    return workbook(headers, [[row.get(header) for header in headers] for row in rows])
