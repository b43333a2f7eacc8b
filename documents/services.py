"""Issue documents, take them back, mark them, forget what they say: each with its entry in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Centre, User
from accounts.words import within
from audit.models import Entry
from audit.services import lock_journal, record, record_all
from calendars.today import local_date
from documents import engine, ledger
from documents.errors import DocumentError
from documents.files import remove_files
from documents.kind import Audience, Kind
from documents.kinds import kind_of
from documents.models import Document, grouped
from documents.money import disagreements
from documents.numbers import next_numbers
from documents.sheet import Block, Fields, texts_in
from documents.verification import new_code

Subject = tuple[str, int]


def in_words(day: date) -> str:
    """Write a day as documents do: 2026年11月3日."""
    return f"{day.year}年{day.month}月{day.day}日"


def common_fields(centre: Centre, at: datetime) -> Fields:
    """Return the fields that every document of a centre has."""
    people = centre.nature == Centre.Nature.PMC
    return {
        "centre": centre.name,
        "seal_label": "（人民调解委员会印章）" if people else "（调处中心印章）",
        "people": "人民" if people else "",
        "phone": centre.phone,
        "date": in_words(local_date(at)),
    }


@dataclass(frozen=True)
class Ready:
    """A document that says everything and contradicts nothing: what it still wants is its number and its code."""

    document: Document
    kind: Kind
    fields: Fields
    blocks: list[Block]
    number: str = ""  # one that was given before, with what the document is about


def prepare(
    subject: Subject,
    kind: str,
    data: Fields,
    *,
    centre: Centre,
    at: datetime,
    number: str = "",
    about: Subject | None = None,
    party_id: int | None = None,
    audience: Audience | None = None,
    due: Document | None = None,
) -> Ready:
    """Word and check a document; nothing is written.

    Raises DocumentError naming the field that is missing or the amount that does not agree with itself; LookupError
    for an unknown kind.
    """
    declared = kind_of(kind)
    fields = common_fields(centre, at) | data
    check_fields(declared, fields)
    blocks = declared.wording(fields)
    check_texts(declared, blocks)
    document = due or Document(subject_kind=subject[0], subject_id=subject[1], due_at=at)
    document.kind = declared.code
    document.title = declared.title_for(people=centre.nature == Centre.Nature.PMC)
    document.audience = audience or declared.audience
    document.about_kind, document.about_id = about or ("", None)
    document.party_id = party_id
    document.data = fields
    return Ready(document, declared, fields, blocks, number)


def issue_all(
    subject: Subject,
    ready: Sequence[Ready],
    *,
    centre: Centre,
    by: User | None,
    at: datetime,
    following: Entry | None = None,
) -> list[Document]:
    """Number, code, keep and journal what was prepared, inside the caller's transaction; the files follow.

    The series stay locked until the transaction ends: call it last. `following`: see `record_all`.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a document is issued in the transaction of the change")
    if not ready:
        return []
    new = [one.document for one in ready if one.document.pk is None]
    known = [one.document for one in ready if one.document.pk is not None]
    words = [one.kind.series for one in ready if one.kind.series and not one.number]
    taken = iter(next_numbers(centre, words, local_date(at).year))
    for one in ready:
        number = one.number or (next(taken) if one.kind.series else "")
        _finish(one, number, centre=centre, by=by, at=at)
    Document.objects.bulk_create(new)
    if known:
        Document.objects.bulk_update(known, WRITTEN)
    rows = [one.document for one in ready]
    says = [(ledger.ISSUED, ledger.issued_says(row, engine.template_version())) for row in rows]
    record_all(subject, says, by=by, at=at, following=following)
    return rows


# The columns of a due row that issuing it fills.
WRITTEN = (
    "kind", "title", "audience", "about_kind", "about_id", "party_id", "data", "number", "code", "issued_at",
    "issued_by", "sheet", "obstacle",
)  # fmt: skip


def _finish(ready: Ready, number: str, *, centre: Centre, by: User | None, at: datetime) -> None:
    document, people = ready.document, centre.nature == Centre.Nature.PMC
    document.number, document.code, document.obstacle = number, new_code(), ""
    document.issued_at, document.issued_by = at, by
    document.sheet = sheet_of(
        ready.kind, ready.fields, number=number, code=document.code, people=people, blocks=ready.blocks
    )


def issue(
    subject: Subject,
    kind: str,
    data: Fields,
    *,
    centre: Centre,
    by: User | None,
    at: datetime,
    **more: Any,
) -> Document:
    """Prepare one document and issue it, inside the caller's transaction; raises what `prepare` raises."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a document is issued in the transaction of the change")
    ready = prepare(subject, kind, data, centre=centre, at=at, **more)
    return issue_all(subject, [ready], centre=centre, by=by, at=at)[0]


def sheet_of(
    kind: Kind, fields: Fields, *, number: str, code: str, people: bool, blocks: list[Block] | None = None
) -> dict[str, Any]:
    """Return the finished text of a document, ready to be set; without a code it carries none."""
    address = f"{settings.SITE_URL.rstrip('/')}/verify/{code}/"
    return {
        "title": kind.heading_for(people=people),
        "layout": kind.layout,
        "centre": fields["centre"],
        "number": number,
        "code": grouped(code),
        "qr": engine.qr_svg(address) if code else "",
        "blocks": kind.wording(fields) if blocks is None else blocks,
    }


def check_fields(kind: Kind, fields: Fields) -> None:
    """Refuse fields that are missing or contradict themselves; raises DocumentError."""
    missing = [label for name, label in kind.needs.items() if _empty(fields.get(name))]
    if missing:
        raise DocumentError(
            _("《%(title)s》还缺：%(fields)s。请先补上，再制发。") % {"title": kind.title, "fields": "、".join(missing)}
        )
    check_texts(kind, fields)


def _empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def check_texts(kind: Kind, *things: Any) -> None:
    """Refuse amounts whose words differ from their figures, naming the field."""
    for thing in things:
        for name, text in texts_in(thing):
            for words, figures, _place in disagreements(text):
                raise DocumentError(
                    _("“%(field)s”里，大写金额“%(words)s”和小写金额“%(figures)s”不一致，请核对后再制发。")
                    % {"field": kind.label_of(name), "words": words, "figures": figures}
                )


# --- what happens to it ----------------------------------------------------------------------------------------


def erase(subject: Subject) -> list[str]:
    """Forget what the documents of a destroyed subject say; numbers, codes and hashes stay. Returns the hashes.

    Inside the caller's transaction; the files go once it has committed.
    """
    lock_journal(subject)
    rows = Document.objects.filter(subject_kind=subject[0], subject_id=subject[1])
    hashes = sorted(rows.exclude(sha256="").values_list("sha256", flat=True))
    rows.exclude(dropped_reason="").update(dropped_reason=_("（已销毁）"))
    rows.exclude(obstacle="").update(obstacle="")
    rows.exclude(revoke_reason="").update(revoke_reason=_("（已销毁）"))
    rows.filter(sheet__isnull=False).update(sheet={})
    rows.update(data={})
    transaction.on_commit(lambda: remove_files(hashes))
    return hashes


def revoke(document: Document, *, reason: str, by: User, at: datetime, replaced_by: Document | None = None) -> None:
    """Take an issued document back and journal it, inside the caller's transaction; its page says so from now on."""
    locked = _locked(document)
    if not locked.stands:
        raise DocumentError(_("这份文书已经作废。"))
    if not reason.strip():
        raise DocumentError(_("请写明作废的理由。"))
    locked.revoked_at, locked.revoked_by, locked.revoke_reason = at, by, within(reason, 300)
    locked.replaced_by = replaced_by
    locked.save(update_fields=["revoked_at", "revoked_by", "revoke_reason", "replaced_by"])
    says: Fields = {"document": locked.pk, "kind": locked.kind, "replaced_by": locked.replaced_by_id}
    says["why"] = ledger.why_digest(locked, locked.revoke_reason)
    record(_subject(locked), ledger.REVOKED, by=by, after=says, at=at)


def replace(document: Document, fresh: Document, *, by: User, at: datetime) -> None:
    """Name what took the place of a revoked document, and journal it, inside the caller's transaction."""
    locked = _locked(document)
    locked.replaced_by = fresh
    locked.save(update_fields=["replaced_by"])
    says = {"document": locked.pk, "replaced_by": fresh.pk}
    record(_subject(locked), ledger.REPLACED, by=by, after=says, at=at)


def drop(document: Document, *, reason: str, by: User, at: datetime) -> None:
    """Record that a due document need not be made, inside the caller's transaction."""
    locked = Document.objects.select_for_update().get(pk=document.pk)
    if not locked.is_due:
        raise DocumentError(_("这份文书已经制发，或者已经标为不需要。"))
    if not reason.strip():
        raise DocumentError(_("请写明为什么不需要制作。"))
    locked.dropped_at, locked.dropped_by, locked.dropped_reason = at, by, within(reason, 200)
    locked.save(update_fields=["dropped_at", "dropped_by", "dropped_reason"])


def mark(document: Document, *, signed: bool = False, sealed: bool = False, by: User, at: datetime) -> None:
    """Record that the paper was signed by everybody, or that the seal was put on it; the first time counts."""
    locked = _locked(document)
    if not locked.stands:
        raise DocumentError(_("这份文书已经作废，不能再签名或者盖章。"))
    what = []
    if signed and locked.signed_at is None:
        locked.signed_at = at
        what.append("signed")
    if sealed and locked.sealed_at is None:
        locked.sealed_at, locked.sealed_by = at, by
        what.append("sealed")
    if what:
        locked.save(update_fields=["signed_at", "sealed_at", "sealed_by"])
        record(_subject(locked), ledger.MARKED, by=by, after={"document": locked.pk, "what": what}, at=at)


def _subject(document: Document) -> Subject:
    return document.subject_kind, document.subject_id


def _locked(document: Document) -> Document:
    """Lock the journal of the subject, then the row: in this order everywhere, the file is made without other locks."""
    lock_journal(_subject(document))
    return Document.objects.select_for_update().get(pk=document.pk)
