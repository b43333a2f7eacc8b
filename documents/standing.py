"""What may be said of a document to whoever holds a copy: asked of the journal, never of the row alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.utils import timezone

from documents.errors import DocumentError
from documents.files import make_file, stored
from documents.ledger import Ledger, Record, agreed, ledger_of, subject_by_code
from documents.models import Document


class Standing(Enum):
    """The answer to whoever asks whether a document is genuine."""

    UNKNOWN = auto()  # nothing was issued under this code
    UNRECORDED = auto()  # there is a row, but no entry that issued it
    BROKEN = auto()  # the journal of its subject does not hold
    UNFIT = auto()  # row or file differ from the entries
    REPLACED = auto()
    REVOKED = auto()
    GENUINE = auto()


@dataclass(frozen=True)
class Answer:
    """What the journal says; `record` is given only where the chain that holds it is whole."""

    standing: Standing
    record: Record | None = None
    destroyed: bool = False

    @property
    def since(self) -> datetime | None:
        """The day from which the journal vouches, where that is not the day of issue."""
        return self.record.at if self.record and self.record.later else None

    @property
    def sha256(self) -> str:
        return str(self.record.file.get("sha256", "")) if self.record else ""


def standing_of(code: str, *, at: datetime | None = None) -> Answer:
    """Return the standing of the document with this code; a file that is still wanting is made at once."""
    document = Document.objects.filter(code=code or None, issued_at__isnull=False).first()
    if document is None:
        return _without_row(code)
    try:
        ledger = agreed(document)
    except DocumentError:  # the row went away while we looked
        return _without_row(code)
    record = ledger.records.get(document.pk)
    if ledger.breaks:
        return Answer(Standing.BROKEN)
    if record is None or record.says["code"] != code:
        other = _without_row(code)
        return other if other.standing != Standing.UNKNOWN else Answer(Standing.UNRECORDED)
    if ledger.faults_of(document) or not _file_holds(document, ledger, record, at or timezone.now()):
        return Answer(Standing.UNFIT, record, ledger.destroyed)
    return Answer(_fate(record), record, ledger.destroyed)


def _fate(record: Record) -> Standing:
    if record.state["replaced_by_id"] is not None:
        return Standing.REPLACED
    return Standing.REVOKED if record.state["revoked_at"] is not None else Standing.GENUINE


def _without_row(code: str) -> Answer:
    """Answer for a code under which no row stands, but perhaps an entry."""
    subject = subject_by_code(code) if code else None
    if subject is None:
        return Answer(Standing.UNKNOWN)
    ledger = ledger_of(*subject)
    if ledger.breaks:
        return Answer(Standing.BROKEN)
    record = next((one for one in ledger.records.values() if one.says["code"] == code), None)
    return Answer(Standing.UNFIT, record)


def _file_holds(document: Document, ledger: Ledger, record: Record, at: datetime) -> bool:
    """Say whether the file is there as the journal knows it; one that was never made is made now."""
    if ledger.destroyed:
        return True
    try:
        if not record.file:
            record.file = make_file(document, at=at).file
        stored(document, record)
    except DocumentError:
        return False
    return True
