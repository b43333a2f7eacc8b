"""Files to hand in."""

import io

import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from pdf_oxide import PdfDocument
from PIL import Image


def photo(name: str = "漏水.jpg", *, colour: str = "blue", more: bytes = b"") -> SimpleUploadedFile:
    """A small picture; `more` is put behind it, where viewers do not look."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue() + more, "image/jpeg")


def with_place(size: tuple[int, int] = (320, 240)) -> tuple[Image.Image, bytes]:
    """A picture and the hidden data of a phone: where it was taken and with what."""
    exif = Image.Exif()
    exif[0x010F] = "CANARYPHONE"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 49.0, 12.34), 3: "E", 4: (117.0, 13.0, 45.67)})
    return Image.new("RGB", size, "olive"), exif.tobytes()


def heic(size: tuple[int, int] = (320, 240)) -> bytes:
    """A photo as an iPhone makes it, with the place."""
    pillow_heif.register_heif_opener(thumbnails=False)
    image, exif = with_place(size)
    out = io.BytesIO()
    image.save(out, "HEIF", exif=exif)
    return out.getvalue()


def archive_errors(pdf: bytes) -> list[str]:
    """Return what a validator that is not the typesetter's has against a file as PDF/A-2b."""
    errors: list[str] = PdfDocument.from_bytes(pdf).validate_pdf_a("2b")["errors"]
    return errors
