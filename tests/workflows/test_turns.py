"""Whose turn it is: for every state and situation who has which turn, what opens it and what ends it."""

import ast
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, Membership, User
from accounts.roles import Role
from cases import asking, services
from cases.changes import Change, holding
from cases.choices import ConsentHow, ConsentMatter, Side, Solved, Status, Track
from cases.models import Case, Category, Deadline
from cases.responsibility import responsible
from cases.selectors import desk_of
from documents.models import Document
from mediation import services as mediation
from mediation.models import Offer, Session, Signature
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, draft, party, record, submitted, text
from tests.workflows.invariants import everybody_knows_whose_turn_it_is
from workflows import mediators, promises
from workflows.actions import perform
from workflows.papers import making
from workflows.timers import tick
from workflows.turns import selectors
from workflows.turns.kinds import KINDS
from workflows.turns.models import Turn
from workflows.turns.settle import settle
from workflows.turns.words import to_everybody_else, to_whom_it_is

pytestmark = pytest.mark.django_db
S = Status


PAPERS = ("make_paper", "seal_paper", "deliver_paper")


def who(row: Turn) -> str:
    return str(row.party.side if row.party else row.role)


def awaited(case: Case, *, also: bool = False) -> list[tuple[str, str]]:
    """The duties that are open, by name: kind and whose; `also` what somebody may do. Papers have their own test."""
    rows = Turn.objects.filter(case=case, closed_at=None, duty__in=[True, not also]).exclude(kind__in=PAPERS)
    return sorted((row.kind, who(row)) for row in rows.select_related("party"))


def again(person: User) -> User:
    """The same person, whose offices are read anew."""
    return User.objects.get(pk=person.pk)


def one(case: Case, kind: str) -> Turn:
    return Turn.objects.get(case=case, kind=kind, closed_at=None)


# --- the states ------------------------------------------------------------------------------------

IN_EACH_STATE: dict[Status, list[tuple[str, str]]] = {
    S.DRAFT: [("submit", "APPLICANT")],
    S.SUBMITTED: [("classify", "INTAKE")],
    S.RETURNED: [("resubmit", "APPLICANT")],
    S.ANSWERING: [("answer_complaint", "RESPONDENT")],
    S.INVITING: [("ask_again", "INTAKE"), ("consent", "RESPONDENT")],
    S.ACCEPTED: [("nominate", "DIRECTOR")],
    S.ASSIGNED: [("start_mediation", "MEDIATOR")],
    S.MEDIATING: [("hold_session", "MEDIATOR")],
    S.SUSPENDED: [("review_suspension", "MEDIATOR")],
    S.SIGNING: [
        ("sign", "APPLICANT"), ("sign", "RESPONDENT"), ("sign_as_mediator", "MEDIATOR"),
        ("sign_own_record", "MEDIATOR"), ("sign_record", "APPLICANT"), ("sign_record", "RESPONDENT"),
    ],
    S.PERFORMING: [("perform", "RESPONDENT")],
    S.FOLLOWUP: [("call_back", "FOLLOWER")],
    S.CLOSED: [("archive", "ARCHIVIST")],
    S.ARCHIVED: [],
}  # fmt: skip
FIRST = {
    S.DRAFT: "APPLICANT", S.SUBMITTED: "INTAKE", S.RETURNED: "APPLICANT", S.ANSWERING: "RESPONDENT",
    S.INVITING: "RESPONDENT", S.ACCEPTED: "DIRECTOR", S.ASSIGNED: "MEDIATOR", S.MEDIATING: "MEDIATOR",
    S.SUSPENDED: "MEDIATOR", S.SIGNING: "PARTIES", S.PERFORMING: "RESPONDENT", S.FOLLOWUP: "FOLLOWER",
    S.CLOSED: "ARCHIVIST", S.ARCHIVED: "",
}  # fmt: skip


@pytest.mark.parametrize("status", Status)
def test_in_every_state_somebody_has_a_turn_and_nobody_on_the_shelf(world: World, status: Status) -> None:
    case = case_in(status, world)
    assert awaited(case) == IN_EACH_STATE[status]
    assert Case.objects.get(pk=case.pk).waits_for == FIRST[status]
    assert everybody_knows_whose_turn_it_is(case.pk, TODAY) == []


def test_a_turn_has_the_date_of_its_clock_or_says_why_it_has_none(world: World) -> None:
    for status in (S.ANSWERING, S.SIGNING, S.PERFORMING):
        for row in Turn.objects.filter(case=case_in(status, world), closed_at=None).select_related("deadline"):
            assert row.due == row.deadline.due if row.deadline else row.due or row.no_date_reason
        Case.objects.update(category="0302")


def test_what_was_done_says_by_what_and_by_whom_and_stays(world: World) -> None:
    case = case_in(S.ANSWERING, world)
    services.answer_complaint(case, body="已经修好。", by=world.company_user, at=later(2))
    done = Turn.objects.get(case=case, kind="answer_complaint")
    assert (done.since, done.closed_at, done.closed_how, done.closed_by) == (
        NOW, later(2), "answer_complaint", world.company_user,
    )  # fmt: skip


# --- what was found --------------------------------------------------------------------------------


def test_after_the_answer_the_applicant_and_intake_are_awaited_and_no_longer_the_company(world: World) -> None:
    case = case_in(S.ANSWERING, world)
    services.answer_complaint(case, body="已经修好。", by=world.company_user, at=NOW)
    assert awaited(case) == [("say_solved", "APPLICANT"), ("verify_answer", "INTAKE")]
    services.say_solved(case, solved=Solved.SOLVED, by=world.resident, at=NOW)
    assert awaited(case) == [("confirm_answer", "INTAKE")]
    services.say_solved(case, solved=Solved.NOT_SOLVED, by=world.resident, at=NOW)
    assert awaited(case) == [("turn_to_talks", "INTAKE")]


def test_after_a_nomination_the_mediator_is_awaited_by_name_and_not_the_director(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    asked = mediators.nominate(case, world.mediator, by=world.director, at=NOW)
    assert awaited(case) == [("answer_nomination", "NOMINEE")]
    row = one(case, "answer_nomination")
    assert (row.holder, row.due) == (world.mediator, asked.answer_by)
    mediators.decline(case, reason="忙", by=world.mediator, at=NOW)
    assert awaited(case) == [("nominate", "DIRECTOR")]


def test_what_a_mediator_disclosed_waits_for_the_parties(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    mediators.nominate(case, world.mediator, by=world.director, at=NOW)
    mediators.accept(case, statement="曾任该公司顾问", has_interest=True, by=world.mediator, at=NOW)
    assert awaited(case) == [("waive", "APPLICANT"), ("waive", "RESPONDENT")]
    mediators.waive(case, party(case, Side.APPLICANT), given=True, by=world.resident, at=NOW)
    assert awaited(case) == [("waive", "RESPONDENT")]


def test_while_the_lawyers_read_a_text_nobody_else_is_to_draft_it(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    record(case, world, NOW)
    talked = awaited(case)
    assert ("go_on", "MEDIATOR") in talked
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="120000.00"))
    assert [one for one in awaited(case) if one not in talked] == [("legal_check", "LEGAL")]
    assert ("go_on", "MEDIATOR") not in awaited(case)
    assert selectors.cases_of_desk(desk_of(world.legal), NOW).count() == 1
    mediation.return_text(agreement, reason="第二项写清日期", by=world.legal, at=NOW)
    assert ("redraft", "MEDIATOR") in awaited(case)
    agreement = mediation.draft_text(case, by=world.mediator, at=NOW, **text(case, world, amount="120000.00"))
    mediation.pass_legal_check(agreement, by=world.legal, at=NOW)
    assert ("put_forward", "MEDIATOR") in awaited(case)


def test_all_signed_and_only_the_seal_missing_waits_for_whoever_keeps_it(world: World) -> None:
    case = case_in(S.SIGNING, world)
    agreement = case.current_agreement
    for each in case.parties.all():
        mediation.sign(agreement, each, how=Signature.How.PAPER, by=world.intake, at=NOW)
    mediation.sign_as_mediator(agreement, by=world.mediator, at=NOW)
    assert [kind for kind, _who in awaited(case) if "record" not in kind] == ["apply_seal"]
    assert (one(case, "apply_seal").role, Case.objects.get(pk=case.pk).waits_for) == ("INTAKE", "INTAKE")
    Membership.objects.filter(user=world.second_intake).update(holds_seal=False)
    mediation.apply_seal(agreement, by=world.intake, at=NOW)
    assert [kind for kind, _who in awaited(case) if "record" not in kind] == ["take_effect"]


def test_one_keeper_of_the_seal_is_awaited_by_name(world: World) -> None:
    Membership.objects.exclude(user=world.director).update(holds_seal=False)
    Membership.objects.filter(user=world.director).update(holds_seal=True)
    case = case_in(S.SIGNING, world)
    for each in case.parties.all():
        mediation.sign(case.current_agreement, each, how=Signature.How.PAPER, by=world.intake, at=NOW)
    mediation.sign_as_mediator(case.current_agreement, by=world.mediator, at=NOW)
    assert (one(case, "apply_seal").role, one(case, "apply_seal").holder) == ("DIRECTOR", world.director)


def test_all_confirmed_waits_for_the_end_of_performance_and_not_for_the_other_side(world: World) -> None:
    case = case_in(S.PERFORMING, world)
    [promise] = case.current_agreement.obligations.all()
    promises.record_performance(promise, on=TODAY, proof=None, note="转账", by=world.company_user, at=NOW)
    assert awaited(case) == [("confirm_done", "APPLICANT"), ("finish", "MEDIATOR")]
    mediation.confirm_performance(promise, by=world.resident, at=NOW)
    assert awaited(case) == [("finish", "MEDIATOR")]


def test_a_disputed_performance_waits_for_the_mediator_and_for_whoever_promised(world: World) -> None:
    case = case_in(S.PERFORMING, world)
    [promise] = case.current_agreement.obligations.all()
    row = promises.record_performance(promise, on=TODAY, proof=None, note="转账", by=world.company_user, at=NOW)
    promises.answer_performance(row, received=False, reason="没有到账", by=world.resident, at=NOW)
    assert awaited(case) == [("look_into", "MEDIATOR"), ("perform", "RESPONDENT")]


def test_records_and_facts_wait_for_every_side_alike(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    record(case, world, NOW)
    mediation.write_facts(case, text="外墙渗水属实。", by=world.mediator, at=NOW)
    sides = [row for row in awaited(case) if row[0].startswith("sign_") and row[1] != "MEDIATOR"]
    assert sides == [
        ("sign_facts", "APPLICANT"), ("sign_facts", "RESPONDENT"),
        ("sign_record", "APPLICANT"), ("sign_record", "RESPONDENT"),
    ]  # fmt: skip
    row = Turn.objects.filter(case=case, kind="sign_record").first()
    assert (row.area, to_whom_it_is(row)) == ("sessions/sign/?of=record-1", "请核对第1次调解会的记录，并签名")


def test_papers_due_by_hand_are_somebodys_turn_until_they_are_made_or_dropped(world: World) -> None:
    case = submitted(world, facts="漏水花了人民币壹佰元整（¥200.00）")
    row = one(case, "make_paper")
    assert (row.role, row.no_date_reason, row.due) == ("INTAKE", "", TODAY + timedelta(days=7))
    due = Document.objects.get(pk=row.about_id)
    making.drop(due, case, reason="按来电记录办", by=world.intake, at=NOW)
    assert not Turn.objects.filter(case=case, kind="make_paper", closed_at=None).exists()


def test_a_session_to_come_stands_there_at_once_and_opens_with_its_time(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    row, session = one(case, "hold_session"), Session.objects.get(case=case)
    assert (row.opens_at, row.number) == (session.starts_at, 1)
    assert [turn.kind for turn in selectors.of_case(case, NOW)][0] == "hold_session"
    mine = selectors.of_desk(desk_of(again(world.mediator)), NOW).filter(kind="hold_session")
    assert list(mine) == []
    assert list(selectors.of_desk(desk_of(again(world.mediator)), session.starts_at).filter(kind="hold_session")) == [
        row
    ]


def test_a_question_runs_out_by_itself_and_no_row_changes(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    asking.ask_consent(
        case, matter=ConsentMatter.RECORDING, parties=[party(case, Side.APPLICANT)], reason="记录准确",
        answer_by=TODAY + timedelta(days=3), by=world.mediator, at=NOW,
    )  # fmt: skip
    row = one(case, "answer_question")
    assert (row.due, [turn.kind for turn in selectors.of_parties(world.resident, NOW)]) == (
        TODAY + timedelta(days=3), ["answer_question"],
    )  # fmt: skip
    assert [turn.kind for turn in selectors.of_parties(world.resident, later(4))] == []
    assert everybody_knows_whose_turn_it_is(case.pk, TODAY + timedelta(days=4)) == []


# --- a mediator who is no longer there -------------------------------------------------------------


def test_the_turns_of_a_mediator_who_left_lie_before_the_director_and_come_back_with_him(world: World) -> None:
    case = case_in(S.ASSIGNED, world)
    assert one(case, "start_mediation").holder == world.mediator
    mediation.end_office(world.mediator.mediator_profile, until=TODAY, by=world.director, at=NOW)
    tick(later(1))
    assert one(case, "start_mediation").holder is None
    director = desk_of(again(world.director))
    assert [row.kind for row in selectors.of_desk(director, later(1)) if row.role == "MEDIATOR"] == ["start_mediation"]
    mediation.change_mediator(world.mediator.mediator_profile, by=world.director, at=later(1), until=None)
    tick(later(1))
    assert one(case, "start_mediation").holder == world.mediator
    assert not selectors.of_desk(director, later(1)).filter(role="MEDIATOR").exists()


def test_where_nobody_holds_a_role_the_director_has_it_and_else_the_centre_above(world: World) -> None:
    branch = Centre.objects.create(
        code="AH-HF-9", name="分中心", region=world.district, parent=world.centre, number_prefix="分9"
    )
    assert selectors.unstaffed([world.centre.pk, branch.pk]) == {}  # whoever works above works for the branch
    case = case_in(S.FOLLOWUP, world)
    Membership.objects.filter(role=Role.FOLLOWER).update(until=TODAY)
    assert [row.kind for row in selectors.of_desk(desk_of(again(world.follower)), NOW)] == []
    assert "call_back" in [
        row.kind for row in selectors.of_desk(desk_of(again(world.director)), NOW) if row.case == case
    ]


def test_whoever_mediated_does_not_call_back_and_nobody_works_on_the_own_case(world: World) -> None:
    case = case_in(S.FOLLOWUP, world)
    Membership.objects.create(user=world.mediator, role=Role.FOLLOWER, centre=world.centre, from_date=TODAY)
    assert [row.kind for row in selectors.of_desk(desk_of(again(world.mediator)), NOW) if row.case == case] == []
    assert [row.kind for row in selectors.of_desk(desk_of(again(world.follower)), NOW)] == ["call_back"]
    party(case, Side.APPLICANT).__class__.objects.filter(case=case, side=Side.APPLICANT).update(user=world.follower)
    assert [row.kind for row in selectors.of_desk(desk_of(again(world.follower)), NOW)] == []


@pytest.mark.parametrize("status", Status)
def test_the_ledger_and_the_turn_name_the_same_person(world: World, status: Status) -> None:
    """`responsible` answers for what is overdue; whose turn it is must not be another's."""
    case = case_in(status, world)
    for row in Turn.objects.filter(case=case, closed_at=None, party=None, deadline__isnull=False, duty=True):
        answers = responsible(case, row.deadline.clock)
        if row.kind in {"ask_again", *PAPERS} or answers is None:
            continue
        held = row.holder == answers if row.holder else row.role in answers.roles()
        assert held, (row.kind, row.holder, answers)


# --- nothing sealed shows --------------------------------------------------------------------------


def offer(case: Case, world: World, **more: Any) -> Offer:
    term = mediation.Term(
        issue=case.issues.first(), doer=party(case, Side.RESPONDENT), receiver=party(case, Side.APPLICANT),
        what="赔偿", amount=Decimal("5000.00"), manner="转账", due=TODAY + timedelta(days=20),
    )  # fmt: skip
    given = {"terms": [term], "expires_at": later(5), "by": world.mediator, "at": NOW, "mode": Offer.Mode.BLIND} | more
    return mediation.make_offer(case, **given)


def test_an_open_offer_is_a_turn_until_it_is_answered_or_over(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    made = offer(case, world, by=world.company_user, mode=Offer.Mode.OPEN)
    row = one(case, "answer_offer")
    assert (who(row), row.due, row.ends_at, row.area) == (
        "APPLICANT", TODAY + timedelta(days=5), later(5), f"offers/answer/?of={made.key}",
    )  # fmt: skip
    mediation.answer_offer(
        made, party=party(case, Side.APPLICANT), answers={case.issues.first().pk: False}, by=world.resident, at=NOW
    )
    assert not Turn.objects.filter(case=case, kind="answer_offer", closed_at=None).exists()


SEALED: dict[str, Callable[[Case, World, Offer], Any]] = {
    "a blind yes": lambda case, world, made: mediation.answer_blind(
        made, party=party(case, Side.APPLICANT), yes=True, by=world.resident, at=later(1)
    ),
    "a blind no": lambda case, world, made: mediation.answer_blind(
        made, party=party(case, Side.APPLICANT), yes=False, by=world.resident, at=later(1)
    ),
    "a seal": lambda case, world, made: mediation.seal_offer(
        case, term=mediation.Term(
            issue=case.issues.first(), doer=party(case, Side.RESPONDENT), receiver=party(case, Side.APPLICANT),
            what="赔偿", amount=Decimal("3000.00"), manner="转账", due=TODAY + timedelta(days=9),
        ), expires_at=later(3), by=world.company_user, at=later(1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SEALED)
def test_what_is_sealed_or_blind_changes_no_turn_no_queue_and_no_revision(world: World, what: str) -> None:
    case = case_in(S.MEDIATING, world)
    made = offer(case, world)
    assert [row for row in awaited(case) if row[0] == "answer_blind"] == [
        ("answer_blind", "APPLICANT"), ("answer_blind", "RESPONDENT"),
    ]  # fmt: skip
    before = fingerprint()
    SEALED[what](case, world, made)
    assert {"workflows_turn", "cases_case", "audit_entry"} & set(changed(before)) <= {"audit_entry"}


def test_of_a_blind_offer_everybody_is_awaited_until_it_ends_for_all(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    made = offer(case, world)
    mediation.answer_blind(made, party=party(case, Side.APPLICANT), yes=True, by=world.resident, at=NOW)
    assert len([row for row in awaited(case) if row[0] == "answer_blind"]) == 2
    mediation.answer_blind(made, party=party(case, Side.RESPONDENT), yes=True, by=world.company_user, at=NOW)
    assert [row for row in awaited(case) if row[0] == "answer_blind"] == []


# --- the machine -----------------------------------------------------------------------------------


def test_settling_costs_at_most_six_queries_and_writes_nothing_where_nothing_changed(world: World) -> None:
    case = Case.objects.select_related("category").get(pk=case_in(S.SIGNING, world).pk)
    change = Change("settle_turns", None, NOW)
    with CaptureQueriesContext(
        connection,
    ) as quiet:
        settle(case, change)
    assert len(quiet) == 2
    Turn.objects.filter(case=case, kind="sign").update(closed_at=NOW, closed_how="x")
    Turn.objects.filter(case=case, kind="sign_record").update(due=TODAY, no_date_reason="")
    Case.objects.filter(pk=case.pk).update(waits_for="")
    with CaptureQueriesContext(connection) as busy:
        settle(Case.objects.select_related("category").get(pk=case.pk), change)
    assert len(busy) - 1 <= 6


def test_an_action_settles_in_no_more_than_six_queries(world: World) -> None:
    case = case_in(S.ACCEPTED, world)
    mediators.nominate(case, world.mediator, by=world.director, at=NOW)
    with CaptureQueriesContext(connection) as queries:
        mediators.accept(case, by=world.mediator, at=NOW)
    asked = [one["sql"] for one in queries.captured_queries]
    last = max(place for place, sql in enumerate(asked) if sql.startswith("WITH c AS"))
    own = [sql for sql in asked[last:] if "pg_notify" not in sql and not sql.startswith(("RELEASE", "SAVEPOINT"))]
    assert len(own) <= 6
    assert len([sql for sql in asked if sql.startswith("WITH c AS")]) == 1


def test_nobody_else_decides_whose_word_is_awaited() -> None:
    """The tables of before are gone, and only those who show turns or repair them read the rows."""
    gone = ("DESK_STEPS", "PARTY_STEPS", "WAITING:", "PARTY_WAITING", "WAITS_FOR", "NOT_DESK_WORK", "waiting_for_check")
    root, found = Path(settings.BASE_DIR), []
    for floor in ("cases", "mediation", "reports", "workflows", "web", "live"):
        for path in sorted((root / floor).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(root)}: {word}" for word in gone if f"\n{word}" in text]
    assert [one for one in found if not one.startswith("web/case/page/next_step.py")] == []


def test_whoever_holds_a_case_twice_settles_once_on_what_stands_at_the_end(world: World) -> None:
    case = case_in(S.SUBMITTED, world)
    with holding(case.pk, "outer", by=world.intake, at=NOW):
        services.classify(case, category=case.category, by=world.intake, at=NOW)
        assert awaited(case) == [("classify", "INTAKE")]
    assert awaited(case) == [("invite", "INTAKE")]
    assert Turn.objects.get(case=case, kind="classify").closed_how == "outer"


def test_an_error_leaves_no_hold_behind(world: World) -> None:
    case = case_in(S.SUBMITTED, world)

    def breaks() -> None:
        with holding(case.pk, "broken", by=None, at=NOW):
            services.classify(case, category=case.category, by=world.intake, at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert awaited(case) == [("classify", "INTAKE")]
    services.classify(case, category=case.category, by=world.intake, at=NOW)
    assert awaited(case) == [("invite", "INTAKE")]


def test_running_cases_are_filled_in_once_and_from_their_facts(world: World) -> None:
    case = case_in(S.ANSWERING, world)
    rows = list(Turn.objects.order_by("kind").values("kind", "party", "role", "holder", "due", "area"))
    Turn.objects.all().delete()
    Case.objects.update(waits_for="")
    call_command("settle_turns")
    again = list(Turn.objects.filter(closed_at=None).order_by("kind").values(*rows[0]))
    assert [row for row in again if row in rows] == again != []
    assert Case.objects.get(pk=case.pk).waits_for == "RESPONDENT"
    before = fingerprint()
    call_command("settle_turns")
    call_command("settle_turns", all=True)
    assert changed(before) == []


def test_the_rules_know_no_clock_no_database_and_no_user() -> None:
    source = Path(settings.BASE_DIR, "workflows", "turns", "rules.py").read_text(encoding="utf-8")
    imported = {
        name.name if isinstance(node, ast.Import) else f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names
    }  # fmt: skip
    assert not [name for name in imported if "django" in name or name.endswith((".timezone", ".User", ".Case"))]
    assert [word for word in (".now(", ".objects", "today()") if word in source] == []


def test_every_kind_has_its_words_its_place_and_what_ends_it() -> None:
    for kind in KINDS.values():
        row = Turn(kind=kind.code, number=2)
        assert all([to_whom_it_is(row), to_everybody_else(row, "绿洲物业", as_party=True)]), kind.code
        assert len(kind.code) <= 20
        assert kind.done_by or kind.code == "look_after"
        assert "绿洲物业" in to_everybody_else(row, "绿洲物业", as_party=False) or "%(who)s" not in str(kind.others)


def test_drafts_enquiries_complaints_and_what_was_merged_or_given_up(world: World) -> None:
    enquiry = submitted(world, track=Track.CONSULT)
    assert awaited(services.classify(enquiry, category=enquiry.category, by=world.intake, at=NOW)) == [
        ("answer_enquiry", "INTAKE")
    ]
    given_up = draft(world)
    perform(given_up, "discard", by=world.resident, at=NOW)
    assert awaited(given_up, also=True) == []
    withdrawn = case_in(S.MEDIATING, world, title="电梯", category=Category.objects.get(code="0302"))
    perform(withdrawn, "withdraw", by=world.resident, at=NOW, reason="")
    assert awaited(withdrawn) == [("archive", "ARCHIVIST")]
    assert Deadline.objects.get(case=withdrawn, clock="K13").due == one(withdrawn, "archive").due
    refused = case_in(S.INVITING, world, title="道路", category=Category.objects.get(code="0303"))
    services.record_consent(
        party(refused, Side.RESPONDENT), matter=ConsentMatter.MEDIATION, given=False, how=ConsentHow.PHONE,
        by=world.intake, at=NOW,
    )  # fmt: skip
    assert awaited(refused) == [("decline", "INTAKE")]
