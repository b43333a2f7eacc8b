"""Files to hand in."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from pdf_oxide import PdfDocument
from PIL import Image


def photo(name: str = "漏水.jpg", *, colour: str = "blue", more: bytes = b"") -> SimpleUploadedFile:
    """A small picture; `more` is put behind it, where viewers do not look."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue() + more, "image/jpeg")


def archive_errors(pdf: bytes) -> list[str]:
    """Return what a validator that is not the typesetter's has against a file as PDF/A-2b."""
    errors: list[str] = PdfDocument.from_bytes(pdf).validate_pdf_a("2b")["errors"]
    return errors
