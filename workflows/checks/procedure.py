"""The procedure: each case has its process, the one task of its status, and the timers that wake it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import Task

from calendars.today import end_of_day
from cases.models import Deadline
from workflows.checks.base import Batch, Check
from workflows.checks.people import keys
from workflows.flows import TIMERS
from workflows.models import CaseProcess
from workflows.tasks import ACTIVE, demanded

TRIED_AGAIN = timedelta(days=2)  # what was refused when it was due is tried again the next day


def _tasks(batch: Batch) -> dict[int, list[tuple[str, datetime | None]]]:
    """Return the open tasks and timers by case; read once for the checks of one batch."""
    if "tasks" in batch.read:
        kept: dict[int, list[tuple[str, datetime | None]]] = batch.read["tasks"]
        return kept
    rows = Task.objects.filter(process__caseprocess__case__in=batch.ids, status__in=ACTIVE)
    found: dict[int, list[tuple[str, datetime | None]]] = {}
    for case, node, scheduled in rows.values_list("process__caseprocess__case", "flow_task", "scheduled"):
        found.setdefault(case, []).append((str(node.name), scheduled))
    batch.read["tasks"] = found
    return found


def _compared(batch: Batch) -> Iterator[tuple[int, list[str], set[str]]]:
    tasks = _tasks(batch)
    for case, status in batch.cases.filter(Exists(CaseProcess.objects.filter(case=OuterRef("pk")))).values_list(
        "pk", "status"
    ):
        yield case, [name for name, _at in tasks.get(case, [])], demanded(status)


TIMER_NAMES = frozenset(timer.name for timer in TIMERS.values())


def without_process(batch: Batch) -> Iterable[int]:
    return keys(batch.cases.exclude(Exists(CaseProcess.objects.filter(case=OuterRef("pk")))))


def timer_lost(batch: Batch) -> set[int]:
    return {case for case, names, wanted in _compared(batch) if wanted & TIMER_NAMES - set(names)}


def task_too_many(batch: Batch) -> set[int]:
    return {case for case, names, wanted in _compared(batch) if len(names) > len(wanted)}


def task_of_another_status(batch: Batch) -> set[int]:
    return {
        case for case, names, wanted in _compared(batch) if set(names) - wanted or (wanted - TIMER_NAMES) - set(names)
    }


def timer_too_late(batch: Batch) -> set[int]:
    """A timer may wake early and look; one that wakes later than its date lets the date pass."""
    tasks = _tasks(batch)
    clocks = {timer.name: str(timer.clock) for timer in TIMERS.values()}
    armed = {(case, clocks[name]): at for case, rows in tasks.items() for name, at in rows if name in clocks}
    rows = Deadline.objects.filter(case__in=batch.ids, state="RUNNING", clock__in=set(clocks.values()))
    found = set()
    for case, clock, due in rows.values_list("case_id", "clock", "due"):
        wakes = armed.get((case, clock))
        if wakes is not None and wakes > max(end_of_day(due), batch.at + TRIED_AGAIN):
            found.add(case)
    return found


CHECKS = (
    Check(
        "case_has_its_procedure",
        _("每个案件都有一个办案流程。"),
        _("案件没有办案流程，任何人都办不了下一步。"),
        _("请系统管理员从备份里恢复流程。"),
        without_process,
    ),
    Check(
        "timer_is_armed",
        _("到期自动办理的步骤都设了定时。"),
        _("到期自动办理的定时不见了。"),
        _("请人工办理这一步。"),
        timer_lost,
    ),
    Check(
        "timer_at_its_date",
        _("定时不晚于它的期限。"),
        _("定时晚于期限，到期时不会自动办理。"),
        _("请人工办理这一步。"),
        timer_too_late,
    ),
    Check(
        "one_task_for_the_status",
        _("每个案件只有现在这一步的任务。"),
        _("案件多了一个任务。"),
        _("请系统管理员取消多出来的任务。"),
        task_too_many,
    ),
    Check(
        "task_fits_the_status",
        _("任务就是现在这一步的任务。"),
        _("案件的任务不是现在这一步的，或者没有任务。"),
        _("请系统管理员按案件的状态核对任务。"),
        task_of_another_status,
    ),
)
