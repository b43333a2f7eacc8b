"""The frame of every change to a case: lock, check, change, journal, tell, in one transaction."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.models import User
from audit.live import announce_all, told_together
from audit.services import record
from cases.choices import Status
from cases.entries import CaseEntry
from cases.facts.base import Fact
from cases.models import Case
from cases.move import Move
from cases.reading import read_locked

DEADLOCK = "40P01"  # PostgreSQL: two transactions waited for each other, and this one was given up
PAUSES = (0.05, 0.2)  # seconds, on average, before a second and a third try
P = ParamSpec("P")
R = TypeVar("R")


class CaseArchivedError(DomainError):
    """An archived case does not change any more (domain.md 8.11, 7)."""


def again_after_deadlock(change: Callable[P, R]) -> Callable[P, R]:
    """Do a whole transaction again where it was the one given up; inside a larger one, that one must.

    Whoever comes back at once may take the lock before the one that waited for it has woken up, and both
    stand there again: a short pause of uneven length lets the other through.
    """

    @wraps(change)
    def whole(*args: P.args, **given: P.kwargs) -> R:
        for pause in PAUSES:
            try:
                return change(*args, **given)
            except OperationalError as error:
                if connection.in_atomic_block or getattr(error.__cause__, "pgcode", None) != DEADLOCK:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))
        return change(*args, **given)

    return whole


@dataclass(frozen=True)
class Change:
    """Who writes on a case, when, and by what: the name of an action or of a fact."""

    how: str
    by: User | None
    at: datetime


class _Hold:
    """A case that this thread holds: as it was read last, by whom it was entered first, and how often."""

    def __init__(self, change: Change) -> None:
        self.change, self.entered, self.locked = change, 0, list[Case]()


class _Held(threading.local):
    def __init__(self) -> None:
        self.cases: dict[int, _Hold] = {}


Settler = Callable[[Case, Change], None]
_held = _Held()
_settlers: list[Settler] = []


def settle_with(settler: Settler) -> None:
    """Take what the floor above runs at the end of every change of a case, inside its transaction."""
    _settlers[:] = [settler]


@contextmanager
def holding(case_id: int, how: str, *, by: User | None, at: datetime, within_own: bool = False) -> Iterator[Case]:
    """Hold a case for a change: its row locked until the transaction ends, and read anew.

    The one way in for everybody who writes what a case waits for. Leaving it, the outermost one, settles whose turn
    it is (`workflows.turns`), in the same transaction and without a trace where nothing changed. `within_own`: the
    caller has just opened a transaction (or savepoint) for this change alone.
    """
    with transaction.atomic(savepoint=not within_own):
        locked = _lock_case(case_id)
        hold = _held.cases.setdefault(case_id, _Hold(Change(how, by, at)))
        hold.entered += 1
        hold.locked.append(locked)
        try:
            yield locked
            if hold.entered == 1:
                _settle(hold)
        finally:
            hold.entered -= 1
            if not hold.entered:
                del _held.cases[case_id]


def _settle(hold: _Hold) -> None:
    """Settle on the case as it stands now: of several readings of its row, each may know what another does not."""
    case = hold.locked[0] if len(hold.locked) == 1 else _lock_case(hold.locked[0].pk)
    for settler in _settlers:
        settler(case, hold.change)


@contextmanager
def keeping_still(case_id: int) -> Iterator[Case]:
    """Hold a case while something is read, or written beside it, that changes nothing of what it waits for.

    Words in a room, a code that was sent, a look at personal data, a reminder.
    """
    with transaction.atomic():
        yield _lock_case(case_id)


def lock_rows(cases: QuerySet[Case]) -> None:
    """Lock the rows of several cases in the order of their keys; each change of one then enters `holding`."""
    list(cases.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _lock_case(case_id: int) -> Case:
    """Lock the row of a case and read it anew; waits at most settings.LOCK_TIMEOUT."""
    return read_locked(case_id)


@contextmanager
def changing(case: Case, asked: Fact | str, *, by: User | None, at: datetime, permission: str = "") -> Iterator[Case]:
    """Open a change that does not move the case: locked, allowed, open, not archived; everybody is told of it.

    `asked` is the declaration of the fact that is written, or, for what no form writes, a permission; `permission` the
    one that this way of writing needs, where the fact knows several. Raises NotAllowedError, CaseArchivedError,
    ClosedError.
    """
    opened = _opened(case, asked, permission, by=by, at=at, within_own=True)
    with transaction.atomic(), told_together(), opened as locked:
        yield locked
        touch(locked)


@contextmanager
def changing_unseen(
    case: Case, asked: Fact | str, *, by: User | None, at: datetime, permission: str = ""
) -> Iterator[Case]:
    """Open a change as `changing` does, but one by which nobody may notice that anything happened."""
    with _opened(case, asked, permission, by=by, at=at) as locked:
        yield locked


@contextmanager
def _opened(
    case: Case, asked: Fact | str, permission: str, *, by: User | None, at: datetime, within_own: bool = False
) -> Iterator[Case]:
    fact = asked if isinstance(asked, Fact) else None
    wanted = permission or (fact.permissions[0] if fact is not None else str(asked))
    with holding(case.pk, wanted.removeprefix("case."), by=by, at=at, within_own=within_own) as locked:
        if fact is not None:
            fact.require_person(locked, Move(by, at), permission)
        elif not policy.allows(by, wanted, locked):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        if locked.status == Status.ARCHIVED:
            raise CaseArchivedError(_("案件已经归档，不能再改动。"))
        if fact is not None:
            fact.require_open(locked, Move(by, at))
        yield locked


def touch(case: Case) -> None:
    """Count up the revision and tell every page that shows the case."""
    case.revision += 1
    case.save(update_fields=["revision"])
    tell(case)


def tell(case: Case) -> None:
    """Announce the case and every place where it is listed, in one query.

    The case's version is its revision; a list has no counter of its own, so its version is the time in milliseconds.
    """
    now = time.time_ns() // 1_000_000
    lists = {f"centre:{case.centre_id}", f"region:{case.region_id}"}
    if case.centre.parent_id:
        lists.add(f"centre:{case.centre.parent_id}")
    lists |= {f"region:{case.region_id[:2]}0000", f"region:{case.region_id[:4]}00"}
    lists |= {f"company:{p.company_id}" for p in case.parties.all() if p.company_id and case.open_to(p.side)}
    announce_all([(case.topic, case.revision), *((topic, now) for topic in sorted(lists))])


def journal(case: Case, action: CaseEntry, *, by: User | None, at: datetime, reason: str = "", **after: Any) -> None:
    """Write one entry about the case, without personal data."""
    record(case.subject, action, by=by, before={}, after=after, reason=reason, at=at)


def refuse_stale(case: Case, version: int | None) -> None:
    """Refuse what was decided on an older state of the case; raises ConflictError."""
    if version is not None and version != case.version:
        raise ConflictError(_("案件状态刚刚有变化，请看最新情况后再操作。"))
