"""Vouch, once, for the documents that were issued before the journal held their digests: from that day on.

It is done once only: a row without an entry that turns up later was not issued by this system.
"""

from datetime import datetime
from itertools import groupby

from django.db import transaction

from audit.canonical import digest
from audit.models import Entry
from audit.selectors import history
from audit.services import lock_journal, record
from documents import engine
from documents.ledger import ISSUED, VOUCHED, ledger_of, vouched_says
from documents.models import Document

SUBJECT = ("system", "documents")
DONE = "vouch_documents"
BATCH = 200


def vouch_for_older(at: datetime) -> int:
    """Add an entry for every issued document that has none, and say when that is complete; returns how many."""
    if history(SUBJECT).filter(action=DONE).exists():
        return 0
    last, count = 0, 0
    while rows := list(Document.objects.filter(issued_at__isnull=False, pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        by_subject = sorted(rows, key=lambda row: (row.subject_kind, row.subject_id))
        for subject, group in groupby(by_subject, key=lambda row: (row.subject_kind, row.subject_id)):
            count += _vouch(subject, [row.pk for row in group], at)
    with transaction.atomic():
        record(SUBJECT, DONE, by=None, after=vouched_for(), at=at)
    return count


def _vouch(subject: tuple[str, int], keys: list[int], at: datetime) -> int:
    """Vouch for those documents of one subject that no entry vouches for yet."""
    with transaction.atomic():
        lock_journal(subject)
        known = ledger_of(*subject).records
        named = set(history(subject).filter(action=ISSUED).values_list("after__document", flat=True))
        rows = [row for row in Document.objects.filter(pk__in=keys).order_by("pk") if row.pk not in known]
        older = [row for row in rows if row.pk in named]  # what the journal never heard of is not vouched for
        for row in older:
            record(subject, VOUCHED, by=None, after=vouched_says(row, engine.template_version()), at=at)
    return len(older)


def vouched_for() -> dict[str, object]:
    """Return how many entries vouch for older documents, and the digest of all their hashes."""
    hashes = list(Entry.objects.filter(action=VOUCHED).order_by("head_id", "sequence").values_list("hash", flat=True))
    return {"count": len(hashes), "hashes": digest(hashes)}


def broken_vouching() -> list[str]:
    """Say where entries vouch for documents that were not there when the upgrade was complete."""
    done = history(SUBJECT).filter(action=DONE).first()
    now = vouched_for()
    if done is None:
        return ["nothing says when older documents were vouched for"] if now["count"] else []
    return [] if done.after == now else ["entries vouch for documents that were not there at the upgrade"]
