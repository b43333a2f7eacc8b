"""What the clock does: fire due timers, remind, record what is late. Safe in parallel and after any downtime."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop
from viewflow.workflow import STATUS
from viewflow.workflow.models import Task

from accounts.errors import DomainError
from audit.services import record
from calendars.services import load_calendar, load_year
from calendars.today import end_of_day, local_date
from calendars.working_days import add_working_days
from cases.changes import holding, journal, keeping_still, touch
from cases.choices import Side, Status, TerminationReason
from cases.clocks import ClockKey
from cases.deadlines import mark_overdue
from cases.entries import CaseEntry
from cases.models import Case, Deadline, DeadlineReminder
from mediation import services as mediation
from notifications.models import Kind
from workflows import promises
from workflows.actions import perform
from workflows.filing import propose
from workflows.flows import CaseTimer
from workflows.mediators import lapse_unanswered
from workflows.room_news import tell_room_news
from workflows.talks import expire_offers
from workflows.tasks import sync_timers
from workflows.telling import people_of, present, tell_all, tell_one, tell_parties
from workflows.turns.offices import follow_offices

log = structlog.get_logger(__name__)
BATCH = 200
# The thirty days for asking a court to confirm are easily missed: a word on the 20th and on the 27th (PML 33).
CONFIRMATION_DAYS = (20, 27)
FIRST_MONTH_OF_NEXT_YEAR = 10


def tick(now: datetime) -> int:
    """Do everything that is due at this moment and return how much was done."""
    reminded = remind(now) + promises.remind(now) + remind_of_confirmation(now) + invite_to_survey(now)
    done = load_coming_year(now) + reminded + fire_timers(now) + lapse_unanswered(now) + follow_offices(now)
    return done + expire_offers(now) + record_overdue(now) + tell_room_news(now)


def load_coming_year(now: datetime) -> int:
    """Add next year from 1 October on, provisional until its notice is in: no period may run off the calendar."""
    today = local_date(now)
    if today.month < FIRST_MONTH_OF_NEXT_YEAR or today.year + 1 in load_calendar().years:
        return 0
    return int(bool(load_year(today.year + 1, by=None, at=now, record=record)))


def fire_timers(now: datetime) -> int:
    """Carry out the actions of due timers, oldest first, each in its own transaction and once."""
    fired, skipped = 0, set[int]()
    while task := _next_timer(now, skipped):
        skipped.add(task.pk)
        fired += _fire(task, now)
    return fired


def _next_timer(now: datetime, skipped: set[int]) -> Task | None:
    found: Task | None = (
        Task.objects.filter(flow_task_type="TIMER", status=STATUS.SCHEDULED, scheduled__lte=now)
        .exclude(pk__in=skipped)
        .order_by("scheduled", "pk")
        .first()
    )
    return found


def _fire(task: Task, now: datetime) -> int:
    """Fire one timer unless a person was faster; one that is refused is tried again tomorrow, and the log says so."""
    node = task.flow_task
    if not isinstance(node, CaseTimer):
        return 0
    case = Case.objects.get(process=task.process_id)
    try:
        with holding(case.pk, node.action, by=None, at=now) as locked:
            sync_timers(locked)  # the deadline rules, the moment stored with the timer only wakes us
            armed = Task.objects.filter(pk=task.pk, status=STATUS.SCHEDULED, scheduled__lte=now).exists()
            if not armed:
                return 0
            perform(case, node.action, by=None, at=now)
    except DomainError as error:
        log.warning("timer_refused", case=case.pk, action=node.action, error=type(error).__name__)
        tomorrow = end_of_day(local_date(now))
        Task.objects.filter(pk=task.pk, status=STATUS.SCHEDULED).update(scheduled=tomorrow)
        return 0
    except Exception as error:  # one broken case must not stop the clock of the others
        log.error("timer_broke", case=case.pk, action=node.action, error=type(error).__name__)
        return 0
    return 1


def remind(now: datetime) -> int:
    """Remind once before a supplement lapses."""
    soon = add_working_days(load_calendar(), local_date(now), 1).due
    rows = Deadline.objects.filter(state=Deadline.State.RUNNING, reminded_at__isnull=True)
    supplements = rows.filter(clock=ClockKey.K2, due__lte=soon)
    return _one_by_one(_remind_one, supplements.order_by("due", "pk"), now)


def invite_to_survey(now: datetime) -> int:
    """Ask the parties what they think of the result, once, on the day after the call-back period began."""
    rows = Deadline.objects.filter(
        state=Deadline.State.RUNNING, clock=ClockKey.K12, reminded_at__isnull=True, start__lt=local_date(now)
    )
    return _one_by_one(_invite_to_survey, rows.order_by("due", "pk"), now)


def _invite_to_survey(deadline_id: int, now: datetime) -> int:
    with keeping_still(_case_of(deadline_id)) as case:
        deadline = Deadline.objects.select_for_update().get(pk=deadline_id)
        if deadline.reminded_at is not None or deadline.state != Deadline.State.RUNNING:
            return 0
        deadline.reminded_at = now
        deadline.save(update_fields=["reminded_at"])
        sides = list(Side) if case.respondents_informed_at else [Side.APPLICANT]
        tell_all(people_of(case, *sides), case, Kind.SURVEY, at=now, page="do/survey/")
        journal(case, CaseEntry.INVITE_SURVEY, by=None, at=now)
    return 1


def _case_of(deadline_id: int) -> int:
    return Deadline.objects.values_list("case_id", flat=True).get(pk=deadline_id)


def _one_by_one(duty: Callable[[int, datetime], int], deadlines: Iterable[Deadline], now: datetime) -> int:
    """Do one thing for each deadline in its own transaction; one that breaks does not stop the others."""
    done = 0
    for deadline in deadlines:
        try:
            done += duty(deadline.pk, now)
        except Exception as error:  # the next tick tries again
            log.error("deadline_broke", deadline=deadline.pk, duty=duty.__name__, error=type(error).__name__)
    return done


def _remind_one(deadline_id: int, now: datetime) -> int:
    with keeping_still(_case_of(deadline_id)) as case:
        deadline = Deadline.objects.select_for_update().get(pk=deadline_id)
        if deadline.reminded_at is not None or deadline.state != Deadline.State.RUNNING:
            return 0
        deadline.reminded_at = now
        deadline.save(update_fields=["reminded_at"])
        case.supplement_requests.filter(answered_at__isnull=True).update(reminded_at=now)
        applicants = [party for party in present(case) if party.side == Side.APPLICANT]
        tell_parties(case, applicants, Kind.SUPPLEMENT_NEEDED, by=None, at=now)
        journal(case, CaseEntry.REMIND, by=None, at=now, clock=deadline.clock)
    return 1


def remind_of_confirmation(now: datetime) -> int:
    """Remind everybody twice of the end of the time for judicial confirmation; each day's word is sent once."""
    today = local_date(now)
    rows = Deadline.objects.filter(state=Deadline.State.RUNNING, clock=ClockKey.K9, due__gte=today)
    wanted = Q(pk__in=[])
    for day in CONFIRMATION_DAYS:
        told = DeadlineReminder.objects.filter(deadline=OuterRef("pk"), day=day)
        wanted |= Q(~Exists(told), start__lte=today - timedelta(days=day))
    return _one_by_one(_remind_of_confirmation, rows.filter(wanted).order_by("due", "pk"), now)


def _remind_of_confirmation(deadline_id: int, now: datetime) -> int:
    """Send the word of every day that has come; after a downtime over both days one notice stands for both."""
    with keeping_still(_case_of(deadline_id)) as case:
        deadline = Deadline.objects.select_for_update().get(pk=deadline_id)
        if deadline.state != Deadline.State.RUNNING:
            return 0
        passed, known = (local_date(now) - deadline.start).days, {row.day for row in deadline.reminders.all()}
        days = [day for day in CONFIRMATION_DAYS if day <= passed and day not in known]
        if not days:
            return 0
        DeadlineReminder.objects.bulk_create(DeadlineReminder(deadline=deadline, day=day, at=now) for day in days)
        people = people_of(case, Side.APPLICANT, Side.RESPONDENT, Side.THIRD_PARTY)
        if case.mediator is not None and case.mediator not in people:
            people.append(case.mediator)
        tell_all(people, case, Kind.CONFIRMATION_DUE, at=now)
        journal(case, CaseEntry.REMIND, by=None, at=now, clock=deadline.clock, day=days[-1])
    return 1


def record_overdue(now: datetime) -> int:
    """Record once for every running deadline that it is late, and whose it was; being late blocks nothing."""
    late = Deadline.objects.filter(state=Deadline.State.RUNNING, overdue_at__isnull=True, due__lt=local_date(now))
    return _one_by_one(_record_one, late.order_by("due", "pk"), now)


def _record_one(deadline_id: int, now: datetime) -> int:
    with holding(_case_of(deadline_id), "overdue", by=None, at=now) as case:
        deadline = Deadline.objects.select_for_update().get(pk=deadline_id)
        if (
            deadline.overdue_at is not None
            or deadline.state != Deadline.State.RUNNING
            or deadline.due >= local_date(now)
        ):
            return 0
        mark_overdue(deadline, case, at=now)
        _consequence(case, deadline, now)
        if deadline.overdue_of is not None:
            tell_one(deadline.overdue_of, case, Kind.OVERDUE_STAFF, at=now)
        touch(case)
    return 1


def _consequence(case: Case, deadline: Deadline, now: datetime) -> None:
    """Do what a passed date calls for: propose the end, urge performance, let the confirmation period expire."""
    if deadline.clock == ClockKey.K6 and case.status in {Status.ASSIGNED, Status.MEDIATING, Status.SIGNING}:
        propose(case, "fail", by=None, at=now, reason=gettext_noop("调解期限届满"), reason_code=TerminationReason.E05)
    if deadline.clock == ClockKey.K9:
        mediation.expire_confirmation(case, at=now)
    if deadline.clock == ClockKey.K8 and case.status == Status.PERFORMING:
        promises.begin_urging(case, deadline, at=now)
