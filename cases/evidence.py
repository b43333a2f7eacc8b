"""Take files in as evidence: checked by content, kept byte for byte under their SHA-256."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from cases import copies
from cases.changes import changing, journal
from cases.copies import Copy, stored_path
from cases.entries import CaseEntry
from cases.facts import matter
from cases.file_types import PICTURES, EvidenceError, sniff
from cases.models import JOINT, Case, Evidence, Party, RoomEntry, RoomFile
from cases.places import without_place
from cases.rooms import post_event

if TYPE_CHECKING:
    Upload: TypeAlias = UploadedFile[bytes]
else:
    Upload = UploadedFile


def clean_name(name: str) -> str:
    """Return a harmless, readable file name: no path, no control or direction characters, at most 120 characters."""
    name = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    name = "".join(ch for ch in name if unicodedata.category(ch) not in {"Cc", "Cf", "Co", "Cs"})
    name = re.sub(r'[<>:"|?*]+', "_", name).strip(". ")
    return (name[:100] + name[-20:] if len(name) > 120 else name) or _("未命名文件")


@dataclass(frozen=True)
class Taken:
    """A file that was read and opened all the way, before anything is kept of it."""

    name: str
    body: bytes
    content_type: str
    sha256: str
    copy: Copy

    def keep(self) -> None:
        """Keep the bytes under their hash, and the copy that others are shown."""
        store(self.sha256, self.body)
        copies.keep(self.sha256, self.copy.book)


def take(upload: Upload) -> Taken:
    """Read an upload and open it all the way; raises EvidenceError for what is not taken."""
    body = read_checked(upload)
    content_type = sniff(body[:32], body)
    sha256 = hashlib.sha256(body).hexdigest()
    return Taken(clean_name(upload.name or ""), body, content_type, sha256, copies.opened(body, content_type, sha256))


def add_evidence(
    case: Case,
    upload: Upload | Taken,
    *,
    by: User | None,
    at: datetime,
    purpose: str = "",
    party: Party | None = None,
    sensitive: bool = False,
) -> Evidence:
    """Take one file in; raises EvidenceError. The same file of the same party is kept once."""
    taken = upload if isinstance(upload, Taken) else take(upload)
    sha256 = taken.sha256
    with changing(case, matter.ADD_EVIDENCE, by=by, at=at) as locked:
        mine = locked.parties_of(by) if by else []
        owner = mine[0] if mine else party
        if locked.evidence.count() >= settings.EVIDENCE_MAX_FILES:
            raise EvidenceError(_("材料太多了（最多%(n)d份），请联系工作人员。") % {"n": settings.EVIDENCE_MAX_FILES})
        known = locked.evidence.filter(party=owner, sha256=sha256, withdrawn_at__isnull=True).first()
        if known is not None:
            return known
        taken.keep()
        number = (locked.evidence.aggregate(last=Max("number"))["last"] or 0) + 1
        evidence = Evidence.objects.create(
            case=locked,
            number=number,
            party=owner,
            provided_by=by,
            name=taken.name,
            purpose=within(purpose, 300),
            content_type=taken.content_type,
            size=len(taken.body),
            sha256=sha256,
            pages=taken.copy.count,
            sensitive=sensitive,
            at=at,
        )
        journal(locked, CaseEntry.ADD_EVIDENCE, by=by, at=at, evidence=evidence.pk, sha256=sha256, size=len(taken.body))
        if evidence.shared and not sensitive:
            post_event(locked, JOINT, kind=RoomEntry.Kind.EVIDENCE, ref=evidence.pk, by=by, at=at)
    return evidence


def read_checked(upload: Upload) -> bytes:
    """Read an upload within the size limits; raises EvidenceError."""
    limit = settings.EVIDENCE_MAX_BYTES
    if not upload.size:
        raise EvidenceError(_("这个文件是空的，请重新选择。"))
    if upload.size > limit:
        raise EvidenceError(_("文件太大（最多%(n)d MB），请压缩或分开上传。") % {"n": limit // (1024 * 1024)})
    upload.seek(0)
    return bytes(upload.read())


def store(sha256: str, body: bytes) -> None:
    """Keep the bytes under their hash; a file that is there already is the same file."""
    if not default_storage.exists(stored_path(sha256)):
        default_storage.save(stored_path(sha256), ContentFile(body))


def withdraw_evidence(evidence: Evidence, *, by: User, at: datetime) -> None:
    """Take back an own piece of evidence before the case is accepted; the row and the mark stay."""
    with changing(evidence.case, matter.WITHDRAW_EVIDENCE, by=by, at=at) as locked:
        if evidence.provided_by_id != by.pk:
            raise EvidenceError(_("只能撤回自己提交的材料。"))
        evidence.withdrawn_at = at
        evidence.save(update_fields=["withdrawn_at"])
        journal(locked, CaseEntry.WITHDRAW_EVIDENCE, by=by, at=at, evidence=evidence.pk)


def erase_evidence(case: Case, *, at: datetime) -> None:
    """Take back all evidence of a draft that is given up, and remove the files that nobody else handed in.

    The files go once the transaction has committed: a rollback keeps them.
    """
    hashes = list(case.evidence.values_list("sha256", flat=True))
    case.evidence.update(withdrawn_at=at, name="", purpose="")
    transaction.on_commit(lambda: remove_unused(hashes))


def remove_unused(hashes: list[str]) -> None:
    """Remove the bytes of files that no case holds any more: withdrawn everywhere, or their dossiers destroyed."""
    used = Evidence.objects.filter(
        sha256__in=hashes, withdrawn_at__isnull=True, case__destroyed_at__isnull=True
    ).values_list("sha256", flat=True)
    shown = RoomFile.objects.filter(sha256__in=hashes, entry__room__case__destroyed_at__isnull=True).values_list(
        "sha256", flat=True
    )
    for sha256 in set(hashes) - set(used.union(shown)):
        default_storage.delete(stored_path(sha256))
        copies.remove(sha256)


def original(evidence: Evidence | RoomFile) -> bytes:
    """Return the bytes as handed in; raises EvidenceError where they no longer match their hash."""
    with default_storage.open(stored_path(evidence.sha256)) as stored:
        body: bytes = stored.read()
    if hashlib.sha256(body).hexdigest() != evidence.sha256:
        raise EvidenceError(_("文件与登记的校验值不一致，请联系管理员。"))
    return body


def viewing_copy(evidence: Evidence | RoomFile) -> tuple[bytes, str]:
    """Return what others are shown: pictures, films and sound without the place where they were made; others as given.

    Raises UnreadableError, BeingMadeError.
    """
    if evidence.content_type in PICTURES:
        return shown_picture(evidence).whole, "image/jpeg"
    return without_place(original(evidence), evidence.content_type), evidence.content_type


def shown_picture(evidence: Evidence | RoomFile, *, wait: float = copies.AT_VIEW) -> Copy:
    """Return the copy of a picture, with its pages where it is long; raises UnreadableError, BeingMadeError."""
    return copies.copy_of(evidence.sha256, evidence.content_type, wait=wait)


def visible_evidence(case: Case, viewer: User) -> list[Evidence]:
    """Return what this person may see: staff all; a party the own and what is shared once the other side knows."""
    rows = list(case.evidence.filter(withdrawn_at__isnull=True).select_related("party"))
    mine = {party.pk for party in case.parties_of(viewer)}
    if not mine:
        return rows
    shared = case.respondents_informed_at is not None
    return [
        e
        for e in rows
        if e.party_id in mine or e.provided_by_id == viewer.pk or (shared and e.shared and not e.sensitive)
    ]
