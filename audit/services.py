"""Write the journal: one entry per change, in the transaction of the change."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection, transaction

from accounts.masking import mask_text
from accounts.models import User
from accounts.prepared import Prepared
from accounts.roles import Role
from audit.canonical import (
    Json,
    canonical_object,
    canonical_text,
    canonical_time,
    entry_hash,
    register_hash,
)
from audit.models import Action, Entry, Head, Register

Subject: TypeAlias = tuple[str, str | int]


def record(
    subject: Subject,
    action: str,
    *,
    by: User | None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
    at: datetime,
) -> Entry:
    """Append one entry to the journal of a subject, under the lock of that subject's head.

    Two queries for a known subject. Raises TransactionManagementError outside a transaction and TypeError for
    values that JSON does not give back as they were.
    """
    return record_all(subject, [(action, after or {})], by=by, before=before, reason=reason, at=at)[0]


def record_all(
    subject: Subject,
    acts: Sequence[tuple[str, Mapping[str, object]]],
    *,
    by: User | None,
    before: Mapping[str, object] | None = None,
    reason: str = "",
    at: datetime,
    following: Entry | None = None,
) -> list[Entry]:
    """Append several entries of one moment, each an action and what holds after it; one query each.

    `following`: the last entry of the subject, where this transaction wrote it itself and so holds the lock already.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the journal is written in the transaction of the change")
    kept_before, entries = canonical_object(before or {}), list[Entry]()
    for action, after in acts:
        row: dict[str, Any] = {
            "at": canonical_time(at),
            "actor_id": by.pk if by else None,
            # Usernames may hold a phone number, and a journal row cannot be erased.
            "actor_label": canonical_text(mask_text(by.username)) if by else Role.CLOCK.value,
            "action": str(action),
            "before": kept_before,
            "after": canonical_object(after),
            "reason": canonical_text(reason),
        }
        entry = following and _append(row, following.head_id, following.sequence, following.hash, at=at)
        if not entry:  # nothing is known yet, or something was written meanwhile
            head = _lock_head(subject)
            entry = _append(row, head.ordinal, head.count, head.last_hash, at=at)
        if not entry:
            raise RuntimeError("a journal head moved on while it was locked")
        entry.actor = by
        entries.append(following := entry)
    return entries


APPEND = """
WITH moved AS (
    UPDATE audit_head SET count = %(sequence)s, last_hash = %(hash)s
    WHERE ordinal = %(head_id)s AND count = %(sequence)s - 1 AND last_hash = %(previous_hash)s RETURNING ordinal
)
INSERT INTO audit_entry
    (head_id, sequence, at, actor_id, actor_label, action, before, after, reason, previous_hash, hash)
SELECT ordinal, %(sequence)s, %(at)s, %(actor_id)s, %(actor_label)s, %(action)s, %(before)s::jsonb, %(after)s::jsonb,
    %(reason)s, %(previous_hash)s, %(hash)s FROM moved
"""


def _append(row: dict[str, Any], ordinal: int, count: int, last_hash: str, *, at: datetime) -> Entry | None:
    """Write an entry and move its head on, in one query; None where the chain does not end there any more."""
    whole: dict[str, Json] = {"head_id": ordinal, "sequence": count + 1, **row, "previous_hash": last_hash}
    values: dict[str, Any] = {**whole, "at": at, "hash": entry_hash(whole)}
    texts = {name: json.dumps(row[name], ensure_ascii=False) for name in ("before", "after")}
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values | texts)
        if cursor.rowcount != 1:
            return None
    entry = Entry(**values)
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


def record_view(subject: Subject, *, by: User, what: str, at: datetime, reason: str = "") -> Entry:
    """Journal that somebody saw personal data in full; `what` names the fields, never their values."""
    return record(subject, Action.VIEW_PERSONAL, by=by, after={"what": what}, reason=reason, at=at)


def record_export(subject: Subject, *, by: User, what: str, at: datetime, rows: int, reason: str = "") -> Entry:
    """Journal that somebody took data out of the system."""
    return record(subject, Action.EXPORT, by=by, after={"what": what, "rows": rows}, reason=reason, at=at)


def lock_journal(subject: Subject) -> None:
    """Hold the journal of a subject to the end of the transaction.

    Whoever writes rows that another may write without the lock of their owner takes this lock before those rows.
    """
    _locked_head(subject)


def _locked_head(subject: Subject) -> Head | None:
    return _head_of.one(subject[0], str(subject[1]))


_head_of = Prepared(
    lambda kind, pk: Head.objects.select_for_update().filter(subject_kind=kind, subject_id=pk), "kind", "id"
)


def _lock_head(subject: Subject) -> Head:
    return _locked_head(subject) or _open_head(subject[0], str(subject[1]))


def _open_head(kind: str, subject_id: str) -> Head:
    """Enter a new subject in the register, whose lock is held to the end of the transaction."""
    register = _lock_register()
    # Somebody may have opened the same subject while we waited for the register.
    known = _head_of.one(kind, subject_id)
    if known:
        return known
    register.head_count += 1
    register.hash = register_hash(register.hash, register.head_count, kind, subject_id)
    register.save(update_fields=["head_count", "hash"])
    return Head.objects.create(
        ordinal=register.head_count, subject_kind=kind, subject_id=subject_id, register_hash=register.hash
    )


def _lock_register() -> Register:
    registers = Register.objects.select_for_update()
    register = registers.first()
    if register is None:
        # Should the register ever be lost, the ordinal 1 is taken and the next new subject fails loudly.
        Register.objects.bulk_create([Register()], ignore_conflicts=True)
        register = registers.get()
    return register
