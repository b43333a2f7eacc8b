"""Open, find, complete and check the tasks of a case."""

from typing import Any

from django.utils.translation import gettext as _
from viewflow.workflow import STATUS
from viewflow.workflow.models import Task

from accounts.errors import ConflictError
from accounts.models import User
from accounts.prepared import Prepared
from cases.choices import Status
from cases.models import Case
from workflows.flows import TASK_OF, TIMERS, CaseFlow, CaseTask, CaseTimer, due_moment
from workflows.models import CaseProcess

ACTIVE = [STATUS.NEW, STATUS.ASSIGNED, STATUS.STARTED, STATUS.SCHEDULED]


class DriftError(Exception):
    """The open tasks are not those that the status demands: a defect, so everything rolls back."""


def start(case: Case) -> CaseProcess:
    """Begin the process of a new case."""
    process: CaseProcess = CaseFlow.start.run(case=case)
    return process


_active = Prepared(
    lambda case: (
        Task.objects.filter(process__caseprocess__case=case, status__in=ACTIVE)
        .select_related("process__caseprocess")
        .order_by("pk")
    ),
    -1,
)


def active_tasks(case: Case) -> list[Task]:
    """Return the open tasks and armed timers of a case."""
    return _active(case.pk)


def complete(case: Case, old_status: str, action: str, *, by: User | None) -> None:
    """Complete the task of the old status in the name of whoever acted: the timer's where the clock did.

    Raises ConflictError where no such task is open.
    """
    node: CaseTask | CaseTimer = TIMERS[action] if by is None else TASK_OF[old_status]
    task = next((task for task in active_tasks(case) if task.flow_task == node), None)
    if task is None:
        raise ConflictError(_("这一步已经有人办了，请看最新情况。"))
    activation: Any = node.activation_class(task)
    activation.process.case = case
    activation.carry_out() if by is None else activation.carry_out(by)


def sync_timers(case: Case) -> None:
    """Move armed timers to where their deadlines stand now: after an extension, a pause, a new calendar."""
    for task in active_tasks(case):
        node = task.flow_task
        if isinstance(node, CaseTimer):
            moment = due_moment(case.pk, node.clock)
            if task.scheduled != moment:
                task.scheduled = moment
                task.save(update_fields=["scheduled"])


def check(case: Case) -> None:
    """Compare the open tasks with what the status demands; raises DriftError."""
    tasks = [task.flow_task for task in active_tasks(case)]
    if {node.name for node in tasks} != demanded(case.status) or len(tasks) != len(demanded(case.status)):
        raise DriftError(f"case {case.pk} is {case.status} with tasks {sorted(node.name for node in tasks)}")


def demanded(status: str) -> set[str]:
    """Return the names of the nodes that must be open in a status: its task and the timers on it."""
    if status == Status.ARCHIVED:
        return set()
    host = TASK_OF[status]
    return {host.name} | {timer.name for timer in TIMERS.values() if timer._attached_to is host}
