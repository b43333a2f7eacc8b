"""Papers are issued and served in the step that makes them due; what needs a hand says so, with its reason and date."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import serving
from cases.choices import ConsentHow, Side, Status
from cases.models import Case, Service
from documents.errors import DocumentError
from documents.models import Document
from mediation import services as mediation
from mediation.models import Obligation
from notifications.models import Notice
from notifications.services import mark_read
from tests import moves
from tests.cast import NOW, World, later
from tests.journeys import begun, case_in, party
from tests.journeys import draft as draft_case
from tests.moves import ready
from tests.workflows.test_transitions import NOT_THEN
from workflows import binder, meetings, papers, promises
from workflows.actions import perform
from workflows.binder import DossierIncompleteError
from workflows.papers import making
from workflows.papers import serving as delivery
from workflows.turns.models import Turn

pytestmark = pytest.mark.django_db
S = Status
PAPER_TURNS = ("make_paper", "seal_paper", "deliver_paper")


def kinds(case: Case, **only: Any) -> list[str]:
    return sorted(papers.documents_of(case).filter(**only).values_list("kind", flat=True))


def paper_turns(case: Case) -> list[Turn]:
    return list(Turn.objects.filter(case=case, closed_at=None, kind__in=PAPER_TURNS).order_by("pk"))


def hands(case: Case) -> list[tuple[str, str]]:
    """The turns of the papers of a case: what is to be done, and with which kind of paper."""
    return sorted((row.kind, paper_of(row).kind) for row in paper_turns(case))


def paper_of(row: Turn) -> Document:
    if row.about_kind == "document":
        return Document.objects.get(pk=row.about_id)
    document = Service.objects.get(pk=row.about_id).document
    assert document is not None
    return document


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- issued ------------------------------------------------------------------------------------------------------

WHOLE_WAY = [
    "acceptance_form", "acceptance_notice", "agreement", "agreement_draft", "assignment_notice", "closing_report",
    "disclosure_statement", "follow_up_record", "invitation_letter", "mediation_application", "performance_proof",
    "receipt", "rights_notice", "session_notice",
]  # fmt: skip


@pytest.mark.slow
def test_on_the_whole_way_every_paper_is_issued_in_its_step(world: World) -> None:
    case = case_in(S.CLOSED, world)
    assert kinds(case, issued_at__isnull=False) == WHOLE_WAY
    assert kinds(case, issued_at__isnull=True) == []
    assert [what for what, _kind in hands(case) if what != "deliver_paper"] == []


EVERY_STEP = [pair for pair in moves.RECIPES if pair[0] != "archive"]


def cost(move: moves.Move, action: str) -> tuple[int, int]:
    """How many queries an action takes, and how many papers it issues; nothing of it stays."""
    before = Document.objects.count()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            move.take(action)
        made = Document.objects.count() - before
        transaction.set_rollback(True)
    move.case.refresh_from_db()
    return len([one for one in asked if "workflows_turn" not in one["sql"]]), made  # settling is counted by itself


@pytest.mark.slow
@pytest.mark.parametrize(("action", "source"), EVERY_STEP, ids=str)
def test_a_paper_costs_six_queries_at_most(
    world: World, action: str, source: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = ready(action, source, world)
    cost(move, action)  # what a process reads once is read
    with_papers, made = cost(move, action)
    monkeypatch.setattr("workflows.papers.step.PAPERS", {})
    bare, _none = cost(move, action)
    # Looking whether something happened, where it did not, is one query.
    assert with_papers - bare <= 6 * made + len(NOT_THEN.get(action, ()))


# What settling whose turn it is writes, after everything else.
SETTLED = ("workflows_turn", "cases_case")


def test_the_number_is_taken_when_everything_else_is_written(world: World) -> None:
    move = ready("invite", S.SUBMITTED, world)
    with CaptureQueriesContext(connection) as asked:
        move.take("invite")
    said = [query["sql"] for query in asked]
    taken = next(n for n, sql in enumerate(said) if "documents_documentseries" in sql)
    after = {sql.split('"')[1] for sql in said[taken + 1 :] if sql.startswith(("INSERT", "UPDATE"))}
    assert after <= {"documents_document", "audit_head", "audit_entry", "cases_service", *SETTLED}


def test_a_paper_that_cannot_be_written_stops_nothing_and_says_why(world: World) -> None:
    case = draft_case(world, facts="漏水花了人民币壹佰元整（¥200.00）")
    case = perform(case, "submit", by=world.resident, at=NOW, data_notice=True)
    [row] = papers.due_rows(case)
    assert (row.kind, row.about_id) == ("mediation_application", None)
    assert "大写金额“壹佰元整”和小写金额“200.00”不一致" in row.obstacle
    [turn] = [one for one in paper_turns(case) if one.kind == "make_paper"]
    assert (turn.about_id, turn.role, turn.due) == (row.pk, "INTAKE", date(2026, 11, 10))
    Case.objects.filter(pk=case.pk).update(facts="漏水花了人民币贰佰元整（¥200.00）")
    made, left = papers.issue_due(fresh(case), by=world.intake, at=NOW)
    assert ([one.pk for one in made], left) == ([row.pk], [])
    assert Document.objects.get(pk=row.pk).obstacle == ""
    assert [one for one in paper_turns(case) if one.kind == "make_paper"] == []


def test_a_broken_builder_stops_no_action(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ask: papers.Ask) -> Any:
        raise AttributeError("nothing")

    case = case_in(S.SUBMITTED, world)
    monkeypatch.setitem(making.BUILDERS, "invitation_letter", broken)
    assert perform(case, "invite", by=world.intake, at=NOW).status == S.INVITING
    [row] = papers.due_rows(case)
    assert (row.kind, "系统没能写出这份文书" in row.obstacle) == ("invitation_letter", True)


def test_a_reason_is_kept_in_chinese_whatever_the_person_reads(world: World) -> None:
    from django.utils.translation import override

    case = draft_case(world, facts="漏水花了人民币壹佰元整（¥200.00）")
    with override("en"):
        perform(case, "submit", by=world.resident, at=NOW, data_notice=True)
    assert "不一致" in papers.due_rows(case)[0].obstacle


# --- only what happened -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nobody_is_urged_who_kept_the_promise_before_its_day(world: World) -> None:
    case = case_in(S.FOLLOWUP, world)
    assert "urging_letter" not in kinds(case)


@pytest.mark.slow
def test_an_urged_promise_is_written_to_in_the_step_once_for_each_urging(world: World) -> None:
    case = case_in(S.PERFORMING, world)
    promise = Obligation.objects.get(agreement__case=case)
    late = NOW + timedelta(days=20)
    promises.urge(promise, how="PHONE", note="", by=world.mediator, at=late)
    letter = papers.documents_of(case).get(kind="urging_letter")
    assert (letter.stands, letter.party_id) == (True, promise.doer_id)
    served = Service.objects.get(document=letter)
    assert (served.party_id, served.kind) == (promise.doer_id, "performance_urged")


@pytest.mark.slow
def test_undisputed_facts_are_due_where_somebody_wrote_them_and_issued_once_all_have_signed(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    session = begun(case, NOW)
    assert session is not None
    given = {"record": "各自陈述。", "result": "再谈", "undisputed_facts": "外墙渗水。", "attendees": ""}
    mediation.record_session(session, by=world.mediator, at=NOW, **given)
    perform(case, "fail", by=world.mediator, at=NOW, reason_code="E04", reason_text="差距过大")
    [row] = papers.due_rows(case)
    assert (row.kind, "还没有经各方签名" in row.obstacle) == ("undisputed_facts", True)
    facts = case.undisputed_facts.get()
    mediation.sign_record(facts, party(case, Side.APPLICANT), how="PAPER", by=world.intake, at=NOW)
    mediation.sign_record(
        facts, party(case, Side.RESPONDENT), how="REFUSED", words="等负责人回来", by=world.intake, at=NOW
    )
    made, _left = papers.issue_due(fresh(case), by=world.intake, at=NOW)
    assert [one.kind for one in made] == ["undisputed_facts"]
    assert "不愿签名：等负责人回来" in str(made[0].sheet)


# --- late -------------------------------------------------------------------------------------------------------


def test_a_letter_issued_late_asks_for_no_answer_before_a_day_that_is_past(world: World) -> None:
    case = case_in(S.INVITING, world)
    letter = papers.documents_of(case).get(kind="invitation_letter")
    assert "请在2026年11月13日前答复" in str(letter.sheet)
    late = papers.make(case, "invitation_letter", by=world.intake, at=NOW + timedelta(days=30))
    assert "请在2026年11月13日前" not in str(late.sheet)
    assert "期限原定至2026年11月13日，发出时已过" in str(late.sheet)


@pytest.mark.parametrize(
    ("kind", "status", "fields"),
    [
        ("forwarding_slip", S.ANSWERING, {"track": "COMPLAINT"}),
        ("supplement_notice", S.RETURNED, {}),
        ("receipt", S.SUBMITTED, {}),
    ],
)
def test_no_late_paper_of_another_kind_does_either(
    world: World, kind: str, status: Status, fields: dict[str, Any]
) -> None:
    case = case_in(status, world, **fields)
    late = papers.make(case, kind, by=world.intake, at=NOW + timedelta(days=60))
    words = str(late.sheet["blocks"])
    assert "已过" in words
    assert "请在2026年11月" not in words
    assert "我们将在2026年11月" not in words


def test_nobody_types_a_day_that_is_past(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    typed = {"terms": "修好外墙", "answer_by": "2026年11月1日"}
    with pytest.raises(DocumentError, match="已经过了"):
        papers.make(case, "mediation_proposal", by=world.mediator, at=NOW, typed=typed)


@pytest.mark.slow
def test_a_session_that_is_over_still_gets_its_notice_which_calls_nobody(world: World) -> None:
    case = case_in(S.SIGNING, world)
    papers.documents_of(case).filter(kind="session_notice").update(revoked_at=NOW, revoke_reason="错")
    row = papers.make(case, "session_notice", by=world.mediator, at=NOW + timedelta(days=9))
    words = str(row.sheet["blocks"])
    assert "上述时间已过" in words
    assert "请按下列时间" not in words
    assert not Service.objects.filter(document=row).exists()


@pytest.mark.slow
def test_another_session_is_called_by_its_own_notice_and_a_moved_one_by_a_new_one(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    when = {"starts_at": later(days=5), "place": "调解室二", "notice": "SERVED"}
    session = meetings.schedule(case, by=world.mediator, at=NOW, **when)
    first = papers.documents_of(case).get(kind="session_notice", about_id=session.pk)
    assert first.stands
    assert Service.objects.filter(document=first, kind="session_scheduled").count() == 2
    meetings.move(
        session, starts_at=later(days=6), place="调解室二", reason="一方出差", by=world.mediator, at=later(hours=1)
    )
    first.refresh_from_db()
    second = papers.documents_of(case).filter(kind="session_notice", about_id=session.pk).last()
    assert (first.stands, second.stands, "11月9日" in str(second.sheet)) == (False, True, True)
    meetings.cancel(session, reason="自行和好", by=world.mediator, at=later(hours=2))
    second.refresh_from_db()
    assert (second.stands, second.revoke_reason) == (False, "调解会取消")


def test_a_letter_of_referral_is_not_issued_twice_and_the_refusal_says_what_to_do(world: World) -> None:
    case = ready("refer", S.SUBMITTED, world).take("refer")
    letter = papers.documents_of(case).get(kind="referral_letter")
    assert (letter.stands, hands(case)[0]) == (True, ("deliver_paper", "referral_notice"))
    assert ("seal_paper", "referral_letter") in hands(case)
    with pytest.raises(DocumentError, match=r"移送函（.+）已经在2026-11-03制发.*重新制发"):
        papers.make(case, "referral_letter", by=world.intake, at=NOW)
    making.mark(letter, fresh(case), sealed=True, by=world.intake, at=NOW)
    assert ("seal_paper", "referral_letter") not in hands(case)
    again = papers.replace(letter, fresh(case), reason="地址写错", by=world.intake, at=NOW)
    assert (again.number, again.stands) == (letter.number, True)


# --- served -----------------------------------------------------------------------------------------------------


def deliveries(case: Case) -> list[tuple[str, str, datetime | None]]:
    """What is to be delivered by hand: which paper, to which side, from when on."""
    rows = [one for one in paper_turns(case) if one.kind == "deliver_paper"]
    assert {(row.role, row.due) for row in rows} <= {("INTAKE", date(2026, 11, 10))}
    return [(paper_of(row).kind, Service.objects.get(pk=row.about_id).party.side, row.opens_at) for row in rows]


def agree(case: Case, world: World, *ways: str) -> None:
    serving.confirm_address(
        party(case, Side.RESPONDENT), ways=list(ways), how=ConsentHow.ONLINE, address="合肥市望江路1号",
        by=world.company_user, at=NOW,
    )  # fmt: skip


def test_what_a_party_did_not_agree_to_receive_online_is_delivered_by_hand(world: World) -> None:
    case = case_in(S.INVITING, world)
    found = deliveries(case)
    assert ("invitation_letter", "RESPONDENT", later(days=1)) in found  # it may still look itself until then
    agree(case, world, "POST")
    assert ("invitation_letter", "RESPONDENT", None) in deliveries(case)
    agree(case, world, "SITE", "POST")
    assert [one for one in deliveries(case) if one[1] == "RESPONDENT"] == []


def test_an_issued_paper_is_served_with_the_notice_of_its_step(world: World) -> None:
    case = case_in(S.INVITING, world)
    rows = Service.objects.filter(case=case).order_by("pk").values_list("document__kind", "party__side", "kind")
    assert list(rows) == [
        ("invitation_letter", "RESPONDENT", "invitation"),
        ("rights_notice", "APPLICANT", "document_served"),
        ("rights_notice", "RESPONDENT", "invitation"),
    ]
    assert Notice.objects.filter(recipient=world.resident, kind="document_served").count() == 1


def test_whoever_opens_the_notice_has_received_the_paper_and_nobody_else(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    assert delivery.note_arrivals(NOW) == 0
    mark_read(world.company_user, at=later(hours=2))
    assert delivery.note_arrivals(later(hours=3)) == 1
    assert delivery.note_arrivals(later(hours=4)) == 0
    rows = Service.objects.filter(case=case, document__kind="acceptance_notice").values_list(
        "party__side", "arrived_on"
    )
    assert dict(rows) == {"APPLICANT": None, "RESPONDENT": date(2026, 11, 3)}


def test_a_receipt_by_the_party_ends_the_delivery_at_once(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    own = Service.objects.get(document__kind="acceptance_notice", party__side="APPLICANT", case=case)
    before = deliveries(case)
    delivery.confirm_receipt(own, by=world.resident, at=later(hours=1))
    assert sorted(map(str, before)) == sorted(
        map(str, [*deliveries(case), ("acceptance_notice", "APPLICANT", later(days=1))])
    )


@pytest.mark.slow
def test_a_party_that_waived_the_notice_of_a_session_is_served_none(world: World) -> None:
    case = ready("start_mediation", S.ASSIGNED, world).take("start_mediation", notice="WAIVED")
    assert "session_notice" not in kinds(case)


# --- archived ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_archiving_refuses_while_a_letter_is_due_and_takes_a_waiver_that_stays_in_the_contents(world: World) -> None:
    move = moves.ready("archive", S.CLOSED, world)
    row = Document.objects.create(
        subject_kind="case", subject_id=move.case.pk, kind="acceptance_notice", title="受理通知书", action="accept",
        due_at=NOW, audience="PARTIES",
    )  # fmt: skip
    with pytest.raises(DossierIncompleteError, match="受理通知书：请先制发并送达；不需要的，请写明理由。"):
        move.take("archive")
    assert fresh(move.case).status == S.CLOSED
    making.drop(row, fresh(move.case), reason="当面宣布，双方没有要书面的", by=world.archivist, at=NOW)
    case = move.take("archive")
    contents = papers.documents_of(case).get(kind="dossier_contents", issued_at__isnull=False)
    [line] = [one for one in contents.data["rows"] if one["name"] == "受理通知书"]
    assert line["remark"] == "没有制作：当面宣布，双方没有要书面的（卫档案，2026年11月3日）"
    assert line["pages"] == "—"
    assert binder.print_pdf(case, by=world.archivist, at=NOW).read(5) == b"%PDF-"


@pytest.mark.slow
def test_archiving_issues_what_is_only_kept(world: World) -> None:
    move = moves.ready("archive", S.CLOSED, world)
    row = Document.objects.create(
        subject_kind="case", subject_id=move.case.pk, kind="closing_report", title="结案报告表", action="close",
        due_at=NOW, audience="STAFF",
    )  # fmt: skip
    move.take("archive")
    assert Document.objects.get(pk=row.pk).stands
