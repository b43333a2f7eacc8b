"""Files as the other side sees them, pickers, and what is said before and after sending."""

import hashlib
import io
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases import copies, room_files
from cases.choices import Status
from cases.evidence import add_evidence, store
from cases.file_types import accept
from cases.models import Case, Evidence, Party
from tests.cast import NOW, World
from tests.files import heic
from tests.films import PLACE, film, mp3
from tests.journeys import case_in
from tests.web.pages import browser, text_of

pytestmark = pytest.mark.django_db
PAGE = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8"}
INSIDE = {"HTTP_ACCEPT": "image/avif,image/webp,image/apng,*/*;q=0.8"}


def screenshot(size: tuple[int, int] = (540, 7000)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 220).save(out, "PNG")
    return out.getvalue()


def hand_in(case: Case, world: World, name: str, body: bytes, **more: Any) -> str:
    row = add_evidence(case, SimpleUploadedFile(name, body), by=world.resident, at=NOW, **more)
    return f"/cases/{case.number}/evidence/{row.number}/"


@pytest.mark.parametrize(
    ("name", "body", "shown"),
    [
        ("IMG_1.HEIC", heic(), "image/jpeg"),
        ("IMG_2.MOV", film(), "video/quicktime"),
        ("通话.m4a", film(b"M4A "), "audio/mp4"),
    ],
)
def test_the_other_side_gets_no_bytes_with_a_place_and_staff_the_original(
    world: World, name: str, body: bytes, shown: str
) -> None:
    case = case_in(Status.MEDIATING, world)
    url = hand_in(case, world, name, body)
    answer = browser(world.company_user).get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, shown)
    assert [word for word in (PLACE, b"CANARY", b"Exif") if word in answer.content] == []
    assert browser(world.company_user).get(f"{url}?original=1").content == answer.content
    assert browser(world.intake).get(f"{url}?original=1").content == body


def test_a_file_of_a_caucus_tells_its_mediator_no_place(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    applicant = Party.objects.get(case=case, side="APPLICANT")
    entry = room_files.show(case, applicant.side, SimpleUploadedFile("a.mov", film()), by=world.resident, at=NOW)
    answer = browser(world.mediator).get(f"/cases/{case.number}/room/applicant/file/{entry.key}/")
    assert (answer.status_code, PLACE in answer.content, b"PICTURE-ONE" in answer.content) == (200, False, True)


def test_a_long_screenshot_opens_as_a_page_of_its_parts(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    url, client = hand_in(case, world, "聊天记录.png", screenshot()), browser(world.company_user)
    page = text_of(client.get(url, **PAGE))
    assert re.findall(r'<img src="(\?page=\d+)"', page) == [f"?page={n}" for n in range(1, 11)]
    assert "下面按顺序分成 10 段显示" in page
    with Image.open(io.BytesIO(client.get(f"{url}?page=3", **INSIDE).content)) as part:
        assert part.width == 540
    for answer in (client.get(url, **INSIDE), client.get(f"{url}?whole=1", **PAGE)):
        assert Image.open(io.BytesIO(answer.content)).size == (540, 7000)
    for wrong in ("0", "11", "x", "9" * 40):
        assert client.get(f"{url}?page={wrong}").status_code == 404
    assert browser(world.stranger).get(f"{url}?page=1").status_code == 404


def test_who_looks_before_the_copy_is_there_is_told_and_brought_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_in(Status.MEDIATING, world)
    url, client = hand_in(case, world, "a.png", screenshot((50, 50))), browser(world.company_user)

    def busy(*_given: Any, **_more: Any) -> None:
        raise copies._being_made()

    monkeypatch.setattr("web.frame.shown_files.shown_picture", busy)
    answer = client.get(url, **PAGE)
    assert (answer.status_code, answer["Refresh"], "正在准备这个文件的预览" in text_of(answer)) == (200, "3", True)
    answer = client.get(url, **INSIDE)
    assert (answer.status_code, answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
        200,
        "image/svg+xml",
        True,
    )


def test_a_broken_picture_of_before_is_a_sentence(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    url, broken = hand_in(case, world, "a.png", screenshot((50, 50))), screenshot((60, 60))[:-30]
    sha256 = hashlib.sha256(broken).hexdigest()
    store(sha256, broken)
    Evidence.objects.filter(case=case, name="a.png").update(sha256=sha256)
    answer = browser(world.company_user).get(url)
    assert (answer.status_code < 500, "图片打不开，可能已损坏" in text_of(answer)) == (True, True)


# --- pickers --------------------------------------------------------------------------------------------------------


def test_every_picker_offers_what_is_taken_and_says_the_limit(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    client = browser(world.resident)
    for address in ("do/evidence/", "room/", "do/appoint-agent/"):
        page = text_of(client.get(f"/cases/{case.number}/{address}"))
        picker = next((one for one in re.findall(r"<input[^>]*>", page) if 'type="file"' in one), "")
        assert f'accept="{accept()}"' in picker, address
        assert f'data-most="{settings.EVIDENCE_MAX_BYTES}"' in picker
        assert "每个不超过 20 MB" in page or "room" in address
    page = text_of(browser(world.intake).get("/desk/new/"))
    assert f'accept="{accept()}"' in page


def test_what_phones_record_is_taken_and_what_is_not_says_what_to_do(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    files = [
        SimpleUploadedFile("通话.mp3", mp3(b"\xff\xf3\x84\xc4")),
        SimpleUploadedFile("通话.amr", b"#!AMR\n" + b"<" * 500),
        SimpleUploadedFile("合同.pdf", b"\xef\xbb\xbf%PDF-1.3\n%%EOF"),
        SimpleUploadedFile("老合同.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),
    ]
    answer = browser(world.resident).post(f"/cases/{case.number}/do/evidence/", {"files": files})
    page = text_of(answer)
    assert (answer.status_code, "已收下3个文件" in page, "老合同.doc：旧格式的Word、Excel文件" in page) == (
        422,
        True,
        True,
    )


def test_a_copy_is_named_after_what_it_is_and_without_numbers_of_the_other_side(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    url = hand_in(case, world, "我的电话13800138000.HEIC", heic())
    named = unquote(browser(world.company_user).get(url)["Content-Disposition"])
    assert (".jpg" in named, "HEIC" in named, "13800138000" in named) == (True, False, False)
    assert "13800138000.jpg" in unquote(browser(world.resident).get(url)["Content-Disposition"])
