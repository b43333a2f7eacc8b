"""The dossier as files: one PDF with stamped page numbers, one ZIP with every original and its index.

Both are written to a file on disk piece by piece: a long video is never in memory as a whole.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

import pikepdf
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import User
from calendars.today import local_date
from cases.copies import AT_UPLOAD, UnreadableError, stored_path
from cases.evidence import shown_picture
from cases.file_types import suffix_of
from cases.models import Case, Evidence
from documents import engine, services
from documents import files as document_files
from documents.errors import DocumentError
from documents.font import plain, printable
from documents.kinds import kind_of
from documents.models import Document
from workflows.binder.making import frame
from workflows.binder.pages import add_picture, note_page, stamp
from workflows.binder.parts import Part, parts_of
from workflows.binder.wanted import standing
from workflows.papers.ask import Ask
from workflows.papers.making import data_of

CHUNK = 1024 * 1024


class BinderError(DomainError):
    """The dossier cannot be written out."""


# --- one PDF ----------------------------------------------------------------------------------------------------


def print_pdf(case: Case, *, by: User, at: datetime) -> IO[bytes]:
    """Return the whole dossier as one PDF in a temporary file: cover, contents, every page numbered, back.

    Whatever lies in it, the dossier is made: a page says of what cannot be shown what it is and where it lies.
    """
    return _print(case, parts_of(case), by=by, at=at)


def _print(case: Case, parts: list[Part], *, by: User, at: datetime) -> IO[bytes]:
    out = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 the caller sends it and closes it
    try:
        _write(case, parts, out, by=by, at=at)
    except (pikepdf.PdfError, OSError, ValueError):  # a source that is broken deep inside fails only when it is written
        out.truncate(0)
        out.seek(0)
        _write(case, [part if _sound(part) else replace(part, shown=False) for part in parts], out, by=by, at=at)
    out.seek(0)
    return out


def _write(case: Case, parts: list[Part], out: BinaryIO, *, by: User, at: datetime) -> None:
    with pikepdf.new() as book, _Sources() as sources:
        cover, contents, back = (sources.add(body) for body in _frame(case, parts, by=by, at=at))
        book.pages.extend(cover.pages)
        book.pages.extend(contents.pages)
        for number, part in enumerate(parts, 1):
            _bind(book, case, part, sources, path=path_of(number, part), at=at)
        book.pages.extend(back.pages)
        with book.open_metadata() as meta:
            meta["dc:title"] = plain(printable(case.dossier_number or case.number or ""))
        book.save(out)


def _sound(part: Part) -> bool:
    """Say whether the pages of one piece can be written at all."""
    try:
        with pikepdf.new() as book, _Sources() as sources:
            _add(book, part, sources)
            book.save(io.BytesIO())
    except Exception:
        return False
    return True


def _frame(case: Case, parts: list[Part], *, by: User, at: datetime) -> Iterator[IO[bytes]]:
    """Yield cover, contents and back: as issued where the dossier is on the shelf, else as they would be now."""
    issued = {document.kind: document for document in standing(case)}
    for kind, fields in frame(case, parts, by=by, at=at).items():
        document = issued.get(kind)
        if document is not None:
            with suppress(DocumentError, OSError):  # a frame that is lost or was touched is set anew, without its code
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


def _bind(book: pikepdf.Pdf, case: Case, part: Part, sources: _Sources, *, path: str, at: datetime) -> None:
    """Add the pages of one piece, exactly as many as the list of contents says, each with its number."""
    if not part.pages:
        return
    first = len(book.pages)
    try:
        _add(book, part, sources)
        _stamp(book, part, first)
    except Exception:  # readers of broken files raise what they like: the dossier is made all the same
        del book.pages[first:]
        note = sources.add(io.BytesIO(note_page(case, part, path, at=at)))
        for _page in range(part.pages):
            book.pages.append(note.pages[0])
        _stamp(book, part, first)


def _add(book: pikepdf.Pdf, part: Part, sources: _Sources) -> None:
    """Add what a piece shows; raises whatever its reader raises, UnreadableError where no page can show it."""
    if not part.shown:
        raise UnreadableError(part.name)
    if isinstance(part.source, Document):
        book.pages.extend(sources.add(io.BytesIO(document_files.pdf(part.source))).pages)
    elif part.source.content_type == "application/pdf":
        book.pages.extend(sources.add(default_storage.open(stored_path(part.source.sha256))).pages)
    else:
        copy = shown_picture(part.source, wait=AT_UPLOAD)
        for piece in copy.pages if len(copy.pages) == part.pages else [copy.whole]:
            add_picture(book, piece)


def _stamp(book: pikepdf.Pdf, part: Part, first: int) -> None:
    if len(book.pages) != first + part.pages:
        raise UnreadableError(part.name)
    for offset in range(part.pages):
        stamp(book, book.pages[first + offset], str(part.first + offset))


# --- one ZIP ----------------------------------------------------------------------------------------------------


def pack(case: Case, *, by: User, at: datetime) -> IO[bytes]:
    """Return a ZIP in a temporary file: the bound PDF, every original, an index and the hash of each file.

    What is lost, or is no longer what was handed in, is said in the index; everything else is there all the same.
    """
    parts = parts_of(case)
    out = TemporaryFile()  # noqa: SIM115 the caller sends it and closes it
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as book:
        rows = []
        with _print(case, parts, by=by, at=at) as whole:
            rows.append({"path": "dossier.pdf", "name": _("全卷"), **_copy(book, "dossier.pdf", whole)})
        for number, part in enumerate(parts, 1):
            rows.append(_add_part(book, number, part))
        _add_index(book, case, rows, at=at)
    out.seek(0)
    return out


def path_of(number: int, part: Part) -> str:
    """Return where a piece lies in the ZIP."""
    suffix = ".pdf" if isinstance(part.source, Document) else suffix_of(part.source.content_type)
    return f"{part.item:02d}/{number:03d}{suffix}"


def _add_part(book: zipfile.ZipFile, number: int, part: Part) -> dict[str, Any]:
    row = {"name": part.name, "item": part.item, "pages": part.span, "remark": part.remark}
    path, expected = path_of(number, part), part.source.sha256
    try:
        with _original(part.source) as stored:
            found = _copy(book, path, stored)
    except (OSError, DocumentError):
        return row | {"path": "", "remark": _("文件读不出来，登记的校验值是 %(hash)s") % {"hash": expected}}
    if found["sha256"] != expected:
        row["remark"] = _("与登记的校验值不一致，登记的是 %(hash)s") % {"hash": expected}
    return {"path": path, **row, **found}


def _original(source: Document | Evidence) -> IO[bytes]:
    if isinstance(source, Document):
        return io.BytesIO(document_files.pdf(source))
    stored: IO[bytes] = default_storage.open(stored_path(source.sha256))
    return stored


def _copy(book: zipfile.ZipFile, path: str, stored: IO[bytes]) -> dict[str, Any]:
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
    sums = [(row["sha256"], row["path"]) for row in rows if row["path"]]
    for path, body in index.items():
        sums.append((_copy(book, path, io.BytesIO(body))["sha256"], path))
    book.writestr("SHA256SUMS", "".join(f"{found}  {path}\n" for found, path in sums))
