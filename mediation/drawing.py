"""A signature drawn with the finger: the strokes as they came from the page, and the picture made of them.

Strokes travel, not a picture: nothing that a browser made is opened here, and the same strokes give the same picture.
"""

import io
import json

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from mediation.errors import MediationError

WIDTH, HEIGHT = 1000, 400
MOST_POINTS, LEAST_LENGTH = 6000, 250
PEN, SCALE = 9, 2

Stroke = list[tuple[int, int]]


def read_strokes(text: str) -> list[Stroke]:
    """Read what the page sent; raises MediationError for what is no drawing, or hardly one."""
    if not text.strip():
        return []
    try:
        sent = json.loads(text[:200_000])
        strokes = [[(_within(x, WIDTH), _within(y, HEIGHT)) for x, y in stroke] for stroke in sent]
    except (TypeError, ValueError, RecursionError):
        raise MediationError(_("手写签名没有传过来，请清除后重新写一次。")) from None
    strokes = [stroke for stroke in strokes if stroke]
    if sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise MediationError(_("手写签名太复杂，请清除后重新写一次。"))
    if strokes and _length(strokes) < LEAST_LENGTH:
        raise MediationError(_("手写签名太短，请写完整的姓名。"))
    return strokes


def _within(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError("a point lies on the sheet")
    return round(value)


def _length(strokes: list[Stroke]) -> int:
    return sum(
        abs(x2 - x1) + abs(y2 - y1)
        for stroke in strokes
        for (x1, y1), (x2, y2) in zip(stroke, stroke[1:], strict=False)
    )


def picture(strokes: list[Stroke]) -> bytes:
    """Draw the strokes, black on white, as a PNG."""
    sheet = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), 255)
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        points = [(x * SCALE, y * SCALE) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=0, width=PEN * SCALE, joint="curve")
        for x, y in (points[0], points[-1]):
            half = PEN * SCALE // 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=0)
    out = io.BytesIO()
    sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
