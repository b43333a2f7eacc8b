"""Pages of a bound dossier: pictures, the page that stands for what cannot be shown, the stamped number."""

import io
from datetime import datetime

import pikepdf
from PIL import Image

from cases.copies import OPENED
from cases.file_types import BY_TYPE
from cases.models import Case, Evidence
from documents import engine, services
from documents.models import Document
from documents.sheet import labels, para
from workflows.binder.parts import Part, size_of

A4 = (595.28, 841.89)
MARGIN = 42.5
STAMP_SIZE = 11
STAMP = "q 1 g {x} {y} {w} 16 re f 0 g BT /Tiaochu {size} Tf {tx} {ty} Td ({text}) Tj ET Q"
DIGIT = 0.556  # the width of a Helvetica figure


def add_picture(book: pikepdf.Pdf, shown: bytes) -> None:
    """Put a JPEG on a page of its own, as large as it fits; it is not unfolded."""
    with Image.open(io.BytesIO(shown), formats=["JPEG"]) as image:
        width, height = image.size
    page_size = A4 if height >= width else (A4[1], A4[0])
    room = (page_size[0] - 2 * MARGIN, page_size[1] - 2 * MARGIN)
    scale = min(room[0] / width, room[1] / height)
    drawn = (width * scale, height * scale)
    left, bottom = (page_size[0] - drawn[0]) / 2, (page_size[1] - drawn[1]) / 2
    page = book.add_blank_page(page_size=page_size)
    stream = pikepdf.Stream(book, shown)
    stream.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    name = page.add_resource(stream, pikepdf.Name.XObject)
    page.contents_add(f"q {drawn[0]:.2f} 0 0 {drawn[1]:.2f} {left:.2f} {bottom:.2f} cm {name} Do Q".encode())


BESIDE = "这份材料是录音、录像或者要用电脑打开的文件，不能装订成页。原文件在电子卷宗（ZIP）里。"
BROKEN = "这份材料不能显示：文件打不开、不完整，或者设有密码。收到时的原文件在电子卷宗（ZIP）里。"
LOST = "这份文书不能显示：它的文件现在读不出来，或者与登记的校验值不一致。请联系管理员。"


def note_page(case: Case, part: Part, path: str, *, at: datetime) -> bytes:
    """Return the page that stands in the dossier for what cannot be shown: what it is and where it lies."""
    source = part.source
    if isinstance(source, Document):
        words, kind, size = LOST, "PDF", "—"
    else:
        known = BY_TYPE.get(source.content_type)
        words = BROKEN if source.content_type in OPENED else BESIDE
        kind, size = known.label if known else source.content_type, size_of(source)
    rows = [["名称", part.name], ["类型", kind], ["大小", size], ["SHA-256", source.sha256 or "—"]]
    if isinstance(source, Evidence):
        rows.append(["卷宗中的位置", path])
    sheet = {
        "title": "材料说明",
        "layout": "form",
        "centre": services.common_fields(case.centre, at)["centre"],
        "number": "",
        "code": "",
        "qr": "",
        "blocks": [para(words), labels(*rows)],
    }
    return engine.render(sheet, at=at).body


def stamp(book: pikepdf.Pdf, page: pikepdf.Page, text: str) -> None:
    """Write a page number into the upper outer corner, on white, whichever way the page is turned."""
    turned = int(page.obj.get("/Rotate", 0)) % 180 != 0
    box = page.trimbox
    width, height = float(box[2]) - float(box[0]), float(box[3]) - float(box[1])
    if turned:
        width, height = height, width
    wide = DIGIT * STAMP_SIZE * len(text) + 8
    x, y = width - wide - 22, height - 32
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    drawn = STAMP.format(
        x=f"{x:.2f}", y=f"{y:.2f}", w=f"{wide:.2f}", size=STAMP_SIZE, tx=f"{x + 4:.2f}", ty=f"{y + 4:.2f}", text=text
    )
    slip = pikepdf.Stream(book, drawn.encode())
    slip.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, width, height],
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(Tiaochu=font)),
    )
    page.add_overlay(slip, None)
