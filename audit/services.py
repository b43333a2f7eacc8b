"""Write the journal: one entry per change, in the transaction of the change."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

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

    Three queries for a known subject. Raises TransactionManagementError outside a transaction and TypeError for
    values that JSON does not give back as they were.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the journal is written in the transaction of the change")
    kept_before, kept_after = canonical_object(before or {}), canonical_object(after or {})
    head = _lock_head(subject)
    row: dict[str, Json] = {
        "head_id": head.ordinal,
        "sequence": head.count + 1,
        "at": canonical_time(at),
        "actor_id": by.pk if by else None,
        # Usernames may hold a phone number, and a journal row cannot be erased.
        "actor_label": canonical_text(mask_text(by.username)) if by else Role.CLOCK.value,
        "action": str(action),
        "before": kept_before,
        "after": kept_after,
        "reason": canonical_text(reason),
        "previous_hash": head.last_hash,
    }
    head.count, head.last_hash = head.count + 1, entry_hash(row)
    head.save(update_fields=["count", "last_hash"])
    return Entry.objects.create(**{**row, "at": at, "hash": head.last_hash})


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
