"""The typesetter: the same bytes every time, archive files, and every sign printed or refused."""

import io
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from documents import engine
from documents.drafts import PARTS
from documents.errors import DocumentError
from documents.font import FONT, covered, first_missing
from documents.sheet import cut, head, items, labels, note, para, seal, sign, table, ticks, to, write_here
from tests.files import archive_errors

AT = datetime(2026, 11, 3, 1, 30, tzinfo=UTC)
RARE = "㛃䶮𬭎"


def sheet(*blocks: Any, **more: Any) -> dict[str, Any]:
    given = {
        "title": "调解通知书",
        "layout": "letter",
        "centre": "安徽省物业管理共治与矛盾调处中心",
        "number": "",
        "code": "",
        "qr": "",
    }
    return given | more | {"blocks": list(blocks)}


def test_the_same_sheet_gives_the_same_bytes_in_every_thread() -> None:
    wanted = sheet(to("张桂㛃"), para("请按时参加。"), qr=engine.qr_svg("https://example.cn/verify/ABCD/"))
    made: list[bytes] = [engine.render(wanted, at=AT).body]
    engine.render(sheet(para("别的文书")), at=AT)
    threads = [threading.Thread(target=lambda: made.append(engine.render(wanted, at=AT).body)) for _i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 5
    assert len(set(made)) == 1


def test_a_file_says_that_it_is_an_archive_file() -> None:
    made = engine.render(sheet(para("内容")), at=AT)
    assert archive_errors(made.body) == []
    reader = PdfReader(io.BytesIO(made.body))
    meta = reader.xmp_metadata
    assert meta is not None
    assert (meta.pdfaid_part, meta.pdfaid_conformance) == ("2", "B")
    assert "/OutputIntents" in reader.trailer["/Root"]
    assert len(reader.pages) == made.pages == 1
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert {str(font["/BaseFont"]).split("+")[-1] for font in fonts} == {"NotoSerifSC-Regular"}


def without_fonts(file: pikepdf.Pdf) -> None:
    for thing in file.objects:
        for name in ("/FontFile", "/FontFile2", "/FontFile3"):
            if isinstance(thing, pikepdf.Dictionary) and name in thing:
                del thing[name]


def without_metadata(file: pikepdf.Pdf) -> None:
    del file.Root.Metadata


def with_a_script(file: pikepdf.Pdf) -> None:
    file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize("hole", [without_fonts, without_metadata, with_a_script])
def test_an_archive_file_with_a_hole_is_refused(hole: Callable[[pikepdf.Pdf], None]) -> None:
    made = engine.render(sheet(para("内容")), at=AT).body
    assert archive_errors(made) == []
    with pikepdf.open(io.BytesIO(made)) as file:
        hole(file)
        spoilt = io.BytesIO()
        file.save(spoilt)
    assert archive_errors(spoilt.getvalue()) != []


def test_pages_are_counted() -> None:
    made = engine.render(sheet(*(para("一行字。" * 30) for _i in range(30))), at=AT)
    assert made.pages == len(PdfReader(io.BytesIO(made.body)).pages) > 2


def test_rare_characters_have_their_own_shapes() -> None:
    pictures = [Image.open(io.BytesIO(engine.pictures(sheet(para(sign)), at=AT)[0])).convert("L") for sign in RARE]
    # An empty box would look the same for each of them.
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert ImageChops.difference(one, other).getbbox() is not None
    text = PdfReader(io.BytesIO(engine.render(sheet(para(RARE)), at=AT).body)).pages[0].extract_text()
    assert RARE in text


def test_a_missing_character_is_refused_and_never_an_empty_box() -> None:
    assert first_missing("张" + chr(0x30000)) == chr(0x30000)
    with pytest.raises(DocumentError) as refused:
        engine.render(sheet(para("张" + chr(0x30000))), at=AT)
    assert chr(0x30000) in str(refused.value)


def test_the_font_is_whole() -> None:
    assert len(covered()) > 30_000
    assert [s for s in RARE + "〔〕（）：“”—…·¥√□①㎡　" if first_missing(s)] == []
    assert (FONT.parent / "LICENSE_FONT").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE") >= 1


@pytest.mark.parametrize(
    "text", ["#panic()", "*粗*", "= 标题", "$x$", "@引用", "`代码`", '#image("/etc/passwd")', "\\"]
)
def test_what_looks_like_markup_is_only_text(text: str) -> None:
    made = engine.render(sheet(para(text), labels([text, text]), title="通知"), at=AT)
    shown = PdfReader(io.BytesIO(made.body)).pages[0].extract_text()
    assert re.sub(r"\s", "", shown).count(text.replace(" ", "")) == 3


def test_every_block_can_be_set() -> None:
    seal_of = seal({"seal_label": "（印章）", "centre": "中心", "date": "2026年11月3日"})
    blocks = [
        *(to("某人"), para("甲", "标签："), head("标题"), items(["一", "二\n三"]), note("附注")),
        *(labels(["甲", "乙"], ["丙", "丁", "戊", "己"]), table([("序号", 3), ("名称", 0)], [["1", "甲"]])),
        *(ticks((True, "是"), (False, "否")), write_here(3), sign("甲：", "乙："), seal_of, {"t": "code"}),
        *(cut("回执"), sign("丙：")),
    ]
    assert {block["t"] for block in blocks} == set(PARTS) | {"code"}
    for layout in ("letter", "form"):
        assert engine.render(sheet(*blocks, layout=layout), at=AT).pages <= 2


def test_the_version_of_the_look_follows_templates_and_font() -> None:
    assert len(engine.template_version()) == 12
    assert engine.template_version() == engine.template_version()
