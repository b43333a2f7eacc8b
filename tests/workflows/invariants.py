"""The twelve invariants of domain.md 8.11, by number, and what else must hold of a case at any moment."""

from collections.abc import Callable

from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import add_days
from cases.choices import SETTLED, ConsentMatter, Outcome, Status
from cases.clocks import MAX_EXTENSIONS, ClockKey
from cases.models import Case, Deadline, DeadlineMove, Party, Service
from cases.serving import people_of_parties
from mediation.models import Agreement, Disclosure, SessionNotice
from mediation.services import INSTALLS, conflict_of
from notifications.models import Kind, Notice
from notifications.texts import TEXTS
from workflows.tasks import check

S = Status
ACCEPTED_STATES = {S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING, S.PERFORMING}
CONCLUDED = {S.FOLLOWUP, S.PERFORMING, S.CLOSED, S.ARCHIVED}


def bound(case: Case) -> list[Party]:
    return [party for party in case.parties.all() if party.left_at is None]


def one_no_mediation_without_a_recorded_consent_of_every_party(case: Case) -> bool:
    """Acceptance comes after everybody's consent, and a new round after everybody's new one."""
    if case.accepted_at is None:
        return True
    given = [party.consents.filter(matter=ConsentMatter.MEDIATION, given=True) for party in bound(case)]
    again = [party.consents.filter(matter=ConsentMatter.REMEDIATION, given=True) for party in bound(case)]
    return all(rows.filter(at__lte=case.accepted_at, round=1).exists() for rows in given) and (
        case.round == 1 or all(rows.filter(round=case.round).exists() for rows in again)
    )


def two_performing_only_with_an_agreement_in_force(case: Case) -> bool:
    if case.status != S.PERFORMING:
        return True
    agreement: Agreement = case.current_agreement
    if agreement.effective_on is None:
        return False
    signed = {row.party_id for row in agreement.signatures.all()} >= {party.pk for party in bound(case)}
    whole = signed and agreement.mediator_signed_at is not None and agreement.sealed_at is not None
    return agreement.form == "ORAL" or whole


def three_the_confirmation_period_counts_from_the_effective_date(case: Case) -> bool:
    """Effective not after the conclusion; K9 = thirty calendar days from it, rolled (PML 33)."""
    agreement = case.current_agreement
    if case.outcome in SETTLED and not agreement.effective_on <= local_date(case.concluded_at):
        return False
    effective = case.agreements.filter(effective_on__isnull=False).values_list("effective_on", flat=True)
    return all(
        case.deadlines.filter(
            clock=ClockKey.K9, start=day, first_due=add_days(load_calendar(), day, 30).due, count=30
        ).exists()
        for day in effective
    )


def four_an_ending_has_its_reason_routes_and_service(case: Case) -> bool:
    if case.outcome not in {Outcome.REJECTED, Outcome.DECLINED, Outcome.FAILED, Outcome.REFERRED}:
        return True
    end = case.ending
    return bool(end.outcome == case.outcome and end.reason_code and end.routes and end.served_on)


def five_the_mediation_period_moves_only_by_consent_and_pause(case: Case) -> bool:
    for period in case.deadlines.filter(clock=ClockKey.K6):
        moves = list(period.moves.all())
        extensions = [move for move in moves if move.cause == DeadlineMove.Cause.EXTENSION]
        paused = [move for move in moves if move.cause == DeadlineMove.Cause.PAUSE]
        ended = [pause for pause in period.pauses.all() if pause.until is not None]
        expected = add_days(load_calendar(), period.start, period.count + sum(move.days for move in moves)).due
        consents = [
            party.consents.filter(matter=ConsentMatter.EXTENSION, given=True, at__lte=move.at).count() >= number
            for number, move in enumerate(extensions, 1)
            for party in bound(case)
        ]
        if (
            len(extensions) > MAX_EXTENSIONS
            or (period.state == Deadline.State.PAUSED) > (case.status == S.SUSPENDED)
            or not all(consents)
            or [move.days for move in paused] != [(pause.until - pause.from_date).days for pause in ended]
            or period.due != (expected if moves else period.first_due)
        ):
            return False
    return True


def six_no_mediator_with_an_undisclosed_conflict(case: Case) -> bool:
    """Whoever mediates has signed himself, or on paper; what is disclosed nobody objects to, each party itself."""
    if case.mediator is None:
        return True
    disclosed = Disclosure.objects.filter(case=case, mediator=case.mediator).last()
    if disclosed is None or (disclosed.how == "ONLINE" and disclosed.recorded_by_id != case.mediator_id):
        return False
    waived = {row.party_id for row in disclosed.waivers.filter(given=True)} >= {party.pk for party in bound(case)}
    conflict = conflict_of(case, case.mediator.mediator_profile)
    return (not disclosed.has_interest or waived) and (not conflict or disclosed.waived_at is not None)


def whoever_is_challenged_is_shut_out_until_it_is_dismissed(case: Case) -> bool:
    """Nobody decides on the own challenge, and mediation stands still meanwhile."""
    challenges = list(case.challenges.all())
    standing = {row.mediator_id for row in challenges if row.decision in {"WAITING", "UPHELD", "HONOURED"}}
    waiting = any(row.decision == "WAITING" for row in challenges)
    going_on = case.status in {S.ASSIGNED, S.MEDIATING, S.SIGNING} and case.mediator_id in case.shut_out
    own = any(row.decided_by_id == row.mediator_id for row in challenges)
    return set(case.shut_out) == standing and (not waiting or case.status == S.SUSPENDED) and not going_on and not own


def whoever_is_asked_can_still_answer(case: Case) -> bool:
    asked = case.nominations.filter(state__in=["WAITING", "ACCEPTED"]).first()
    return case.nominee_id == (asked.mediator_id if asked else None) and (asked is None or case.status in INSTALLS)


def seven_an_archived_case_has_nothing_left_to_do(case: Case) -> bool:
    """That nothing changes it any more is held by the walk, which compares the whole database."""
    return case.status != S.ARCHIVED or not case.deadlines.filter(state__in=["RUNNING", "PAUSED"]).exists()


def eight_a_success_is_a_written_or_an_oral_agreement(case: Case) -> bool:
    forms = {Outcome.SETTLED_WRITTEN: "WRITTEN", Outcome.SETTLED_ORAL: "ORAL"}
    if case.outcome not in forms:
        return True
    agreement = case.current_agreement
    return agreement.form == forms[Outcome(case.outcome)] and agreement.effective_on is not None


def nine_withdrawn_before_acceptance_was_not_accepted(case: Case) -> bool:
    return (case.case_number is None) == (case.accepted_at is None)


def eleven_mediation_comes_after_acceptance(case: Case) -> bool:
    return case.status not in ACCEPTED_STATES or case.accepted_at is not None


def twelve_closed_has_one_outcome_and_what_goes_on_has_none(case: Case) -> bool:
    if case.status in {S.CLOSED, S.ARCHIVED}:
        return case.outcome in Outcome.values and case.closed_at is not None
    if case.status == S.FOLLOWUP:
        return case.outcome in Outcome.values and case.closed_at is None and case.concluded_at is not None
    if case.status == S.PERFORMING:
        return case.outcome in SETTLED
    return case.outcome == "" and case.concluded_at is None and case.closed_at is None


def what_serves_a_party_stands_on_the_page_of_service(case: Case) -> bool:
    """Every notice that serves somebody has its row, for each party that it was written for, from the same moment."""
    people = people_of_parties(bound(case))
    legal = [kind for kind, text in TEXTS.items() if text.legal]
    notices = Notice.objects.filter(subject_kind="case", subject_id=case.pk, kind__in=legal)
    rows = set(Service.objects.filter(case=case).values_list("party", "kind", "at"))
    waived = set(
        SessionNotice.objects.filter(session__case=case, how=SessionNotice.How.WAIVED).values_list("party", flat=True)
    )
    return all(
        (party, notice.kind, notice.created) in rows or (notice.kind == Kind.SESSION_SCHEDULED and party in waived)
        for notice in notices
        for party, own in people.items()
        if notice.recipient_id in own
    )


# The tenth, that no row is ever deleted, is about the whole database: see the walk.
INVARIANTS: tuple[Callable[[Case], bool], ...] = (
    one_no_mediation_without_a_recorded_consent_of_every_party,
    two_performing_only_with_an_agreement_in_force,
    three_the_confirmation_period_counts_from_the_effective_date,
    four_an_ending_has_its_reason_routes_and_service,
    five_the_mediation_period_moves_only_by_consent_and_pause,
    six_no_mediator_with_an_undisclosed_conflict,
    whoever_is_challenged_is_shut_out_until_it_is_dismissed,
    whoever_is_asked_can_still_answer,
    seven_an_archived_case_has_nothing_left_to_do,
    eight_a_success_is_a_written_or_an_oral_agreement,
    nine_withdrawn_before_acceptance_was_not_accepted,
    eleven_mediation_comes_after_acceptance,
    twelve_closed_has_one_outcome_and_what_goes_on_has_none,
    what_serves_a_party_stands_on_the_page_of_service,
)


def broken(case_id: int) -> list[str]:
    """Return the names of what does not hold of this case; the open tasks are checked too (DriftError)."""
    case = Case.objects.get(pk=case_id)
    check(case)
    names = [invariant.__name__ for invariant in INVARIANTS if not invariant(case)]
    return names + ([] if queue_date(case) == (case.next_due, case.next_clock) else ["next_due"])


def queue_date(case: Case) -> tuple[object, str]:
    rows = case.deadlines.filter(state=Deadline.State.RUNNING).exclude(clock__in=["K0", "K9"]).order_by("due", "pk")
    first = rows.first()
    return (first.due, first.clock) if first else (None, "")
