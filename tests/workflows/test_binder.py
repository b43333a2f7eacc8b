"""The dossier: complete or refused by name, every page numbered, one PDF and one ZIP that prove themselves."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from pypdf import PdfReader

from accounts.errors import NotAllowedError
from cases import copies, rooms, services
from cases.choices import Status
from cases.copies import stored_path
from cases.evidence import add_evidence, store
from cases.models import JOINT, Case, Evidence, Message
from documents.models import Document
from mediation.models import FollowUp
from tests.cast import NOW, World
from tests.files import heic
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, let_thirty_days_pass, party
from workflows import binder
from workflows.actions import perform
from workflows.binder import files

MP4 = b"\0\0\0\x18ftypisom" + bytes(5000)
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": own}


def picture(size: tuple[int, int] = (400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG")
    return out.getvalue()


def chat(size: tuple[int, int]) -> bytes:
    """A screenshot with lines all over."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for y in range(0, size[1], 20):
        pen.line((0, y, size[0], y), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def paper(pages: int, rotate: int = 0) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _each in range(pages):
            pdf.add_blank_page(page_size=(400, 600))
            pdf.pages[-1].Rotate = rotate
        pdf.save(out)
    return out.getvalue()


def locked_paper() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def hand_in(case: Case, world: World, name: str, body: bytes) -> Evidence:
    return add_evidence(case, SimpleUploadedFile(name, body), by=world.resident, at=NOW)


def closed(world: World) -> Case:
    """A settled case with a photo, a long paper, a locked one and a video."""
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    for name, body in [
        ("漏水.jpg", picture()),
        ("报价😀.pdf", paper(3, rotate=90)),
        ("加密.pdf", locked_paper()),
        ("现场.mp4", b"\0\0\0\x18ftypisom" + bytes(5000)),
    ]:
        hand_in(case, world, name, body)
    return Case.objects.get(pk=case.pk)


def archived(world: World) -> Case:
    return perform(closed(world), "archive", by=world.archivist, at=NOW, retention="YEARS_30")


def text_on(page: pikepdf.Page) -> str:
    """What was stamped over a page."""
    forms = [value for value in page.resources.get("/XObject", {}).values() if value.get("/Subtype") == "/Form"]
    return "".join(form.read_bytes().decode("latin1") for form in forms)


def test_archiving_issues_what_is_called_for_and_numbers_every_page(world: World) -> None:
    case = archived(world)
    parts = binder.parts_of(case)
    assert [part.item for part in parts] == sorted(part.item for part in parts)
    page = 1
    for part in parts:
        assert part.first == (page if part.pages else 0)
        page += part.pages
    assert case.dossier_pages == page - 1 == binder.total_pages(parts)
    kinds = {part.source.kind for part in parts if isinstance(part.source, Document)}
    wanted = {"acceptance_form", "rights_notice", "disclosure_statement", "identity_proof", "evidence_list",
              "session_record", "agreement", "performance_proof", "follow_up_record"}  # fmt: skip
    assert wanted <= kinds
    frame = Document.objects.filter(subject_id=case.pk, kind__startswith="dossier_", issued_at__isnull=False)
    assert sorted(frame.values_list("kind", flat=True)) == ["dossier_back", "dossier_contents", "dossier_cover"]
    rows = frame.get(kind="dossier_contents").data["rows"]
    assert [row["pages"] for row in rows] == [part.span for part in parts]


def test_what_no_page_can_show_has_a_page_that_says_so_and_is_listed_with_its_hash(world: World) -> None:
    case = closed(world)
    parts = {part.source.name: part for part in binder.parts_of(case) if isinstance(part.source, Evidence)}
    assert {name: (part.pages, part.shown) for name, part in parts.items()} == {
        "漏水.jpg": (1, True), "报价😀.pdf": (3, True), "加密.pdf": (1, False), "现场.mp4": (1, False),
    }  # fmt: skip
    for name in ("加密.pdf", "现场.mp4"):
        assert parts[name].source.sha256 in parts[name].remark
    assert "报价😀.pdf" in parts["报价😀.pdf"].name  # the typesetter knows what to print for what it has no sign for
    shown = pages_of(case, world)
    locked, video = parts["加密.pdf"], parts["现场.mp4"]
    for part, words in ((locked, "文件打不开、不完整，或者设有密码"), (video, "录音、录像")):
        said = shown[part.first - 1]
        assert (words in said, part.source.sha256 in said, str(part.source.size // 1024 or 1) in said) == (True,) * 3


def pages_of(case: Case, world: World) -> list[str]:
    """The text of each numbered page, without blanks."""
    with binder.print_pdf(case, by=world.archivist, at=NOW) as made:
        pages = PdfReader(io.BytesIO(made.read())).pages
    return ["".join(page.extract_text().split()) for page in pages[2:-1]]


def part_of(case: Case, row: Evidence) -> binder.Part:
    return next(part for part in binder.parts_of(case) if part.source == row)


def kept_before(case: Case, world: World, name: str, body: bytes, content_type: str) -> Evidence:
    """A file as an earlier version took it: whatever the bytes are, no copy beside it."""
    row = hand_in(case, world, f"{name}.pdf", paper(1) + name.encode())
    sha256 = hashlib.sha256(body).hexdigest()
    store(sha256, body)
    Evidence.objects.filter(pk=row.pk).update(name=name, sha256=sha256, size=len(body), content_type=content_type)
    return Evidence.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("name", "body", "content_type"),
    [
        ("截断.jpg", picture()[:-30], "image/jpeg"),
        ("截断.png", chat((40, 40))[:-30], "image/png"),
        ("空壳.heic", b"\0\0\0\x18ftypheic" + bytes(40), "image/heic"),
        ("残缺.pdf", paper(2)[:200], "application/pdf"),
        ("没有页.pdf", paper(0), "application/pdf"),
        ("从前的.bin", b"?", "application/x-unknown"),
    ],
)
def test_a_dossier_is_made_whatever_lies_in_it(world: World, name: str, body: bytes, content_type: str) -> None:
    case = case_in(Status.CLOSED, world)
    row = kept_before(case, world, name, body, content_type)
    part = part_of(case, row)
    assert (part.pages, part.shown) == (1, False)
    assert row.sha256 in pages_of(case, world)[part.first - 1]
    with binder.pack(case, by=world.archivist, at=NOW) as made, zipfile.ZipFile(made) as book:
        found = next(one for one in json.loads(book.read("index.json"))["files"] if one["sha256"] == row.sha256)
        assert book.read(found["path"]) == body


def test_a_pdf_that_breaks_only_when_it_is_written_has_a_page_that_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_in(Status.CLOSED, world)
    row = hand_in(case, world, "图纸.pdf", paper(2))
    write = files._write

    def broken(case: Case, parts: list[binder.Part], *rest: Any, **more: Any) -> None:
        if any(part.source == row and part.shown for part in parts):
            raise pikepdf.PdfError("broken deep inside")
        write(case, parts, *rest, **more)

    monkeypatch.setattr(files, "_write", broken)
    monkeypatch.setattr(files, "_sound", lambda part: part.source != row)
    part = part_of(case, row)
    shown = pages_of(case, world)
    assert [row.sha256 in page for page in shown[part.first - 1 : part.first + 1]] == [True, True]


def test_a_long_screenshot_keeps_its_width_and_is_cut_into_pages(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    row = hand_in(case, world, "聊天记录.png", chat((1080, 14000)))
    part = part_of(case, row)
    assert part.pages == row.pages == 10
    with binder.print_pdf(case, by=world.archivist, at=NOW) as made, pikepdf.open(made) as book:
        sizes = [picture_on(page) for page in book.pages[part.first + 1 : part.first + 11]]
    assert {width for width, _height in sizes} == {1080}
    assert 14000 < sum(height for _width, height in sizes) < 14600  # each repeats the last lines of the one before


def picture_on(page: pikepdf.Page) -> tuple[int, int]:
    image = next(one for one in page.resources["/XObject"].values() if one.get("/Subtype") == "/Image")
    return int(image["/Width"]), int(image["/Height"])


def test_a_photo_of_an_iphone_is_bound(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    row = hand_in(case, world, "IMG_0042.HEIC", heic())
    part = part_of(case, row)
    assert (row.content_type, part.pages, part.shown) == ("image/heic", 1, True)
    with binder.print_pdf(case, by=world.archivist, at=NOW) as made, pikepdf.open(made) as book:
        assert picture_on(book.pages[part.first + 1]) == (320, 240)


def test_a_dossier_on_the_shelf_keeps_the_pages_of_its_list(world: World) -> None:
    """A long picture had one page and a video none when it was filed by an earlier version."""
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    long, video = hand_in(case, world, "长图.png", chat((200, 2000))), hand_in(case, world, "现场.mp4", MP4)
    assert [part_of(case, row).pages for row in (long, video)] == [8, 1]
    case = perform(Case.objects.get(pk=case.pk), "archive", by=world.archivist, at=NOW, retention="YEARS_30")
    contents = Document.objects.get(subject_id=case.pk, kind="dossier_contents", issued_at__isnull=False)
    rows, page = contents.data["rows"], 1
    for part, row in zip(binder.parts_of(case), rows, strict=True):
        pages = {long: 1, video: 0}.get(part.source, part.pages)
        row["pages"] = "—" if not pages else str(page) if pages == 1 else f"{page}-{page + pages - 1}"
        page += pages
    contents.save()
    assert [part.span for part in binder.parts_of(case)] == [row["pages"] for row in rows]
    assert len(pages_of(case, world)) == page - 1


def test_the_pdf_holds_cover_contents_all_pages_stamped_and_the_back(world: World) -> None:
    case = archived(world)
    with binder.print_pdf(case, by=world.archivist, at=NOW) as made, pikepdf.open(made) as book:
        numbered = [f"({n}) Tj" for n in range(1, (case.dossier_pages or 0) + 1)]
        frame = Document.objects.get(kind="dossier_contents", subject_id=case.pk).pages or 0
        assert len(book.pages) == len(numbered) + frame + 2
        assert [word in text_on(page) for word, page in zip(numbered, book.pages[1 + frame : -1], strict=True)] == [
            True for _n in numbered
        ]
        assert "Tj" not in text_on(book.pages[0])


def test_before_it_is_on_the_shelf_the_frame_is_a_preview_and_nothing_is_issued(world: World) -> None:
    case = closed(world)
    binder.parts_of(case)
    before = Document.objects.filter(issued_at__isnull=False).count()
    with binder.print_pdf(case, by=world.archivist, at=NOW) as made, pikepdf.open(made) as book:
        assert len(book.pages) == binder.total_pages(binder.parts_of(case)) + 3
    assert Document.objects.filter(issued_at__isnull=False).count() == before


def test_the_zip_proves_itself(world: World) -> None:
    case = archived(world)
    with binder.pack(case, by=world.archivist, at=NOW) as made, zipfile.ZipFile(made) as book:
        assert book.testzip() is None
        sums: dict[str, str] = dict(
            reversed(line.split("  ")) for line in book.read("SHA256SUMS").decode().splitlines()
        )
        assert set(sums) == set(book.namelist()) - {"SHA256SUMS"}
        for path, expected in sums.items():
            assert hashlib.sha256(book.read(path)).hexdigest() == expected
        index = json.loads(book.read("index.json"))
        assert index["dossier"]["dossier_number"] == case.dossier_number
        rows = list(csv.DictReader(io.StringIO(book.read("index.csv").decode("utf-8-sig"))))
        assert [row["sha256"] for row in rows] == [row["sha256"] for row in index["files"]]
        originals = {row.sha256 for row in case.evidence.all()}
        assert originals <= {row["sha256"] for row in rows}
        assert all(not name.startswith("/") and ".." not in name for name in book.namelist())


def test_a_long_video_is_never_in_memory(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    row = hand_in(case, world, "现场.mp4", b"\0\0\0\x18ftypisom" + bytes(100))
    body = b"\0\0\0\x18ftypisom" + bytes(64 * 1024 * 1024)
    sha256 = hashlib.sha256(body).hexdigest()
    store(sha256, body)
    Evidence.objects.filter(pk=row.pk).update(sha256=sha256, size=len(body))
    del body
    binder.parts_of(case)
    tracemalloc.start()
    with binder.pack(case, by=world.archivist, at=NOW) as made:
        made.seek(0, 2)
        size = made.tell()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 64 * 1024 * 1024
    assert peak < 24 * 1024 * 1024


def test_bytes_that_are_lost_or_not_what_was_handed_in_are_said_and_stop_nothing(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    touched, lost = hand_in(case, world, "现场.mp4", MP4), hand_in(case, world, "图.jpg", picture())
    copies.remove(lost.sha256)
    with open(default_storage.path(stored_path(touched.sha256)), "ab") as stored:
        stored.write(b"x")
    default_storage.delete(stored_path(lost.sha256))
    with binder.pack(case, by=world.archivist, at=NOW) as made, zipfile.ZipFile(made) as book:
        rows = {row["name"]: row for row in json.loads(book.read("index.json"))["files"]}
        sums = book.read("SHA256SUMS").decode()
    row = next(row for name, row in rows.items() if "现场.mp4" in name)
    assert row["remark"] == f"与登记的校验值不一致，登记的是 {touched.sha256}"
    row = next(row for name, row in rows.items() if "图.jpg" in name)
    assert (row["remark"], row["path"]) == (f"文件读不出来，登记的校验值是 {lost.sha256}", "")
    assert lost.sha256 not in sums


def test_an_incomplete_dossier_is_refused_with_what_is_missing_and_what_to_do(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    FollowUp.objects.filter(case=case).delete()
    party(case, "APPLICANT").__class__.objects.filter(case=case).update(identity_checked_at=None)
    before = fingerprint()
    with pytest.raises(binder.DossierIncompleteError) as refusal:
        perform(case, "archive", by=world.archivist, at=NOW, retention="YEARS_30")
    for words in ("回访记录：请回访员补记回访", "当事人身份证明：请核对每一方的身份"):
        assert words in str(refusal.value)
    assert changed(before) == []


def test_a_document_that_cannot_be_made_is_named(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    case.sessions.update(place="")
    found = {one.name: one.todo for one in binder.outstanding(case, by=world.archivist, at=NOW)}
    assert "地点" in found["人民调解记录"]
    with pytest.raises(binder.DossierIncompleteError, match="人民调解记录"):
        perform(case, "archive", by=world.archivist, at=NOW, retention="YEARS_30")


def test_nothing_said_in_private_enters_the_dossier(world: World) -> None:
    canaries = ["CANARYCAUCUS", "CANARYNOTE", "CANARYMESSAGE", "CANARYJOINT"]
    case = case_in(Status.MEDIATING, world)
    applicant = party(case, "APPLICANT")
    rooms.post(case, applicant.side, body=canaries[0], by=world.resident, at=NOW)
    services.write_message(case, body=canaries[1], room=Message.Room.NOTE, by=world.intake, at=NOW)
    services.write_message(case, body=canaries[2], by=world.resident, at=NOW)
    rooms.post(case, JOINT, body=canaries[3], by=world.resident, at=NOW)
    given = {"reason_code": "E04", "reason_text": "差距过大"}
    case = perform(case, "fail", by=world.mediator, at=NOW, **given)
    from tests.journeys import call_back

    call_back(case, world, NOW)
    case = perform(case, "close", by=world.follower, at=NOW)
    with binder.pack(case, by=world.archivist, at=NOW) as made, zipfile.ZipFile(made) as book:
        whole = b"".join(book.read(name) for name in book.namelist())
    sheets = json.dumps(list(Document.objects.filter(subject_id=case.pk).values("data", "sheet")), default=str)
    for canary in canaries:
        assert canary.encode() not in whole
        assert canary not in sheets


@pytest.mark.parametrize(
    "who",
    ["intake", "mediator", "follower", "supervisor", "legal", "regulator", "resident", "company_user"],
)
def test_only_archivist_and_director_take_it_out(world: World, who: str) -> None:
    case = case_in(Status.CLOSED, world)
    before = fingerprint()
    for form in ("pdf", "zip"):
        with pytest.raises(NotAllowedError):
            binder.export(case, form, by=getattr(world, who), at=NOW)
    assert changed(before) == []


def test_every_copy_that_leaves_is_in_the_journal(world: World) -> None:
    from audit.models import Entry

    case = archived(world)
    for who, form in ((world.archivist, "pdf"), (world.director, "zip")):
        binder.export(case, form, by=who, at=NOW + timedelta(minutes=1)).close()
    rows = Entry.objects.filter(action="export_dossier", head__subject_id=str(case.pk)).order_by("pk")
    assert [(row.actor, row.after["form"]) for row in rows] == [(world.archivist, "pdf"), (world.director, "zip")]
