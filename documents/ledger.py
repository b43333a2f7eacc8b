"""What the journal says about documents: one record each, read from the chain of its subject, and whether a row fits.

The entry that issues a document holds the digests of everything that never changes afterwards; later entries add the
file and what happened to it. A row proves nothing by itself: every answer about a document is given from here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _

from audit.canonical import Json, canonical_object, canonical_time, digest
from audit.models import Entry
from audit.services import lock_journal
from audit.verification import EntryRow, chain_of
from documents.errors import DocumentError
from documents.models import Document

ISSUED = "issue_document"
VOUCHED = "vouch_document"  # for what was issued before entries held digests: from that day on
FILED = "make_document_file"
MARKED = "mark_document"
REVOKED = "revoke_document"
REPLACED = "replace_document"
DESTROYED = "destroy"  # of the whole dossier: what its documents say is forgotten

# Columns that never change once a document is issued.
FIXED = (
    "id", "subject_kind", "subject_id", "kind", "title", "action", "about_kind", "about_id", "party_id", "audience",
    "due_at", "dropped_at", "dropped_reason", "dropped_by_id", "number", "code", "issued_at", "issued_by_id",
)  # fmt: skip
# Columns of the file, and of what may happen afterwards; the file's queue alone is nobody's business.
FILE = ("sha256", "pages", "template_version")
LATER = ("signed_at", "sealed_at", "sealed_by_id", "revoked_at", "revoked_by_id", "why", "replaced_by_id")


@dataclass
class Record:
    """One document as the journal knows it."""

    document: int
    at: datetime
    later: bool  # vouched for by an upgrade, not by the entry that issued it
    says: Mapping[str, Any]
    file: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(LATER))
    faults: list[str] = field(default_factory=list)

    @property
    def issued_at(self) -> datetime:
        return datetime.fromisoformat(self.says["issued_at"])


@dataclass
class Ledger:
    """All records of one subject, and the places where its chain does not hold."""

    records: dict[int, Record]
    breaks: list[str]
    destroyed: bool

    def faults_of(self, document: Document) -> list[str]:
        """Name everything in which a row differs from its record, in plain words for the operator."""
        record = self.records.get(document.pk)
        if record is None:
            return ["the journal holds no entry that issued it"]
        return [*record.faults, *_differing(document, record, destroyed=self.destroyed)]


def ledger_of(kind: str, subject_id: str | int) -> Ledger:
    """Read what the journal of a subject says about its documents: one query."""
    chain = chain_of(kind, subject_id)
    ledger = Ledger({}, [str(one) for one in chain.breaks], any(e.action == DESTROYED for e in chain.entries))
    for entry in chain.entries:
        if entry.action in READERS:
            try:
                _read(ledger, entry)
            except (AttributeError, KeyError, TypeError, ValueError):
                ledger.breaks.append(f"{kind} {subject_id}, entry {entry.sequence}: is not what the system writes")
    return ledger


def agreed(document: Document) -> Ledger:
    """Return the ledger in which a row stands, both as they are together.

    A row that was read before the entry that changed it is read again before anybody is told that it does not fit.
    """
    ledger = ledger_of(document.subject_kind, document.subject_id)
    if not ledger.faults_of(document):
        return ledger
    with transaction.atomic():
        return locked_ledger(document)


def locked_ledger(document: Document) -> Ledger:
    """Lock the journal of a document's subject, read the row anew, then its ledger; raises DocumentError."""
    lock_journal((document.subject_kind, document.subject_id))
    try:
        document.refresh_from_db()
    except Document.DoesNotExist:
        raise DocumentError(_("这份文书已经不在系统里。")) from None
    return ledger_of(document.subject_kind, document.subject_id)


def subject_by_code(code: str) -> tuple[str, str] | None:
    """Return the subject in whose journal a code was issued, whatever became of the row."""
    entries = Entry.objects.filter(action__in=[ISSUED, VOUCHED], after__has_key="code")
    found = entries.annotate(found_code=KeyTextTransform("code", "after")).filter(found_code=code)
    head = found.values_list("head__subject_kind", "head__subject_id").first()
    return (head[0], head[1]) if head else None


# --- what is written ---------------------------------------------------------------------------------------------


def issued_says(document: Document, template: str) -> dict[str, Any]:
    """Return what the entry says that issues a document: digests, and what its face shows without names."""
    return {
        "document": document.pk,
        "kind": document.kind,
        "number": document.number,
        "title": document.title,
        "centre": str(document.data.get("centre", "")),
        "code": document.code,
        "issued_at": canonical_time(document.issued_at) if document.issued_at else "",
        "template": template,
        "sheet": stored_digest(document.sheet),
        "data": stored_digest(document.data),
        "row": digest(fixed(document)),
    }


def vouched_says(document: Document, template: str) -> dict[str, Any]:
    """Return what an upgrade's entry says of a document: what issuing it says now, its file and what happened to it."""
    file = {name: getattr(document, name) for name in FILE} if document.sha256 else {}
    return issued_says(document, template) | {"file": file, "state": state_of(document)}


def stored_digest(value: Any) -> str:
    """Return the digest of a value as its JSON column gives it back."""
    return digest(json.loads(json.dumps(value)))


def fixed(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in FIXED}


def state_of(document: Document) -> dict[str, Json]:
    """Return what happened to a document after it was issued, as its row has it, in canonical form."""
    row = {name: getattr(document, name, None) for name in LATER}
    row["why"] = why_digest(document, document.revoke_reason) if document.revoked_at else None
    return canonical_object(row)


def why_digest(document: Document, reason: str) -> str:
    """Return the digest of a reason; with the code before it, so that it cannot be guessed from a list of reasons."""
    return digest([document.code, reason])


# --- what is read -----------------------------------------------------------------------------------------------


def _read(ledger: Ledger, entry: EntryRow) -> None:
    says = json.loads(entry.after)
    key = says.get("document")
    if entry.action in {ISSUED, VOUCHED}:
        if "row" not in says:
            return  # written before entries held digests
        record = Record(key, datetime.fromisoformat(entry.at), entry.action == VOUCHED, says)
        if key in ledger.records:
            ledger.records[key].faults.append("the journal issues it twice")
        else:
            ledger.records[key] = record
            READERS[entry.action](record, entry, says)
    elif known := ledger.records.get(key):
        READERS[entry.action](known, entry, says)


def _issued(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    """Nothing has happened to it yet."""


def _vouched(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    record.file, record.state = dict(says["file"]), dict(says["state"])


def _filed(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    if record.file:
        record.faults.append("the journal names a second file")
    else:
        record.file = {name: says[name] for name in FILE}


def _marked(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    if "signed" in says["what"] and record.state["signed_at"] is None:
        record.state["signed_at"] = _moment(entry)
    if "sealed" in says["what"] and record.state["sealed_at"] is None:
        record.state |= {"sealed_at": _moment(entry), "sealed_by_id": entry.actor_id}


def _revoked(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    record.state |= {"revoked_at": _moment(entry), "revoked_by_id": entry.actor_id, "why": says["why"]}
    record.state["replaced_by_id"] = says.get("replaced_by")


def _replaced(record: Record, entry: EntryRow, says: Mapping[str, Any]) -> None:
    record.state["replaced_by_id"] = says["replaced_by"]


def _moment(entry: EntryRow) -> str:
    return canonical_time(datetime.fromisoformat(entry.at))


READERS: dict[str, Callable[[Record, EntryRow, Mapping[str, Any]], None]] = {
    ISSUED: _issued,
    VOUCHED: _vouched,
    FILED: _filed,
    MARKED: _marked,
    REVOKED: _revoked,
    REPLACED: _replaced,
}


# --- row against record -----------------------------------------------------------------------------------------


def _differing(document: Document, record: Record, *, destroyed: bool) -> Iterator[str]:
    says = record.says
    if document.obstacle:
        yield "it was issued, and a reason stands there why it could not be"
    if digest(fixed(document)) != says["row"]:
        yield "its kind, title, number, code, subject, reader, day or issuer was changed"
    for name in ("sheet", "data"):
        if digest(getattr(document, name)) != says[name] and not (destroyed and not getattr(document, name)):
            yield f"its {name} was changed"
    if record.file and {name: getattr(document, name) for name in FILE} != record.file:
        yield "the mark of its file was changed or emptied"
    if not record.file and document.sha256:
        yield "its row names a file that the journal does not know"
    yield from _differing_state(document, record, destroyed=destroyed)


def _differing_state(document: Document, record: Record, *, destroyed: bool) -> Iterator[str]:
    state = state_of(document)
    if not document.revoked_at and (document.revoke_reason or document.revoked_by_id):
        yield "its revocation was changed"
    for name in LATER:
        if state[name] != record.state[name] and not (destroyed and name == "why"):
            yield f"{name} was changed: the journal has {record.state[name]}, the row {state[name]}"
