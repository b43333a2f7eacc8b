"""The page of the dossier: what lies in it, what is missing, who may take it out, holds."""

import zipfile
from io import BytesIO
from typing import Any

import pytest

from audit.models import Entry
from cases.choices import Status
from cases.models import Case, LegalHold
from mediation.models import FollowUp
from tests.cast import World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, let_thirty_days_pass
from tests.web.pages import address, browser, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": own}


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_page_says_what_is_missing_and_what_to_do_before_it_lets_archive(world: World) -> None:
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    client = browser(world.archivist)
    whole = client.get(address(case, "dossier/"))
    assert (whole.context["missing"], whole.context["may_archive"]) == ([], True)
    assert f'href="/cases/{case.number}/archive/"' in text_of(whole)
    FollowUp.objects.filter(case=case).delete()
    lacking = client.get(address(case, "dossier/"))
    assert [one["name"] for one in lacking.context["missing"]] == ["回访记录"]
    assert "请回访员补记回访" in text_of(lacking)
    assert lacking.context["may_archive"] is False
    refused = send(world.archivist, case, "archive/", {"retention": "YEARS_30"})
    assert (refused.status_code, "回访记录：请回访员补记回访" in text_of(refused)) == (422, True)


def test_the_archivist_archives_without_counting_pages_and_takes_both_copies(world: World) -> None:
    case = let_thirty_days_pass(case_in(Status.CLOSED, world))
    assert send(world.archivist, case, "archive/", {"retention": "YEARS_30"}).status_code == 302
    case = Case.objects.get(pk=case.pk)
    assert (case.status, (case.dossier_pages or 0) > 8) == (Status.ARCHIVED, True)
    client = browser(world.archivist)
    shown = client.get(address(case, "dossier/"))
    pieces = [piece for item in shown.context["items"] for piece in item["pieces"]]
    assert (pieces[0]["pages"], pieces[-1]["pages"]) == ("1", str(case.dossier_pages))
    pdf = client.post(address(case, "dossier/pdf/"))
    assert (pdf["Content-Type"], body_of(pdf)[:5]) == ("application/pdf", b"%PDF-")
    packed = client.post(address(case, "dossier/zip/"))
    with zipfile.ZipFile(BytesIO(body_of(packed))) as book:
        assert {"dossier.pdf", "index.json", "index.csv", "SHA256SUMS"} <= set(book.namelist())
    taken = Entry.objects.filter(action="export_dossier", head__subject_id=str(case.pk))
    assert [row.after["form"] for row in taken.order_by("pk")] == ["pdf", "zip"]
    assert "导出卷宗" in text_of(client.get(address(case, "history/")))


@pytest.mark.parametrize("who", ["intake", "mediator", "follower", "legal", "supervisor", "resident", "company_user"])
def test_for_everybody_else_there_is_no_such_page(world: World, who: str) -> None:
    case = case_in(Status.CLOSED, world)
    client = browser(getattr(world, who))
    before = fingerprint()
    for rest in ("dossier/",):
        assert client.get(address(case, rest)).status_code == 404
    for rest in ("dossier/pdf/", "dossier/zip/", "dossier/hold/", "dossier/hold/1/lift/"):
        assert client.post(address(case, rest), {"reason": "x"}).status_code == 404
    assert changed(before) == []
    assert "/dossier/" not in text_of(client.get(address(case)))


def test_a_copy_is_taken_by_a_button_and_never_by_a_link(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    assert browser(world.archivist).get(address(case, "dossier/pdf/")).status_code == 404
    assert not Entry.objects.filter(action="export_dossier").exists()


def test_a_hold_is_put_and_lifted_with_reasons(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    client = browser(world.archivist)
    for bad in ({"reason": " "}, {"reason": "涉诉", "until": "明年"}, {"reason": "涉诉", "until": "2020-01-01"}):
        assert client.post(address(case, "dossier/hold/"), bad).status_code == 422
    assert not LegalHold.objects.exists()
    assert client.post(address(case, "dossier/hold/"), {"reason": "涉诉", "until": "2099-12-31"}).status_code == 302
    row = LegalHold.objects.get()
    assert "涉诉" in text_of(client.get(address(case, "dossier/")))
    assert client.post(address(case, f"dossier/hold/{row.pk}/lift/"), {"reason": "撤诉"}).status_code == 302
    assert "撤诉" in text_of(client.get(address(case, "dossier/")))


def test_what_was_typed_stays_where_a_hold_or_its_lifting_is_refused(world: World) -> None:
    case = case_in(Status.CLOSED, world)
    client = browser(world.archivist)
    late = client.post(address(case, "dossier/hold/"), {"reason": "法院<调>卷，原因很长", "until": "2020-01-01"})
    shown = text_of(late)
    assert (late.status_code, "卷内目录" in shown, "冻结的截止日不能早于起始日" in shown) == (422, True, True)
    assert "required>法院&lt;调&gt;卷，原因很长</textarea>" in shown
    assert 'name="until" value="2020-01-01"' in shown
    much = client.post(address(case, "dossier/hold/"), {"reason": "涉" * 301})
    assert (much.status_code, "最多写300个字，现在有301个字" in text_of(much)) == (422, True)
    assert (f"required>{'涉' * 301}</textarea>" in text_of(much), LegalHold.objects.exists()) == (True, False)
    client.post(address(case, "dossier/hold/"), {"reason": "涉诉"})
    row = LegalHold.objects.get()
    empty = client.post(address(case, f"dossier/hold/{row.pk}/lift/"), {"reason": "  "})
    assert (empty.status_code, f'href="#lift-{row.pk}">请写明解除冻结的原因。' in text_of(empty)) == (422, True)
    client.post(address(case, f"dossier/hold/{row.pk}/lift/"), {"reason": "撤诉"})
    again = client.post(address(case, f"dossier/hold/{row.pk}/lift/"), {"reason": "已经结案"})
    assert (again.status_code, "您刚才写的：已经结案" in text_of(again)) == (422, True)  # its form is gone meanwhile
