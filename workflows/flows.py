"""Who acts next, and by when: the procedure of a case as a Viewflow process.

The state machine (`cases.lifecycle`) decides what is legal; this flow only reads the case and opens the task that its
status demands. Rows store `workflows/flows.CaseFlow.<node>`: no node is renamed or deleted without a data migration.
Viewflow's own views are not mounted; `workflows.actions.perform` is the only hand that completes tasks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from viewflow import this
from viewflow.workflow import STATUS, flow
from viewflow.workflow.activation import Activation
from viewflow.workflow.nodes.boundary import TimerBoundary, TimerBoundaryActivation
from viewflow.workflow.nodes.switch import SwitchActivation
from viewflow.workflow.nodes.view import View, ViewActivation

from accounts.models import User
from calendars.today import end_of_day
from cases.changes import lock_rows
from cases.choices import Status
from cases.clocks import ClockKey
from cases.models import Case
from workflows.models import CaseProcess

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class CaseRowLock:
    """Lock the case row, blocking: the same row that `perform` holds, so entering again costs nothing."""

    @contextmanager
    def __call__(self, flow_class: type[flow.Flow], process_pk: int | None) -> Iterator[None]:
        if process_pk is None:
            raise ValueError("a task without a process cannot be locked")
        with transaction.atomic(savepoint=False):
            lock_rows(Case.objects.filter(process__pk=process_pk))
            yield


class CaseTaskActivation(ViewActivation):
    """A person's task; it is carried out by `perform`, for whoever the policy allowed."""

    def carry_out(self, by: User | None) -> None:
        """Complete the task in the name of whoever acted, and open what comes next."""
        if by is not None and not by.is_guest:
            self.task.owner = by
        self.task.started = self.task.started or timezone.now()
        self.task.status = STATUS.STARTED
        self.complete()
        self.activate_next()


class RouteActivation(SwitchActivation):
    """A switch that leaves no row behind: the next task follows the one before the switch directly."""

    @classmethod
    def create(cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None) -> Any:
        """Pass through, remembering where from; nothing is stored."""
        task = flow_task.flow_class.task_class(process=prev_activation.process, flow_task=flow_task, token=token)
        activation = cls(task)
        activation.process, activation.came_from = prev_activation.process, prev_activation
        return activation

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @Activation.status.super()
    def activate(self) -> None:
        """Choose the branch that fits the status of the case."""
        self.next_task = next(node for node, fits in self.flow_task._branches if fits(self))

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.DONE)
    def complete(self) -> None:
        """Nothing to store."""

    @Activation.status.super()
    def create_next(self) -> Iterator[Any]:
        """Open the chosen task."""
        yield self.next_task._create(self.came_from, self.task.token)


class Route(flow.Switch):
    """The exclusive gateway of this flow."""

    activation_class = RouteActivation


class CaseTask(View):
    """The task that one status of a case demands; a node of this flow, without a view."""

    activation_class = CaseTaskActivation

    def __init__(self, status: Status, owner: Callable[[Any], User | None] | None = None, **kwargs: Any) -> None:
        super().__init__(view=None, **kwargs)
        self.status = status
        self._owner: Any = owner or {}
        self.task_title = status.label

    def calc_owner(self, activation: Any) -> User | None:
        return self._owner(activation.process.case) if callable(self._owner) else None


class CaseTimerActivation(TimerBoundaryActivation):
    """A deadline that acts by itself: fired by `perform(…, by=None)` only; its errors are raised, never stored."""

    @classmethod
    def create(cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None) -> Any:
        """Write the timer with its moment: Viewflow would write it without one and then again with it."""
        task = flow_task.flow_class.task_class(process=prev_activation.process, flow_task=flow_task, token=token)
        activation = cls(task)
        task.data, task.seed, task.scheduled = data or {}, seed, flow_task._delay(activation)
        task.status = STATUS.SCHEDULED
        task.save()
        task.previous.add(prev_activation.task)
        return activation

    def carry_out(self) -> None:
        """Cancel the person's task, complete the timer and open what comes next."""
        self.start()
        self.cancel_host_tasks()
        self.complete()
        self.activate_next()


class CaseTimer(TimerBoundary):
    """An interrupting boundary timer at the absolute end of a stored deadline."""

    activation_class = CaseTimerActivation

    def __init__(self, attached_to: Any, *, action: str, clock: ClockKey, **kwargs: Any) -> None:
        super().__init__(attached_to, delay=lambda activation: due_moment(activation.process.case_id, clock), **kwargs)
        self.action, self.clock = action, clock

    def _arm(self, host_activation: Any) -> None:
        self.activation_class.create(self, host_activation, host_activation.task.token)

    def _on_host_finished(self, **told: Any) -> None:
        """Cancel the timer on a task that is done: one query, where Viewflow reads and writes each."""
        host = told["task"]
        if host.flow_task == self._attached_to:
            armed = self.flow_class.task_class.objects.filter(process=host.process_id, flow_task=self)
            armed.filter(status=STATUS.SCHEDULED).update(status=STATUS.CANCELED, finished=timezone.now())


def due_moment(case_id: int, clock: str) -> datetime:
    """Return the end of the last day of a running deadline, absolute; where none runs, never."""
    from cases.models import Deadline  # bound late: the flow is read while models load

    due = (
        Deadline.objects.filter(case_id=case_id, clock=clock, state=Deadline.State.RUNNING)
        .values_list("due", flat=True)
        .first()
    )
    return end_of_day(due) if due else NEVER


def at(status: Status) -> Callable[[Any], bool]:
    """Read the status of the case: the switch never decides, it only looks."""
    return lambda activation: activation.process.case.status == status


def handler(case: Case) -> User | None:
    return case.handler


def mediator(case: Case) -> User | None:
    return case.mediator if case.mediator_id not in case.shut_out else None


def start_process(activation: Any, case: Case) -> CaseProcess:
    activation.process.case = case
    process: CaseProcess = activation.process
    return process


class CaseFlow(flow.Flow):
    """办案流程"""

    process_class = CaseProcess
    lock_impl = CaseRowLock()
    process_title = _("办案流程")

    start = flow.StartHandle(start_process).Next(this.route)

    route = (
        Route()
        .Case(this.draft, at(Status.DRAFT))
        .Case(this.submitted, at(Status.SUBMITTED))
        .Case(this.returned, at(Status.RETURNED))
        .Case(this.answering, at(Status.ANSWERING))
        .Case(this.inviting, at(Status.INVITING))
        .Case(this.accepted, at(Status.ACCEPTED))
        .Case(this.assigned, at(Status.ASSIGNED))
        .Case(this.mediating, at(Status.MEDIATING))
        .Case(this.suspended, at(Status.SUSPENDED))
        .Case(this.signing, at(Status.SIGNING))
        .Case(this.performing, at(Status.PERFORMING))
        .Case(this.followup, at(Status.FOLLOWUP))
        .Case(this.closed, at(Status.CLOSED))
        .Case(this.end, at(Status.ARCHIVED))
    )

    draft = CaseTask(Status.DRAFT).Next(this.route)
    submitted = CaseTask(Status.SUBMITTED, handler).Next(this.route)
    returned = CaseTask(Status.RETURNED).Next(this.route)
    answering = CaseTask(Status.ANSWERING).Next(this.route)
    inviting = CaseTask(Status.INVITING, handler).Next(this.route)
    accepted = CaseTask(Status.ACCEPTED).Next(this.route)
    assigned = CaseTask(Status.ASSIGNED, mediator).Next(this.route)
    mediating = CaseTask(Status.MEDIATING, mediator).Next(this.route)
    suspended = CaseTask(Status.SUSPENDED, mediator).Next(this.route)
    signing = CaseTask(Status.SIGNING, mediator).Next(this.route)
    performing = CaseTask(Status.PERFORMING, mediator).Next(this.route)
    followup = CaseTask(Status.FOLLOWUP).Next(this.route)
    closed = CaseTask(Status.CLOSED).Next(this.route)

    draft_expires = CaseTimer(this.draft, action="discard", clock=ClockKey.K0).Next(this.route)
    supplement_expires = CaseTimer(this.returned, action="lapse", clock=ClockKey.K2).Next(this.route)
    answer_expires = CaseTimer(this.answering, action="invite", clock=ClockKey.K3).Next(this.route)

    end = flow.End()


TASK_OF: dict[str, CaseTask] = {node.status: node for node in CaseFlow.instance.nodes() if isinstance(node, CaseTask)}
TIMERS: dict[str, CaseTimer] = {node.action: node for node in CaseFlow.instance.nodes() if isinstance(node, CaseTimer)}
