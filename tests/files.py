"""Files to hand in."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def photo(name: str = "漏水.jpg", *, colour: str = "blue", more: bytes = b"") -> SimpleUploadedFile:
    """A small picture; `more` is put behind it, where viewers do not look."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue() + more, "image/jpeg")
