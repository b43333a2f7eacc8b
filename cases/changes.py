"""The frame of every change to a case: lock, check, change, journal, tell, in one transaction."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.models import User
from audit.live import announce_all, told_together
from audit.services import record
from cases.choices import Status
from cases.models import Case
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


def lock_case(case_id: int) -> Case:
    """Lock the row of a case until the transaction ends and read it anew; waits at most settings.LOCK_TIMEOUT."""
    return read_locked(case_id)


@contextmanager
def changing(case: Case, permission: str, *, by: User | None, at: datetime) -> Iterator[Case]:
    """Open a change that does not move the case: locked, allowed, not archived; everybody is told of it.

    Raises NotAllowedError, CaseArchivedError.
    """
    with changing_unseen(case, permission, by=by, at=at) as locked, told_together():
        yield locked
        touch(locked)


@contextmanager
def changing_unseen(case: Case, permission: str, *, by: User | None, at: datetime) -> Iterator[Case]:
    """Open a change as `changing` does, but one by which nobody may notice that anything happened."""
    with transaction.atomic():
        locked = lock_case(case.pk)
        if not policy.allows(by, permission, locked):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        if locked.status == Status.ARCHIVED:
            raise CaseArchivedError(_("案件已经归档，不能再改动。"))
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


def journal(case: Case, action: str, *, by: User | None, at: datetime, reason: str = "", **after: Any) -> None:
    """Write one entry about the case, without personal data."""
    record(case.subject, action, by=by, before={}, after=after, reason=reason, at=at)


def refuse_stale(case: Case, version: int | None) -> None:
    """Refuse what was decided on an older state of the case; raises ConflictError."""
    if version is not None and version != case.version:
        raise ConflictError(_("案件状态刚刚有变化，请看最新情况后再操作。"))
