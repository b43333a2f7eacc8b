"""What others are shown of a picture: made once, beside the web process, without hidden data, on white."""

import hashlib
import io
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cases import copies, opening
from cases.copies import BeingMadeError, UnreadableError
from cases.evidence import add_evidence, original, remove_unused, shown_picture, store, viewing_copy
from cases.file_types import EvidenceError
from cases.models import Evidence
from tests.cast import NOW, World
from tests.files import heic, with_place
from tests.films import PLACE, film
from tests.journeys import case_in

SHOWN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
GIANT = (7740, 7740)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": own}


def picture(form: str, size: tuple[int, int] = (320, 240)) -> bytes:
    image, exif = with_place(size)
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def drawn(mode: str, size: tuple[int, int], colour: Any, form: str = "PNG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


def whole(body: bytes, content_type: str = "image/png") -> Image.Image:
    found = copies._read(opening.opened(body, content_type))
    return Image.open(io.BytesIO(found.whole))


def hand_in(world: World, name: str, body: bytes) -> Evidence:
    case = case_in("SUBMITTED", world)
    return add_evidence(case, SimpleUploadedFile(name, body), by=world.resident, at=NOW)


def kept_before(body: bytes, content_type: str) -> Evidence:
    """A file that lies in the storage without a copy, as an earlier version left it."""
    sha256 = hashlib.sha256(body).hexdigest()
    store(sha256, body)
    return Evidence(sha256=sha256, content_type=content_type, name="图", size=len(body))


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_shown_picture_tells_neither_place_nor_phone(world: World, form: str) -> None:
    body = heic() if form == "HEIF" else picture(form)
    row = hand_in(world, "图", body)
    assert (row.content_type, b"CANARYPHONE" in body, original(row) == body) == (SHOWN[form], True, True)
    shown, content_type = viewing_copy(row)
    assert (content_type, b"CANARYPHONE" in shown, b"Exif" in shown) == ("image/jpeg", False, False)
    with Image.open(io.BytesIO(shown)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (320, 240), {})


@pytest.mark.django_db
def test_a_shown_film_tells_no_place(world: World) -> None:
    row = hand_in(world, "IMG_0042.MOV", film())
    assert (row.content_type, PLACE in original(row), PLACE in viewing_copy(row)[0]) == ("video/quicktime", True, False)


@pytest.mark.parametrize(
    ("mode", "ground", "more"),
    [
        ("RGBA", (0, 0, 0, 0), {}),
        ("LA", (0, 0), {}),
        ("P", 0, {"transparency": 0}),
        ("L", 0, {"transparency": 0}),
        ("RGB", (0, 0, 0), {"transparency": (0, 0, 0)}),
    ],
)
def test_ink_on_a_transparent_ground_is_shown_on_white(mode: str, ground: Any, more: dict[str, Any]) -> None:
    assert whole(drawn(mode, (200, 100), ground, **more)).convert("L").getextrema() == (255, 255)
    ink = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    ink.paste((0, 0, 0, 255), (50, 25, 150, 75))
    out = io.BytesIO()
    ink.save(out, "PNG")
    shown = whole(out.getvalue()).convert("L")
    assert (shown.getpixel((5, 5)), shown.getpixel((100, 50))) == (255, 0)


@pytest.mark.parametrize(
    ("size", "shown", "pages"),
    [
        ((4032, 3024), (1600, 1200), 0),
        ((1080, 2400), (1080, 2400), 0),  # a screen of a phone stays as it is
        ((1080, 14000), (1080, 14000), 10),
        ((14000, 1080), (14000, 1080), 10),
        ((1700, 8500), (1600, 8000), 4),
        ((3, 60_000), (3, 60_000), 60),
        ((1, 1), (1, 1), 0),
    ],
)
def test_a_long_picture_keeps_its_width(size: tuple[int, int], shown: tuple[int, int], pages: int) -> None:
    found = copies._read(opening.opened(drawn("L", size, 200), "image/png"))
    with Image.open(io.BytesIO(found.whole)) as image:
        assert image.size == shown
    assert (len(found.pages), found.count) == (pages, pages or 1)
    sizes = [Image.open(io.BytesIO(page)).size for page in found.pages]
    assert {min(one) for one in sizes} <= {min(shown)}


def test_a_picture_lying_on_its_side_is_shown_upright() -> None:
    image, exif = Image.new("RGB", (300, 200), "white"), Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    assert whole(out.getvalue(), "image/jpeg").size == (200, 300)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "RGB", "RGBA", "LA"])
def test_every_kind_of_png_is_shown(mode: str) -> None:
    assert whole(drawn(mode, (70, 50), 1 if mode in "1LPI;16" else None)).size == (70, 50)
    assert whole(drawn("CMYK", (70, 50), None, "JPEG"), "image/jpeg").mode == "RGB"


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_without_its_last_bytes_is_refused_and_nothing_is_kept(world: World, form: str) -> None:
    body = (heic((640, 480)) if form == "HEIF" else picture(form))[:-30]
    case = case_in("SUBMITTED", world)
    with pytest.raises(EvidenceError, match="图片打不开，可能已损坏"):
        add_evidence(case, SimpleUploadedFile("断.jpg", body), by=world.resident, at=NOW)
    assert not case.evidence.exists()
    sha256 = hashlib.sha256(body).hexdigest()
    assert [path for path in (copies.stored_path(sha256), copies.path_of(sha256)) if default_storage.exists(path)] == []


@pytest.mark.django_db
def test_a_monstrous_picture_is_refused(world: World) -> None:
    case = case_in("SUBMITTED", world)
    bomb = drawn("1", (20_000, 4_000), 1)
    with pytest.raises(EvidenceError, match="图片太大"):
        add_evidence(case, SimpleUploadedFile("弹.png", bomb), by=world.resident, at=NOW)


@pytest.mark.django_db
def test_the_copy_goes_with_its_file(world: World) -> None:
    row = hand_in(world, "图.png", picture("PNG"))
    assert default_storage.exists(copies.path_of(row.sha256))
    row.withdrawn_at = NOW
    row.save()
    remove_unused([row.sha256])
    assert not default_storage.exists(copies.path_of(row.sha256))


def test_a_file_of_before_gets_its_copy_when_it_is_looked_at_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    row = kept_before(picture("JPEG"), "image/jpeg")
    first = shown_picture(row).whole
    monkeypatch.setattr(copies, "_open", lambda *_given: pytest.fail("made again"))
    assert shown_picture(row).whole == first


def test_a_broken_file_of_before_is_said_to_be_broken_and_not_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    row = kept_before(picture("JPEG")[:-30], "image/jpeg")
    for _time in range(2):
        with pytest.raises(UnreadableError):
            shown_picture(row)
        monkeypatch.setattr(copies, "_open", lambda *_given: pytest.fail("opened again"))


def test_a_large_picture_is_never_unfolded_in_the_web_process(monkeypatch: pytest.MonkeyPatch) -> None:
    row = kept_before(drawn("RGB", (2000, 1500), "navy"), "image/png")
    monkeypatch.setattr(opening, "opened", lambda *_given: pytest.fail("unfolded here"))
    assert shown_picture(row, wait=60).whole.startswith(b"\xff\xd8")


@pytest.mark.slow
def test_a_picture_of_sixty_million_pixels_is_opened_within_its_bound() -> None:
    """What the process may use at most is set in it; here it must be enough, and far below eight of them."""
    for mode in ("RGB", "RGBA"):
        made = copies._opened_beside(drawn(mode, GIANT, None), "image/png")
        assert copies._read(made).whole.startswith(b"\xff\xd8")


def test_a_process_that_wants_too_much_is_ended_and_the_file_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = kept_before(drawn("RGB", (2000, 1500), "teal"), "image/png")
    monkeypatch.setattr(copies, "LONGEST", 0.001)
    with pytest.raises(UnreadableError, match="现在打不开"):
        shown_picture(row, wait=60)
    monkeypatch.setattr(copies, "_open", lambda *_given: pytest.fail("tried again"))
    with pytest.raises(UnreadableError, match="现在打不开"):
        shown_picture(row)


def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let opening take until it is told to go on; count how many are open at once."""
    go, inside, most = threading.Event(), [0], [0]

    def opened(_body: bytes, _content_type: str) -> bytes:
        inside[0] += 1
        most[0] = max(most)
        assert inside[0] == 1
        go.wait(20)
        inside[0] -= 1
        return opening.opened(picture("PNG"), "image/png")

    monkeypatch.setattr(copies, "_open", opened)
    return go.set


def test_eight_who_look_at_once_wait_in_two_threads_at_most_and_one_is_opened_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = slow(monkeypatch)
    rows = [kept_before(drawn("RGB", (64, 48), (n, n, n)), "image/png") for n in range(8)]
    told: list[float] = []

    def look(row: Evidence) -> None:
        started = time.monotonic()
        try:
            shown_picture(row, wait=10)
        except BeingMadeError:
            told.append(time.monotonic() - started)

    threads = [threading.Thread(target=look, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 8
    while len(told) < 6 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(told) == 6  # told at once to look again in a moment: their threads answer other pages
    go()
    for thread in threads:
        thread.join()
    while copies._under_way and time.monotonic() < deadline + 20:
        time.sleep(0.01)
    assert [shown_picture(row).count for row in rows] == [1] * 8  # all were made meanwhile


@pytest.mark.django_db
def test_a_file_is_taken_unopened_while_too_much_is_being_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, *, blocking: bool) -> bool:
            return blocking

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_seats", Full())
        row = hand_in(world, "大.png", drawn("RGB", (2000, 1500), "teal"))
        assert not default_storage.exists(copies.path_of(row.sha256))
    assert shown_picture(row, wait=60).count == 1


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_no_broken_picture_breaks_anything_but_itself(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))
    body = bytearray(picture(form))
    for _time in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(12, len(body) - 1))] = data.draw(st.integers(0, 255))
    sha256 = hashlib.sha256(body).hexdigest()
    with suppress(EvidenceError):
        assert copies.opened(bytes(body), SHOWN[form], sha256).whole.startswith(b"\xff\xd8")
