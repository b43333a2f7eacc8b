"""Which characters the embedded font can set, read from its own tables once."""

import struct
from functools import lru_cache
from pathlib import Path

FONT = Path(__file__).resolve().parent / "fonts" / "NotoSerifSC-Regular.ttf"
# Set by the layout itself or without a shape of their own.
SHAPELESS = frozenset("\n\u200b\u200c\u200d\ufeff")


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Return every code point that the font has a glyph for (OpenType cmap, format 12)."""
    table = _table(FONT.read_bytes(), b"cmap")
    found: set[int] = set()
    for offset in _subtables(table):
        if struct.unpack_from(">H", table, offset)[0] != 12:
            continue
        (groups,) = struct.unpack_from(">I", table, offset + 12)
        for first, last, _glyph in struct.iter_unpack(">III", table[offset + 16 : offset + 16 + groups * 12]):
            found.update(range(first, last + 1))
    return frozenset(found)


def _table(font: bytes, tag: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", font, 4)
    for i in range(count):
        name, _sum, offset, length = struct.unpack_from(">4sIII", font, 12 + i * 16)
        if name == tag:
            return font[offset : offset + length]
    raise LookupError(tag)


def _subtables(table: bytes) -> set[int]:
    (count,) = struct.unpack_from(">H", table, 2)
    return {struct.unpack_from(">HHI", table, 4 + i * 8)[2] for i in range(count)}


def first_missing(text: str) -> str:
    """Return the first character of a text that cannot be printed, or nothing."""
    known = covered()
    return next((sign for sign in text if ord(sign) not in known and sign not in SHAPELESS), "")
