"""The page of an agreement and the page on which it is signed: who finds what, and every refusal in a sentence."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image, ImageDraw

from cases import passes
from cases.choices import Side, Status
from cases.models import Case, Party
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
    page = client.post(url, filled(case, step="sign", code="1"))
    assert page.status_code == 403
    assert "案件通行码已经失效" in text_of(page)
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
