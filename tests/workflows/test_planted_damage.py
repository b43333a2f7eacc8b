"""Kinds of damage that a running centre may suffer, each planted in the database: the checks name every one of them.

A restored dump, a script, a defect, somebody who left: what the program itself refuses can still come to stand in the
tables. Each kind says where the case stands, what is done to its rows, and by which name it is found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, User
from accounts.roles import Role
from audit.services import record
from cases import services
from cases.choices import ConsentHow, ConsentMatter, Outcome, Status
from cases.copies import stored_path
from cases.models import Case, Consent, Deadline, Evidence, Party, Proposal, Service
from documents.models import Document, DocumentSeries
from mediation.models import Agreement, Disclosure, Mediator, Nomination, Signature
from notifications.models import Delivery, Notice
from tests.cast import NOW, World
from tests.journeys import case_in, draft
from workflows.checks import check_cases
from workflows.models import CaseProcess

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
S = Status
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Damage:
    """One kind: the status of the case, what is done to the rows, and the check that names it."""

    name: str
    where: str
    check: str
    plant: Callable[[Case, World], Any]


KINDS: list[Damage] = []


def damage(where: str, check: str) -> Callable[[Callable[[Case, World], Any]], Callable[[Case, World], Any]]:
    def keep(plant: Callable[[Case, World], Any]) -> Callable[[Case, World], Any]:
        KINDS.append(Damage(plant.__name__, where, check, plant))
        return plant

    return keep


def put(case: Case, **fields: Any) -> None:
    """Write the row of a case past everything that guards it."""
    sets = ", ".join(f"{name} = %s" for name in fields)
    run(f"UPDATE cases_case SET {sets} WHERE id = %s", *fields.values(), case.pk)


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, values or None)


def task_of(case: Case, kind: str) -> Any:
    rows = apps.get_model("viewflow", "Task").objects.filter(process__caseprocess__case=case)
    return rows.filter(flow_task_type=kind, status__in=["NEW", "ASSIGNED", "STARTED", "SCHEDULED"])


def turns(case: Case) -> Any:
    return apps.get_model("workflows", "Turn").objects.filter(case=case, closed_at=None)


def without(case: Case, clock: str) -> None:
    """Lose a clock with the turns that took their dates from it."""
    apps.get_model("workflows", "Turn").objects.filter(deadline__case=case, deadline__clock=clock).delete()
    Deadline.objects.filter(case=case, clock=clock).delete()


# --- who does it ---------------------------------------------------------------------------------------------


@damage(S.MEDIATING, "mediator_in_office")
def the_mediator_has_no_account_any_more(case: Case, world: World) -> None:
    User.objects.filter(pk=case.mediator_id).update(is_active=False)


@damage(S.SIGNING, "mediator_in_office")
def the_office_of_the_mediator_has_ended(case: Case, world: World) -> None:
    Mediator.objects.filter(user=case.mediator).update(until=timezone.localdate() - DAY)


@damage(S.SUSPENDED, "mediator_in_office")
def the_role_of_the_mediator_has_ended(case: Case, world: World) -> None:
    Membership.objects.filter(user=case.mediator, role=Role.MEDIATOR).update(until=timezone.localdate())


@damage(S.SUBMITTED, "handler_in_office")
def the_account_of_the_handler_is_closed(case: Case, world: World) -> None:
    put(case, handler_id=world.intake.pk)
    User.objects.filter(pk=world.intake.pk).update(is_active=False)


@damage(S.MEDIATING, "shut_out_does_not_mediate")
def a_mediator_who_is_shut_out_still_mediates(case: Case, world: World) -> None:
    put(case, shut_out=[case.mediator_id])


@damage(S.ASSIGNED, "mediator_has_disclosed")
def a_mediator_has_disclosed_nothing(case: Case, world: World) -> None:
    Nomination.objects.filter(case=case).delete()
    Disclosure.objects.filter(case=case).delete()


@damage(S.ACCEPTED, "nominee_is_whoever_is_asked")
def somebody_is_the_nominee_whom_nobody_asked(case: Case, world: World) -> None:
    put(case, nominee_id=world.mediator.pk)


def asked(case: Case, world: World, mediator: User, **more: Any) -> Nomination:
    return Nomination.objects.create(
        case=case, mediator=mediator, by=world.director, at=NOW, answer_by=timezone.localdate() + 3 * DAY, **more
    )


@damage(S.ACCEPTED, "nominee_in_office")
def whoever_was_asked_has_left(case: Case, world: World) -> None:
    asked(case, world, world.mediator)
    put(case, nominee_id=world.mediator.pk)
    Membership.objects.filter(user=world.mediator).update(until=timezone.localdate())


@damage(S.ACCEPTED, "one_is_asked_at_a_time")
def two_are_asked_at_once(case: Case, world: World) -> None:
    run("DROP INDEX one_open_nomination")
    asked(case, world, world.mediator)
    asked(case, world, world.second_mediator)
    put(case, nominee_id=world.mediator.pk)


@damage(S.CLOSED, "whoever_is_asked_can_answer")
def somebody_is_asked_about_a_case_that_is_over(case: Case, world: World) -> None:
    asked(case, world, world.mediator)
    put(case, nominee_id=world.mediator.pk)


@damage(S.SUBMITTED, "staff_are_no_party")
def the_handler_is_a_party(case: Case, world: World) -> None:
    put(case, handler_id=world.intake.pk)
    Party.objects.filter(case=case, side="RESPONDENT").update(kind="PERSON", company=None, user=world.intake)


@damage(S.ACCEPTED, "every_role_is_held")
def nobody_directs_the_centre(case: Case, world: World) -> None:
    Membership.objects.filter(role__in=[Role.DIRECTOR, Role.SUPERVISOR]).update(until=timezone.localdate())


@damage(S.MEDIATING, "a_challenge_stops_the_talks")
def a_challenge_waits_while_the_talks_go_on(case: Case, world: World) -> None:
    case.challenges.create(mediator=case.mediator, grounds="NONE", by=world.resident, at=NOW)
    put(case, shut_out=[case.mediator_id])


# --- the parties ----------------------------------------------------------------------------------------------


@damage(S.MEDIATING, "party_can_be_reached")
def no_way_leads_to_a_party(case: Case, world: World) -> None:
    Party.objects.filter(case=case, side="APPLICANT").update(user=None, phone="", phone_index="", address="")


@damage(S.INVITING, "party_can_be_reached")
def nobody_acts_for_the_company_any_more(case: Case, world: World) -> None:
    Membership.objects.filter(company=world.company).update(until=timezone.localdate())


@damage(S.MEDIATING, "both_sides_are_there")
def the_applicant_has_left_and_the_case_goes_on(case: Case, world: World) -> None:
    Party.objects.filter(case=case, side="APPLICANT").update(left_at=NOW)


@damage(S.INVITING, "the_other_side_knows")
def the_other_side_was_never_told(case: Case, world: World) -> None:
    put(case, respondents_informed_at=None)


@damage(S.ACCEPTED, "mediation_with_every_consent")
def a_consent_is_gone(case: Case, world: World) -> None:
    Consent.objects.filter(party__case=case, party__side="RESPONDENT").delete()


@damage(S.MEDIATING, "consent_of_a_party_that_is_there")
def a_party_consents_after_it_has_left(case: Case, world: World) -> None:
    extra = services.put_party(
        draft(world), by=world.resident, at=NOW, side="THIRD_PARTY", kind="PERSON", name="王建国", phone="13855100002"
    )
    Party.objects.filter(pk=extra.pk).update(case=case, left_at=NOW)
    Consent.objects.create(party=extra, matter=ConsentMatter.EXTENSION, given=True, how=ConsentHow.SIGNED, at=NOW + DAY)


# --- what they agreed ------------------------------------------------------------------------------------------


@damage(S.PERFORMING, "agreement_in_force_is_whole")
def a_signature_under_an_agreement_in_force_is_gone(case: Case, world: World) -> None:
    Signature.objects.filter(agreement__case=case, party__side="RESPONDENT").delete()


@damage(S.PERFORMING, "agreement_in_force_is_whole")
def an_agreement_is_in_force_without_a_seal(case: Case, world: World) -> None:
    Agreement.objects.filter(case=case).update(sealed_at=None, sealed_by=None)


@damage(S.SIGNING, "signature_of_a_party")
def a_stranger_has_signed(case: Case, world: World) -> None:
    stranger = draft(world).parties.get(side="APPLICANT")
    Signature.objects.create(
        agreement=case.current_agreement,
        party=stranger,
        how="PAPER",
        text_hash=case.current_agreement.text_hash,
        at=NOW,
        by=world.intake,
    )


@damage(S.PERFORMING, "signature_under_its_text")
def a_signature_stands_under_another_text(case: Case, world: World) -> None:
    Signature.objects.filter(agreement__case=case, party__side="APPLICANT").update(text_hash="0" * 64)


@damage(S.PERFORMING, "performing_under_an_agreement")
def there_is_nothing_in_force_to_perform(case: Case, world: World) -> None:
    Agreement.objects.filter(case=case).update(effective_on=None)


@damage(S.PERFORMING, "in_force_before_the_end")
def an_agreement_came_into_force_after_the_end(case: Case, world: World) -> None:
    Agreement.objects.filter(case=case).update(effective_on=date(2026, 11, 20))


@damage(S.PERFORMING, "confirmation_in_thirty_days")
def the_time_for_confirmation_is_another(case: Case, world: World) -> None:
    Deadline.objects.filter(case=case, clock="K9").update(count=20)


@damage(S.PERFORMING, "success_is_an_agreement")
def a_success_has_the_wrong_form(case: Case, world: World) -> None:
    put(case, outcome=Outcome.SETTLED_ORAL)


@damage(S.PERFORMING, "promise_has_its_date")
def nothing_reminds_of_a_promise(case: Case, world: World) -> None:
    without(case, "K8")


# --- the course of the case -------------------------------------------------------------------------------------


@damage(S.SUBMITTED, "number_comes_from_acceptance")
def a_case_has_a_number_that_nobody_gave(case: Case, world: World) -> None:
    put(case, case_number="皖物调〔2026〕900号", accepted_at=NOW)


@damage(S.INVITING, "talks_come_after_acceptance")
def a_case_is_mediated_that_was_never_accepted(case: Case, world: World) -> None:
    put(case, status=S.MEDIATING)


@damage(S.FOLLOWUP, "an_end_has_one_outcome")
def an_ended_case_has_no_outcome(case: Case, world: World) -> None:
    put(case, outcome="")


@damage(S.ACCEPTED, "status_as_in_the_journal")
def the_status_was_set_by_hand(case: Case, world: World) -> None:
    put(case, status=S.ASSIGNED)


@damage(S.MEDIATING, "version_as_in_the_journal")
def the_version_went_back(case: Case, world: World) -> None:
    put(case, version=1)


@damage(S.MEDIATING, "an_end_has_its_reasons")
def a_case_ended_without_a_reason(case: Case, world: World) -> None:
    put(case, status=S.FOLLOWUP, outcome=Outcome.FAILED, concluded_at=NOW)


@damage(S.ARCHIVED, "archived_does_not_change")
def an_archived_case_was_changed(case: Case, world: World) -> None:
    record(case.subject, "put_party", by=world.intake, before={}, after={}, at=NOW + DAY)


@damage(S.ARCHIVED, "archived_has_nothing_left")
def a_clock_runs_on_an_archived_case(case: Case, world: World) -> None:
    last = Deadline.objects.filter(case=case, clock="K13").latest("pk")
    Deadline.objects.filter(pk=last.pk).update(state="RUNNING", ended_on=None)


@damage(S.CLOSED, "merged_has_its_lead")
def a_case_was_merged_into_nothing(case: Case, world: World) -> None:
    put(case, outcome=Outcome.MERGED, lead_case_id=None)


@damage(S.MEDIATING, "what_the_journal_names_is_there")
def a_row_that_the_journal_names_is_gone(case: Case, world: World) -> None:
    entry = record(case.subject, "add_evidence", by=world.intake, before={}, after={"evidence": 10**9}, at=NOW)
    assert entry is not None


@damage(S.FOLLOWUP, "proposal_can_be_decided")
def a_proposal_waits_on_a_case_that_has_gone_on(case: Case, world: World) -> None:
    Proposal.objects.create(case=case, action="reject", by=world.intake, at=NOW)


# --- the procedure ----------------------------------------------------------------------------------------------


@damage(S.RETURNED, "timer_is_armed")
def a_timer_is_lost(case: Case, world: World) -> None:
    task_of(case, "TIMER").delete()


@damage(S.RETURNED, "timer_at_its_date")
def a_timer_wakes_too_late(case: Case, world: World) -> None:
    task_of(case, "TIMER").update(scheduled=NOW + 400 * DAY)


@damage(S.MEDIATING, "one_task_for_the_status")
def a_task_is_open_twice(case: Case, world: World) -> None:
    row = task_of(case, "HUMAN").get()
    row.pk = None
    row._state.adding = True
    row.save()


@damage(S.MEDIATING, "task_fits_the_status")
def the_task_is_that_of_another_status(case: Case, world: World) -> None:
    task_of(case, "HUMAN").update(flow_task="workflows/flows.CaseFlow.signing")


@damage(S.ASSIGNED, "case_has_its_procedure")
def a_case_has_no_procedure(case: Case, world: World) -> None:
    other = draft(world)
    CaseProcess.objects.filter(case=other).delete()
    CaseProcess.objects.filter(case=case).update(case=other)


# --- the dates --------------------------------------------------------------------------------------------------


@damage(S.MEDIATING, "queue_has_the_nearest_date")
def the_queue_has_another_date(case: Case, world: World) -> None:
    put(case, next_due=date(2027, 3, 1))


@damage(S.CLOSED, "clock_fits_the_status")
def a_clock_of_another_status_runs(case: Case, world: World) -> None:
    Deadline.objects.filter(case=case, clock="K4").update(state="RUNNING", ended_on=None)


@damage(S.SUBMITTED, "status_has_its_clock")
def nothing_counts_the_days_for_deciding(case: Case, world: World) -> None:
    without(case, "K1")


@damage(S.MEDIATING, "period_moves_by_consent")
def the_period_was_moved_without_consent(case: Case, world: World) -> None:
    Deadline.objects.filter(case=case, clock="K6").update(due=date(2027, 3, 1))


@damage(S.MEDIATING, "paused_only_while_suspended")
def a_clock_stands_still_while_the_talks_go_on(case: Case, world: World) -> None:
    Deadline.objects.filter(case=case, clock="K6").update(state="PAUSED")


@damage(S.MEDIATING, "late_is_recorded")
def nobody_recorded_that_it_is_late(case: Case, world: World) -> None:
    Deadline.objects.filter(case=case, clock="K6").update(due=timezone.localdate() - 9 * DAY)


# --- papers and notices -------------------------------------------------------------------------------------------


def kept_file(case: Case, world: World) -> Evidence:
    body, sha = b"planted", "ab" * 32
    if not default_storage.exists(stored_path(sha)):
        default_storage.save(stored_path(sha), ContentFile(body))
    return Evidence.objects.create(
        case=case, number=90, name="照片", content_type="image/jpeg", size=len(body), sha256=sha, at=NOW
    )


@damage(S.MEDIATING, "evidence_has_its_file")
def the_file_of_a_piece_of_evidence_is_gone(case: Case, world: World) -> None:
    Path(default_storage.path(stored_path(kept_file(case, world).sha256))).unlink()


@damage(S.ACCEPTED, "document_is_in_the_journal")
def a_document_was_issued_that_the_journal_does_not_know(case: Case, world: World) -> None:
    Document.objects.create(
        subject_kind="case", subject_id=case.pk, kind="acceptance", title="受理通知书", due_at=NOW, sheet={},
        issued_at=NOW, code="ABCD2345EFGH",
    )  # fmt: skip


@damage(S.ACCEPTED, "series_is_ahead_of_its_numbers")
def a_series_would_give_a_number_again(case: Case, world: World) -> None:
    DocumentSeries.objects.all().delete()
    run("UPDATE cases_numberseries SET last = 0")


@damage(S.ACCEPTED, "what_serves_is_on_the_page_of_service")
def a_legal_notice_left_no_trace_of_service(case: Case, world: World) -> None:
    Service.objects.filter(case=case).delete()


@damage(S.ACCEPTED, "notice_has_its_delivery")
def a_notice_was_never_to_go_out(case: Case, world: World) -> None:
    Delivery.objects.filter(notice__in=Notice.objects.filter(subject_kind="case", subject_id=case.pk)).delete()


@damage(S.ACCEPTED, "delivery_goes_out")
def a_delivery_is_stuck(case: Case, world: World) -> None:
    notice = Notice.objects.filter(subject_kind="case", subject_id=case.pk).first()
    Delivery.objects.filter(notice=notice, channel="SITE").update(
        status="PENDING", sent_at=None, next_attempt_at=timezone.now() - 3 * DAY
    )


# --- whose turn it is -----------------------------------------------------------------------------------------------


@damage(S.INVITING, "turns_as_the_facts_say")
def a_turn_has_no_row(case: Case, world: World) -> None:
    turns(case).first().delete()


@damage(S.INVITING, "turns_as_the_facts_say")
def a_row_is_nobodys_turn(case: Case, world: World) -> None:
    turns(case).update(kind="archive")


@damage(S.SUBMITTED, "no_case_is_silent")
def a_case_waits_for_nobody(case: Case, world: World) -> None:
    turns(case).delete()


@damage(S.MEDIATING, "turn_is_held_in_office")
def the_turn_is_held_by_somebody_who_left(case: Case, world: World) -> None:
    leaver = User.objects.create(username="leaver", is_active=False)
    turns(case).exclude(role="").update(holder=leaver)


@damage(S.MEDIATING, "list_says_whose_turn_it_is")
def the_list_says_that_somebody_else_is_awaited(case: Case, world: World) -> None:
    put(case, waits_for="archive")


@damage(S.SUBMITTED, "turn_has_the_date_of_its_clock")
def a_turn_has_another_date_than_its_clock(case: Case, world: World) -> None:
    turns(case).exclude(deadline=None).update(due=date(2027, 3, 1))


@damage(S.ARCHIVED, "archived_waits_for_nobody")
def an_archived_case_waits_for_somebody(case: Case, world: World) -> None:
    last = apps.get_model("workflows", "Turn").objects.filter(case=case).latest("pk")
    last.closed_at, last.closed_how, last.closed_by = None, "", None
    last.save()


def test_every_kind_of_damage_is_a_kind_of_its_own() -> None:
    assert len(KINDS) >= 40
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_damaged_is_named(kind: Damage, world: World) -> None:
    """The check of its kind names this case."""
    case = case_in(kind.where, world)
    kind.plant(case, world)
    found = check_cases(Case.objects.filter(pk=case.pk), at=timezone.now())
    assert kind.check in {breach.check for breach in found if breach.case_id == case.pk}


@pytest.mark.parametrize("status", list(Status))
def test_what_is_whole_is_not_named(status: str, world: World) -> None:
    case = case_in(status, world)
    assert [breach.check for breach in check_cases(Case.objects.filter(pk=case.pk), at=NOW)] == []
