"""Which files are taken: one list for what pickers offer, what the server takes, what help and refusals say."""

import io
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError


class EvidenceError(DomainError):
    """This file cannot be taken; the sentence says why and what to do."""


@dataclass(frozen=True)
class FileType:
    """One kind of file: how it is known, named and offered. The first suffix is the one it gets in a dossier."""

    content_type: str
    group: str | Promise
    label: str
    suffixes: tuple[str, ...]
    also: tuple[str, ...] = ()  # other names that browsers and phones give to the same type


PHOTO, PAPER = gettext_lazy("照片"), gettext_lazy("文件")
SOUND, VIDEO = gettext_lazy("录音"), gettext_lazy("视频")

TYPES = (
    FileType("image/jpeg", PHOTO, "JPG", (".jpg", ".jpeg"), ("image/jpg",)),
    FileType("image/png", PHOTO, "PNG", (".png",)),
    FileType("image/webp", PHOTO, "WebP", (".webp",)),
    FileType("image/heic", PHOTO, "HEIC", (".heic", ".heif"), ("image/heif",)),
    FileType("application/pdf", PAPER, "PDF", (".pdf",)),
    FileType(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", PAPER, "Word .docx", (".docx",)
    ),
    FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", PAPER, "Excel .xlsx", (".xlsx",)),
    FileType("audio/mpeg", SOUND, "MP3", (".mp3",), ("audio/mp3",)),
    FileType("audio/mp4", SOUND, "M4A", (".m4a",), ("audio/x-m4a", "audio/mp4a-latm")),
    FileType("audio/amr", SOUND, "AMR", (".amr",), ("audio/amr-wb", "audio/3gpp")),
    FileType("audio/aac", SOUND, "AAC", (".aac",), ("audio/aacp", "audio/x-aac")),
    FileType("audio/wav", SOUND, "WAV", (".wav",), ("audio/x-wav", "audio/wave")),
    FileType("video/mp4", VIDEO, "MP4", (".mp4", ".m4v"), ("video/x-m4v",)),
    FileType("video/quicktime", VIDEO, "MOV", (".mov",)),
    FileType("video/3gpp", VIDEO, "3GP", (".3gp", ".3gpp", ".3g2"), ("video/3gpp2",)),
)
BY_TYPE = {one.content_type: one for one in TYPES}
PICTURES = frozenset(one.content_type for one in TYPES if one.group is PHOTO)
# What a scan of a signed page may be.
SCANS = tuple(one for one in TYPES if one.content_type in PICTURES or one.content_type == "application/pdf")
FILMS = frozenset({"video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"})
PDF_WITHIN = 1024  # where the mark of a PDF may stand (ISO 32000-1, annex H.3.4.1)
MOST_ENTRIES = 1024 * 1024  # bytes of a zip's own list of what is in it


def accept(types: Iterable[FileType] = TYPES) -> str:
    """Return what a picker offers, as the `accept` of an input."""
    return ",".join(word for one in types for word in (*one.suffixes, one.content_type, *one.also))


def named(types: Iterable[FileType] = TYPES) -> str:
    """Name the types for people: 照片（JPG、PNG…）、文件（PDF…）…"""
    groups: dict[str, list[str]] = {}
    for one in types:
        groups.setdefault(str(one.group), []).append(one.label)
    return _("、").join(_("%(group)s（%(labels)s）") % {"group": group, "labels": _("、").join(labels)}
                      for group, labels in groups.items())  # fmt: skip


def suffix_of(content_type: str) -> str:
    known = BY_TYPE.get(content_type)
    return known.suffixes[0] if known else ".bin"


# --- known by what is in them -----------------------------------------------------------------------------------


def sniff(head: bytes, whole: bytes | None = None) -> str:
    """Return the content type by content, the name is never believed; raises EvidenceError for what is not taken."""
    body = whole or head
    found = _picture(body) or _film(body) or _sound(body)
    if found:
        return found
    if body.startswith(b"PK\x03\x04"):
        return _office_type(body)
    if b"%PDF-" in body[: PDF_WITHIN + 5]:
        return "application/pdf"
    raise EvidenceError(_refusal(body))


def _picture(body: bytes) -> str:
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if body[:4] == b"RIFF" and body[8:12] == b"WEBP" else ""


HEIF_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"hevx"}
OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"skip", b"pnot"}


def _film(body: bytes) -> str:
    """Know the family of MP4 by its brand; films of old cameras begin without one."""
    mark, brand = body[4:8], body[8:12]
    if mark in OLD_QUICKTIME:
        return "video/quicktime"
    if mark != b"ftyp" or brand == b"avif":
        return ""
    if brand in HEIF_BRANDS:
        return "image/heic"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand in {b"M4A ", b"M4B "} or (b"soun" in body and b"vide" not in body):
        return "audio/mp4"
    return "video/3gpp" if brand[:2] == b"3g" else "video/mp4"


def _sound(body: bytes) -> str:
    if body.startswith(b"#!AMR"):
        return "audio/amr"
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return "audio/wav"
    if body.startswith(b"ID3") or _mpeg_frame(body):
        return "audio/mpeg"
    return "audio/aac" if len(body) > 2 and body[0] == 0xFF and body[1] & 0xF6 == 0xF0 else ""


def _mpeg_frame(body: bytes) -> bool:
    """Know the header of a frame of MPEG 1, 2 or 2.5, layer III or II (ISO/IEC 11172-3, 2.4.1.3)."""
    if len(body) < 4 or body[0] != 0xFF or body[1] & 0xE0 != 0xE0:
        return False
    version, layer = body[1] >> 3 & 3, body[1] >> 1 & 3
    return version != 1 and layer in (1, 2) and 0 < body[2] >> 4 < 15 and body[2] >> 2 & 3 != 3


def _office_type(whole: bytes) -> str:
    names = _names_in(whole)
    if "[Content_Types].xml" in names:
        for prefix, suffix in (("word/", ".docx"), ("xl/", ".xlsx")):
            if any(name.startswith(prefix) for name in names):
                return next(one.content_type for one in TYPES if suffix in one.suffixes)
    if "OFD.xml" in names:
        raise EvidenceError(str(OFD))
    if any(name.startswith("ppt/") for name in names):
        raise EvidenceError(str(SLIDES))
    raise EvidenceError(str(ARCHIVE))


def _names_in(whole: bytes) -> list[str]:
    """Return what a zip says is in it; nothing where the list alone is monstrous."""
    at = whole.rfind(b"PK\x05\x06")
    if at < 0 or len(whole) < at + 22 or struct.unpack_from("<I", whole, at + 12)[0] > MOST_ENTRIES:
        return []
    try:
        return zipfile.ZipFile(io.BytesIO(whole)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error):
        return []


# What people often have instead, and what to do about it.
OFD = gettext_lazy("OFD文件还不能上传，请用阅读器打开后“打印”或者“另存”为PDF，再上传PDF。")
SLIDES = gettext_lazy("演示文稿不能上传，请另存为PDF后再上传。")
ARCHIVE = gettext_lazy("压缩包不能上传，请把里面的文件一个一个上传。")
OLD_OFFICE = gettext_lazy(
    "旧格式的Word、Excel文件（.doc、.xls、.wps）不能上传，请另存为 .docx、.xlsx 或者PDF后再上传。"
)
PICTURE = gettext_lazy("这种图片不能上传，请另存为JPG或者PNG，或者截图后再上传。")
# The same by the end of the name, for a picker that tells it before anything is sent.
INSTEAD = (
    (OFD, (".ofd",)),
    (SLIDES, (".ppt", ".pptx", ".dps")),
    (ARCHIVE, (".zip", ".rar", ".7z", ".gz")),
    (OLD_OFFICE, (".doc", ".xls", ".wps", ".et")),
    (PICTURE, (".gif", ".bmp", ".tif", ".tiff", ".avif")),
)


def instead() -> dict[str, str]:
    """Return what to do about a file that is not taken, by the end of its name."""
    return {suffix: str(sentence) for sentence, suffixes in INSTEAD for suffix in suffixes}


def _refusal(body: bytes) -> str:
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        return str(OLD_OFFICE)
    if body.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"PK")):
        return str(ARCHIVE)
    if body.startswith((b"GIF8", b"BM", b"II*\0", b"MM\0*")) or body[4:12] == b"ftypavif":
        return str(PICTURE)
    return _("这种文件不能上传。可以上传%(types)s。") % {"types": named()}
