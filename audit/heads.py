"""Heads kept outside: a file that shows later that nothing of today's journal was rewritten.

One JSON list per line and head, in the order of the register, between a first line that names the format and a last
line with the number of heads and the SHA-256 of everything before it. Keep it where the database's owner cannot write.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from audit.verification import HeadRow

FORMAT = ["tiaochu journal heads", 1]


class HeadFileError(Exception):
    """The file is no list of heads, or not a whole one."""


class HeadWriter:
    """Write heads beside the wanted file, which appears only when `keep` is called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(path.name + ".part")
        self.count = 0
        self.digest = hashlib.sha256()

    def __enter__(self) -> "HeadWriter":
        self.file = self.partial.open("w", encoding="utf-8")
        self._line(FORMAT)
        return self

    def write(self, head: HeadRow) -> None:
        """Add one head."""
        self._line(list(head))
        self.count += 1

    def finish(self) -> None:
        """Seal the file and put it in its place."""
        self._line([self.count, self.digest.hexdigest()])
        self.file.flush()
        os.fsync(self.file.fileno())
        self.partial.replace(self.path)

    def _line(self, values: list[object]) -> None:
        line = json.dumps(values, ensure_ascii=True) + "\n"
        self.digest.update(line.encode())
        self.file.write(line)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()
        self.partial.unlink(missing_ok=True)


def read_heads(path: Path) -> Iterator[HeadRow]:
    """Return the heads of a file one by one, after its seal was checked; raises HeadFileError."""
    _check_seal(path)
    return _heads(path)


def _heads(path: Path) -> Iterator[HeadRow]:
    with path.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            match json.loads(line):
                case [int(ordinal), str(kind), str(subject_id), int(length), str(last_hash), str(register_hash)]:
                    yield HeadRow(ordinal, kind, subject_id, length, last_hash, register_hash)


def _check_seal(path: Path) -> None:
    digest, count, last = hashlib.sha256(), -1, b""
    try:
        with path.open("rb") as lines:
            known_format = json.loads(last := next(lines, b"null")) == FORMAT
            for line in lines:
                digest.update(last)
                count, last = count + 1, line
        seal = json.loads(last)
    except (OSError, ValueError) as error:
        raise HeadFileError(f"{path} cannot be read as a file of journal heads: {error}") from None
    if not known_format:
        raise HeadFileError(f"{path} is no file of journal heads")
    if seal != [count, digest.hexdigest()]:
        raise HeadFileError(f"{path} is not a whole file of journal heads: its last line does not fit the rest")
