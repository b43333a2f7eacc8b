"""Take the place out of the photos inside PDF and office files: nothing else in them is touched."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

# What a JPEG tells beside its picture: Exif, and XMP (Exif 2.32, 4.7.2; XMP part 3, 1.1.3).
TOLD = re.compile(rb"\xff\xe1(..)(?:Exif\0|http://ns\.adobe\.com/x(?:ap|mp))", re.DOTALL)
XMP_PLACE = re.compile(rb"((?:exif:)?GPS\w+\s*(?:>|=\s*[\"']))([^<\"']{1,64})")
PICTURE = re.compile(r"media/.+\.(jpe?g|png)$", re.IGNORECASE)
PNG_MARK = b"\x89PNG\r\n\x1a\n"
PNG_TOLD = {b"eXIf", b"iTXt", b"tEXt", b"zTXt"}
MOST = 100 * 1024 * 1024  # unpacked bytes of an office file that is rewritten


def pdf_without_place(body: bytes) -> bytes:
    """Blank what photos and plain particulars of a PDF tell of a place; every byte else stays where it was."""
    if not TOLD.search(body) and not XMP_PLACE.search(body):
        return body
    return XMP_PLACE.sub(lambda found: found[1] + b" " * len(found[2]), blanked(body))


def blanked(body: bytes) -> bytes:
    """Overwrite what the JPEGs in it tell beside their pictures; the length stays."""
    out = bytearray(body)
    for found in TOLD.finditer(body):
        (length,) = struct.unpack(">H", found[1])
        first, last = found.start() + 4, min(found.start() + 2 + max(length, 2), len(out))
        out[first:last] = bytes(last - first)
    return bytes(out)


def office_without_place(body: bytes) -> bytes:
    """Rewrite an office file if a photo in it tells of a place; otherwise, or where it cannot be read, leave it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as given:
            if sum(one.file_size for one in given.infolist()) > MOST:
                return body
            changed = dict(_cleaned(given))
            return _rewritten(given, changed) if changed else body
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, struct.error):
        return body


def _cleaned(given: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for one in given.infolist():
        if PICTURE.search(one.filename):
            picture = given.read(one)
            clean = _png(picture) if picture.startswith(PNG_MARK) else blanked(picture)
            if clean != picture:
                yield one.filename, clean


def _png(picture: bytes) -> bytes:
    """Leave out the parts of a PNG that tell something beside its picture."""
    parts, at = [PNG_MARK], len(PNG_MARK)
    while at + 12 <= len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + length
        if kind not in PNG_TOLD:
            parts.append(picture[at:end])
        at = end
    return b"".join(parts)


def _rewritten(given: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for one in given.infolist():
            book.writestr(one, changed.get(one.filename) or given.read(one))
    return out.getvalue()
