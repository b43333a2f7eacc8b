"""What somebody filled in stands on the paper that is made of it: every field of the form, every recorded word."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import CharField, TextField
from django.test import Client
from django.utils.timezone import localdate

from cases.choices import Satisfaction, Side, Solved, Status
from cases.models import Case, Reason
from documents import services
from documents.kinds import KINDS
from documents.services import in_words
from documents.sheet import texts_in
from mediation import services as mediation
from mediation.models import FollowUp
from tests import moves
from tests.cast import NOW, TODAY, World, later
from tests.journeys import call_back, case_in, party
from tests.papers import RECIPES
from workflows import papers
from workflows.actions import perform
from workflows.papers.ask import Ask
from workflows.papers.making import abouts, data_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What the form of a call-back asks: what to choose or write, and how the paper says it.
ASKED: dict[str, tuple[str, str]] = {
    "how": ("VISIT", "上门或当面"),
    "reached": ("yes", "已联系上"),
    "solved": (Solved.PARTLY, "部分解决"),
    "satisfaction": (Satisfaction.DISSATISFIED, "不满意"),
    "performed": ("PARTIAL", "部分履行"),
    "performance": ("第一笔付了，第二笔没付", ""),
    "lawsuit": ("已在区法院起诉，未判", ""),
    "hidden_danger": ("楼上楼下仍有争吵", ""),
    "wrong_mediation": ("申请人认为漏算了误工费", ""),
    "measures": ("请社区网格员上门两次", ""),
    "next_on": ((localdate() + timedelta(days=9)).isoformat(), in_words(localdate() + timedelta(days=9))),
    "note": ("晚上八点以后再打", ""),
}


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sheet_text(case: Case, kind: str, about: Any = None, world: World | None = None) -> str:
    ask = Ask(case, NOW, world.director if world else None, about)
    fields = services.common_fields(case.centre, NOW) | data_of(kind, ask)
    return "".join(text for _name, text in texts_in(KINDS[kind].wording(fields)))


def test_every_question_of_the_call_back_stands_on_its_record(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    url = f"/cases/{case.number}/do/follow-up/"
    page = browser(world.follower).get(url)
    asked = {name for name in page.context["form"].fields if name not in {"key", "version", "of"}}
    assert asked == set(ASKED)
    given = {name: chosen for name, (chosen, _said) in ASKED.items()}
    assert browser(world.follower).post(url, given).status_code == 302
    row = FollowUp.objects.get(case=case)
    shown = sheet_text(case, "follow_up_record", row, world)
    assert [name for name, (chosen, said) in ASKED.items() if (said or chosen) not in shown] == []


@pytest.mark.parametrize(("name", "choices"), [
    ("solved", Solved.choices), ("satisfaction", Satisfaction.choices), ("performed", FollowUp.Performed.choices),
])  # fmt: skip
def test_whatever_was_chosen_is_printed(world: World, name: str, choices: Any) -> None:
    case = case_in(Status.FOLLOWUP, world)
    for value, label in choices:
        heard = {"solved": "SOLVED", "satisfaction": "SATISFIED"} | {name: value}
        row = mediation.follow_up(case, how="PHONE", reached=True, by=world.follower, at=NOW, **heard)
        assert str(label) in sheet_text(case, "follow_up_record", row, world), value


def test_a_try_in_vain_keeps_what_the_follower_wrote_and_claims_nothing(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    rows = [
        mediation.follow_up(
            case, how="PHONE", reached=False, by=world.follower, at=later(hours=n), note=f"第{n}次无人接听",
            next_on=TODAY + timedelta(days=n + 3),
        )
        for n in range(2)
    ]  # fmt: skip
    for n, row in enumerate(rows):
        shown = sheet_text(case, "follow_up_record", row, world)
        for said in ("未联系上", f"第{n}次无人接听", f"第{n + 1}次", in_words(TODAY + timedelta(days=n + 3))):
            assert said in shown
        assert "无诉讼" not in shown
        assert shown.count("未记录") == 8  # solved, satisfied, how much, how, lawsuit, danger, wrong, measures


def test_the_second_call_after_ninety_days_says_that_it_is_one(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    Case.objects.filter(pk=case.pk).update(households=12)
    case.refresh_from_db()
    call_back(case, world, NOW)
    case = perform(case, "close", by=world.follower, at=NOW)
    row = mediation.follow_up(
        case, how="PHONE", reached=True, by=world.follower, at=later(days=90), solved="SOLVED", measures="再次检查外墙"
    )
    shown = sheet_text(case, "follow_up_record", row, world)
    assert "第2次（满90日再次回访）" in shown
    assert "再次检查外墙" in shown


def test_what_a_party_says_itself_has_a_paper_of_its_own(world: World) -> None:
    case = case_in(Status.FOLLOWUP, world)
    url = f"/cases/{case.number}/do/survey/"
    given = {"solved": "NOT_SOLVED", "satisfaction": "DISSATISFIED", "comment": "还在渗水，没有人来。"}
    page = browser(world.resident).get(url)
    assert {name for name in page.context["form"].fields if name not in {"key", "version", "of"}} == set(given)
    assert browser(world.resident).post(url, given).status_code == 302
    shown = sheet_text(case, "survey_record", case.surveys.get(), world)
    for said in ("未解决", "不满意", "还在渗水，没有人来。", "申请人张桂兰"):
        assert said in shown
    assert "本人评价：未解决，不满意" in sheet_text(case, "closing_report", None, world)


def test_a_case_that_only_its_applicant_judged_can_be_shelved(world: World) -> None:
    """The applicant's own word lets it be closed; it then must not lack a call-back that nobody may write any more."""
    from cases.dossier import missing_items

    case = case_in(Status.FOLLOWUP, world)
    mediation.answer_survey(
        party(case, Side.APPLICANT), solved="SOLVED", satisfaction="SATISFIED", by=world.resident, at=NOW
    )
    case = perform(case, "close", by=world.follower, at=NOW)
    assert 11 not in {item.number for item in missing_items(case)}


# --- why somebody moved the case ------------------------------------------------------------------------------------

WHY = "因为楼上住户已经搬走，改由新业主处理"
PAPER_OF_REASON = {
    "withdraw": ("MEDIATING", "withdrawal"),
    "review_rejection": ("CLOSED", "review_decision"),
    "redo_answer": ("FOLLOWUP", "supervision_order"),
    "reassign": ("MEDIATING", "reassignment_decision"),
    "suspend": ("MEDIATING", "suspension_notice"),
    "resume": ("SUSPENDED", "resumption_notice"),
    "remediate": ("CLOSED", "remediation_approval"),
    "refer": ("SUBMITTED", "referral_letter"),
}


@pytest.mark.parametrize("action", list(PAPER_OF_REASON))
def test_why_somebody_acted_stands_on_the_paper_of_the_action(world: World, action: str) -> None:
    source, kind = PAPER_OF_REASON[action]
    case = moves.ready(action, Status(source), world).take(action, reason=WHY)
    assert Reason.objects.get(case=case, action=action).text == WHY
    about = next(iter(abouts(case, kind)), None)
    assert WHY in sheet_text(case, kind, about, world)


def test_what_was_said_of_a_challenged_mediator_is_not_on_the_notice_for_all(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    perform(case, "suspend", by=world.resident, at=NOW, reason_code="S01", grounds="INTEREST", reason="他们是亲戚")
    case = Case.objects.get(pk=case.pk)
    assert "亲戚" not in sheet_text(case, "suspension_notice", None, world)


def test_a_second_reason_does_not_stand_for_a_first_that_was_not_given(world: World) -> None:
    case = case_in(Status.MEDIATING, world)
    perform(case, "withdraw", by=world.resident, at=NOW)
    assert not Reason.objects.filter(case=case).exists()
    assert "原因：" not in sheet_text(Case.objects.get(pk=case.pk), "withdrawal", None, world)


# --- every word of a row that a paper is about ----------------------------------------------------------------------

# What a paper leaves out of the row that it is about, and why.
LEFT_OUT: dict[str, dict[str, str]] = {
    "referral_letter": {"reply": "comes after the letter", "letter_number": "is the number of the letter itself"},
    "referral_notice": {"reply": "comes after the letter"},
    "enquiry_record": {"verification": "the centre's own answer is not verified"},
    "company_answer": {"verification": "has a paper of its own: the record of verification"},
    "recusal_decision": {"text": "stays with whoever said it: both sides read this paper"},
    "performance_proof": {"proof_wanted": "what was handed in is named", "missed_note": "was answered by performing"},
    "urging_letter": {"proof_note": "not performed yet", "missed_note": "said to the centre", "manner": "", "place": "",
                      "proof_wanted": ""},
    "extension_consent": {"note": "why the calendar moved a date; an extension has none"},
    "agreement_draft": {"text_hash": "of the signed text", "legal_return_reason": "among staff", "vary_reason": "later",
                        "void_reason": "later"},
    "agreement": {"legal_return_reason": "among staff", "vary_reason": "later", "void_reason": "later"},
}  # fmt: skip
# Rows that papers are about without being made of them: a person, a whole agreement, a session as a date.
ABOUT_ONLY = {"party", "agreement", "session", "agent"}
OWN = {"agreement", "agreement_draft"}
KINDS_OF_ROWS = [k for k, kind in KINDS.items() if kind.about and (kind.about not in ABOUT_ONLY or k in OWN)]


@pytest.mark.parametrize("kind", KINDS_OF_ROWS)
def test_no_word_of_the_row_is_dropped(world: World, kind: str) -> None:
    case = RECIPES[kind].make(world)
    row = next(iter(abouts(case, kind)))
    texts = [f for f in row._meta.concrete_fields if isinstance(f, CharField | TextField) and not f.choices]
    marks = {f.name: f"甲{f.name}"[: f.max_length or 99] for f in texts if f.name not in LEFT_OUT.get(kind, {})}
    marks.pop("reason_code", None)  # a code, printed as its words
    for name, mark in marks.items():
        setattr(row, name, mark)
    shown = sheet_text(case, kind, row, world)
    assert [name for name, mark in marks.items() if mark not in shown] == []


def test_each_thing_done_on_a_promise_stands_on_its_proof(world: World) -> None:
    from decimal import Decimal

    from workflows import promises

    case = case_in(Status.PERFORMING, world)
    [row] = mediation.agreement_in_force(case).obligations.all()  # type: ignore[union-attr]
    promises.record_performance(
        row, on=TODAY, proof=None, note="微信转账，尾号1234", amount=Decimal("8600"), by=world.company_user, at=NOW
    )
    promises.record_performance(
        row,
        on=TODAY,
        proof=None,
        note="银行转账，尾号5678",
        amount=Decimal("10000"),
        by=world.company_user,
        at=later(hours=1),
    )
    row.refresh_from_db()
    shown = sheet_text(case, "performance_proof", row, world)
    for said in ("微信转账，尾号1234", "8,600.00", "银行转账，尾号5678", "10,000.00", "银行转账，合肥"):
        assert said in shown


def test_a_reason_is_kept_whole_and_destroyed_with_the_dossier(world: World) -> None:
    from workflows.destruction import tables

    assert Reason in {model for model, _paths in tables()}
    assert papers.KIND_OF["回访记录"] == "follow_up_record"
