"""Every guard refuses with its own sentence, and then nothing has changed: one line a guard.

Each line takes an action that is ready and spoils one thing only, so without its guard the action would go through.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import DomainError
from cases import conditions as c
from cases import services
from cases.choices import ConsentHow, Flag, Outcome, Solved, Status, Track
from cases.clocks import ClockKey
from cases.deadlines import start_clock
from cases.models import Answer, Case, Category, Consent, Party, Proposal
from cases.move import Move as CaseMove
from mediation.models import Agreement, Challenge, FollowUp, JudicialConfirmation, Obligation, Session, Signature
from tests.cast import NOW, TODAY, World
from tests.fingerprint import changed, fingerprint
from tests.journeys import case_in
from tests.moves import Move, everybody, ready, rejected
from tests.workflows.trade import ROWS
from workflows.actions import GuardError, perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

S = Status
Spoil = Callable[[Move, World], Any]


def row(move: Move) -> QuerySet[Case]:
    return Case.objects.filter(pk=move.case.pk)


def side(move: Move, name: str) -> QuerySet[Party]:
    return Party.objects.filter(case=move.case, side=name)


def of(model: Any, move: Move) -> Any:
    return model.objects.filter(case=move.case)


def set_case(**values: Any) -> Spoil:
    return lambda move, world: row(move).update(**values)


def nobody_asked(move: Move, world: World) -> None:
    row(move).update(wants_mediation=False)
    Consent.objects.filter(party__case=move.case, party__side="APPLICANT", matter="MEDIATION").delete()


def give(**values: Any) -> Spoil:
    return lambda move, world: move.given.update(values)


def wait(days: int) -> Spoil:
    def spoil(move: Move, world: World) -> None:
        move.at = NOW + timedelta(days=days)

    return spoil


def an_agent_without_papers(move: Move, world: World) -> None:
    side(move, "APPLICANT").get().agents.create(name="王律师", scope=["SIGN"], from_date=TODAY)


def an_open_duplicate(move: Move, world: World) -> None:
    case_in(S.SUBMITTED, world)


def at_court(move: Move, world: World) -> None:
    JudicialConfirmation.objects.create(
        agreement=move.case.current_agreement, state="APPLIED", court="蜀山区人民法院", applied_on=TODAY
    )


def two_extensions(move: Move, world: World) -> None:
    for days in (1, 2):
        at = NOW - timedelta(hours=3 - days)
        perform(move.case, "extend", by=world.mediator, at=at, days=days, agreed=everybody(move.case))


def promise(**values: Any) -> Spoil:
    return lambda move, world: Obligation.objects.filter(agreement__case=move.case).update(**values)


def one_failed_try(move: Move, world: World) -> None:
    of(FollowUp, move).update(reached=False, solved="", satisfaction="")


def large(move: Move, world: World) -> None:
    Obligation.objects.filter(agreement__case=move.case).update(amount=100_000)


def not_the_company(move: Move, world: World) -> None:
    side(move, "RESPONDENT").update(kind="PERSON", company=None, name="李四")


def respondent_consents(move: Move) -> QuerySet[Consent]:
    return Consent.objects.filter(party__case=move.case, party__side="RESPONDENT", matter="MEDIATION")


def lead_closed(move: Move, world: World) -> None:
    perform(Case.objects.get(number=move.given["lead_number"]), "void", by=world.director, at=NOW, reason="重复")


def lead_against_another(move: Move, world: World) -> None:
    Party.objects.filter(case__number=move.given["lead_number"], side="RESPONDENT").update(company=world.competitor)


def other_case(make: Callable[[World], Case]) -> Spoil:
    def spoil(move: Move, world: World) -> None:
        move.case = make(world)
        move.given |= {"agreed": everybody(move.case)}

    return spoil


def decided_before(move: Move, world: World) -> None:
    of(Proposal, move).update(decision="APPROVED", decided_at=NOW - timedelta(days=1), decided_by=world.director)


def asked_again(move: Move, world: World) -> None:
    """The answer stands, was verified, is found wanting; the company is asked again and is silent."""
    perform(move.case, "confirm_answer", by=world.intake, at=NOW)
    said = {"reached": True, "solved": Solved.NOT_SOLVED, "by": world.follower, "at": NOW}
    of(FollowUp, move).create(case=move.case, concluded_at=NOW, how=ConsentHow.PHONE, **said)
    perform(move.case, "redo_answer", by=world.intake, at=NOW, reason="还在漏")


def breach_found_by_that_call(move: Move, world: World) -> None:
    perform(move.case, "report_breach", by=world.follower, at=NOW, note="没有修")
    move.at = NOW + timedelta(days=3)
    perform(move.case, "finish_performance", by=world.follower, at=move.at)


def told_of_an_earlier_answer(move: Move, world: World) -> None:
    of(FollowUp, move).update(concluded_at=NOW - timedelta(days=9))


def a_challenge(move: Move, world: World) -> None:
    who = {"mediator": world.mediator, "party": everybody(move.case)[0], "by": world.resident}
    of(Challenge, move).create(case=move.case, grounds="NONE", at=NOW, **who)


def mediator_stepped_aside(move: Move, world: World) -> None:
    row(move).update(shut_out=[world.mediator.pk])
    move.by = world.director


def second_call_open(move: Move, world: World) -> None:
    start_clock(move.case, ClockKey.K12B, on=TODAY, event="回访")


def thirty_days_run(move: Move, world: World) -> None:
    start_clock(move.case, ClockKey.K9, on=TODAY, event="协议生效")


def still_at_court(move: Move, world: World) -> None:
    JudicialConfirmation.objects.update(state="APPLIED", court="蜀山区人民法院", applied_on=TODAY, expired_at=None)


GUARDS: list[tuple[str, Status, c.Condition, Spoil]] = [
    ("submit", S.DRAFT, c.has_applicant, lambda m, w: side(m, "APPLICANT").update(name="")),
    ("submit", S.DRAFT, c.has_respondent, lambda m, w: side(m, "RESPONDENT").update(name="")),
    ("submit", S.DRAFT, c.has_facts, set_case(facts=" \n")),
    ("submit", S.DRAFT, c.has_request, set_case(requests=" ")),
    ("submit", S.DRAFT, c.has_category, set_case(category=None)),
    ("submit", S.DRAFT, c.data_notice_accepted, give(data_notice=False)),
    ("submit", S.DRAFT, c.agents_have_power_of_attorney, an_agent_without_papers),
    ("return_for_supplement", S.SUBMITTED, c.supplements_left, set_case(supplements=2)),
    ("lapse", S.RETURNED, c.applicant_reminded, lambda m, w: m.case.supplement_requests.update(reminded_at=None)),
    ("lapse", S.RETURNED, c.applicant_reminded, lambda m, w: m.case.supplement_requests.update(reminded_at=m.at)),
    ("reject", S.SUBMITTED, c.rejection_approved, lambda m, w: of(Proposal, m).delete()),
    ("reject", S.SUBMITTED, c.rejection_approved, decided_before),
    ("reject", S.SUBMITTED, c.rejection_approved, lambda m, w: of(Proposal, m).update(by=None)),
    ("review_rejection", S.CLOSED, c.was_rejected, set_case(outcome=Outcome.WITHDRAWN)),
    ("review_rejection", S.CLOSED, c.not_reviewed_yet, set_case(reviewed=True)),
    ("review_rejection", S.CLOSED, c.within_review_time, wait(15)),
    ("refer", S.SUBMITTED, c.may_share_or_must, give(consent_how="")),
    ("forward_to_company", S.SUBMITTED, c.respondent_is_company, not_the_company),
    ("forward_to_company", S.SUBMITTED, c.not_safety_urgent, set_case(flags=[Flag.SAFETY])),
    ("forward_to_company", S.SUBMITTED, c.not_a_report, set_case(track=Track.REPORT)),
    ("forward_to_company", S.SUBMITTED, c.not_a_report, set_case(flags=[Flag.CONFIDENTIAL])),
    ("forward_to_company", S.SUBMITTED, c.applicant_agrees_to_forward, give(consent_how="")),
    ("answer_enquiry", S.SUBMITTED, c.is_enquiry, set_case(track=Track.COMPLAINT)),
    ("confirm_answer", S.ANSWERING, c.company_answered, lambda m, w: of(Answer, m).delete()),
    ("confirm_answer", S.ANSWERING, c.company_answered, asked_again),
    ("confirm_answer", S.ANSWERING, c.solved_or_verified, lambda m, w: of(Answer, m).update(solved=Solved.PARTLY)),
    ("redo_answer", S.FOLLOWUP, c.is_complaint, set_case(track=Track.MEDIATION)),
    ("redo_answer", S.FOLLOWUP, c.ended_by_answer, set_case(outcome=Outcome.DECLINED)),
    ("redo_answer", S.FOLLOWUP, c.complainant_not_content, lambda m, w: of(FollowUp, m).update(solved=Solved.SOLVED)),
    ("redo_answer", S.FOLLOWUP, c.complainant_not_content, told_of_an_earlier_answer),
    ("redo_answer", S.FOLLOWUP, c.not_redone_yet, set_case(redone=True)),
    ("invite", S.SUBMITTED, c.in_scope, set_case(track=Track.REPORT)),
    ("invite", S.SUBMITTED, c.in_scope, set_case(track=Track.CONSULT)),
    ("invite", S.SUBMITTED, c.in_scope, lambda m, w: Category.objects.filter(pk="0301").update(mediable="N")),
    ("invite", S.SUBMITTED, c.no_open_duplicate, an_open_duplicate),
    ("invite", S.SUBMITTED, c.applicant_asks_for_mediation, nobody_asked),
    ("invite", S.FOLLOWUP, c.unsolved_complaint_if_followed_up, lambda m, w: of(Answer, m).update(solved="SOLVED")),
    ("invite", S.FOLLOWUP, c.unsolved_complaint_if_followed_up, set_case(outcome=Outcome.FAILED)),
    ("accept", S.INVITING, c.every_party_consented, lambda m, w: respondent_consents(m).delete()),
    ("accept", S.INVITING, c.every_party_consented, lambda m, w: respondent_consents(m).update(given=False)),
    ("accept", S.INVITING, c.every_party_consented, lambda m, w: respondent_consents(m).update(round=2)),
    ("accept_jointly", S.SUBMITTED, c.in_scope, set_case(track=Track.REPORT)),
    ("accept_jointly", S.SUBMITTED, c.every_party_consented, give(agreed=[])),
    ("accept_jointly", S.SUBMITTED, c.agreed_in_writing, give(how=ConsentHow.PHONE)),
    ("decline", S.INVITING, c.refusal_or_two_contacts, give(refused_by=None)),
    ("start_mediation", S.ASSIGNED, c.rights_told, give(rights_told=False)),
    ("start_mediation", S.ASSIGNED, c.identities_checked, give(identities_checked=False)),
    ("start_mediation", S.ASSIGNED, c.session_scheduled, give(starts_at=None)),
    ("extend", S.MEDIATING, c.extensions_left, two_extensions),
    ("extend", S.MEDIATING, c.period_still_runs, wait(31)),
    ("extend", S.MEDIATING, c.every_party_agrees_to_extend, give(agreed=[])),
    ("resume", S.SUSPENDED, c.challenge_decided, a_challenge),
    ("resume", S.SUSPENDED, c.mediator_not_shut_out, mediator_stepped_aside),
    ("draft_agreement", S.MEDIATING, c.session_recorded, lambda m, w: of(Session, m).update(record="")),
    ("draft_agreement", S.MEDIATING, c.agreement_drafted, lambda m, w: of(Agreement, m).update(voided_at=NOW)),
    ("draft_agreement", S.MEDIATING, c.obligations_complete, promise(manner=" ")),
    ("draft_agreement", S.MEDIATING, c.obligations_complete, lambda m, w: Obligation.objects.all().delete()),
    ("draft_agreement", S.MEDIATING, c.legally_checked, set_case(flags=[Flag.LEGAL_CHECK])),
    ("draft_agreement", S.MEDIATING, c.legally_checked, large),
    ("settle_orally", S.MEDIATING, c.session_recorded, lambda m, w: of(Session, m).update(record="")),
    ("settle_orally", S.MEDIATING, c.every_party_waives_paper, give(agreed=[])),
    ("take_effect", S.SIGNING, c.every_party_signed, lambda m, w: Signature.objects.last().delete()),  # type: ignore[union-attr]
    ("take_effect", S.SIGNING, c.mediator_signed, lambda m, w: of(Agreement, m).update(mediator_signed_at=None)),
    ("take_effect", S.SIGNING, c.seal_applied, lambda m, w: of(Agreement, m).update(sealed_at=None)),
    ("reopen_talks", S.PERFORMING, c.every_party_asks_to_vary, lambda m, w: Consent.objects.last().delete()),  # type: ignore[union-attr]
    ("reopen_talks", S.PERFORMING, c.not_before_the_court, at_court),
    ("reopen_talks", S.PERFORMING, c.court_result_recorded, give(cause="COURT_REFUSED")),
    ("reopen_talks", S.SIGNING, c.text_set_aside, lambda m, w: of(Agreement, m).update(voided_at=NOW - timedelta(1))),
    ("finish_performance", S.PERFORMING, c.performed_or_urged_twice, promise(performed_on=None)),
    ("finish_performance", S.PERFORMING, c.performed_or_urged_twice, promise(proof_note="")),
    ("report_breach", S.FOLLOWUP, c.agreement_in_force, lambda m, w: of(Agreement, m).update(effective_on=None)),
    ("report_breach", S.FOLLOWUP, c.agreement_in_force, set_case(outcome=Outcome.DECLINED)),
    ("merge", S.SUBMITTED, c.lead_case_fits, lambda m, w: m.given.update(lead_number=m.case.number)),
    ("merge", S.SUBMITTED, c.lead_case_fits, lead_closed),
    ("merge", S.SUBMITTED, c.lead_case_fits, lead_against_another),
    ("close", S.FOLLOWUP, c.followed_up, lambda m, w: of(FollowUp, m).delete()),
    ("close", S.FOLLOWUP, c.followed_up, one_failed_try),
    ("close", S.FOLLOWUP, c.followed_up, breach_found_by_that_call),
    ("close", S.FOLLOWUP, c.follower_is_not_mediator, lambda m, w: of(FollowUp, m).update(by=w.mediator)),
    ("remediate", S.CLOSED, c.had_been_accepted, other_case(rejected)),
    ("remediate", S.CLOSED, c.has_mediator, set_case(mediator=None)),
    ("remediate", S.CLOSED, c.has_mediator, mediator_stepped_aside),
    ("remediate", S.CLOSED, c.within_remediation_time, wait(31)),
    ("remediate", S.CLOSED, c.every_party_agrees_to_remediate, give(agreed=[])),
    ("archive", S.CLOSED, c.called_again, second_call_open),
    ("archive", S.CLOSED, c.confirmation_over, thirty_days_run),
    ("archive", S.CLOSED, c.confirmation_over, still_at_court),
]  # fmt: skip
# What the action's own facts always supply: they refuse bad input themselves (see INPUTS), so nothing can be missing.
SUPPLIED = {
    c.missing_items_listed, c.referral_written, c.centre_answered, c.mediator_disclosed, c.oral_agreement_recorded,
    c.pages_numbered, c.retention_set, c.dossier_complete,
}  # fmt: skip


ASKED_TWICE = {c.legally_checked}  # also among the checks of the text itself, with the same sentence


def pairs(lines: list[Any]) -> list[tuple[str, Status]]:
    return list(dict.fromkeys((line[0], line[1]) for line in lines))


def spoilt(action: str, source: Status, world: World, lines: list[Any]) -> Iterator[tuple[Move, Any]]:
    """Bring a case there once and yield it for each line, undoing in between what the line has done."""
    ready_move = ready(action, source, world)
    for line in lines:
        if (line[0], line[1]) != (action, source):
            continue
        with transaction.atomic():
            yield replace(ready_move, given=dict(ready_move.given)), line
            transaction.set_rollback(True)


@pytest.mark.parametrize(("action", "source"), pairs(GUARDS), ids=str)
def test_a_guard_refuses_with_its_sentence_and_nothing_changes(world: World, action: str, source: Status) -> None:
    for move, (_action, _source, guard, spoil) in spoilt(action, source, world, GUARDS):
        spoil(move, world)
        before = fingerprint()
        with pytest.raises(GuardError) as refusal:
            move.take(action)
        assert str(refusal.value) == c.sentence_of(guard, Case.objects.get(pk=move.case.pk), CaseMove(None, move.at))
        assert changed(before) == []
        if guard in ASKED_TWICE:
            continue
        with without(action, source, guard):  # the control: it was this guard that refused, nothing else
            assert refusal_of(move, action) != str(guard.hint)


def refusal_of(move: Move, action: str) -> str:
    try:
        move.take(action)
    except (DomainError, AttributeError) as refusal:
        return str(refusal)
    return ""


@contextmanager
def without(action: str, source: Status, guard: c.Condition) -> Iterator[None]:
    transition = getattr(Case, action)._django_fsm.get_transition(source)
    asked = transition.custom["conditions"]
    whole = list(asked)
    asked[:] = [one for one in whole if one is not guard]
    try:
        yield
    finally:
        asked[:] = whole


def test_every_guard_has_its_line() -> None:
    tested = {(action, guard) for action, _source, guard, _spoil in GUARDS}
    endings = {"ending_written", "written"}
    for action in ROWS:
        for transition in getattr(Case, action)._django_fsm.transitions.values():
            missing = {g for g in transition.custom["conditions"] if (action, g) not in tested} - SUPPLIED
            assert {g.__name__ for g in missing} <= endings, action


# --- input that the action itself refuses -------------------------------------------------------------------

INPUTS: list[tuple[str, Status, dict[str, Any]]] = [
    ("return_for_supplement", S.SUBMITTED, {"items": [" ", ""]}),
    ("reject", S.SUBMITTED, {"reason_code": "R99"}),
    ("reject", S.SUBMITTED, {"served_how": "PIGEON"}),
    ("reject", S.SUBMITTED, {"served_on": TODAY + timedelta(days=1)}),
    ("review_rejection", S.CLOSED, {"reason": " "}),
    ("refer", S.SUBMITTED, {"target": "MOON"}),
    ("refer", S.SUBMITTED, {"body_name": " "}),
    ("refer", S.SUBMITTED, {"reason": ""}),
    ("answer_enquiry", S.SUBMITTED, {"answer": " "}),
    ("redo_answer", S.FOLLOWUP, {"reason": ""}),
    ("decline", S.INVITING, {"reason_text": ""}),
    ("assign", S.ACCEPTED, {"mediator": None}),
    ("assign", S.ACCEPTED, {"on_paper": False}),
    ("reassign", S.ASSIGNED, {"reason": ""}),
    ("start_mediation", S.ASSIGNED, {"place": " "}),
    ("start_mediation", S.ASSIGNED, {"starts_at": NOW - timedelta(days=1)}),
    ("extend", S.MEDIATING, {"days": 0}),
    ("extend", S.MEDIATING, {"days": 31}),
    ("extend", S.MEDIATING, {"days": -5}),
    ("suspend", S.MEDIATING, {"reason_code": "S09"}),
    ("suspend", S.MEDIATING, {"reason": ""}),
    ("suspend", S.MEDIATING, {"reason_code": "S01", "reason": ""}),
    ("resume", S.SUSPENDED, {"reason": " "}),
    ("settle_orally", S.MEDIATING, {"content": " "}),
    ("settle_orally", S.MEDIATING, {"promises": []}),
    ("reopen_talks", S.PERFORMING, {"cause": "REFUSED"}),
    ("reopen_talks", S.SIGNING, {"reason": ""}),
    ("fail", S.MEDIATING, {"reason_code": "E13"}),
    ("report_breach", S.FOLLOWUP, {"note": ""}),
    ("merge", S.SUBMITTED, {"lead_number": "AH-1999-00001"}),
    ("void", S.SUBMITTED, {"reason": ""}),
    ("remediate", S.CLOSED, {"reason": ""}),
    ("archive", S.CLOSED, {"retention": "FOREVER"}),
]


@pytest.mark.parametrize(("action", "source"), pairs(INPUTS), ids=str)
def test_bad_input_is_refused_with_a_sentence_and_nothing_changes(world: World, action: str, source: Status) -> None:
    for move, (_action, _source, bad) in spoilt(action, source, world, INPUTS):
        before = fingerprint()
        with pytest.raises(DomainError) as refusal:
            move.take(action, **bad)
        assert str(refusal.value).endswith("。")
        assert changed(before) == []


def test_whoever_proposed_a_refusal_does_not_confirm_it(world: World) -> None:
    move = ready("reject", S.SUBMITTED, world)
    of(Proposal, move).update(by=world.director)
    before = fingerprint()
    with pytest.raises(DomainError):
        move.take("reject")
    assert changed(before) == []
    move.by = world.second_director
    assert move.take("reject").outcome == Outcome.REJECTED


def test_a_consent_to_extend_serves_once_and_not_for_the_next_round(world: World) -> None:
    case = case_in(S.MEDIATING, world)
    for party in everybody(case):
        services.record_consent(party, matter="EXTENSION", given=True, how=ConsentHow.SIGNED, by=world.intake, at=NOW)
    case = perform(case, "extend", by=world.mediator, at=NOW + timedelta(hours=1), days=5)
    with pytest.raises(GuardError, match="每一方都同意"):
        perform(case, "extend", by=world.mediator, at=NOW + timedelta(hours=2), days=5)
    for party in everybody(case):
        services.record_consent(
            party, matter="EXTENSION", given=True, how=ConsentHow.SIGNED, by=world.intake, at=NOW + timedelta(hours=3)
        )
    Case.objects.filter(pk=case.pk).update(round=2)
    with pytest.raises(GuardError, match="每一方都同意"):
        perform(case, "extend", by=world.mediator, at=NOW + timedelta(hours=4), days=5)
