"""Editable drafts: the same blocks as the finished document, as a .docx that staff correct in a word processor."""

import io
from collections.abc import Callable
from typing import Any
from unicodedata import category

from docx import Document as NewFile
from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from documents.font import BREAKS, SEEN, STEERING
from documents.sheet import Block

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FACE = "宋体"
UNWRITTEN = {"Cc", "Cf", "Cs"}
DRAFT = "草稿：未编号，没有核验码，不作为正式文书。"


def draft(sheet: dict[str, Any]) -> bytes:
    """Return a sheet as a .docx file; what stands in it is text only, never a field or a macro."""
    file = NewFile()
    _page(file)
    _line(file, DRAFT, size=10.5)
    _line(file, sheet["title"], size=22, bold=True).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for block in sheet["blocks"]:
        PARTS.get(block["t"], _nothing)(file, block)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: WordFile) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.65)
    section.top_margin, section.bottom_margin = Cm(3), Cm(2.6)
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = FACE, Pt(15)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)


def _clean(text: str) -> str:
    """Leave out what XML cannot hold and what steers how others are shown; a word processor has its own fonts."""
    return "".join(sign for sign in STEERING.sub("", BREAKS.sub("\n", text)) if sign == "\n" or _kept(sign))


def _kept(sign: str) -> bool:
    return sign in SEEN or (category(sign) not in UNWRITTEN and ord(sign) & 0xFFFE != 0xFFFE)


def _line(file: WordFile, text: str, *, size: float = 15, bold: bool = False, indent: bool = False) -> Paragraph:
    paragraph = file.add_paragraph()
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    run = paragraph.add_run(_clean(text))
    run.font.size, run.bold = Pt(size), bold
    return paragraph


def _paragraph(file: WordFile, block: Block) -> None:
    for i, line in enumerate(block["text"].split("\n")):
        if i == 0 and block.get("label"):
            paragraph = _line(file, block["label"], bold=True, indent=True)
            paragraph.add_run(_clean(line)).font.size = Pt(15)
        elif line.strip():
            _line(file, line, indent=True)


def _items(file: WordFile, block: Block) -> None:
    for i, text in enumerate(block["rows"], 1):
        _line(file, f"{i}. {text}", indent=True)


def _grid(file: WordFile, rows: list[list[str]], *, head: bool = False) -> None:
    columns = max(len(row) for row in rows)
    table = file.add_table(rows=0, cols=columns)
    table.style = "Table Grid"
    for i, row in enumerate(rows):
        cells = table.add_row().cells
        if len(row) < columns:
            cells[len(row) - 1].merge(cells[-1])
        for cell, text in zip(cells, row, strict=False):
            cell.text = _clean(text)
            for run in cell.paragraphs[0].runs:
                run.font.size, run.bold = Pt(13), head and i == 0
    _line(file, "", size=6)


def _signatures(file: WordFile, block: Block) -> None:
    rows = block["rows"]
    for i in range(0, len(rows), 2):
        _line(file, "\t\t".join(rows[i : i + 2]))


def _seal(file: WordFile, block: Block) -> None:
    for text in (block["label"], block["name"], block["date"]):
        _line(file, text).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _ticks(file: WordFile, block: Block) -> None:
    for row in block["rows"]:
        _line(file, ("√ " if row["on"] else "□ ") + row["text"], indent=True)


def _nothing(file: WordFile, block: Block) -> None:
    """A draft has no verification code."""


PARTS: dict[str, Callable[[WordFile, Block], Any]] = {
    "p": _paragraph,
    "to": lambda file, block: _line(file, block["text"], bold=True),
    "h": lambda file, block: _line(file, block["text"], bold=True, indent=True),
    "items": _items,
    "labels": lambda file, block: _grid(file, block["rows"]),
    "table": lambda file, block: _grid(file, [block["columns"], *block["rows"]], head=True),
    "ticks": _ticks,
    "lines": lambda file, block: [_line(file, "＿" * 28) for _i in range(block["lines"])],
    "note": lambda file, block: _line(file, block["text"], size=12),
    "sign": _signatures,
    "seal": _seal,
    "cut": lambda file, block: _line(file, f"…………………………{block['text']}…………………………"),
}
