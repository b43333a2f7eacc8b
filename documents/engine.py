"""Set a sheet as PDF/A-2b: the same sheet, template set and font give the same bytes, at any time and anywhere."""

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import segno
import typst

from documents import font
from documents.font import FACES, FONT, boxes_in, cautious, plain, printable, printable_sheet
from documents.sheet import texts_in

TEMPLATES = Path(__file__).resolve().parent / "typst"
MAIN = TEMPLATES / "sheet.typ"
PAGES = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")
UNPRINTABLE = "could not be displayed"
_own = threading.local()


@dataclass(frozen=True)
class Rendered:
    """A finished file."""

    body: bytes
    sha256: str
    pages: int


@lru_cache(maxsize=1)
def template_version() -> str:
    """Return the version of the look: a hash over templates, font and typesetter."""
    whole = hashlib.sha256(version("typst").encode())
    for path in [*sorted(TEMPLATES.glob("*.typ")), *FACES, Path(font.__file__)]:
        with path.open("rb") as file:
            whole.update(path.name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:12]


def render(sheet: dict[str, Any], *, at: datetime) -> Rendered:
    """Set a sheet, with the moment of issue as the date of the file: no character keeps it from being set.

    The sheet goes in as JSON and is only ever shown: nothing in it is read as markup.
    """
    body = _compile(sheet, at=at, format="pdf", pdf_standards="a-2b")
    found_pages = PAGES.search(body)
    if found_pages is None:
        raise ValueError("the file does not say how many pages it has")
    return Rendered(body, hashlib.sha256(body).hexdigest(), int(found_pages[1]))


def pictures(sheet: dict[str, Any], *, at: datetime, ppi: int = 96) -> list[bytes]:
    """Return every page of a sheet as PNG."""
    pages = _compile(sheet, at=at, format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def _compile(sheet: dict[str, Any], *, at: datetime, **how: Any) -> Any:
    try:
        return _set(printable_sheet(sheet, printable), at=at, **how)
    except typst.TypstError as error:
        # The fonts' tables promised a shape that a run of signs does not get: then the rare ones go into boxes.
        if UNPRINTABLE not in error.message:
            raise
        return _set(printable_sheet(sheet, cautious), at=at, **how)


def _set(shown: dict[str, Any], *, at: datetime, **how: Any) -> Any:
    shown["boxes"] = boxes_in(text for _name, text in texts_in(shown))
    shown["particulars"] = {"title": plain(shown["title"]), "author": plain(shown["centre"])}
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return _compiler().compile(input=str(MAIN), sys_inputs={"sheet": text}, timestamp=int(at.timestamp()), **how)


def _compiler() -> typst.Compiler:
    """Return the compiler of this thread: it keeps the fonts and what it has learnt from earlier documents."""
    found: typst.Compiler | None = getattr(_own, "compiler", None)
    if found is None:
        found = _own.compiler = typst.Compiler(root=str(TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True)
    return found


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT.parent)])


def qr_svg(address: str) -> str:
    """Return an address as a QR code in SVG, with a medium share of repair signs: paper gets creased."""
    found: str = segno.make(address, error="m", micro=False).svg_inline(scale=1, border=0, omitsize=True)
    # Named, so that the typesetter takes it for an image file.
    return found.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
