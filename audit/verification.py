"""Check the journal from end to end in constant memory, and say where it breaks.

A chain shows an edited, added or missing row. The head's count shows a cut tail, the register a removed subject.
Whoever rewrites a whole chain, its head and the register is found only against a head kept outside (audit.heads).
"""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit import subjects
from audit.append_only import missing_triggers
from audit.canonical import COVERED, GENESIS, canonical_time, entry_hash, register_hash
from audit.models import Head

HEADS = """
SELECT ordinal, subject_kind, subject_id, count, last_hash, register_hash FROM audit_head ORDER BY ordinal
"""
# Moments and JSON as text: a forged value that Python cannot read must be reported, not end the run.
ENTRIES = """
SELECT head_id, sequence, at::text, actor_id, actor_label, action, before::text, after::text, reason,
       previous_hash, hash
FROM audit_entry WHERE head_id IS NOT NULL ORDER BY head_id, sequence
"""


# One subject in one statement, so that an entry written meanwhile is seen whole or not at all.
SUBJECT = """
SELECT h.ordinal, h.subject_kind, h.subject_id, h.count, h.last_hash, h.register_hash,
       (SELECT b.register_hash FROM audit_head b WHERE b.ordinal = h.ordinal - 1),
       e.head_id, e.sequence, e.at::text, e.actor_id, e.actor_label, e.action, e.before::text, e.after::text, e.reason,
       e.previous_hash, e.hash
FROM audit_head h LEFT JOIN audit_entry e ON e.head_id = h.ordinal
WHERE h.subject_kind = %s AND h.subject_id = %s ORDER BY e.sequence
"""


class HeadRow(NamedTuple):
    """One head as it stands in the table, or as it was kept outside."""

    ordinal: int
    kind: str
    subject_id: str
    length: int
    last_hash: str
    register_hash: str


class EntryRow(NamedTuple):
    """One entry as it stands in the table."""

    head_id: int
    sequence: int
    at: str
    actor_id: int | None
    actor_label: str
    action: str
    before: str
    after: str
    reason: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Break:
    """One place where the journal does not hold."""

    subject: str
    sequence: int | None
    what: str

    def __str__(self) -> str:
        place = f"{self.subject}, entry {self.sequence}" if self.sequence is not None else self.subject
        return f"{place}: {self.what}"


class Chain(NamedTuple):
    """The journal of one subject as it stands, and where it does not hold."""

    entries: list[EntryRow]
    breaks: list[Break]


class Verification:
    """One walk over the whole journal; `head_count` and `entry_count` are known when it has ended."""

    def __init__(self, known: Iterator[HeadRow] | None = None, keep: Callable[[HeadRow], None] | None = None) -> None:
        self.known = known or iter(())
        self.keep = keep or (lambda head: None)
        self.head_count = 0
        self.entry_count = 0
        self.last_ordinal = 0
        self.last_register_hash = GENESIS

    def breaks(self) -> Iterator[Break]:
        """Yield every break, in the order of the register."""
        yield from self._broken_chains()
        yield from self._broken_register()
        yield from _subjects_without_journal()
        for trigger in missing_triggers():
            yield Break("database", None, f"the trigger {trigger} is missing or switched off")

    def _broken_chains(self) -> Iterator[Break]:
        with closing(stored_heads()) as heads, closing(stored_entries()) as entries:
            by_number = ((head.ordinal, head) for head in heads)
            chains = groupby(entries, key=lambda entry: entry.head_id)
            known = ((head.ordinal, head) for head in self.known)
            for ordinal, head, chain, kept in _aligned(by_number, chains, known):
                if head is None:
                    yield from _orphans(ordinal, chain, kept)
                else:
                    yield from self._broken_subject(head, chain or iter(()), kept)

    def _broken_subject(self, head: HeadRow, chain: Iterator[EntryRow], kept: HeadRow | None) -> Iterator[Break]:
        yield from self._broken_head(head)
        walk = Walk(head, kept)
        yield from walk.breaks(chain)
        self.head_count += 1
        self.entry_count += walk.length
        self.keep(head)

    def _broken_head(self, head: HeadRow) -> Iterator[Break]:
        """Check that the head continues the register: ordinals without a gap, each chained to the one before."""
        subject = name_of(head)
        expected = self.last_ordinal + 1
        if head.ordinal != expected:
            gone = f"{expected}" if head.ordinal == expected + 1 else f"{expected} to {head.ordinal - 1}"
            yield Break(f"subject number {gone}", None, f"removed from the journal (before {subject})")
        elif head.register_hash != register_hash(self.last_register_hash, head.ordinal, head.kind, head.subject_id):
            yield Break(subject, None, "register_hash does not fit: the head's ordinal, kind, id or hash was changed")
        self.last_ordinal, self.last_register_hash = head.ordinal, head.register_hash

    def _broken_register(self) -> Iterator[Break]:
        rows = [*_rows("SELECT head_count, hash FROM audit_register")]
        if not rows and not self.head_count:
            return
        if len(rows) != 1:
            yield Break("register", None, f"must be one row, is {len(rows)}")
            return
        [(count, last_hash)] = rows
        if count != self.last_ordinal:
            yield Break("register", None, f"knows {count} subjects, the last one present is number {self.last_ordinal}")
        elif last_hash != self.last_register_hash:
            yield Break("register", None, "its hash is not the register_hash of the last subject")


class Walk:
    """The way along one chain."""

    def __init__(self, head: HeadRow, kept: HeadRow | None) -> None:
        self.head = head
        self.kept = kept
        self.length = 0
        self.last_sequence = 0
        self.last_hash = GENESIS
        self.hash_at_kept_length: str | None = None

    def breaks(self, chain: Iterator[EntryRow]) -> Iterator[Break]:
        """Yield every break of the chain; after each, go on from what is there."""
        for entry in chain:
            self.length += 1
            for what in self._broken_entry(entry):
                yield self._break(entry.sequence, what)
            self.last_sequence, self.last_hash = entry.sequence, entry.hash
            if self.kept and entry.sequence == self.kept.length:
                self.hash_at_kept_length = entry.hash
        yield from self._broken_end()
        if self.kept:
            yield from self._broken_against(self.kept)

    def _broken_entry(self, entry: EntryRow) -> Iterator[str]:
        if entry.sequence != self.last_sequence + 1:
            yield f"follows entry {self.last_sequence}: entries between are missing, or sequence was changed"
        elif entry.previous_hash != self.last_hash:
            yield "previous_hash is not the hash of the entry before"
        if recomputed(entry) != entry.hash:
            yield "the row does not fit its hash: a column was changed after it was written"

    def _broken_end(self) -> Iterator[Break]:
        if self.head.length != self.last_sequence:
            place = min(self.head.length, self.last_sequence) + 1
            yield self._break(
                place, f"the head counts {self.head.length} entries, the chain ends at {self.last_sequence}"
            )
        elif not self.last_sequence:
            yield self._break(None, "has a head, but no entry")
        elif self.head.last_hash != self.last_hash:
            yield self._break(self.last_sequence, "the head's last_hash is not the hash of the last entry")

    def _broken_against(self, kept: HeadRow) -> Iterator[Break]:
        """Compare with the head kept outside: the chain may have grown since, never changed."""
        if (kept.kind, kept.subject_id) != (self.head.kind, self.head.subject_id):
            yield self._break(None, f"is {name_of(kept)} in the head kept outside")
        if kept.register_hash != self.head.register_hash:
            yield self._break(None, "register_hash differs from the head kept outside")
        if self.last_sequence < kept.length:
            yield self._break(
                self.last_sequence + 1, f"the head kept outside knows {kept.length} entries: the tail is cut"
            )
        elif kept.length and self.hash_at_kept_length != kept.last_hash:
            yield self._break(kept.length, "its hash differs from the head kept outside: rewritten here or before")

    def _break(self, sequence: int | None, what: str) -> Break:
        return Break(name_of(self.head), sequence, what)


def chain_of(kind: str, subject_id: str | int) -> Chain:
    """Return the entries of one subject, oldest first, and every break among them; an unknown subject has neither."""
    with connection.cursor() as cursor:
        cursor.execute(SUBJECT, [kind, str(subject_id)])
        rows = cursor.fetchall()
    if not rows:
        return Chain([], [])
    head, before = HeadRow._make(rows[0][:6]), rows[0][6] or GENESIS
    entries = [EntryRow._make(row[7:]) for row in rows if row[7] is not None]
    breaks = list(Walk(head, None).breaks(iter(entries)))
    if head.register_hash != register_hash(before, head.ordinal, head.kind, head.subject_id):
        breaks.append(Break(name_of(head), None, "register_hash does not fit the subject before"))
    return Chain(entries, breaks)


def name_of(head: HeadRow) -> str:
    """Name a subject as `case 12`."""
    return f"{head.kind} {head.subject_id}"


def stored_heads() -> Generator[HeadRow, None, None]:
    """Stream the heads in the order of the register."""
    with closing(_rows(HEADS)) as rows:
        yield from map(HeadRow._make, rows)


def stored_entries() -> Generator[EntryRow, None, None]:
    """Stream all entries, chain by chain."""
    with closing(_rows(ENTRIES)) as rows:
        yield from map(EntryRow._make, rows)


def recomputed(entry: EntryRow) -> str:
    """Return the hash that the row should have, nothing if it holds what the journal never writes."""
    row: dict[str, Any] = {column: getattr(entry, column) for column in COVERED}
    try:
        row["before"], row["after"] = json.loads(entry.before), json.loads(entry.after)
        row["at"] = canonical_time(datetime.fromisoformat(entry.at))
        return entry_hash(row)
    except (ValueError, TypeError, RecursionError):
        return ""


def _orphans(ordinal: int, chain: Iterator[EntryRow] | None, kept: HeadRow | None) -> Iterator[Break]:
    if kept:
        yield Break(name_of(kept), None, f"removed: the head kept outside knows {kept.length} entries")
    if chain:
        count = sum(1 for _ in chain)
        yield Break(f"subject number {ordinal}", None, f"its head is removed, {count} entries are left")


def _subjects_without_journal() -> Iterator[Break]:
    for kind, ids in subjects.expected().items():
        wanted = iter(ids())
        while batch := [str(subject_id) for subject_id in islice(wanted, 1000)]:
            heads = Head.objects.filter(subject_kind=kind, subject_id__in=batch, count__gte=1)
            present = set(heads.values_list("subject_id", flat=True))
            for subject_id in batch:
                if subject_id not in present:
                    yield Break(f"{kind} {subject_id}", None, "has no journal")


def _rows(query: str) -> Generator[tuple[Any, ...], None, None]:
    """Stream a query through a server-side cursor, which lives in the caller's transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the journal is verified in one transaction")
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        yield from cursor


@contextmanager
def snapshot() -> Iterator[None]:
    """Hold one view of the database, so that nobody has to stop working; inside a transaction, that one is used."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _aligned(*streams: Iterator[tuple[int, Any]]) -> Iterator[tuple[Any, ...]]:
    """Walk along ordered streams of (number, item) and yield each number with its item of every stream, or None."""
    fronts = [next(stream, None) for stream in streams]
    while present := [front[0] for front in fronts if front]:
        number = min(present)
        here = [front is not None and front[0] == number for front in fronts]
        yield (number, *(front[1] if front and is_here else None for front, is_here in zip(fronts, here, strict=True)))
        fronts = [
            next(stream, None) if is_here else front
            for stream, front, is_here in zip(streams, fronts, here, strict=True)
        ]
