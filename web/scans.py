"""Say whether the scan of a signed page can be read at all, before it is kept."""

import io
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageStat, UnidentifiedImageError

from cases.evidence import IMAGE_TYPES, EvidenceError, read_checked, sniff

FEWEST_PIXELS = 600  # along the shorter edge: less than 75 dots per inch of an A4 page
LEAST_CONTRAST = 6.0  # standard deviation of brightness: an empty or a black page has next to none


def readable_scan(upload: Any) -> None:
    """Refuse a scan that is broken, too small or empty; raises EvidenceError with what to do."""
    body = read_checked(upload)
    content_type = sniff(body[:32], body)
    if content_type == "application/pdf":
        if b"%%EOF" not in body[-2048:] or b"/Page" not in body:
            raise EvidenceError(_("这份PDF打不开或者不完整，请重新扫描，或者拍一张清楚的照片。"))
        return
    if content_type == "image/heic":
        return
    if content_type not in IMAGE_TYPES:
        raise EvidenceError(_("签署页请上传PDF或者照片（JPG、PNG）。"))
    try:
        with Image.open(io.BytesIO(body)) as image:
            size, grey = min(image.size), image.convert("L")
            contrast = ImageStat.Stat(grey).stddev[0]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise EvidenceError(_("扫描件打不开，可能已损坏，请重新扫描或者重新拍照。")) from None
    if size < FEWEST_PIXELS:
        raise EvidenceError(_("扫描件太小，看不清签名，请用更高的清晰度重新扫描或者拍照。"))
    if contrast < LEAST_CONTRAST:
        raise EvidenceError(_("扫描件几乎是空白的，看不到签名，请重新扫描或者在明亮处重新拍照。"))
