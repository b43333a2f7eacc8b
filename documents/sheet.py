"""What a sheet is made of: the blocks that the template set and the drafts know. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, Any]


def para(text: str, label: str = "") -> Block:
    """A paragraph, indented by two characters; `label` stands before it with emphasis."""
    return {"t": "p", "text": text, "label": label}


def to(name: str) -> Block:
    """The person or body to whom a letter is addressed."""
    return {"t": "to", "text": f"{name}："}


def head(text: str) -> Block:
    return {"t": "h", "text": text}


def items(rows: Iterable[str]) -> Block:
    """A numbered list."""
    return {"t": "items", "rows": list(rows)}


def labels(*rows: Sequence[str]) -> Block:
    """A ruled form: each row holds a label and its value, or two of each."""
    return {"t": "labels", "rows": [list(row) for row in rows]}


def table(columns: Sequence[tuple[str, float]], rows: Iterable[Sequence[str]]) -> Block:
    """A ruled list; a column is its name and its width in characters, 0 for what is left over."""
    kept = [list(row) for row in rows]
    return {"t": "table", "columns": [name for name, _w in columns], "widths": [w for _n, w in columns], "rows": kept}


def ticks(*options: tuple[bool, str]) -> Block:
    """Boxes, ticked or to be ticked by hand."""
    return {"t": "ticks", "rows": [{"on": on, "text": text} for on, text in options]}


def write_here(lines: int) -> Block:
    """Ruled lines to write on by hand."""
    return {"t": "lines", "lines": lines}


def note(text: str) -> Block:
    """A remark in smaller type."""
    return {"t": "note", "text": text}


def sign(*lines: str, pictures: Sequence[str] = ()) -> Block:
    """Places to sign, two in a row; `pictures` are signatures already given, as SVG, in the order of the lines."""
    return {"t": "sign", "rows": list(lines), "pictures": list(pictures)}


def seal(f: Fields) -> Block:
    """The end of what the centre issues: verification code, seal, name and date."""
    return {"t": "seal", "label": f["seal_label"], "name": f["centre"], "date": f["date"]}


def code() -> Block:
    """The end of what others sign: the verification code alone."""
    return {"t": "code"}


def cut(text: str) -> Block:
    """A dashed line along which a slip is torn off."""
    return {"t": "cut", "text": text}


def ended(text: str) -> str:
    """Return a sentence with its full stop."""
    text = text.strip()
    return text if not text or text[-1] in "。！？…；：" else text + "。"


def texts_in(thing: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """Walk over every text inside fields or blocks, each with the name of the field in which it stands."""
    if isinstance(thing, str):
        yield name, thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from texts_in(value, name or key)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from texts_in(value, name)
