"""The dates: what counts belongs to the state of its case, moves only by rule, and stands on the queue."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from calendars.working_days import add_days
from cases.choices import ConsentMatter, Status
from cases.clocks import MAX_EXTENSIONS, ClockKey
from cases.models import Consent, Deadline, DeadlineMove, Party
from mediation.models import JudicialConfirmation
from workflows.checks.base import Batch, Check
from workflows.checks.people import keys
from workflows.turns.settle import OF_PARTIES

S, K = Status, ClockKey
OPEN = ("RUNNING", "PAUSED")
# In which states a clock may be open; what is not named here may be open in any but the shelf.
WHERE: dict[str, tuple[str, ...]] = {
    K.K0: (S.DRAFT,),
    K.K1: (S.SUBMITTED,),
    K.K2: (S.RETURNED,),
    K.K3: (S.ANSWERING,),
    K.K3B: (S.ANSWERING,),
    K.K4: (S.INVITING,),
    K.K5: (S.ACCEPTED,),
    K.K6: (S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING),
    K.K6B: (S.SUSPENDED,),
    K.K7: (S.SIGNING,),
    K.K12: (S.FOLLOWUP,),
    K.K13: (S.CLOSED,),
}
# At least one of these counts in a state.
NEEDED: dict[str, tuple[str, ...]] = {
    S.DRAFT: (K.K0,),
    S.SUBMITTED: (K.K1,),
    S.RETURNED: (K.K2,),
    S.ANSWERING: (K.K3, K.K3B),
    S.INVITING: (K.K4,),
    S.ACCEPTED: (K.K5,),
    S.MEDIATING: (K.K6,),
    S.SUSPENDED: (K.K6B,),
    S.SIGNING: (K.K7,),
    S.FOLLOWUP: (K.K12,),
    S.CLOSED: (K.K13, K.K9, K.K12B),  # the shelf waits for the thirty days and for the second call, and for a court
}
AT_COURT = ("APPLIED", "COURT_ACCEPTED")
TO_RECORD = timedelta(days=2)  # the worker records what is late on the next day


def other_date_on_the_queue(batch: Batch) -> Iterable[int]:
    desk = Deadline.objects.filter(case=OuterRef("pk"), state="RUNNING").exclude(clock__in=OF_PARTIES)
    first = desk.order_by("due", "pk")
    rows = batch.cases.annotate(nearest=Subquery(first.values("due")[:1]), clock=Subquery(first.values("clock")[:1]))
    none = Q(nearest=None) & (Q(next_due__isnull=False) | ~Q(next_clock=""))
    other = Q(nearest__isnull=False) & (Q(next_due=None) | ~Q(next_due=F("nearest")) | ~Q(next_clock=F("clock")))
    return keys(rows.filter(none | other))


def clock_of_another_state(batch: Batch) -> Iterable[int]:
    wrong = Q(case__status=S.ARCHIVED)
    for clock, places in WHERE.items():
        wrong |= Q(clock=clock) & ~Q(case__status__in=places)
    return Deadline.objects.filter(wrong, case__in=batch.ids, state__in=OPEN).values_list("case", flat=True)


def clock_missing(batch: Batch) -> Iterable[int]:
    wrong = Q(pk__in=[])
    for status, clocks in NEEDED.items():
        there = Exists(Deadline.objects.filter(case=OuterRef("pk"), state__in=OPEN, clock__in=clocks))
        wrong |= Q(~there, status=status)
    at_court = Exists(JudicialConfirmation.objects.filter(agreement__case=OuterRef("pk"), state__in=AT_COURT))
    return keys(batch.cases.filter(wrong).exclude(status=S.CLOSED, filed_at=None).exclude(at_court, status=S.CLOSED))


def paused_while_going_on(batch: Batch) -> Iterable[int]:
    rows = Deadline.objects.filter(case__in=batch.ids, clock=K.K6, state="PAUSED")
    return rows.exclude(case__status=S.SUSPENDED).values_list("case", flat=True)


def moved_without_consent(batch: Batch) -> set[int]:
    """The mediation period moves only by consent, a pause, or a later calendar (domain.md 8.11, 5)."""
    rows = Deadline.objects.filter(case__in=batch.ids, clock=K.K6)
    unmoved = rows.filter(moves=None).exclude(due=F("first_due")).values_list("case", flat=True)
    moved = list(rows.filter(moves__isnull=False).distinct().prefetch_related("moves", "pauses"))
    extended = [row.case_id for row in moved if any(m.cause == DeadlineMove.Cause.EXTENSION for m in row.moves.all())]
    agreed: dict[int, dict[int, list[object]]] = {}
    for case, party in Party.objects.filter(case__in=extended, left_at=None).values_list("case_id", "pk"):
        agreed.setdefault(case, {})[party] = []
    said = Consent.objects.filter(party__case__in=extended, matter=ConsentMatter.EXTENSION, given=True)
    for case, party, at in said.values_list("party__case_id", "party_id", "at"):
        if party in agreed.get(case, {}):
            agreed[case][party].append(at)
    return set(unmoved) | {row.case_id for row in moved if not _moved_by_rule(row, agreed.get(row.case_id, {}), batch)}


def _moved_by_rule(period: Deadline, agreed: dict[int, list[object]], batch: Batch) -> bool:
    moves = list(period.moves.all())
    extensions = [move for move in moves if move.cause == DeadlineMove.Cause.EXTENSION]
    paused = [move.days for move in moves if move.cause == DeadlineMove.Cause.PAUSE]
    ended = [(pause.until - pause.from_date).days for pause in period.pauses.all() if pause.until is not None]
    expected = add_days(batch.calendar, period.start, period.count + sum(move.days for move in moves)).due
    consents = all(
        sum(at <= move.at for at in times) >= number  # type: ignore[operator]
        for number, move in enumerate(extensions, 1)
        for times in agreed.values()
    )
    recounted = any(move.cause == DeadlineMove.Cause.CALENDAR for move in moves)
    in_order = period.due == expected or (recounted and period.due >= expected)
    return len(extensions) <= MAX_EXTENSIONS and consents and paused == ended and in_order


def late_unrecorded(batch: Batch) -> Iterable[int]:
    rows = Deadline.objects.filter(case__in=batch.ids, state="RUNNING", overdue_at=None)
    return rows.filter(due__lt=batch.today - TO_RECORD).values_list("case", flat=True)


CHECKS = (
    Check(
        "queue_has_the_nearest_date",
        _("案件列表上的日期就是最近的期限。"),
        _("案件列表上的日期和期限不一致，案件会排在错误的位置。"),
        _("请系统管理员重新计算这个案件的日期。"),
        other_date_on_the_queue,
        page="deadlines/",
    ),
    Check(
        "clock_fits_the_status",
        _("在计时的期限都是现在这个阶段的。"),
        _("有一个别的阶段的期限还在计时。"),
        _("请系统管理员结束这个期限。"),
        clock_of_another_state,
        page="deadlines/",
    ),
    Check(
        "status_has_its_clock",
        _("每个阶段都有自己的期限在计时。"),
        _("案件在这个阶段没有期限，不会有人被提醒。"),
        _("请尽快办理这一步。"),
        clock_missing,
        page="deadlines/",
    ),
    Check(
        "period_moves_by_consent",
        _("调解期限只因各方同意、中止或者放假安排而变。"),
        _("调解期限变了，却没有各方的同意或者中止。"),
        _("请核对期限变动的记录。"),
        moved_without_consent,
        page="deadlines/",
    ),
    Check(
        "paused_only_while_suspended",
        _("只有中止的案件调解期限才停。"),
        _("案件没有中止，调解期限却停着。"),
        _("请系统管理员恢复这个期限。"),
        paused_while_going_on,
        page="deadlines/",
    ),
    Check(
        "late_is_recorded",
        _("过了的期限在第二天就记为超期，并写明由谁负责。"),
        _("有期限早已过了，却没有记录超期。"),
        _("请核对后台程序是否在运行。"),
        late_unrecorded,
        page="deadlines/",
        by_clock=True,
    ),
)
