"""What the two sides of a promise hear of each other, the reminders of its date, and the urging of a late one."""

from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import WorkCalendar, add_working_days
from cases.changes import holding, journal, keeping_still, touch
from cases.choices import Status
from cases.entries import CaseEntry
from cases.models import Case, Deadline
from mediation import services as mediation
from mediation.models import Obligation, Performance, Reminder
from notifications.models import Kind
from workflows import papers
from workflows.telling import people_for, tell_all, tell_parties

log = structlog.get_logger(__name__)
Stage = Reminder.Stage
# Domain.md 8.5, K8: three days before, on the day, and the working day after.
REMIND_DAYS = 3
KIND_OF = {
    Stage.BEFORE: Kind.PERFORMANCE_DUE,
    Stage.DAY: Kind.PERFORMANCE_DUE,
    Stage.AFTER: Kind.PERFORMANCE_OVERDUE,
}


# --- what the sides hear of each other ---------------------------------------------------------------------------


def record_performance(obligation: Obligation, *, by: User, at: datetime, **given: Any) -> Performance:
    """Record what was done on a promise and ask the other side whether it arrived."""
    with transaction.atomic():
        row = mediation.record_performance(obligation, by=by, at=at, **given)
        own_word = row.answer == Performance.Answer.CONFIRMED
        _tell(obligation, Kind.PERFORMANCE_ANSWERED if own_word else Kind.PERFORMANCE_REPORTED, by=by, at=at)
    return row


def answer_performance(performance: Performance, *, received: bool, by: User, at: datetime, reason: str = "") -> None:
    """Say whether it arrived, and tell the side that did it; a dispute also tells the mediator."""
    with transaction.atomic():
        mediation.answer_performance(performance, received=received, by=by, at=at, reason=reason)
        _tell(performance.obligation, Kind.PERFORMANCE_ANSWERED, by=by, at=at, mediator=not received)


def report_missing(obligation: Obligation, *, note: str, by: User, at: datetime) -> None:
    """Say that nothing arrived, and tell the side that should have done it and the mediator."""
    with transaction.atomic():
        mediation.report_missing(obligation, note=note, by=by, at=at)
        _tell(obligation, Kind.PERFORMANCE_OVERDUE, by=by, at=at, mediator=True)


def urge(obligation: Obligation, *, how: str, note: str, by: User, at: datetime) -> None:
    """Urge an overdue promise, issue the letter, and tell whoever should keep it."""
    with holding(obligation.agreement.case_id, "urge", by=by, at=at) as case:
        mediation.urge(obligation, how=how, note=note, by=by, at=at)
        doer = [party for party in case.parties.all() if party.pk == obligation.doer_id]
        promise = Obligation.objects.select_related("agreement", "doer").get(pk=obligation.pk)
        letter = papers.of_kind(case, "urging_letter", promise, action="urge", by=by, at=at)
        if letter.served:
            tell_all(people_for(doer), case, Kind.PERFORMANCE_URGED, at=at)
        else:
            tell_parties(case, doer, Kind.PERFORMANCE_URGED, by=by, at=at)
        papers.issue(letter, {party.pk: str(Kind.PERFORMANCE_URGED) for party in doer})


def _tell(obligation: Obligation, kind: str, *, by: User, at: datetime, mediator: bool = False) -> None:
    with keeping_still(obligation.agreement.case_id) as case:
        mine = {party.pk for party in case.parties_of(by)}
        people = people_for([party for party in mediation.affected(obligation, case) if party.pk not in mine])
        if mediator and case.mediator is not None:
            people.append(case.mediator)
        tell_all([person for person in people if person.pk != by.pk], case, kind, at=at)


# --- the clock -----------------------------------------------------------------------------------------------------


def begin_urging(case: Case, deadline: Deadline, *, at: datetime) -> None:
    """Start the clock of the first urging for a promise whose date has passed, and give the mediator the task."""
    obligation = Obligation.objects.get(pk=deadline.about_id or 0)
    mediation.begin_urging(case, obligation)
    if case.mediator is not None:
        tell_all([case.mediator], case, Kind.TASK_ASSIGNED, at=at)


def remind(now: datetime) -> int:
    """Remind both sides of every promise that falls due, was due, or is late; each reminder goes out once."""
    today, calendar = local_date(now), load_calendar()
    finished = Reminder.objects.filter(obligation=OuterRef("pk"), stage=Stage.AFTER)
    rows = Obligation.objects.filter(
        ~Exists(finished),
        performed_on__isnull=True,
        due__lte=today + timedelta(days=REMIND_DAYS),
        agreement__voided_at__isnull=True,
        agreement__effective_on__isnull=False,
        agreement__case__status=Status.PERFORMING,
    )
    done = 0
    for key in rows.order_by("due", "pk").values_list("pk", flat=True):
        try:
            done += _remind_one(key, calendar, now)
        except Exception as error:  # one that breaks does not stop the others; the next tick tries again
            log.error("reminder_broke", obligation=key, error=type(error).__name__)
    return done


def _remind_one(obligation_id: int, calendar: WorkCalendar, now: datetime) -> int:
    case_id = Obligation.objects.values_list("agreement__case", flat=True).get(pk=obligation_id)
    with keeping_still(case_id) as case:
        promise = Obligation.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=obligation_id)
        if case.status != Status.PERFORMING or promise.performed_on or promise.agreement.voided_at:
            return 0
        reached = stages(promise.due, local_date(now), calendar)
        known = set(promise.reminders.values_list("stage", flat=True))
        fresh = [stage for stage in reached if stage not in known]
        if not fresh:
            return 0
        # After a downtime over several of them only the last is still true, and "today" only on the day.
        last = reached[-1] if reached[-1] != Stage.DAY or promise.due == local_date(now) else None
        Reminder.objects.bulk_create(
            Reminder(obligation=promise, stage=stage, sent=stage == last, at=now) for stage in fresh
        )
        if last in fresh and last is not None:
            tell_all(people_for(mediation.affected(promise, case)), case, KIND_OF[last], at=now)
            journal(case, CaseEntry.REMIND_PROMISE, by=None, at=now, obligation=promise.pk, stage=str(last))
            touch(case)
    return 1


def stages(due: date, today: date, calendar: WorkCalendar) -> list[Stage]:
    """Return the reminders whose moment has come, in order."""
    found = [(Stage.BEFORE, due - timedelta(days=REMIND_DAYS)), (Stage.DAY, due)]
    found.append((Stage.AFTER, add_working_days(calendar, due, 1).due))
    return [stage for stage, day in found if day <= today]
