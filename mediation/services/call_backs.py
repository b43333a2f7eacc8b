"""Ask after the end how things stand: call-backs by somebody other than the mediator, and the parties' own word."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import Flag, Outcome, Satisfaction, Solved, Status
from cases.clocks import ENOUGH_TRIES, ClockKey
from cases.deadlines import end_clocks, start_clock
from cases.entries import CaseEntry
from cases.facts import agreement as facts
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import FollowUp, Survey
from mediation.services.shelving import count_to_the_shelf

# From this many households on a case is called back once more after ninety days (domain.md 8.5 K12, 8.8).
MAJOR_HOUSEHOLDS = 10
MAJOR_FLAGS = frozenset({Flag.COLLECTIVE, Flag.MASS_RISK})
# What is heard on the telephone beside the two questions, and how long each may be.
REMARKS = {"performance": 200, "lawsuit": 200, "hidden_danger": 200, "wrong_mediation": 200, "measures": 300}


def follow_up(case: Case, *, how: str, reached: bool, by: User, at: datetime, **heard: Any) -> FollowUp:
    """Record one call-back, or the try of one; never by the mediator of the case. Raises MediationError."""
    with changing(case, facts.FOLLOW_UP, by=by, at=at) as locked:
        return add_follow_up(locked, how=how, reached=reached, by=by, at=at, **heard)


def add_follow_up(
    case: Case,
    *,
    how: str,
    reached: bool,
    by: User,
    at: datetime,
    solved: str = "",
    satisfaction: str = "",
    performed: str = "",
    next_on: date | None = None,
    note: str = "",
    **remarks: str,
) -> FollowUp:
    """Write the call-back inside the caller's change. `remarks`: those of REMARKS (domain.md 8.9)."""
    unknown = remarks.keys() - REMARKS.keys()
    if unknown:
        raise LookupError(f"not heard in a call-back: {sorted(unknown)}")
    again = _second_call(case)
    if case.concluded_at is None or (case.status != Status.FOLLOWUP and again is None):
        raise MediationError(_("现在不在回访阶段。"))
    if case.mediator_id == by.pk:
        raise MediationError(_("回访人不能是本案的调解员。"))
    if reached and not solved:
        raise MediationError(_("请记录申请人认为是否解决。"))
    if next_on is not None and next_on <= local_date(at):
        raise MediationError(_("下次回访日期要晚于今天。"))
    told = {name: within(text, REMARKS[name]) for name, text in remarks.items()} if reached else {}
    row = FollowUp.objects.create(
        case=case,
        concluded_at=case.concluded_at,
        how=FollowUp.How(how),
        reached=reached,
        solved=Solved(solved) if reached else "",
        satisfaction=Satisfaction(satisfaction) if reached and satisfaction else "",
        performed=FollowUp.Performed(performed) if reached and performed else "",
        next_on=next_on,
        note=within(note, 500),
        at=at,
        by=by,
        **told,
    )
    journal(case, CaseEntry.FOLLOW_UP, by=by, at=at, reached=reached, solved=row.solved, satisfaction=row.satisfaction)
    if again is not None and _second_call_done(case):
        _shelve(case, at=at)
    return row


def is_major(case: Case) -> bool:
    """Say whether a case is asked about once more after ninety days."""
    return bool(MAJOR_FLAGS & set(case.flags)) or case.households >= MAJOR_HOUSEHOLDS


def plan_second_call(case: Case, *, at: datetime) -> None:
    """Start the ninety days of a major case when it closes; its file is bound only after them."""
    first = case.deadlines.filter(clock=ClockKey.K12).order_by("-pk").first()
    if not is_major(case) or first is None:
        return
    start_clock(case, ClockKey.K12B, on=first.start, event=first.start_event)


def _second_call(case: Case) -> Any:
    if case.status != Status.CLOSED:
        return None
    return case.deadlines.filter(clock=ClockKey.K12B, state="RUNNING").first()


def _second_call_done(case: Case) -> bool:
    """Reached since the case closed, or tried three times."""
    tries = FollowUp.objects.filter(case=case, at__gt=case.closed_at or case.created_at)
    return tries.filter(reached=True).exists() or tries.count() >= ENOUGH_TRIES


def _shelve(case: Case, *, at: datetime) -> None:
    end_clocks(case, [ClockKey.K12B], at=at)
    count_to_the_shelf(case, at=at, event=gettext_noop("再次回访"))


def answer_survey(party: Party, *, solved: str, satisfaction: str, comment: str = "", by: User, at: datetime) -> Survey:
    """Keep what a party says of the result, once for each conclusion; nobody of the centre says it for them.

    Raises NotAllowedError, MediationError.
    """
    with changing(party.case, facts.SURVEY, by=by, at=at) as locked:
        if party.pk not in {mine.pk for mine in locked.parties_of(by)} or by.pk == locked.mediator_id:
            raise MediationError(_("只能由当事人自己评价。"))
        if not survey_open(locked) or locked.concluded_at is None:
            raise MediationError(_("现在还不能评价，事情有了结果以后再请您说。"))
        try:
            with transaction.atomic():
                row = Survey.objects.create(
                    case=locked,
                    party=party,
                    concluded_at=locked.concluded_at,
                    solved=Solved(solved),
                    satisfaction=Satisfaction(satisfaction),
                    comment=within(comment, 500),
                    at=at,
                    by=by,
                )
        except IntegrityError:
            raise MediationError(_("您已经评价过了，谢谢。")) from None
        journal(
            locked, CaseEntry.SURVEY, by=by, at=at, party=party.pk, solved=row.solved, satisfaction=row.satisfaction
        )
    return row


def survey_open(case: Case) -> bool:
    """Say whether there is a result to be judged, and still a file to put the answer into."""
    judged = case.concluded_at is not None and case.outcome not in {Outcome.MERGED, Outcome.VOID}
    return judged and case.status in {Status.FOLLOWUP, Status.CLOSED}
