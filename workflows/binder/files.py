"""The dossier as files: one PDF with stamped page numbers, one ZIP with every original and its index.

Both are written to a file on disk piece by piece: a long video is never in memory as a whole.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any

import pikepdf
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.errors import DomainError
from accounts.models import User
from calendars.today import local_date
from cases.evidence import stored_path, viewing_copy
from cases.models import Case, Evidence
from documents import engine, services
from documents import files as document_files
from documents.kinds import kind_of
from documents.models import Document
from workflows.binder.making import frame
from workflows.binder.parts import Part, parts_of
from workflows.binder.wanted import standing
from workflows.papers.ask import Ask
from workflows.papers.making import data_of

CHUNK = 1024 * 1024
A4 = (595.28, 841.89)
MARGIN = 42.5
STAMP_SIZE = 11
STAMP = "q 1 g {x} {y} {w} 16 re f 0 g BT /Tiaochu {size} Tf {tx} {ty} Td ({text}) Tj ET Q"
DIGIT = 0.556  # the width of a Helvetica figure


class BinderError(DomainError):
    """The dossier cannot be written out."""


# --- one PDF ----------------------------------------------------------------------------------------------------


def print_pdf(case: Case, *, by: User, at: datetime) -> IO[bytes]:
    """Return the whole dossier as one PDF in a temporary file: cover, contents, every page numbered, back."""
    parts = parts_of(case)
    out = TemporaryFile()  # noqa: SIM115 the caller sends it and closes it
    with pikepdf.new() as book, _Sources() as sources:
        cover, contents, back = (sources.add(body) for body in _frame(case, parts, by=by, at=at))
        book.pages.extend(cover.pages)
        book.pages.extend(contents.pages)
        for part in parts:
            _bind(book, part, sources)
        book.pages.extend(back.pages)
        with book.open_metadata() as meta:
            meta["dc:title"] = case.dossier_number or case.number
        book.save(out)
    out.seek(0)
    return out


def _frame(case: Case, parts: list[Part], *, by: User, at: datetime) -> Iterator[IO[bytes]]:
    """Yield cover, contents and back: as issued where the dossier is on the shelf, else as they would be now."""
    issued = {document.kind: document for document in standing(case)}
    for kind, fields in frame(case, parts, by=by, at=at).items():
        document = issued.get(kind)
        if document is not None:
            yield io.BytesIO(document_files.pdf(document))
            continue
        known = services.common_fields(case.centre, at) | _known(case, kind, by=by, at=at) | fields
        people = case.centre.nature == case.centre.Nature.PMC
        sheet = services.sheet_of(kind_of(kind), known, number="", code="", people=people)
        yield io.BytesIO(engine.render(sheet, at=at).body)


def _known(case: Case, kind: str, *, by: User, at: datetime) -> dict[str, Any]:
    return data_of(kind, Ask(case, at, by)) | {"dossier_number": case.dossier_number or _("（归档时编号）")}


class _Sources(ExitStack):
    """The files that a book is made of: open until it is saved, for its pages are read only then."""

    def add(self, stored: Any) -> pikepdf.Pdf:
        self.enter_context(stored)
        return self.enter_context(pikepdf.open(stored))


def _bind(book: pikepdf.Pdf, part: Part, sources: _Sources) -> None:
    if not part.pages:
        return
    first = len(book.pages)
    if isinstance(part.source, Document):
        book.pages.extend(sources.add(io.BytesIO(document_files.pdf(part.source))).pages)
    elif part.source.content_type == "application/pdf":
        book.pages.extend(sources.add(default_storage.open(stored_path(part.source.sha256))).pages)
    else:
        _add_picture(book, part.source)
    for offset in range(part.pages):
        stamp(book, book.pages[first + offset], str(part.first + offset))


def _add_picture(book: pikepdf.Pdf, row: Evidence) -> None:
    """Put a picture on a page of its own, as large as it fits, without what it knows of place and camera."""
    body, _content_type = viewing_copy(row)
    with Image.open(io.BytesIO(body)) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
        width, height = picture.size
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=85)
    page_size = A4 if height >= width else (A4[1], A4[0])
    room = (page_size[0] - 2 * MARGIN, page_size[1] - 2 * MARGIN)
    scale = min(room[0] / width, room[1] / height)
    shown = (width * scale, height * scale)
    left, bottom = (page_size[0] - shown[0]) / 2, (page_size[1] - shown[1]) / 2
    page = book.add_blank_page(page_size=page_size)
    stream = pikepdf.Stream(book, out.getvalue())
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    name = page.add_resource(stream, pikepdf.Name.XObject)
    page.contents_add(f"q {shown[0]:.2f} 0 0 {shown[1]:.2f} {left:.2f} {bottom:.2f} cm {name} Do Q".encode())


def stamp(book: pikepdf.Pdf, page: pikepdf.Page, text: str) -> None:
    """Write a page number into the upper outer corner, on white, whichever way the page is turned."""
    turned = int(page.obj.get("/Rotate", 0)) % 180 != 0
    box = page.trimbox
    width, height = float(box[2]) - float(box[0]), float(box[3]) - float(box[1])
    if turned:
        width, height = height, width
    wide = DIGIT * STAMP_SIZE * len(text) + 8
    x, y = width - wide - 22, height - 32
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    drawn = STAMP.format(
        x=f"{x:.2f}", y=f"{y:.2f}", w=f"{wide:.2f}", size=STAMP_SIZE, tx=f"{x + 4:.2f}", ty=f"{y + 4:.2f}", text=text
    )
    slip = pikepdf.Stream(book, drawn.encode())
    slip.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, width, height],
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(Tiaochu=font)),
    )
    page.add_overlay(slip, None)


# --- one ZIP ----------------------------------------------------------------------------------------------------


def pack(case: Case, *, by: User, at: datetime) -> IO[bytes]:
    """Return a ZIP in a temporary file: the bound PDF, every original, an index and the hash of each file."""
    parts = parts_of(case)
    out = TemporaryFile()  # noqa: SIM115 the caller sends it and closes it
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as book:
        rows = []
        with print_pdf(case, by=by, at=at) as whole:
            rows.append({"path": "dossier.pdf", "name": _("全卷"), **_add(book, "dossier.pdf", whole)})
        for number, part in enumerate(parts, 1):
            rows.append(_add_part(book, number, part))
        _add_index(book, case, rows, at=at)
    out.seek(0)
    return out


def _add_part(book: zipfile.ZipFile, number: int, part: Part) -> dict[str, Any]:
    path = f"{part.item:02d}/{number:03d}{_suffix(part.source)}"
    with _original(part.source) as stored:
        found = _add(book, path, stored)
    expected = part.source.sha256
    if found["sha256"] != expected:
        raise BinderError(_("“%(name)s”与登记的校验值不一致，请联系管理员。") % {"name": part.name})
    return {"path": path, "name": part.name, "item": part.item, "pages": part.span, "remark": part.remark, **found}


def _original(source: Document | Evidence) -> IO[bytes]:
    if isinstance(source, Document):
        return io.BytesIO(document_files.pdf(source))
    stored: IO[bytes] = default_storage.open(stored_path(source.sha256))
    return stored


SUFFIXES = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/heic": ".heic",
    "application/pdf": ".pdf", "video/mp4": ".mp4", "audio/mpeg": ".mp3",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip


def _suffix(source: Document | Evidence) -> str:
    return ".pdf" if isinstance(source, Document) else SUFFIXES.get(source.content_type, ".bin")


def _add(book: zipfile.ZipFile, path: str, stored: IO[bytes]) -> dict[str, Any]:
    """Copy one file in pieces and return its size and hash."""
    whole, size = hashlib.sha256(), 0
    with book.open(path, "w", force_zip64=True) as target:
        while piece := stored.read(CHUNK):
            whole.update(piece)
            size += len(piece)
            target.write(piece)
    return {"size": size, "sha256": whole.hexdigest()}


def _add_index(book: zipfile.ZipFile, case: Case, rows: list[dict[str, Any]], *, at: datetime) -> None:
    head = {
        "number": case.number,
        "case_number": case.case_number,
        "dossier_number": case.dossier_number,
        "retention": case.retention,
        "pages": case.dossier_pages,
        "made": local_date(at).isoformat(),
    }
    names = ["path", "name", "item", "pages", "remark", "size", "sha256"]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    index = {
        "index.json": json.dumps({"dossier": head, "files": rows}, ensure_ascii=False, indent=1).encode(),
        "index.csv": "\ufeff".encode() + table.getvalue().encode(),  # the mark by which Excel knows UTF-8
    }
    sums = [(row["sha256"], row["path"]) for row in rows]
    for path, body in index.items():
        sums.append((_add(book, path, io.BytesIO(body))["sha256"], path))
    book.writestr("SHA256SUMS", "".join(f"{found}  {path}\n" for found, path in sums))
