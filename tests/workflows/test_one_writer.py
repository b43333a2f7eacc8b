"""Only the state machine writes a status, the database refuses nonsense, and every stored reference leads somewhere."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from viewflow.workflow.models import Process, Task

from accounts.errors import ConflictError, DomainError
from cases import evidence, passes, services
from cases.changes import CaseArchivedError
from cases.choices import ConsentHow, Side, Solved, Status
from cases.models import Case, Deadline
from mediation import services as mediation
from mediation.models import Issue, Offer, Session, Signature, SlotPoll
from mediation.services.offers import Term
from tests.cast import NOW, TODAY, World, later
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in, party, text
from tests.workflows.trade import ROWS, everybody, players
from workflows import filing, mediators, timers
from workflows.actions import perform
from workflows.flows import CaseFlow

FLOORS = ("accounts", "calendars", "audit", "notifications", "documents", "members", "cases", "mediation", "reports",
          "workflows", "charts", "demo", "live", "web")  # fmt: skip
WRITERS = {"update", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "Case"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for floor in FLOORS:
        for path in sorted((Path(settings.BASE_DIR) / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def status_writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a status of a case is assigned, or handed to something that writes rows."""
    for node in ast.walk(tree):
        if _hands_on(node) or any(_is_status(target) for target in _targets(node)):
            yield node.lineno, ast.unparse(node)[:80]  # type: ignore[attr-defined]


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _is_status(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == "status" and _is_case(target.value)


def _hands_on(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if _name(node.func) == "setattr":
        return ast.unparse(node.args[1]) == "'status'"
    named = any(word.arg == "status" for word in node.keywords) or _fields_name_status(node)
    return named and _name(node.func) in WRITERS and _about_cases(node.func)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _about_cases(function: ast.expr) -> bool:
    return "Case.objects" in ast.unparse(function) or "cases." in ast.unparse(function) or _name(function) == "Case"


def _fields_name_status(node: ast.Call) -> bool:
    return _name(node.func) == "bulk_update" and "status" in ast.unparse(node)


def _is_case(value: ast.expr) -> bool:
    return ast.unparse(value).split(".")[-1] in {"case", "locked", "lead", "one", "filed", "moved"}


def test_nobody_but_the_state_machine_writes_a_status() -> None:
    found = [f"{path}:{line} {code}" for path, tree in sources() for line, code in status_writes(tree)]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "case.status = 'CLOSED'",
        "self.case.status = Status.CLOSED",
        "Case.objects.filter(pk=1).update(status='CLOSED')",
        "Case.objects.create(status='CLOSED')",
        "Case(status='CLOSED')",
        "Case.objects.bulk_update(rows, ['status'])",
        "setattr(case, 'status', 'CLOSED')",
    ],
)
def test_the_search_finds_every_way_of_writing(code: str) -> None:
    assert list(status_writes(ast.parse(code)))


def test_only_perform_calls_an_action() -> None:
    """An action is a method named as in the table; nobody may call one on a case."""
    calls = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ROWS and _is_case(node.func.value)
    ]
    assert calls == []


pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_status_is_not_assigned(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    with pytest.raises(AttributeError):
        case.status = Status.CLOSED


@pytest.mark.parametrize(
    ("status", "nonsense"),
    [
        (Status.SUBMITTED, {"status": "WAITING"}),
        (Status.SUBMITTED, {"status": ""}),
        (Status.SUBMITTED, {"status": "CLOSED"}),  # without an outcome
        (Status.SUBMITTED, {"outcome": "WON"}),
        (Status.SUBMITTED, {"outcome": "FAILED"}),  # while it goes on
        (Status.CLOSED, {"outcome": ""}),
        (Status.ARCHIVED, {"outcome": ""}),
        (Status.SUBMITTED, {"number": None}),
        (Status.DRAFT, {"status": "SUBMITTED"}),  # without a number
        (Status.SUBMITTED, {"filed_at": None}),
        (Status.SUBMITTED, {"accepted_at": NOW}),  # without a case number
        (Status.ACCEPTED, {"case_number": None}),
        (Status.SUBMITTED, {"amount": -1}),
    ],
)
def test_the_database_refuses_nonsense(world: World, status: Status, nonsense: dict[str, Any]) -> None:
    case = case_in(status, world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**nonsense)


def test_the_database_refuses_a_date_that_comes_earlier_and_two_clocks_of_a_kind(world: World) -> None:
    case = case_in(Status.SUBMITTED, world)
    deadline = case.deadlines.get(clock="K1")
    with pytest.raises(IntegrityError), transaction.atomic():
        deadline.moves.create(cause="CALENDAR", from_due=TODAY, to_due=NOW.date().replace(day=1), at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.create(
            case=case, subject_id=case.pk, clock="K1", rule="", legal_basis="", start_event="", start=TODAY,
            count=1, unit="DAYS",
            first_due=TODAY, due=TODAY,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.filter(pk=deadline.pk).update(state="MET")


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ANSWERING, Status.ARCHIVED])
def test_every_stored_reference_to_the_process_resolves(world: World, status: Status) -> None:
    case_in(status, world)
    assert Task.objects.exists()
    for task in Task.objects.all():
        assert task.flow_task is getattr(CaseFlow, task.flow_task.name) or task.flow_task in CaseFlow.instance.nodes()
        assert task.process.flow_class is CaseFlow
    assert all(process.flow_class is CaseFlow for process in Process.objects.all())


def test_the_nodes_of_the_process_keep_their_names() -> None:
    """Rows store them: whoever renames or removes one writes a data migration, and then changes this list."""
    assert {node.name for node in CaseFlow.instance.nodes()} >= {
        *("start", "route", "draft", "submitted", "returned", "answering", "inviting", "accepted", "assigned"),
        *("mediating", "suspended", "signing", "performing", "followup", "closed", "end"),
        *("draft_expires", "supplement_expires", "answer_expires"),
    }


# --- archived: nothing changes it any more ---------------------------------------------------------------------


def changes(case: Case, world: World) -> dict[str, Any]:
    """Every public function that writes something of a case, called by whoever may call it on an open one."""
    applicant, obligation = party(case, Side.APPLICANT), case.current_agreement.obligations.first()
    session, agreement = Session.objects.get(case=case), case.current_agreement
    mediator, intake, follower = world.mediator, world.intake, world.follower
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4 x")
    return {
        "edit_filing": lambda: services.edit_filing(case, by=intake, at=NOW, facts="别的"),
        "complete_party": lambda: mediation.complete_party(
            applicant, name="李桂兰", representative="", address="别处", id_number="", by=mediator, at=NOW
        ),
        "put_party": lambda: services.put_party(case, by=intake, at=NOW, side="APPLICANT", kind="PERSON", name="李"),
        "record_consent": lambda: services.record_consent(
            applicant, matter="MEDIATION", given=False, how=ConsentHow.SIGNED, by=intake, at=NOW
        ),
        "record_contact": lambda: services.record_contact(
            applicant, how="PHONE", answered=True, note="", by=intake, at=NOW
        ),
        "classify": lambda: services.classify(case, category=case.category, by=intake, at=NOW),  # type: ignore[arg-type]
        "meet_duty": lambda: services.meet_duty(case, "K14", note="已回复", by=intake, at=NOW),
        "review_suspension": lambda: services.review_suspension(case, note="未消除", by=mediator, at=NOW),
        "explain_overdue": lambda: services.explain_overdue(case.deadlines.first(), reason="忙", by=intake, at=NOW),
        "answer_complaint": lambda: services.answer_complaint(case, body="已修好", by=world.company_user, at=NOW),
        "say_solved": lambda: services.say_solved(case, solved=Solved.SOLVED, by=world.resident, at=NOW),
        "write_message": lambda: services.write_message(case, body="请问", by=world.resident, at=NOW),
        "tell_rights": lambda: services.tell_rights(applicant, how="ORAL", by=intake, at=NOW),
        "check_identity": lambda: services.check_identity(applicant, by=intake, at=NOW),
        "add_evidence": lambda: evidence.add_evidence(case, upload, by=intake, at=NOW),
        "issue_pass": lambda: passes.issue_pass(applicant, by=intake, at=NOW),
        "revoke_passes": lambda: passes.revoke_passes(applicant, by=intake, at=NOW),
        "choose": lambda: mediators.choose(case, mediator.mediator_profile, by=world.resident, at=NOW),
        "nominate": lambda: mediators.nominate(case, world.second_mediator, by=world.director, at=NOW, reason="换人"),
        "accept": lambda: mediators.accept(case, by=world.second_mediator, at=NOW),
        "decline": lambda: mediators.decline(case, reason="忙", by=world.second_mediator, at=NOW),
        "record_acceptance": lambda: mediators.record_acceptance(case, by=world.director, at=NOW),
        "waive": lambda: mediators.waive(case, applicant, given=True, by=world.resident, at=NOW),
        "challenge": lambda: mediators.challenge(case, grounds="NONE", text="", by=world.resident, at=NOW),
        "decide": lambda: mediators.decide(case, upheld=True, reason="属实", by=world.director, at=NOW),
        "schedule_session": lambda: mediation.schedule_session(
            case, starts_at=NOW, place="一室", notice="SERVED", by=mediator, at=NOW
        ),
        "record_session": lambda: mediation.record_session(
            session, attendees="", record="改", result="", by=mediator, at=NOW
        ),
        "draft_text": lambda: mediation.draft_text(case, by=mediator, at=NOW, **text(case, world)),
        "sign": lambda: mediation.sign(agreement, applicant, how=Signature.How.PAPER, by=intake, at=NOW),
        "sign_as_mediator": lambda: mediation.sign_as_mediator(agreement, by=mediator, at=NOW),
        "apply_seal": lambda: mediation.apply_seal(agreement, by=intake, at=NOW),
        "pass_legal_check": lambda: mediation.pass_legal_check(agreement, by=world.legal, at=NOW),
        "return_text": lambda: mediation.return_text(agreement, reason="改", by=world.legal, at=NOW),
        "record_performance": lambda: mediation.record_performance(
            obligation, on=TODAY, proof=None, note="改", by=mediator, at=NOW
        ),
        "confirm_performance": lambda: mediation.confirm_performance(obligation, by=world.resident, at=NOW),
        "urge": lambda: mediation.urge(obligation, how="PHONE", note="", by=mediator, at=NOW),
        "follow_up": lambda: mediation.follow_up(
            case, how=ConsentHow.PHONE, reached=True, solved="SOLVED", by=follower, at=NOW
        ),
        "propose": lambda: filing.propose(case, "reject", by=intake, at=NOW, reason_code="R01"),
        **changes_of_the_talks(case, world), **changes_after_the_talks(case, world),
    }  # fmt: skip


def changes_of_the_talks(case: Case, world: World) -> dict[str, Any]:
    """Sessions, times, issues, offers; what they are about is on the case already."""
    session, applicant, mediator, resident = (
        Session.objects.get(case=case), party(case, Side.APPLICANT), world.mediator, world.resident
    )  # fmt: skip
    issue = Issue.objects.create(case=case, number=99, title="楼道渗水", at=NOW)
    poll = SlotPoll.objects.create(case=case, place="一室", by=mediator, at=NOW)
    slot = poll.slots.create(starts_at=later(1))
    offer = Offer.objects.create(case=case, number=99, mode="OPEN", by=mediator, at=NOW, expires_at=later(7))
    blind = Offer.objects.create(case=case, number=98, mode="BLIND", by=mediator, at=NOW, expires_at=later(7))
    term = Term(issue=issue, doer=party(case, Side.RESPONDENT), what="修好", manner="上门", due=later(3).date())
    recording = case.evidence.create(
        number=99, name="录音.mp3", content_type="audio/mpeg", size=9, sha256="0" * 64, at=NOW
    )
    when: dict[str, Any] = {"by": mediator, "at": NOW}
    return {
        "move_session": lambda: mediation.move_session(session, starts_at=later(2), place="二室", reason="忙", **when),
        "cancel_session": lambda: mediation.cancel_session(session, reason="忙", **when),
        "serve_session_notice": lambda: mediation.serve_session_notice(session, applicant, channel="PHONE", **when),
        "waive_session_notice": lambda: mediation.waive_session_notice(session, applicant, by=resident, at=NOW),
        "propose_slots": lambda: mediation.propose_slots(case, starts=[later(1), later(2)], place="一室", **when),
        "answer_slots": lambda: mediation.answer_slots(
            poll, party=applicant, words={slot.pk: "YES"}, by=resident, at=NOW
        ),
        "fix_slot": lambda: mediation.fix_slot(slot, **when),
        "write_facts": lambda: mediation.write_facts(case, "双方都承认漏水。", **when),
        "sign_record": lambda: mediation.sign_record(session, applicant, how="ONLINE", by=resident, at=NOW),
        "sign_record_as_mediator": lambda: mediation.sign_record_as_mediator(session, **when),
        "attach_recording": lambda: mediation.attach_recording(session, recording, **when),
        "add_issue": lambda: mediation.add_issue(case, title="另一件", **when),
        "end_issue": lambda: mediation.end_issue(issue, reason="谈不拢", **when),
        "resume_issue": lambda: mediation.resume_issue(issue, **when),
        "make_offer": lambda: mediation.make_offer(case, terms=[term], expires_at=later(7), **when),
        "seal_offer": lambda: mediation.seal_offer(
            case, term=term, expires_at=later(7), by=resident, at=NOW, party=applicant
        ),
        "withdraw_offer": lambda: mediation.withdraw_offer(offer, **when),
        "answer_offer": lambda: mediation.answer_offer(
            offer, party=applicant, answers={issue.pk: True}, by=resident, at=NOW
        ),
        "answer_blind": lambda: mediation.answer_blind(blind, party=applicant, yes=True, by=resident, at=NOW),
    }  # fmt: skip


def changes_after_the_talks(case: Case, world: World) -> dict[str, Any]:
    """A text that changes, a code for its signature, promises disputed, the court, the survey."""
    applicant, obligation = party(case, Side.APPLICANT), case.current_agreement.obligations.first()
    agreement, resident, intake = case.current_agreement, world.resident, world.intake
    return {
        "replace_text": lambda: mediation.replace_text(case, by=world.mediator, at=NOW, **text(case, world)),
        "start_signing": lambda: mediation.start_signing(
            agreement, applicant, by=resident, address="127.0.0.1", language="", at=NOW
        ),
        "answer_performance": lambda: mediation.answer_performance(
            obligation.performances.get(), received=False, reason="没有到账", by=resident, at=NOW
        ),
        "report_missing": lambda: mediation.report_missing(obligation, note="没有到账", by=resident, at=NOW),
        "say_confirmation": lambda: mediation.say_confirmation(
            applicant, given=True, how=ConsentHow.ONLINE, by=resident, at=NOW
        ),
        "apply_for_confirmation": lambda: mediation.apply_for_confirmation(
            case, court="蜀山区人民法院", applied_on=TODAY, by=intake, at=NOW
        ),
        "record_court": lambda: mediation.record_court(case, "accept", on=TODAY, case_number="1号", by=intake, at=NOW),
        "record_enforcement": lambda: mediation.record_enforcement(case, applied=True, by=intake, at=NOW),
        "answer_survey": lambda: mediation.answer_survey(
            applicant, solved="SOLVED", satisfaction="SATISFIED", by=resident, at=NOW
        ),
    }


def test_an_archived_case_is_refused_by_every_function_and_by_every_action(world: World) -> None:
    case = Case.objects.get(pk=case_in(Status.ARCHIVED, world).pk)
    calls, before = changes(case, world), fingerprint()
    for name, call in calls.items():
        with pytest.raises((CaseArchivedError, DomainError)) as refusal:
            call()
        assert str(refusal.value), name
    for action in ROWS:
        for name in sorted(players(action, case)):
            with pytest.raises(ConflictError):
                perform(case, action, by=everybody(world)[name], at=NOW)
    assert changed(before) == []


def test_time_does_not_change_an_archived_case(world: World) -> None:
    from datetime import timedelta

    case_in(Status.ARCHIVED, world)
    before = fingerprint()
    for days in (1, 10, 40, 400):
        timers.remind(NOW + timedelta(days=days))
        timers.fire_timers(NOW + timedelta(days=days))
        timers.record_overdue(NOW + timedelta(days=days))
    assert changed(before) == []


def bare_locks(path: Path, tree: ast.Module) -> Iterator[str]:
    """Yield where a case's row is locked past the one context that settles whose turn it is."""
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        on_cases = isinstance(called, ast.Attribute) and "Case." in ast.unparse(called.value)
        if name in {"_lock_case", "lock_rows", "read_locked"} or (name == "select_for_update" and on_cases):
            yield f"{path.relative_to(settings.BASE_DIR)}:{name}"


def test_nobody_locks_a_case_but_by_the_context_that_settles_whose_turn_it_is() -> None:
    found = sorted({one for path, tree in sources() for one in bare_locks(path, tree)})
    assert [one for one in found if not one.startswith("cases/changes.py")] == [
        "cases/reading.py:select_for_update",  # the statement itself
        "workflows/flows.py:lock_rows",  # the same row again, inside `perform`
        "workflows/holidays.py:lock_rows",  # all rows first, in order; each case that moved is held afterwards
        "workflows/management/commands/settle_turns.py:lock_rows",  # settles them itself
    ]
    bare = ast.parse("Case.objects.select_for_update().get(pk=1)\n_lock_case(1)")
    assert len(list(bare_locks(Path(settings.BASE_DIR) / "x.py", bare))) == 2


OPEN_A_CHANGE = {"changing", "changing_unseen", "holding", "keeping_still"}


def openers(*modules: ModuleType) -> set[str]:
    """Return the public functions of these modules that open a change of a case, themselves or through others."""
    named: dict[str, set[str]] = {}
    for module in modules:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.FunctionDef):
                named[node.name] = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    found: set[str] = set()
    while more := {name for name, words in named.items() if words & (OPEN_A_CHANGE | found)} - found:
        found |= more
    return {name for name in found if not name.startswith("_")}


def modules_of(package: ModuleType) -> list[ModuleType]:
    names = [found.name for found in pkgutil.iter_modules(package.__path__)]
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def test_the_search_sees_every_module_of_mediation() -> None:
    found = openers(*modules_of(mediation))
    assert {"sign", "make_offer", "withdraw_offer", "record_court", "urge", "write_facts", "answer_slots"} <= found
    assert not {"put_in_force", "accepted_terms", "count_to_the_end", "text_hash"} & found


def test_every_function_that_changes_a_case_is_tried(world: World) -> None:
    """Whoever adds a function to the services adds it to the lists above."""
    case = Case.objects.get(pk=case_in(Status.ARCHIVED, world).pk)
    by_the_clock = {"lapse_unanswered", "expire_offer"}  # time does not change an archived case: see above
    elsewhere = {"view_personal", "withdraw_message"}  # looking is recorded of an archived case as well
    written = openers(services, mediators, *modules_of(mediation))
    assert written - by_the_clock - elsewhere - set(changes(case, world)) == set()
