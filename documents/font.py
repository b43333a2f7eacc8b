"""Which characters the shipped fonts can set, read from their own tables, and what is printed for all others."""

import re
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

FONTS = Path(__file__).resolve().parent / "fonts"
FONT = FONTS / "NotoSerifSC-Regular.ttf"
# Tried in this order: the letter, then the rare characters of Planes 2 and 3, whose file is read only where one stands.
FACES = (FONT, FONTS / "RareHan2-Regular.ttf", FONTS / "RareHan3-Regular.ttf")
# A sign that no font has travels to the template between these two, which no font has either.
OPEN, CLOSE = "\ue000", "\ue001"
# Signs that only steer how others are shown, beyond the category for them (Unicode: Default_Ignorable_Code_Point).
STEERING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Number signs of Arabic and kin are of the category for formats, but are seen.
SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
EVERYDAY = re.compile("[ -~\u3000-\u3002\u3008-\u3011\u4e00-\u9fff\uff01-\uff5e—…“”‘’·]")
# Never shown as text: the kind of a block, drawings, the code's picture.
NOT_TEXT = frozenset({"t", "layout", "pictures", "qr", "widths"})

Ranges = list[tuple[int, int]]


@lru_cache(maxsize=1)
def covered() -> tuple[list[int], list[int]]:
    """Return what the fonts have a glyph for, as the firsts and the lasts of disjoint, sorted ranges."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(span for face in FACES for span in coverage(face)):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def coverage(face: Path) -> Ranges:
    """Return the ranges of one font (OpenType cmap, formats 4 and 12)."""
    with face.open("rb") as font:
        table = _table(font, b"cmap")
    found: Ranges = []
    for offset in _subtables(table):
        if struct.unpack_from(">H", table, offset)[0] != 12:
            continue
        (groups,) = struct.unpack_from(">I", table, offset + 12)
        rows = struct.iter_unpack(">III", table[offset + 16 : offset + 16 + groups * 12])
        found += [(first, last) for first, last, _glyph in rows]
    return found


def _table(font: BinaryIO, tag: bytes) -> bytes:
    (count,) = struct.unpack(">4xH6x", font.read(12))
    for name, _sum, offset, length in struct.iter_unpack(">4sIII", font.read(16 * count)):
        if name == tag:
            font.seek(offset)
            return font.read(length)
    raise LookupError(tag)


def _subtables(table: bytes) -> set[int]:
    (count,) = struct.unpack_from(">H", table, 2)
    return {struct.unpack_from(">HHI", table, 4 + i * 8)[2] for i in range(count)}


def has(sign: str) -> bool:
    """Say whether a font has a shape for a character."""
    firsts, lasts = covered()
    at = bisect_right(firsts, ord(sign)) - 1
    return at >= 0 and ord(sign) <= lasts[at]


# --- what is printed --------------------------------------------------------------------------------------------


def printable(text: str) -> str:
    """Return a text as it is set: steering signs vanish, what no font has becomes its code point between marks."""
    if text.isascii() and text.isprintable():
        return text
    text = STEERING.sub("", BREAKS.sub("\n", text))
    return "".join(map(_set, text))


def _set(sign: str) -> str:
    if sign == "\n" or (has(sign) and unicodedata.category(sign) != "Cf"):
        return sign
    category = unicodedata.category(sign)
    if category in ("Zs", "Cc"):
        return " " if category == "Zs" or sign == "\t" else ""
    if category == "Cf" and sign not in SEEN:
        return ""
    return boxed(sign)


def cautious(text: str) -> str:
    """Return a text with a box for whatever is neither ASCII nor an everyday Chinese character or sign."""
    return "".join(sign if EVERYDAY.match(sign) else _boxed_or_gone(sign) for sign in printable(text))


def _boxed_or_gone(sign: str) -> str:
    return sign if sign in (OPEN, CLOSE, "\n") else boxed(sign)


def boxed(sign: str) -> str:
    return f"{OPEN}U+{ord(sign):04X}{CLOSE}"


def printable_sheet(thing: Any, way: Any = printable) -> Any:
    """Return a sheet with every text as it is set."""
    if isinstance(thing, str):
        return way(thing)
    if isinstance(thing, dict):
        return {name: value if name in NOT_TEXT else printable_sheet(value, way) for name, value in thing.items()}
    return [printable_sheet(value, way) for value in thing] if isinstance(thing, list | tuple) else thing


def plain(text: str) -> str:
    """Return a text for the particulars of a file, which no font sets: without the marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def boxes_in(texts: Iterable[str]) -> list[str]:
    """Return the code points that stand in boxes, each once, in order."""
    return list(dict.fromkeys(code for text in texts for code in re.findall(f"{OPEN}(U\\+[0-9A-F]+){CLOSE}", text)))
