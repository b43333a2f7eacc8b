"""What follows from the state that a case has reached, whoever brought it there."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from accounts.models import User
from cases.choices import Channel, Status
from cases.clocks import ClockKey
from cases.deadlines import end_clocks, start_clock
from cases.models import Case, Proposal
from cases.move import Move
from mediation import services as mediation
from workflows import telling
from workflows.actions.agreement import still_in_force
from workflows.advice import advise


def after(action: str, case: Case, move: Move, *, was: str) -> None:
    """Write what follows from the new state, after the one it `was` in: promises in force, ended proposals."""
    by, at = move.by, move.at
    if action == "draft_agreement":
        mediation.put_forward(case.current_agreement, at=at)
    if action in {"take_effect", "settle_orally"}:
        mediation.put_in_force(case, case.current_agreement, on=start_days(action, case, move)[ClockKey.K9])
        mediation.take_up_wishes(case, at=at)
    if action == "submit" and case.channel == Channel.ONLINE:
        advise(case, at=at)
    _clocks_after(action, case, move, was=was)
    if action == "fail":
        still_in_force(case)
    if case.accepted_at is not None:
        _bargaining(case, at=at)
    if case.status != Status.SUSPENDED:
        case.suspended_for = ""
        mediation.lapse_challenge(case, by=by, at=at)
    if case.status not in mediation.ASKED_IN:
        asked = mediation.end_nomination(case, by=by, at=at)
        if asked is not None:
            telling.release(case, asked.mediator, at=at)
    if action in {"accept", "submit"} and case.handler_id is None and by is not None and _for_the_centre(case, by):
        case.handler = by
    _lapse_proposals(case, at=at)


def _lapse_proposals(case: Case, *, at: datetime) -> None:
    if getattr(case, "has_proposal", True):  # asked with the row that was locked
        case.proposals.filter(decision=Proposal.Decision.WAITING).update(
            decision=Proposal.Decision.LAPSED, decided_at=at, note=gettext_noop("案件状态已变化")
        )


def _for_the_centre(case: Case, by: User) -> bool:
    """Say whether somebody acts for the centre: a visitor who files is nobody's colleague."""
    return by.is_centre_staff and not case.parties_of(by)


def _bargaining(case: Case, *, at: datetime) -> None:
    """Put the claims on the table when talks begin; when they are over, no offer stays open."""
    if case.status == Status.MEDIATING:
        mediation.seed_issues(case, at=at)
    elif case.status not in {Status.SUSPENDED, Status.SIGNING}:
        mediation.end_offers(case, at=at)


def _clocks_after(action: str, case: Case, move: Move, *, was: str) -> None:
    if action == "refer":
        start_clock(case, ClockKey.K11, on=move.today, event=gettext_noop("移送"))
        end_clocks(case, [ClockKey.K11], at=move.at)
    if action == "fail":
        end_clocks(case, [ClockKey.K16], at=move.at)
    if action == "close":
        mediation.plan_second_call(case, at=move.at)
        mediation.count_to_the_shelf(case, at=move.at)
    if action == "report_breach":
        mediation.narrow_urging(case, on=move.today)
    if Status.PERFORMING in {was, case.status}:
        mediation.count_to_the_end(case, on=move.today)


def start_days(action: str, case: Case, move: Move) -> dict[str, date]:
    """Return the clocks that an action starts on another day than its own: thirty days from effect (PML 29, 33)."""
    if action == "take_effect":
        return {ClockKey.K9: case.current_agreement.last_signed_on()}
    return {ClockKey.K9: move.today} if action == "settle_orally" else {}
