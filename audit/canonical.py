"""One byte string per journal row, the same when written and when read back. Touches no database and no clock."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from django.utils.functional import Promise

Json: TypeAlias = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

# What stands before the first entry of a subject, and before the first subject of the register.
GENESIS = "0" * 64

# Every column of a journal row except the hash itself; a test compares this with the model and with the table.
COVERED = (
    "head_id",
    "sequence",
    "at",
    "actor_id",
    "actor_label",
    "action",
    "before",
    "after",
    "reason",
    "previous_hash",
)

# PostgreSQL stores neither in text nor in jsonb.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LARGEST_INTEGER = 2**63


def canonical_text(text: str) -> str:
    """Return the text as it can be stored: NUL and lone surrogates become U+FFFD, nothing else is touched."""
    return UNSTORABLE.sub("\ufffd", str(text))


def canonical_time(moment: datetime) -> str:
    """Return an aware moment in UTC to the microsecond; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("the journal takes aware moments only")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_json(value: object) -> Json:
    """Return a value that jsonb gives back exactly as it was put in; raises TypeError for anything else.

    Numbers with a fraction and integers beyond 64 bits become text: jsonb and Python do not write them alike.
    """
    if isinstance(value, Enum):
        return canonical_json(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < LARGEST_INTEGER else hex(value)
    if isinstance(value, Mapping):
        return canonical_object(value)
    if isinstance(value, list | tuple):
        return [canonical_json(item) for item in value]
    return _canonical_scalar(value)


def canonical_object(value: Mapping[Any, object]) -> dict[str, Json]:
    """Return an object in canonical form; raises TypeError for keys that are no text or not distinct."""
    kept: dict[str, Json] = {}
    for key, item in value.items():
        name = canonical_json(key)
        if not isinstance(name, str) or name in kept:
            raise TypeError(f"the journal takes distinct text keys only, not {key!r}")
        kept[name] = canonical_json(item)
    return kept


def entry_hash(row: Mapping[str, Json]) -> str:
    """Return the SHA-256 of a journal row: all covered columns by name, moments in canonical form."""
    return _hash({column: row[column] for column in COVERED})


def digest(value: object) -> str:
    """Return the SHA-256 of any value that `canonical_json` takes."""
    return _hash(canonical_json(value))


def register_hash(previous: str, ordinal: int, kind: str, subject_id: str) -> str:
    """Return the SHA-256 that chains a new subject to all subjects before it."""
    return _hash([previous, ordinal, kind, subject_id])


def _canonical_scalar(value: object) -> str:
    if isinstance(value, str | Promise):
        return canonical_text(str(value))
    if isinstance(value, datetime):
        return canonical_time(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    raise TypeError(f"the journal cannot keep a {type(value).__name__}: {value!r}")


def _hash(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
