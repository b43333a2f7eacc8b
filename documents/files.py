"""The file of a document: made once from a sheet that fits its entry, journalled with its digest, then always the same.

The worker makes it within seconds of the issue; whoever opens the document earlier has it made at once.
"""

import hashlib
import zlib
from datetime import datetime, timedelta

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from documents import engine
from documents.errors import DocumentError
from documents.ledger import FILED, Ledger, Record, agreed, locked_ledger
from documents.models import Document

logger = structlog.get_logger(__name__)

TRY_AGAIN = timedelta(hours=1)  # a document that cannot be made must not keep the others waiting
QUEUE = zlib.crc32(b"documents.files")  # the first key of an advisory lock; the second is the document


def pdf(document: Document, *, at: datetime | None = None) -> bytes:
    """Return the file of an issued document, the bytes that the journal knows. Raises DocumentError."""
    if document.issued_at is None or document.sheet is None:
        raise DocumentError(_("这份文书还没有制发。"))
    if not document.sheet:
        raise DocumentError(_("卷宗已经按清册销毁，这份文书的内容不再保存。"))
    known = record_of(document) or make_file(document, at=at or timezone.now())
    return stored(document, known)


def record_of(document: Document) -> Record | None:
    """Return the record of a row that fits it, nothing where it has no file yet; raises DocumentError otherwise."""
    found = fitting(document, agreed(document))
    return found if found.file else None


def fitting(document: Document, ledger: Ledger) -> Record:
    """Return the record of a row that fits it in every column; raises DocumentError, and the log says where not."""
    faults = [*ledger.breaks, *ledger.faults_of(document)]
    if faults:
        logger.error("document_does_not_fit_its_entry", document=document.pk, faults=faults)
        raise DocumentError(_("这份文书与操作日志的记录不符，不能打开或者重新生成。请联系管理员核查。"))
    return ledger.records[document.pk]


def make_file(document: Document, *, at: datetime) -> Record:
    """Make the file and journal its digest; whoever was faster has the last word. Raises DocumentError."""
    made = _set(document, fitting(document, agreed(document)))
    with transaction.atomic():
        ledger = locked_ledger(document)
        known = fitting(document, ledger)
        if known.file:
            return known
        if not document.sheet:
            raise DocumentError(_("卷宗已经按清册销毁，这份文书的内容不再保存。"))
        keep(made)
        known.file = {"sha256": made.sha256, "pages": made.pages, "template_version": engine.template_version()}
        subject = (document.subject_kind, document.subject_id)
        record(subject, FILED, by=None, after={"document": document.pk, **known.file}, at=at)
        Document.objects.filter(pk=document.pk).update(**known.file)
        for name, value in known.file.items():
            setattr(document, name, value)
    return known


def _set(document: Document, known: Record) -> engine.Rendered:
    """Set the sheet of a row that fits its record."""
    return engine.render(document.sheet or {}, at=known.issued_at)


def stored(document: Document, known: Record) -> bytes:
    """Return the bytes of a file, made again where it was lost and the same bytes come out; raises DocumentError."""
    sha256 = known.file["sha256"]
    try:
        with default_storage.open(path_of(sha256)) as kept:
            body: bytes = kept.read()
    except FileNotFoundError:
        made = _set(document, known)
        if made.sha256 != sha256:
            raise DocumentError(
                _("这份文书的文件丢失了，现在的模板做不出完全相同的文件。请联系管理员从备份中恢复。")
            ) from None
        keep(made)
        return made.body
    if hashlib.sha256(body).hexdigest() != sha256:
        raise DocumentError(_("文件与登记的校验值不一致，请联系管理员。"))
    return body


def keep(made: engine.Rendered) -> None:
    if not default_storage.exists(path_of(made.sha256)):
        default_storage.save(path_of(made.sha256), ContentFile(made.body))


def path_of(sha256: str) -> str:
    return f"documents/{sha256[:2]}/{sha256}.pdf"


def remove_files(hashes: list[str]) -> None:
    for sha256 in hashes:
        default_storage.delete(path_of(sha256))


# --- the queue ---------------------------------------------------------------------------------------------------


def make_files(now: datetime, *, limit: int) -> int:
    """Make the files that are wanting, the oldest first, and return how many documents were looked at.

    Any number of workers may do so: each takes those that no other is making. One that fails waits for an hour.
    """
    waiting = Document.objects.filter(issued_at__isnull=False, sha256="").exclude(sheet={})
    due = waiting.filter(Q(file_tried_at__isnull=True) | Q(file_tried_at__lt=now - TRY_AGAIN))
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:limit])
    for key in keys:
        _make_one(key, now)
    return len(keys)


def _make_one(key: int, now: datetime) -> None:
    with transaction.atomic():
        if not _taken(key):
            return
        document = Document.objects.filter(pk=key, sha256="").exclude(sheet={}).first()
        if document is None:
            return
        try:
            with transaction.atomic():
                make_file(document, at=now)
        except OperationalError:
            raise
        except Exception:  # whatever it was, the next ones have their turn
            logger.exception("document_file_not_made", document=key)
            Document.objects.filter(pk=key).update(file_tried_at=now)


def _taken(key: int) -> bool:
    """Take a document for the rest of the transaction, unless another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::integer, %s::integer)", [_signed(QUEUE), _signed(key)])
        return bool(cursor.fetchone()[0])


def _signed(number: int) -> int:
    """Fold a number into the 32 bits with sign that the lock takes."""
    return (number + 2**31) % 2**32 - 2**31
