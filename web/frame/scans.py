"""Say whether the scan of a signed page can be read at all, before it is kept."""

import io
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageStat

from cases.evidence import Taken, take
from cases.file_types import PICTURES, SCANS, EvidenceError, named

FEWEST_PIXELS = 600  # along the shorter edge: less than 75 dots per inch of an A4 page
LEAST_CONTRAST = 6.0  # standard deviation of brightness: an empty or a black page has next to none


def readable_scan(upload: Any) -> Taken:
    """Refuse a scan that is broken, too small or empty; raises EvidenceError with what to do."""
    taken = take(upload)
    if taken.content_type == "application/pdf":
        if b"%%EOF" not in taken.body[-2048:] or b"/Page" not in taken.body:
            raise EvidenceError(_("这份PDF打不开或者不完整，请重新扫描，或者拍一张清楚的照片。"))
    elif taken.content_type not in PICTURES:
        raise EvidenceError(_("签署页请上传PDF或者照片：%(types)s。") % {"types": named(SCANS)})
    elif taken.copy.whole:  # nothing where so much is being opened that this one was taken unopened
        _legible(taken.copy.whole)
    return taken


def _legible(shown: bytes) -> None:
    with Image.open(io.BytesIO(shown)) as image:
        size, contrast = min(image.size), ImageStat.Stat(image.convert("L")).stddev[0]
    if size < FEWEST_PIXELS:
        raise EvidenceError(_("扫描件太小，看不清签名，请用更高的清晰度重新扫描或者拍照。"))
    if contrast < LEAST_CONTRAST:
        raise EvidenceError(_("扫描件几乎是空白的，看不到签名，请重新扫描或者在明亮处重新拍照。"))
