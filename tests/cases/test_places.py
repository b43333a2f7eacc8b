"""Films and recordings without the place where they were made: every byte else where it was."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.places import without_place
from tests.films import PLACE, WHERE, box, film, mp3, wav

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
