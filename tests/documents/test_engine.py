"""The typesetter: the same bytes every time, archive files, and every sign printed or refused."""

import io
import re
import threading
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader

from documents import engine
from documents.drafts import PARTS, draft
from documents.font import FACES, FONTS, coverage, has
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


def text_of(made: engine.Rendered) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.body)).pages)


def test_rare_surnames_are_set_from_the_fonts_of_planes_two_and_three() -> None:
    made = engine.render(sheet(to("王𤧞"), para("𠮷田与𰻝𰻝面馆"), labels(["户名", "𮭹🈚"])), at=AT)
    assert [sign for sign in "𤧞𠮷𰻝𮭹" if sign not in text_of(made)] == []
    assert archive_errors(made.body) == []


@pytest.mark.parametrize("layout", ["letter", "form", "cover", "back"])
def test_what_no_font_has_becomes_a_box_with_its_code_point_and_a_line_says_so(layout: str) -> None:
    made = engine.render(sheet(labels(["事由", "气死了😡😡"]), note("办好了👌"), layout=layout), at=AT)
    shown = text_of(made)
    assert shown.count("U+1F621") == 3  # twice in the text, once in the line that explains the boxes
    assert "方框内是字库没有的字符，以国际编码（Unicode）代替：U+1F621、U+1F44C。" in shown.replace("\n", "")
    assert archive_errors(made.body) == []


def test_a_paper_without_boxes_says_nothing_of_them() -> None:
    assert "方框" not in text_of(engine.render(sheet(para("平常的内容")), at=AT))


def test_signs_that_only_steer_others_vanish_in_print() -> None:
    typed = "办好✔\ufe0f，\u202d138 0013 8000\u202c\u200b，门\u2060牌\ufeff3\u00ad号，一\r\n二\u2028三"
    shown = text_of(engine.render(sheet(para(typed)), at=AT))
    assert "13800138000，门牌3号，一二三" in re.sub(r"\s", "", shown)
    assert {sign for sign in shown if unicodedata.category(sign) in ("Cf", "Co")} == set()
    assert "U+FE0F" not in shown


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.sampled_from(["letter", "form", "cover"]))
@settings(max_examples=25, deadline=None)
def test_no_text_keeps_a_sheet_from_being_set(text: str, layout: str) -> None:
    blocks = [
        to(text),
        para(text, text[:3]),
        labels([text, text]),
        table([(text, 0)], [[text]]),
        sign(text),
        note(text),
    ]
    made = engine.render(sheet(*blocks, layout=layout, centre=text, number=text[:9]), at=AT)
    assert archive_errors(made.body) == []
    assert draft(sheet(*blocks)).startswith(b"PK")


def test_the_fonts_are_whole_and_free() -> None:
    basic, second, third = (sum(last - first + 1 for first, last in coverage(face)) for face in FACES)
    assert (basic > 30_000, second > 61_000, third > 13_000) == (True, True, True)
    assert [s for s in RARE + "〔〕（）：“”—…·¥√□①㎡　" if not has(s)] == []
    assert (FONTS / "LICENSE_FONT").read_text(encoding="utf-8").count("SIL OPEN FONT LICENSE") >= 1
    assert "CC0 1.0" in (FONTS / "LICENSE_RARE_HAN").read_text(encoding="utf-8")


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
