"""Take the place out of films and sound recordings, byte for byte in the same length: nothing is encoded anew.

A film keeps what is needed to play it (ISO/IEC 14496-12 and QuickTime); whatever else stands beside, where phones and
cameras write where and by whom it was taken, becomes free space of the same size.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cases.file_types import FILMS
from cases.photos_inside import office_without_place, pdf_without_place

FREE = b"free"
# What a player needs, level by level; a box that is not named here is emptied.
TOP = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"sidx", b"mfra", b"wide", b"pnot"})
MOVIE = frozenset({b"mvhd", b"trak", b"mvex", b"iods", b"cmov"})
TRACK = frozenset({b"tkhd", b"edts", b"mdia", b"tref", b"load", b"clip", b"matt", b"tapt", b"txas"})
MEDIA = frozenset({b"mdhd", b"hdlr", b"minf"})
KEPT = {b"": TOP, b"moov": MOVIE, b"trak": TRACK, b"mdia": MEDIA}
PLAYED = frozenset(
    {b"vide", b"soun"}
)  # other tracks (timed places of cameras and phones) are emptied with their samples
DEEPEST = 4
MOST_BOXES = 20_000
COORDINATES = re.compile(rb"[+-]\d{2}\.\d{2,10}[+-]\d{3}\.\d{2,10}")  # as ISO 6709 writes a place


@dataclass(frozen=True)
class Box:
    """One box of a film: its type, where it and what it holds begin, where it ends."""

    kind: bytes
    start: int
    inside: int
    end: int


def boxes(body: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Walk over the boxes of one level; what is broken, or more than any film has, reaches to the end of the level."""
    count = 0
    while start < end:
        count += 1
        if end - start < 8 or count > MOST_BOXES:
            yield Box(b"", start, start, end)
            return
        size, kind = struct.unpack_from(">I4s", body, start)
        head = 8
        if size == 1 and end - start >= 16:
            (size,), head = struct.unpack_from(">Q", body, start + 8), 16
        if size == 0 or size < head or start + size > end:
            size = end - start
        yield Box(kind, start, start + head, start + size)
        start += size


def without_place(body: bytes, content_type: str) -> bytes:
    """Return the same film, recording or paper without what says where it, or a photo in it, was made."""
    if content_type == "audio/mpeg":
        return _without_tags(body)
    if content_type == "audio/wav":
        return _without_chunks(body)
    if content_type == "application/pdf":
        return pdf_without_place(body)
    if content_type.startswith("application/vnd.openxmlformats"):
        return office_without_place(body)
    if content_type in FILMS:
        film = bytearray(body)
        _clean(film, b"", 0, len(film), 0)
        for found in list(COORDINATES.finditer(film)):  # whatever is left where a broken film could not be followed
            film[found.start() : found.end()] = bytes(found.end() - found.start())
        return bytes(film)
    return body


def _clean(film: bytearray, parent: bytes, start: int, end: int, depth: int) -> None:
    for box in list(boxes(film, start, end)):
        if box.kind not in KEPT[parent]:
            _empty(film, box)
        elif box.kind == b"trak" and _handler(film, box) not in PLAYED:
            _empty_samples(film, box)
            _empty(film, box)
        elif box.kind in KEPT and depth < DEEPEST:
            _clean(film, box.kind, box.inside, box.end, depth + 1)


def _empty(film: bytearray, box: Box) -> None:
    """Turn a box into free space; its size stays as it was written."""
    film[box.inside : box.end] = bytes(box.end - box.inside)
    if box.end - box.start >= 8:
        film[box.start + 4 : box.start + 8] = FREE


def _find(film: bytearray, box: Box, *path: bytes) -> Box | None:
    for kind in path:
        found = next((one for one in boxes(film, box.inside, box.end) if one.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def _handler(film: bytearray, track: Box) -> bytes:
    box = _find(film, track, b"mdia", b"hdlr")
    return bytes(film[box.inside + 8 : box.inside + 12]) if box else b""


# --- the samples of a track that is not played --------------------------------------------------------------------


def _empty_samples(film: bytearray, track: Box) -> None:
    """Overwrite what a track of places points at among the pictures and sounds (14496-12, 8.7)."""
    table = _find(film, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    try:
        sizes, chunks, runs = _sizes(film, table), _chunks(film, table), _runs(film, table)
    except (struct.error, ValueError):
        return
    held = dict(runs)  # from this chunk on, so many samples in each
    at, count = 0, 1
    for number, offset in enumerate(chunks, 1):
        count = held.get(number, count)
        size = sum(sizes[at : at + count])
        first, last = min(offset, len(film)), min(offset + size, len(film))
        film[first:last] = bytes(last - first)
        at += count
        if at >= len(sizes):
            return


MOST_SAMPLES = 500_000


def _counted(film: bytearray, at: int, width: int) -> int:
    (count,) = struct.unpack_from(">I", film, at)
    if count > MOST_SAMPLES or at + 4 + count * width > len(film):
        raise ValueError("a table longer than the film")
    return int(count)


def _sizes(film: bytearray, table: Box) -> list[int]:
    box = _find(film, table, b"stsz")
    if box is None:
        raise ValueError("no sizes")
    (same,) = struct.unpack_from(">I", film, box.inside + 4)
    if same:
        return [same] * min(struct.unpack_from(">I", film, box.inside + 8)[0], MOST_SAMPLES)
    count = _counted(film, box.inside + 8, 4)
    return list(struct.unpack_from(f">{count}I", film, box.inside + 12))


def _chunks(film: bytearray, table: Box) -> list[int]:
    for kind, sign, width in ((b"stco", "I", 4), (b"co64", "Q", 8)):
        if box := _find(film, table, kind):
            count = _counted(film, box.inside + 4, width)
            return list(struct.unpack_from(f">{count}{sign}", film, box.inside + 8))
    raise ValueError("no chunks")


def _runs(film: bytearray, table: Box) -> list[tuple[int, int]]:
    """Return from which chunk on a chunk holds how many samples."""
    box = _find(film, table, b"stsc")
    if box is None:
        raise ValueError("no runs")
    count = _counted(film, box.inside + 4, 12)
    rows = struct.iter_unpack(">III", film[box.inside + 8 : box.inside + 8 + count * 12])
    return [(first, each) for first, each, _kind in rows]


# --- sound --------------------------------------------------------------------------------------------------------


def _without_tags(body: bytes) -> bytes:
    """Cut the ID3 tags off an MP3, before and behind: recorders write place and names there."""
    while body[:3] == b"ID3" and len(body) > 10:
        size = body[6] << 21 | body[7] << 14 | body[8] << 7 | body[9]
        body = body[10 + size + (10 if body[5] & 0x10 else 0) :]
    return body[:-128] if body[-128:-125] == b"TAG" else body


def _without_chunks(body: bytes) -> bytes:
    """Empty what a WAV holds beside its sound."""
    sound, at = bytearray(body), 12
    while at + 8 <= len(sound):
        kind, size = struct.unpack_from("<4sI", sound, at)
        end = min(at + 8 + size, len(sound))
        if kind not in {b"fmt ", b"fact", b"data", b"JUNK"}:
            sound[at : at + 4] = b"JUNK"
            sound[at + 8 : end] = bytes(end - at - 8)
        at += 8 + size + size % 2
    return bytes(sound)
