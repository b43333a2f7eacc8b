"""Every fact that does not move a case, through its page: by its role, by a wrong one, twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from audit.models import Entry
from cases import passes, services
from cases.choices import ConsentHow, PartyKind, Side, Status, Track
from cases.models import Case, CasePass, Consent, Evidence, Message, Proposal
from mediation import services as mediation
from mediation.models import MediatorChoice
from tests import journeys
from tests.cast import NOW, TODAY, World
from tests.journeys import case_in
from tests.web.pages import address, browser, hidden, send, text_of, traces
from tests.web.test_action_forms import after, answered, drafted, of, parties, promise, proposed, recorded, roster
from web.case.page.registry import FACTS
from workflows import mediators

pytestmark = pytest.mark.slow

S = Status
Given = Callable[[Case, World], dict[str, Any]]


@pytest.fixture(autouse=True)
def _at_now(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    with time_machine.travel(NOW, tick=False):
        yield


def picture(name: str = "墙.png", colour: str = "red") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def message_first(case: Case, world: World) -> None:
    services.write_message(case, body="写错了", by=world.resident, at=NOW)


def performed(case: Case, world: World) -> None:
    promised = case.current_agreement.obligations.get()
    mediation.record_performance(promised, on=TODAY, proof=None, note="转账", by=world.company_user, at=NOW)


def overdue(world: World) -> Case:
    case = case_in(S.PERFORMING, world)
    case.current_agreement.obligations.update(due=TODAY - timedelta(days=1))
    return case


def risky(world: World) -> Case:
    case = case_in(S.SUBMITTED, world)
    services.classify(case, category=case.category, flags=["MASS_RISK"], by=world.intake, at=NOW)
    return case


def late(world: World) -> Case:
    case = case_in(S.SUBMITTED, world)
    case.deadlines.update(due=TODAY - timedelta(days=3))
    return case


def text(case: Case) -> dict[str, str]:
    return {"text": str(case.current_agreement.pk)}


def asked(case: Case, world: World) -> None:
    mediators.nominate(case, world.mediator, by=world.director, at=NOW)


def disclosed(case: Case, world: World) -> None:
    mediators.accept(case, has_interest=True, statement="曾任该公司顾问", by=world.mediator, at=NOW)


def challenged(case: Case, world: World) -> None:
    mediators.challenge(case, grounds="INTEREST", text="是该公司股东", by=world.resident, at=NOW)


# fact → (how the case gets there, who, what is filled in, who may not)
TABLE: dict[str, tuple[Callable[[World], Case], str, Given, str]] = {
    "classify": (
        after(S.SUBMITTED),
        "intake",
        lambda c, w: {"category": "0301", "track": "MEDIATION", "estate": w.estate.pk, "flags": ["ELDERLY"]},
        "resident",
    ),
    "edit-filing": (
        after(S.RETURNED),
        "resident",
        lambda c, w: {"title": "渗水", "facts": "外墙渗水", "requests": "修好", "amount": "1.2万"},
        "director",
    ),
    "parties": (
        after(S.SUBMITTED),
        "intake",
        lambda c, w: {"side": "THIRD_PARTY", "kind": "PERSON", "name_typed": "王建国", "phone": "13855100002"},
        "resident",
    ),
    "phone": (
        after(S.MEDIATING),
        "mediator",
        lambda c, w: {"party": of(c, Side.APPLICANT), "phone": "13900139009", "account": "KEEP"},
        "resident",
    ),
    "record-consent": (
        after(S.INVITING),
        "intake",
        lambda c, w: {"party": of(c, Side.RESPONDENT), "matter": "MEDIATION", "answer": "yes", "how": "PHONE"},
        "resident",
    ),
    "consent": (after(S.INVITING), "company_user", lambda c, w: {"matter": "MEDIATION", "answer": "no"}, "intake"),
    "contact": (
        after(S.INVITING),
        "intake",
        lambda c, w: {"party": of(c, Side.RESPONDENT), "how": "PHONE", "answered": "no"},
        "company_user",
    ),
    "tell-rights": (after(S.ASSIGNED), "mediator", lambda c, w: {"parties": parties(c), "how": "ORAL"}, "resident"),
    "check-identity": (
        after(S.ASSIGNED),
        "mediator",
        lambda c, w: {"parties": parties(c), "paper": "ID_CARD"},
        "resident",
    ),
    "answer": (after(S.ANSWERING), "company_user", lambda c, w: {"body": "已经派人修理"}, "resident"),
    "say-solved": (answered, "resident", lambda c, w: {"solved": "PARTLY"}, "company_user"),
    "message": (after(S.INVITING), "resident", lambda c, w: {"body": "您好", "to": "CENTRE"}, "archivist"),
    "note": (after(S.SUBMITTED), "intake", lambda c, w: {"body": "核对过"}, "resident"),
    "withdraw-message": (
        after(S.SUBMITTED, message_first),
        "resident",
        lambda c, w: {"which": Message.objects.get().pk},
        "archivist",
    ),
    "choose-mediator": (
        after(S.ACCEPTED),
        "resident",
        lambda c, w: {"mediator": roster(w, w.mediator)},
        "director",
    ),
    "nominate": (
        after(S.ACCEPTED),
        "director",
        lambda c, w: {"mediator": roster(w, w.mediator)},
        "intake",
    ),
    "record-disclosure": (after(S.ACCEPTED, asked), "director", lambda c, w: {"has_interest": "no"}, "intake"),
    "waive": (after(S.ACCEPTED, asked, disclosed), "resident", lambda c, w: {"given": "yes"}, "legal"),
    "decide-challenge": (
        after(S.MEDIATING, challenged),
        "director",
        lambda c, w: {"upheld": "yes", "reason": "属实"},
        "resident",
    ),
    "schedule-session": (
        after(S.MEDIATING),
        "mediator",
        lambda c, w: {"starts_at": "2026-11-06T14:00", "place": "调解室二", "notice": "SERVED"},
        "resident",
    ),
    "record-session": (
        after(S.MEDIATING, lambda c, w: journeys.begun(c, NOW)),
        "mediator",
        lambda c, w: {"session": "", "record": "各自陈述", "result": "再谈", **journeys.all_came(c)},
        "resident",
    ),
    "draft-text": (
        after(S.MEDIATING, recorded),
        "mediator",
        lambda c, w: {"facts_and_issues": "漏水", "content": "赔偿", "rows": "5", **promise(c)},
        "resident",
    ),
    "legal-check": (after(S.MEDIATING, recorded, drafted), "legal", lambda c, w: {}, "mediator"),
    "legal-return": (after(S.MEDIATING, recorded, drafted), "legal", lambda c, w: {"reason": "写明日期"}, "mediator"),
    "sign-as-mediator": (after(S.SIGNING), "mediator", lambda c, w: {}, "resident"),
    "apply-seal": (after(S.SIGNING), "intake", lambda c, w: {"pages": "yes"}, "director"),
    "performance": (
        after(S.PERFORMING),
        "company_user",
        lambda c, w: {"on": TODAY.isoformat(), "note": "银行转账"},
        "legal",
    ),
    "confirm-performance": (after(S.PERFORMING, performed), "resident", lambda c, w: {}, "legal"),
    "ask-variation": (after(S.PERFORMING), "company_user", lambda c, w: {"answer": "yes", "note": "分三期"}, "intake"),
    "dispute-performance": (
        after(S.PERFORMING, performed),
        "resident",
        lambda c, w: {"reason": "没有到账"},
        "legal",
    ),
    "report-missing": (overdue, "resident", lambda c, w: {"note": "没有收到"}, "legal"),
    "urge": (overdue, "mediator", lambda c, w: {"how": "PHONE", "note": "已提醒"}, "resident"),
    "follow-up": (
        after(S.FOLLOWUP),
        "follower",
        lambda c, w: {"how": "PHONE", "reached": "yes", "solved": "SOLVED", "satisfaction": "SATISFIED"},
        "resident",
    ),
    "survey": (
        after(S.FOLLOWUP),
        "resident",
        lambda c, w: {"solved": "SOLVED", "satisfaction": "SATISFIED"},
        "follower",
    ),
    "meet-duty": (risky, "director", lambda c, w: {"note": "已报告街道"}, "resident"),
    "review-suspension": (after(S.SUSPENDED), "mediator", lambda c, w: {"note": "检测还没出结果"}, "intake"),
    "explain-overdue": (late, "intake", lambda c, w: {"reason": "等待鉴定"}, "resident"),
    "revoke-pass": (
        lambda w: with_pass(w),
        "intake",
        lambda c, w: {"party": of(c, Side.APPLICANT)},
        "legal",
    ),
    "complete-party": (
        after(S.MEDIATING),
        "mediator",
        lambda c, w: {
            "of": str(of(c, Side.RESPONDENT)),
            "name_typed": "绿洲物业服务有限公司",
            "representative": "刘启明",
        },
        "resident",
    ),
    "propose-rejection": (after(S.SUBMITTED), "intake", lambda c, w: {"reason_code": "R08"}, "resident"),
    "propose-void": (after(S.SUBMITTED), "intake", lambda c, w: {"reason": "重复登记"}, "resident"),
    "decide-proposal": (
        after(S.SUBMITTED, proposed),
        "director",
        lambda c, w: {"decision": "no", "note": "属于本中心范围"},
        "intake",
    ),
}
ELSEWHERE = {"appoint-agent", "agent-phone", "dismiss-agent", "evidence", "withdraw-evidence", "view-personal", "pass"}
SIGNING = {"sign", "paper-signature"}  # they have a page with the text, its code and its scan
ELSEWHERE |= {*SIGNING, "answer-supervision", "hand-over"}


def with_pass(world: World) -> Case:
    case = case_in(S.SUBMITTED, world)
    passes.issue_pass(journeys.party(case, Side.APPLICANT), by=world.intake, at=NOW)
    return case


def test_every_fact_has_its_row_or_its_own_test() -> None:
    assert set(TABLE) | ELSEWHERE == set(FACTS)


@pytest.mark.parametrize("name", list(TABLE))
def test_a_fact_through_its_page(world: World, name: str) -> None:
    build, who, given, wrong = TABLE[name]
    case = build(world)
    rest = f"do/{name}/"
    before = traces(case)
    assert browser(world.stranger).post(address(case, rest), {}).status_code == 404
    assert browser(getattr(world, wrong)).get(address(case, rest)).status_code == 403
    assert browser(getattr(world, wrong)).post(address(case, rest), {}).status_code == 403
    assert traces(case) == before

    client = browser(getattr(world, who))
    page = client.get(address(case, rest))
    assert page.status_code == 200
    chosen = {f.html_name: f.value() for f in page.context["form"] if f.value() and f.widget_type == "radioselect"}
    form = chosen | {k: v for k, v in (hidden(page) | given(case, world)).items() if v != ""}
    done = client.post(address(case, rest), form)
    assert done.status_code == 302, text_of(done)[:6000]
    after_it = traces(case)
    assert after_it[3] > before[3]
    assert after_it[4] > before[4]
    assert client.post(address(case, rest), form).status_code == 302
    assert traces(case) == after_it


def test_the_facts_say_what_was_filled_in(world: World) -> None:
    case = case_in(S.INVITING, world)
    assert send(world.company_user, case, "do/consent/", {"answer": "no"}).status_code == 302
    consent = Consent.objects.get(party__company=world.company, matter="MEDIATION")
    assert (consent.given, consent.how, consent.recorded_by) == (False, ConsentHow.ONLINE, world.company_user)
    for to, room in (("CENTRE", "CENTRE"), ("JOINT", "JOINT")):
        assert send(world.resident, case, "do/message/", {"body": f"给{to}", "to": to}).status_code == 302
        assert Message.objects.get(body=f"给{to}").room == room
    to = f"p{of(case, Side.RESPONDENT)}"
    assert send(world.intake, case, "do/message/", {"body": "请回复", "to": to}).status_code == 302
    assert Message.objects.get(body="请回复").party.company == world.company


def test_files_that_are_refused_are_named_and_the_others_kept(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    bad = SimpleUploadedFile("病毒.exe", b"MZ" + b"\0" * 100)
    files = [picture(), bad, SimpleUploadedFile("空.pdf", b""), picture("二.png", "blue")]
    answer = send(world.resident, case, "do/evidence/", {"files": files, "purpose": "渗水"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "已收下2个文件" in page
    assert "病毒.exe：这种文件不能上传" in page
    assert 'value="渗水"' in page
    assert Evidence.objects.filter(case=case).count() == 2
    assert send(world.resident, case, "do/evidence/", {"files": [picture()]}).status_code == 302
    assert Evidence.objects.filter(case=case).count() == 2
    assert send(world.resident, case, "do/evidence/", {}).status_code == 422


def test_a_file_opens_only_for_those_who_may_see_it(world: World) -> None:
    case = case_in(S.INVITING, world)
    send(world.resident, case, "do/evidence/", {"files": [picture("a\r\nb;.png")], "sensitive": "on"})
    rest = "evidence/1/"
    answer = browser(world.resident).get(address(case, rest))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "\n" not in answer["Content-Disposition"]
    assert browser(world.company_user).get(address(case, rest)).status_code == 404
    assert browser(world.stranger).get(address(case, rest)).status_code == 404
    assert browser(world.intake).get(address(case, "evidence/99999/")).status_code == 404
    before = traces(case)
    original = browser(world.intake).get(address(case, f"{rest}?original=1"))
    assert (original["Content-Type"], original.content[:4]) == ("image/png", b"\x89PNG")
    assert traces(case)[4] == before[4] + 1


def test_own_evidence_is_withdrawn_before_acceptance(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    send(world.resident, case, "do/evidence/", {"files": [picture()]})
    row = Evidence.objects.get(case=case)
    assert browser(world.intake).post(address(case, "do/withdraw-evidence/"), {"which": row.pk}).status_code == 409
    assert send(world.resident, case, "do/withdraw-evidence/", {"which": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_personal_data_is_shown_once_and_journalled(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    page = browser(world.intake).get(address(case))
    assert "13855106612" not in text_of(page)
    assert "3幢" not in text_of(page)
    party = of(case, Side.APPLICANT)
    assert send(world.intake, case, "do/view-personal/", {"party": party, "reason": ""}).status_code == 422
    shown = send(world.intake, case, "do/view-personal/", {"party": party, "reason": "电话核实"})
    assert "13855106612" in text_of(shown)
    assert "翠湖花园3幢2单元502" in text_of(shown)
    entry = Entry.objects.filter(head__subject_id=str(case.pk)).order_by("-sequence").first()
    assert (entry.action, entry.actor) == ("view_personal", world.intake)
    assert browser(world.resident).get(address(case, "do/view-personal/")).status_code == 403


def test_a_new_pass_is_shown_once_with_its_qr_code(world: World) -> None:
    case = case_in(S.INVITING, world)
    answer = send(world.intake, case, "do/pass/", {"party": of(case, Side.APPLICANT)})
    assert answer.status_code == 200
    page = text_of(answer)
    code = answer.context["code"]
    assert code in page
    assert "<svg" in page
    assert "style=" not in page
    guest = passes.find_pass(code).guest
    client = Client()
    client.force_login(guest)
    assert client.get(address(case)).status_code == 200
    assert send(world.company_user, case, "do/pass/", {"party": of(case, Side.APPLICANT)}).status_code == 422
    assert send(guest, case, "do/revoke-pass/", {"party": of(case, Side.APPLICANT)}).status_code == 302
    assert CasePass.objects.filter(revoked_at__isnull=True).count() == 0


def test_the_director_approves_what_intake_proposed(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    data = {"reason_code": "R08", "reason_text": "在外省"}
    assert send(world.intake, case, "propose-rejection/", data).status_code == 302
    row = Proposal.objects.get(case=case)
    assert "R08" not in text_of(browser(world.resident).get(address(case)))
    assert send(world.director, case, "do/decide-proposal/", {"decision": "no", "note": ""}).status_code == 422
    data = {"proposal": str(row.pk), "decision": "yes"}
    assert send(world.director, case, "do/decide-proposal/", data).status_code == 302
    page = text_of(browser(world.resident).get(address(case)))
    assert "不在本中心的地区或者业务范围" in page
    assert "您还可以" in page
    assert Case.objects.get(pk=case.pk).outcome == "REJECTED"


def test_one_company_answers_for_itself(world: World) -> None:
    case = case_in(S.ANSWERING, world, track=Track.COMPLAINT)
    assert browser(world.competitor_user).get(address(case, "do/answer/")).status_code == 404
    assert send(world.company_user, case, "do/answer/", {"body": ""}).status_code == 422
    assert send(world.intake, case, "do/answer/", {"body": "企业来电：已修"}).status_code == 302
    assert "企业来电：已修" in text_of(browser(world.resident).get(address(case)))


HOSTILE = ["\0", "x" * 30_000, "<script>alert(1)</script>", "9999-99-99", "-1", "1e99999", "99999999999999999999999"]


@pytest.mark.parametrize("name", sorted(set(FACTS) - {"evidence"}))
def test_no_input_breaks_a_fact(world: World, name: str) -> None:
    build, who = (TABLE[name][0], TABLE[name][1]) if name in TABLE else (after(S.SUBMITTED), "intake")
    nothing_to_choose = {"withdraw-evidence", "dismiss-agent", "agent-phone", "answer-supervision", *SIGNING}
    if name in nothing_to_choose:
        return
    case = build(world)
    client = browser(getattr(world, who))
    form = client.get(address(case, f"do/{name}/")).context["form"]
    fields = [field for field in form.fields if field != "key"]
    if not fields:
        return
    for value in HOSTILE:
        answer = client.post(address(case, f"do/{name}/"), dict.fromkeys([*fields, "of", "rows"], value))
        assert answer.status_code < 500, value[:20]
        assert "<script>alert" not in text_of(answer)
    assert client.get(address(case, f"do/{name}/?of=%00&of=x")).status_code < 500


def test_unknown_facts_are_404(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    assert browser(world.intake).get(address(case, "do/fly/")).status_code == 404


def test_a_party_of_another_kind_keeps_its_company(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    row = journeys.party(case, Side.RESPONDENT)
    data = {
        "of": str(row.pk),
        "side": "RESPONDENT",
        "kind": PartyKind.COMPANY,
        "company": world.company.pk,
        "name_typed": row.name,
        "phone": "0551-62340002",
    }
    client = browser(world.intake)
    page = client.get(address(case, f"do/parties/?of={row.pk}"))
    assert client.post(address(case, "do/parties/"), hidden(page) | data).status_code == 302
    row.refresh_from_db()
    assert row.company == world.company


def test_a_choice_of_the_same_mediator_by_all_counts_once(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    data = {"mediator": roster(world, world.mediator)}
    assert send(world.resident, case, "do/choose-mediator/", data).status_code == 302
    assert MediatorChoice.objects.count() == 1
