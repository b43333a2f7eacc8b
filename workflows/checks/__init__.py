"""What holds of every case at any moment, asked of living data: each breach is named with what is to be done.

The twelve invariants of domain.md 8.11 are here, and what else was once found broken. The tests ask the same checks
after every step of a random walk; `manage.py check_cases` and the worker ask them of all cases.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from workflows.checks import agreement, course, dates, papers, parties, people, procedure, turns
from workflows.checks.base import Batch, Breach, Check

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cases.models import Case

CHECKS: tuple[Check, ...] = (
    *people.CHECKS,
    *parties.CHECKS,
    *agreement.CHECKS,
    *course.CHECKS,
    *procedure.CHECKS,
    *dates.CHECKS,
    *papers.CHECKS,
    *turns.CHECKS,
)
BY_NAME = {check.name: check for check in CHECKS}
TOGETHER = 2_000  # cases in one batch: the queries of a run grow with the batches, not with the cases


def check_cases(cases: "QuerySet[Case]", *, at: datetime, by_clock: bool = True) -> list[Breach]:
    """Return what does not hold of these cases; without `by_clock`, only what time alone cannot break."""
    return list(breaches(cases, at=at, by_clock=by_clock))


def breaches(cases: "QuerySet[Case]", *, at: datetime, by_clock: bool = True) -> Iterator[Breach]:
    """Yield what does not hold, batch by batch; what one batch is asked is of one moment."""
    wanted = [check for check in CHECKS if by_clock or not check.by_clock]
    keys = list(cases.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(keys), TOGETHER):
        with _one_moment():
            yield from _of_batch(Batch(tuple(keys[first : first + TOGETHER]), at), wanted)


def _of_batch(batch: Batch, checks: list[Check]) -> Iterator[Breach]:
    for check in checks:
        for case in sorted({key for key in check.find(batch) if key is not None}):
            yield Breach(check.name, case)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all queries of a batch see the same rows: a case that moves meanwhile is not half of one, half of another."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
