"""The page of an agreement and the page on which it is signed: who finds what, and every refusal in a sentence."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image, ImageDraw
from pypdf import PdfReader

from audit.models import Entry
from cases import passes
from cases.choices import Side, Status
from cases.models import Case, Party
from documents.models import Document
from mediation import services as mediation
from mediation.models import Signature
from notifications.gateways.memory import MemoryGateway
from tests.cast import NOW, World
from tests.journeys import case_in, party, record, sign_all, text
from tests.signing import STROKES
from tests.web.pages import address, browser, text_of, traces
from workflows.actions import perform
from workflows.agreements import save_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def phones() -> Iterator[None]:
    with override_settings(SMS_GATEWAY="notifications.gateways.memory.MemoryGateway"):
        MemoryGateway.clear()
        yield
        MemoryGateway.clear()


@pytest.fixture
def case(world: World) -> Case:
    return case_in(Status.SIGNING, world)


def filled(case: Case, **more: Any) -> dict[str, Any]:
    return {"text": case.current_agreement.pk, "confirmation": "yes", "read": "on", "strokes": STROKES} | more


def code_for(client: Any, case: Case, **more: Any) -> str:
    page = client.post(address(case, "agreement/sign/"), filled(case, step="code", **more))
    assert "验证码已经发到" in text_of(page), text_of(page)[:3000]
    return re.search(r"\d{6}", MemoryGateway.outbox[-1].text).group()  # type: ignore[union-attr]


def test_a_party_reads_the_whole_text_and_signs_it_once(world: World, case: Case) -> None:
    client, url = browser(world.resident), address(case, "agreement/sign/")
    page = text_of(client.get(url))
    for words in ["壹万捌仟陆佰元整", "张桂兰", "绿洲物业服务有限公司", "30日内", "不能证明", "第13条"]:
        assert words in page
    code = code_for(client, case)
    sent = filled(case, step="sign", code=code)
    for _each in range(2):  # a double click
        assert client.post(url, sent).status_code == 302
    signed = Signature.objects.get()
    assert (signed.party.side, signed.how, bool(signed.image)) == (Side.APPLICANT, "ONLINE", True)
    image = client.get(address(case, f"agreement/signatures/{signed.pk}.png"))
    assert (image.status_code, image["Content-Type"]) == (200, "image/png")
    assert "已签署" in text_of(client.get(address(case, "agreement/")))


# --- the draft as a file ------------------------------------------------------------------------------------------


def words_of(body: bytes) -> tuple[str, int]:
    pages = PdfReader(io.BytesIO(body)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages)), len(pages)


def test_who_reads_the_text_may_open_it_as_a_marked_draft_and_nothing_is_kept(world: World, case: Case) -> None:
    Party.objects.filter(case=case, side=Side.APPLICANT).update(address="翠湖路8号3幢1201室")
    here = address(case, "agreement/1/draft.pdf")
    papers, moved = Document.objects.count(), traces(case)
    for name in ("resident", "company_user"):
        client = browser(world.people()[name])
        for page in ("agreement/", "agreement/sign/"):
            assert f'href="{here}"' in text_of(client.get(address(case, page))), (name, page)
        answer = client.get(here)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["X-Content-Type-Options"] == "nosniff"
        said, pages = words_of(answer.content)
        for words in ("张桂兰", "绿洲物业服务有限公司", "壹万捌仟陆佰元整", "30日内", "不作为正式文书"):
            assert words in said, words
        assert said.count("草案第1版·未编号、未盖章") == pages  # on every page
        assert said.count("草案") >= 2 * pages
        for hidden in ("3幢1201", "13855106612", "扫码核验"):
            assert hidden not in said
        assert client.get(here).content == answer.content  # the same text, the same file
    assert (Document.objects.count(), traces(case)) == (papers, moved)
    assert browser(world.mediator).get(here).status_code == 200
    assert Entry.objects.filter(action="read_document", actor=world.mediator).count() == 1
    for name in ("stranger", "neighbour", "competitor_user", "other_intake", "regulator", "sysadmin"):
        assert browser(world.people()[name]).get(here).status_code == 404, name
    assert browser(None).get(here).status_code == 302


def test_what_is_in_force_or_put_away_has_no_draft(world: World, case: Case) -> None:
    save_text(case, by=world.mediator, at=NOW, **text(case, world, amount="20000.00"))
    client = browser(world.resident)
    assert client.get(address(case, "agreement/1/draft.pdf")).status_code == 404
    assert client.get(address(case, "agreement/2/draft.pdf")).status_code == 200
    assert client.get(address(case, "agreement/3/draft.pdf")).status_code == 404
    sign_all(case, world, NOW)
    perform(case, "take_effect", by=world.mediator, at=NOW)
    assert client.get(address(case, "agreement/2/draft.pdf")).status_code == 404
    assert "draft.pdf" not in text_of(client.get(address(case, "agreement/")))


def test_a_party_opens_no_draft_that_was_not_put_before_it(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    here = address(case, "agreement/1/draft.pdf")
    assert browser(world.resident).get(here).status_code == 404
    assert browser(world.mediator).get(here).status_code == 200


def test_a_confidential_applicant_stays_so_in_the_draft(world: World, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(flags=["CONFIDENTIAL"])
    said, _pages = words_of(browser(world.company_user).get(address(case, "agreement/1/draft.pdf")).content)
    assert "张桂兰" not in said


def test_what_is_missing_keeps_what_was_typed(world: World, case: Case) -> None:
    client, url = browser(world.resident), address(case, "agreement/sign/")
    before = traces(case)
    page = client.post(
        url, {"text": case.current_agreement.pk, "strokes": STROKES, "confirmation": "no", "step": "code"}
    )
    assert page.status_code == 422
    assert "请先看完全文" in text_of(page)
    assert page.context["form"]["strokes"].value() == STROKES
    code_for(client, case)
    wrong = client.post(url, filled(case, step="sign", code="12"))
    assert wrong.status_code == 422
    assert "验证码不对" in text_of(wrong)
    assert traces(case)[:3] == before[:3]


def test_a_text_that_changed_meanwhile_is_shown_anew(world: World, case: Case) -> None:
    client, url = browser(world.resident), address(case, "agreement/sign/")
    sent = filled(case, step="sign", code=code_for(client, case))
    save_text(case, by=world.mediator, at=NOW, **(text(case, world) | {"content": "赔偿18600元，质保五年。"}))
    page = client.post(url, sent)
    assert page.status_code == 409
    assert "文本刚刚换了一版" in text_of(page)
    assert "质保五年" in text_of(page)
    assert not Signature.objects.exists()


def test_an_ended_pass_is_answered_in_a_sentence(world: World) -> None:
    case = case_in(Status.SIGNING, world, by=world.intake)
    mine = party(case, Side.APPLICANT)
    passes.issue_pass(mine, by=world.intake, at=NOW)
    client, url = browser(mine.passes.get(revoked_at=None).guest), address(case, "agreement/sign/")
    assert client.get(url).status_code == 200
    passes.revoke_passes(mine, by=world.intake, at=NOW)
    page = client.post(url, filled(case, step="sign", code="1"), follow=True)
    assert "案件通行码已经失效" in text_of(page)
    assert not Signature.objects.exists()
    assert client.get(url).status_code == 302


def test_an_agent_beyond_its_scope_is_told_so(world: World, case: Case) -> None:
    party(case, Side.APPLICANT).agents.create(
        name="王建国", user=world.neighbour, scope=["SIGN"], from_date=NOW.date(), phone="+8613855100002"
    )
    page = browser(world.neighbour).post(address(case, "agreement/sign/"), filled(case, step="code"))
    assert page.status_code == 422
    assert "授权委托书没有授权您" in text_of(page)
    assert MemoryGateway.outbox == []


def test_who_finds_the_page(world: World, case: Case) -> None:
    found = {
        name: browser(user).get(address(case, "agreement/")).status_code
        for name, user in [("nobody", None), *world.people().items()]
    }
    inside = {"resident", "company_user", "intake", "second_intake", "mediator", "director", "second_director", "legal",
              "follower", "archivist", "supervisor"}  # fmt: skip
    assert {name for name, status in found.items() if status == 200} == inside
    assert found["nobody"] == 302
    assert {found[name] for name in found if name not in inside | {"nobody"}} == {404}


def test_staff_and_strangers_do_not_sign(world: World, case: Case) -> None:
    before = traces(case)
    for user in (world.intake, world.mediator, world.legal, world.stranger, world.competitor_user, world.regulator):
        assert browser(user).get(address(case, "agreement/sign/")).status_code == 404
        assert browser(user).post(address(case, "agreement/sign/"), filled(case, step="code")).status_code == 404
    assert traces(case) == before


def test_a_draft_is_nothing_for_the_parties_yet(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    record(case, world, NOW)
    mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world))
    assert "天花板" not in text_of(browser(world.company_user).get(address(case, "agreement/")))
    assert browser(world.company_user).get(address(case, "agreement/?version=1")).status_code == 404
    assert "赔偿天花板" in text_of(browser(world.mediator).get(address(case, "agreement/")))


def test_staff_see_void_signatures_and_what_changed(world: World, case: Case) -> None:
    mediation.sign(case.current_agreement, party(case, Side.APPLICANT), how="PAPER", by=world.intake, at=NOW)
    save_text(case, by=world.mediator, at=NOW, **(text(case, world) | {"content": "赔偿18600元，质保五年。"}))
    page = text_of(browser(world.mediator).get(address(case, "agreement/")))
    for words in ["第2版", "和第1版相比", "质保五年", "作废的签署 1 个"]:
        assert words in page


def test_the_seal_is_said_to_be_put_on_only_once_it_is(world: World, case: Case) -> None:
    assert "还没有盖章" in text_of(browser(world.mediator).get(address(case, "take-effect/")))
    sign_all(case, world, NOW)
    assert "已盖章" in text_of(browser(world.mediator).get(address(case, "take-effect/")))
    case = perform(case, "take_effect", by=world.mediator, at=NOW)
    assert "已盖章" in text_of(browser(world.resident).get(address(case, "agreement/")))


def scan(size: tuple[int, int] = (1000, 1400), *, empty: bool = False, name: str = "签署页.png") -> SimpleUploadedFile:
    sheet, out = Image.new("L", size, 250), io.BytesIO()
    if not empty:
        ImageDraw.Draw(sheet).rectangle((100, 100, size[0] // 2, size[1] // 2), fill=10)
    sheet.save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


def paper(client: Any, case: Case, upload: Any, **more: Any) -> Any:
    page = client.get(address(case, "do/paper-signature/"))
    hidden = {f.html_name: str(f.value() or "") for f in page.context["form"].hidden_fields()}
    parties = [p.pk for p in Party.objects.filter(case=case)]
    given = {"parties": parties, "scan": upload, "capacity": "SELF", "confirmation": "later", "same": "on"}
    return client.post(address(case, "do/paper-signature/"), hidden | given | more)


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (lambda: SimpleUploadedFile("坏.png", b"\x89PNG\r\n\x1a\nbroken"), "打不开"),
        (lambda: SimpleUploadedFile("坏.pdf", b"%PDF-1.4 cut off"), "打不开或者不完整"),
        (lambda: scan((300, 400)), "看不清签名"),
        (lambda: scan(empty=True), "几乎是空白的"),
        (lambda: SimpleUploadedFile("录像.mp4", b"\x00\x00\x00\x18ftypmp42" + b"0" * 90), "PDF或者照片"),
    ],
)
def test_a_scan_that_cannot_be_read_is_refused(world: World, case: Case, upload: Any, sentence: str) -> None:
    before = traces(case)
    page = paper(browser(world.intake), case, upload())
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert traces(case) == before


def test_a_signed_paper_is_kept_as_evidence(world: World, case: Case) -> None:
    done = paper(browser(world.intake), case, scan())
    assert done.status_code == 302, text_of(done)[:3000]
    kept = case.evidence.get()
    assert {s.scan for s in Signature.objects.all()} == {kept}
    assert Signature.objects.count() == 2
    for user in (world.resident, world.legal, world.follower):
        assert browser(user).get(address(case, "do/paper-signature/")).status_code == 403
