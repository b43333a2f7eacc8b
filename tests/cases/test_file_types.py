"""Which files are taken, known by what is in them; the same list is offered, taken and named."""

import io
import re
import zipfile

import pytest

from cases.file_types import BY_TYPE, SCANS, TYPES, EvidenceError, accept, instead, named, sniff, suffix_of
from tests.files import heic
from tests.films import film, mp3, wav


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in names:
            book.writestr(name, "x")
    return out.getvalue()


PDF = b"%PDF-1.3\n%%EOF"
TAKEN = [
    (PDF, "application/pdf"),
    (b"\xef\xbb\xbf" + PDF, "application/pdf"),  # a byte order mark
    (b"\r\n" * 40 + PDF, "application/pdf"),
    (b"x" * 1024 + PDF, "application/pdf"),
    (mp3(), "audio/mpeg"),
    (mp3(tagged=True), "audio/mpeg"),
    (mp3(b"\xff\xfa\x90\x64"), "audio/mpeg"),  # MPEG 1 with a checksum
    (mp3(b"\xff\xf3\x84\xc4"), "audio/mpeg"),  # MPEG 2, as telephones record
    (mp3(b"\xff\xf2\x84\xc4"), "audio/mpeg"),
    (mp3(b"\xff\xe3\x48\xc4"), "audio/mpeg"),  # MPEG 2.5
    (b"#!AMR\n" + b"<" * 40, "audio/amr"),
    (b"#!AMR-WB\n" + b"<" * 40, "audio/amr"),
    (b"\xff\xf1\x50\x80" + bytes(40), "audio/aac"),
    (b"\xff\xf9\x50\x80" + bytes(40), "audio/aac"),
    (wav(), "audio/wav"),
    (film(b"qt  "), "video/quicktime"),
    (b"\0\0\0\x08wide" + bytes(40), "video/quicktime"),
    (film(b"mp42"), "video/mp4"),
    (film(b"3gp5"), "video/3gpp"),
    (film(b"M4A "), "audio/mp4"),
    (film(b"mp42", handlers=(b"soun",)), "audio/mp4"),  # a recorder that names its sound as a film
    (heic(), "image/heic"),
    (b"RIFF\0\0\0\0WEBPVP8 " + bytes(40), "image/webp"),
    (office("[Content_Types].xml", "word/document.xml"), ".docx"),
    (office("[Content_Types].xml", "xl/workbook.xml"), ".xlsx"),
]


@pytest.mark.parametrize(("body", "wanted"), TAKEN)
def test_what_people_have_is_known_by_its_content(body: bytes, wanted: str) -> None:
    found = sniff(body[:32], body)
    assert wanted in (found, suffix_of(found))


REFUSED = [
    (office("OFD.xml", "Doc_0/Document.xml"), "OFD文件还不能上传"),
    (office("[Content_Types].xml", "ppt/presentation.xml"), "演示文稿不能上传"),
    (office("图.jpg"), "压缩包不能上传"),
    (b"PK\x03\x04 broken", "压缩包不能上传"),
    (b"Rar!\x1a\x07\x01\x00", "压缩包不能上传"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包不能上传"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为 .docx、.xlsx 或者PDF"),
    (b"GIF89a", "这种图片不能上传"),
    (b"\0\0\0\x1cftypavif" + bytes(20), "这种图片不能上传"),
    (b"MZ\x90\0", "这种文件不能上传"),
    (b"x" * 1100 + PDF, "这种文件不能上传"),
    (b"\xff\xfe\x90\x64text in another code", "这种文件不能上传"),
    (b"<html>", "这种文件不能上传"),
]


@pytest.mark.parametrize(("body", "words"), REFUSED)
def test_what_is_not_taken_is_refused_in_its_own_sentence(body: bytes, words: str) -> None:
    with pytest.raises(EvidenceError, match=words):
        sniff(body[:32], body)


def test_a_picker_says_before_sending_what_the_server_would_say() -> None:
    said, taken = instead(), accept().split(",")
    assert [suffix for suffix in said if suffix in taken] == []
    bodies = {
        ".ofd": office("OFD.xml"),
        ".pptx": office("ppt/presentation.xml"),
        ".rar": b"Rar!\x1a",
        ".gif": b"GIF89a",
    }
    bodies[".doc"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    for suffix, body in bodies.items():
        with pytest.raises(EvidenceError, match=re.escape(said[suffix])):
            sniff(body[:32], body)


def test_a_zip_whose_list_alone_is_monstrous_is_not_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for n in range(25_000):
            book.writestr(f"word/{n}", "")
    with pytest.raises(EvidenceError, match="压缩包不能上传"):
        sniff(out.getvalue()[:32], out.getvalue())


def test_offered_taken_and_named_are_one_list() -> None:
    offered = accept().split(",")
    assert {one.content_type for one in TYPES} <= set(offered)
    assert [one for one in offered if "*" in one] == []
    produced = {sniff(body[:32], body) for body, _wanted in TAKEN} | {"image/jpeg", "image/png"}
    assert produced == set(BY_TYPE)  # nothing is offered that the server does not know, nor the other way round
    assert [one.label for one in TYPES if one.label not in named()] == []
    assert named(SCANS) == "照片（JPG、PNG、WebP、HEIC）、文件（PDF）"
    assert [word for word in (".docx", "video/mp4") if word in accept(SCANS).split(",")] == []
