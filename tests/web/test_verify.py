"""Anybody may ask whether a document is genuine; nobody learns from the answer what is in it or about whom."""

import hashlib
import io
import re

import pytest

from accounts.models import Spent
from documents.files import pdf
from documents.models import Document
from documents.verification import new_code
from tests.cast import NOW, World
from tests.journeys import case_in
from tests.web.pages import browser, text_of
from workflows import papers

pytestmark = pytest.mark.django_db
PRIVATE = ("张桂", "绿洲", "渗水", "李明哲", "13855106612", "翠湖", "调解室一", "AH-2026", "00001")


def notice(world: World) -> Document:
    return papers.make(case_in("MEDIATING", world), "session_notice", by=world.mediator, at=NOW)


def shape(page: str) -> list[str]:
    """The parts of a page without what they say."""
    return re.findall(r"<(h1|form|section|input|label|button)[ >]", page)


def test_a_genuine_document_is_called_so_without_saying_more(world: World) -> None:
    row = notice(world)
    page = text_of(browser(None).get(f"/verify/{row.shown_code}/"))
    for words in ("真实有效", "调解通知书", row.number, world.centre.name, "2026年11月3日"):
        assert words in page
    for words in PRIVATE:
        assert words not in page.replace(row.number, "")


def test_revoked_and_replaced_are_said(world: World) -> None:
    row = notice(world)
    case = case_in("MEDIATING", world, estate=world.other_estate, title="另一件")
    other = papers.make(case, "session_notice", by=world.mediator, at=NOW)
    papers.revoke(other, case, reason="张桂兰要求", by=world.director, at=NOW)
    page = text_of(browser(None).get(f"/verify/{other.code}/"))
    assert "已作废" in page
    assert "要求" not in page
    from cases.models import Case

    first = Case.objects.get(pk=row.subject_id)
    fresh = papers.replace(row, first, reason="写错", by=world.director, at=NOW)
    page = text_of(browser(None).get(f"/verify/{row.code}/"))
    assert "已被代替" in page
    assert fresh.shown_code not in page
    assert fresh.number not in page


def test_an_unknown_code_gets_an_answer_of_the_same_shape(world: World) -> None:
    row = notice(world)
    known = browser(None).get(f"/verify/{row.code}/")
    unknown = browser(None).get(f"/verify/{new_code()}/")
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert "查不到" in text_of(unknown)
    assert shape(text_of(known)) == shape(text_of(unknown))
    for strange in ("nonsense", "a" * 500, "…"):
        assert browser(None).get(f"/verify/{strange}/").status_code == 200
    assert browser(None).get("/verify/%00/").status_code == 404


def test_a_copy_is_compared_byte_by_byte(world: World) -> None:
    row = notice(world)
    body = pdf(row)
    url, client = f"/verify/{row.code}/", browser(None)

    def said(data: dict[str, object], status: int = 200) -> str:
        answer = client.post(url, data)
        assert answer.status_code == status
        return text_of(answer)

    assert "文件没有改动" in said({"copy": io.BytesIO(body)})
    assert "不一致" in said({"copy": io.BytesIO(body + b" ")})
    mark = hashlib.sha256(body).hexdigest()
    assert "文件没有改动" in said({"sha256": f" {mark.upper()} "})
    assert "不一致" in said({"sha256": "0" * 64})
    assert "请选择PDF文件" in said({"sha256": "12"}, 422)
    assert "不一致" in text_of(client.post(f"/verify/{new_code()}/", {"sha256": mark}))


def test_a_document_never_opened_is_compared_as_well(world: World) -> None:
    row = notice(world)
    assert row.sha256 == ""
    assert "不一致" in text_of(browser(None).post(f"/verify/{row.code}/", {"sha256": "0" * 64}))
    row.refresh_from_db()
    assert len(row.sha256) == 64


def test_a_typed_code_is_read_as_people_write_it(world: World) -> None:
    row = notice(world)
    answer = browser(None).post("/verify/", {"code": f" {row.shown_code.lower()} "})
    assert (answer.status_code, answer["Location"]) == (302, f"/verify/{row.code}/")
    wrong = browser(None).post("/verify/", {"code": "O0I1L"})
    assert wrong.status_code == 422
    assert "O0I1L" in text_of(wrong)
    assert browser(None).post("/verify/", {"code": ""}).status_code == 422


def test_trying_codes_has_an_end(world: World) -> None:
    client = browser(None)
    answers = [client.get(f"/verify/{new_code()}/").status_code for _i in range(62)]
    assert answers[:60] == [200] * 60
    assert 429 in answers[60:]
    Spent.objects.all().delete()
    assert client.get(f"/verify/{new_code()}/").status_code == 200


def test_the_address_on_the_paper_is_the_page(world: World) -> None:
    row = notice(world)
    assert row.sheet["code"] == row.shown_code
    assert row.sheet["qr"].startswith("<svg xmlns=")
