"""Take files in as evidence: checked by content, kept byte for byte under their SHA-256."""

import hashlib
import io
import re
import unicodedata
import zipfile
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
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.errors import DomainError
from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.models import JOINT, Case, Evidence, Party, RoomEntry, RoomFile
from cases.rooms import post_event

if TYPE_CHECKING:
    Upload: TypeAlias = UploadedFile[bytes]
else:
    Upload = UploadedFile

# What may be handed in, by how the file itself begins; the name is never believed.
SIGNATURES: list[tuple[bytes, int, str]] = [
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"RIFF", 0, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"ftyp", 4, "video/mp4"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"PK\x03\x04", 0, "application/zip"),
]
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEIF_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"}
IMAGE_TYPES = {"image/jpeg", "image/png", "image/webp"}
VIEW_EDGE = 1600
MAX_PIXELS = 60_000_000


class EvidenceError(DomainError):
    """This file cannot be taken; the sentence says why and what to do."""


def sniff(head: bytes, whole: bytes | None = None) -> str:
    """Return the content type by content; raises EvidenceError for what is not taken."""
    for mark, offset, content_type in SIGNATURES:
        if head[offset : offset + len(mark)] != mark:
            continue
        if content_type == "image/webp" and head[8:12] != b"WEBP":
            break
        if content_type == "video/mp4" and head[8:12] in HEIF_BRANDS:
            return "image/heic"
        if content_type == "application/zip":
            return _office_type(whole or b"")
        return content_type
    raise EvidenceError(_("这种文件不能上传。可以上传照片（JPG、PNG、HEIC）、PDF、Word、Excel、MP3、MP4。"))


def _office_type(whole: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(whole)).namelist()
    except (zipfile.BadZipFile, ValueError):
        names = []
    for prefix, content_type in OFFICE.items():
        if "[Content_Types].xml" in names and any(name.startswith(prefix) for name in names):
            return content_type
    raise EvidenceError(_("压缩包不能上传，请把里面的文件一个一个上传。"))


def clean_name(name: str) -> str:
    """Return a harmless, readable file name: no path, no control or direction characters, at most 120 characters."""
    name = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    name = "".join(ch for ch in name if unicodedata.category(ch) not in {"Cc", "Cf", "Co", "Cs"})
    name = re.sub(r'[<>:"|?*]+', "_", name).strip(". ")
    return (name[:100] + name[-20:] if len(name) > 120 else name) or _("未命名文件")


def _path(sha256: str, view: bool = False) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}{'.view.jpg' if view else ''}"


def stored_path(sha256: str) -> str:
    """Return where the bytes of a file lie in the storage, for whoever reads them piece by piece."""
    return _path(sha256)


def check_image(body: bytes, content_type: str) -> None:
    """Open an image all the way; raises EvidenceError for a broken or monstrous one."""
    if content_type not in IMAGE_TYPES:
        return
    try:
        with Image.open(io.BytesIO(body)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise EvidenceError(_("图片太大，请缩小后再上传。"))
            image.verify()
    except EvidenceError:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise EvidenceError(_("图片打不开，可能已损坏，请重新拍照或另选一张。")) from None


def add_evidence(
    case: Case,
    upload: Upload,
    *,
    by: User | None,
    at: datetime,
    purpose: str = "",
    party: Party | None = None,
    sensitive: bool = False,
) -> Evidence:
    """Take one file in; raises EvidenceError. The same file of the same party is kept once."""
    body = read_checked(upload)
    content_type = sniff(body[:32], body)
    check_image(body, content_type)
    sha256 = hashlib.sha256(body).hexdigest()
    with changing(case, "case.add_evidence", by=by, at=at) as locked:
        mine = locked.parties_of(by) if by else []
        owner = mine[0] if mine else party
        if locked.evidence.count() >= settings.EVIDENCE_MAX_FILES:
            raise EvidenceError(_("材料太多了（最多%(n)d份），请联系工作人员。") % {"n": settings.EVIDENCE_MAX_FILES})
        known = locked.evidence.filter(party=owner, sha256=sha256, withdrawn_at__isnull=True).first()
        if known is not None:
            return known
        store(sha256, body)
        number = (locked.evidence.aggregate(last=Max("number"))["last"] or 0) + 1
        evidence = Evidence.objects.create(
            case=locked,
            number=number,
            party=owner,
            provided_by=by,
            name=clean_name(upload.name or ""),
            purpose=within(purpose, 300),
            content_type=content_type,
            size=len(body),
            sha256=sha256,
            sensitive=sensitive,
            at=at,
        )
        journal(locked, "add_evidence", by=by, at=at, evidence=evidence.pk, sha256=sha256, size=len(body))
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
    if not default_storage.exists(_path(sha256)):
        default_storage.save(_path(sha256), ContentFile(body))


def withdraw_evidence(evidence: Evidence, *, by: User, at: datetime) -> None:
    """Take back an own piece of evidence before the case is accepted; the row and the mark stay."""
    with changing(evidence.case, "case.add_evidence", by=by, at=at) as locked:
        if evidence.provided_by_id != by.pk or locked.accepted_at is not None:
            raise EvidenceError(_("只能在受理前撤回自己提交的材料。"))
        evidence.withdrawn_at = at
        evidence.save(update_fields=["withdrawn_at"])
        journal(locked, "withdraw_evidence", by=by, at=at, evidence=evidence.pk)


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
        for view in (False, True):
            default_storage.delete(_path(sha256, view=view))


def original(evidence: Evidence | RoomFile) -> bytes:
    """Return the bytes as handed in; raises EvidenceError where they no longer match their hash."""
    with default_storage.open(_path(evidence.sha256)) as stored:
        body: bytes = stored.read()
    if hashlib.sha256(body).hexdigest() != evidence.sha256:
        raise EvidenceError(_("文件与登记的校验值不一致，请联系管理员。"))
    return body


def viewing_copy(evidence: Evidence | RoomFile) -> tuple[bytes, str]:
    """Return a re-encoded picture without hidden data (place, camera), made once; other types as they are."""
    if evidence.content_type not in IMAGE_TYPES:
        return original(evidence), evidence.content_type
    path = _path(evidence.sha256, view=True)
    if default_storage.exists(path):
        with default_storage.open(path) as stored:
            return stored.read(), "image/jpeg"
    with Image.open(io.BytesIO(original(evidence))) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
        picture.thumbnail((VIEW_EDGE, VIEW_EDGE))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=85)
    default_storage.save(path, ContentFile(out.getvalue()))
    return out.getvalue(), "image/jpeg"


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
