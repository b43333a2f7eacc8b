"""Films and recordings without the place where they were made: every byte else where it was."""

import io
import struct
import zipfile

import pikepdf
import pytest
from docx import Document as NewFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cases.places import without_place
from tests.files import with_place
from tests.films import PLACE, WHERE, box, film, mp3, wav

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TELLING = (PLACE, WHERE, b"com.apple.quicktime.location", b"xmpmeta", b"\xa9xyz")


@pytest.mark.parametrize("brand", [b"qt  ", b"mp42", b"3gp5", b"M4A "])
def test_a_film_keeps_its_pictures_and_its_length_and_tells_no_place(brand: bytes) -> None:
    given, shown = film(brand), without_place(film(brand), "video/mp4")
    assert [word for word in TELLING if word not in given] == []
    assert [word for word in TELLING if word in shown] == []
    assert (len(shown), b"PICTURE-ONEPICTURE-TWO" in shown) == (len(given), True)
    assert (shown[:20], shown.count(b"trak"), shown.count(b"mdhd")) == (given[:20], 2, 2)
    assert shown.index(b"mdat") == given.index(b"mdat")  # what a player looks up by its offset lies there still


def test_a_film_without_a_place_is_left_byte_for_byte() -> None:
    plain = box(b"ftyp", b"isom") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", b"seen")
    assert without_place(plain, "video/mp4") == plain


def test_what_cannot_be_followed_is_emptied_rather_than_shown() -> None:
    cut = film()[: film().index(b"\xa9xyz") + 20]
    for body in (
        cut,
        box(b"ftyp", b"qt  ") + struct.pack(">I4s", 7, b"moov") + PLACE,
        b"\0\0\0\x14ftypqt  " + PLACE * 3,
    ):
        shown = without_place(body, "video/quicktime")
        assert (PLACE in shown, len(shown)) == (False, len(body))
    many = box(b"ftyp", b"isom") + box(b"mdat") * 30_000 + box(b"mdat", WHERE)
    assert WHERE not in without_place(many, "video/mp4")


def test_a_large_box_with_a_long_size_is_followed() -> None:
    body = (
        box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"mdat", 16 + 4) + b"seen" + box(b"moov", box(b"udta", PLACE))
    )
    shown = without_place(body, "video/mp4")
    assert (b"seen" in shown, PLACE in shown) == (True, False)


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_no_broken_film_raises_or_changes_its_length(data: st.DataObject) -> None:
    body = bytearray(film())
    for _time in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    assert len(without_place(cut, "video/mp4")) == len(cut)


def test_sound_loses_its_tags() -> None:
    assert without_place(mp3(tagged=True), "audio/mpeg") == mp3()
    shown = without_place(wav(), "audio/wav")
    assert (WHERE in shown, b"SOUNDING" in shown, len(shown)) == (False, True, len(wav()))
    assert without_place(b"#!AMR\n<<", "audio/amr") == b"#!AMR\n<<"


def photo() -> bytes:
    image, exif = with_place()
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, xmp=b"<x:xmpmeta exif:GPSLatitude='31,49.12N'/>")
    return out.getvalue()


def paper() -> bytes:
    """A PDF made of a photo as phones make it, with particulars that tell the place too."""
    body = photo()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(320, 240))
        image = pikepdf.Stream(pdf, body)
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=320, Height=240,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        name = page.add_resource(image, pikepdf.Name.XObject)
        page.contents_add(f"q 320 0 0 240 0 0 cm {name} Do Q".encode())
        pdf.Root.Metadata = pdf.make_stream(b"<rdf><exif:GPSLongitude>117,13.76E</exif:GPSLongitude></rdf>")
        pdf.Root.Metadata.Type = pikepdf.Name.Metadata
        out = io.BytesIO()
        pdf.save(out, fix_metadata_version=False, compress_streams=False)
    return out.getvalue()


def letter() -> bytes:
    file = NewFile()
    file.add_paragraph("天花板照片")
    file.add_picture(io.BytesIO(photo()))
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def test_the_photo_in_a_pdf_tells_no_place_and_is_still_there() -> None:
    given = paper()
    assert (b"CANARYPHONE" in given, b"117,13.76E" in given) == (True, True)
    shown = without_place(given, "application/pdf")
    assert [word for word in (b"CANARYPHONE", b"31,49.12N", b"117,13.76E") if word in shown] == []
    assert len(shown) == len(given)
    with pikepdf.open(io.BytesIO(shown)) as pdf:
        [image] = [one for one in pdf.pages[0].resources["/XObject"].values()]
        with Image.open(io.BytesIO(image.read_raw_bytes())) as picture:
            picture.load()
            assert (picture.size, dict(picture.getexif())) == ((320, 240), {})


def test_the_photo_in_a_letter_tells_no_place_and_the_letter_opens() -> None:
    given = letter()
    shown = without_place(given, DOCX)
    with zipfile.ZipFile(io.BytesIO(shown)) as book, zipfile.ZipFile(io.BytesIO(given)) as before:
        assert b"CANARYPHONE" in before.read("word/media/image1.jpg")
        assert [name for name in book.namelist() if b"CANARYPHONE" in book.read(name)] == []
        assert book.read("word/document.xml") == before.read("word/document.xml")
    assert NewFile(io.BytesIO(shown)).paragraphs[0].text == "天花板照片"


def test_papers_without_photos_are_left_byte_for_byte() -> None:
    plain = NewFile()
    out = io.BytesIO()
    plain.save(out)
    for body, content_type in (
        (out.getvalue(), DOCX),
        (b"PK\x03\x04 broken", DOCX),
        (b"%PDF-1.4 GPS 31", "application/pdf"),
    ):
        assert without_place(body, content_type) == body
