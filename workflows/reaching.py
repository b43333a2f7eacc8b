"""Find the people whom no way leads to: hand the tasks over, record how it was done."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.models import User
from accounts.roles import Role
from accounts.words import within
from cases.changes import journal, keeping_still, touch
from cases.choices import Status
from cases.entries import CaseEntry
from cases.models import Case
from cases.responsibility import staff_of
from notifications.models import CannotReach, Kind
from notifications.services import notify

BATCH = 100


class NotReachedError(DomainError):
    """This does not record how somebody was reached."""


def hand_over_unreachable(now: datetime) -> int:
    """Give each new task about a case to somebody and tell them; return how many there were."""
    new = CannotReach.objects.filter(handed_over_at__isnull=True, resolved_at__isnull=True).order_by("pk")
    return sum(_hand_over(key, now) for key in list(new.values_list("pk", flat=True)[:BATCH]))


def _hand_over(key: int, now: datetime) -> int:
    task = CannotReach.objects.get(pk=key)
    about_a_case = task.subject_kind == "case"
    with transaction.atomic(), keeping_still(task.subject_id) if about_a_case else nullcontext() as case:
        task = CannotReach.objects.select_for_update().get(pk=key)
        if task.handed_over_at is not None or task.resolved_at is not None:
            return 0
        task.handed_over_at = now
        task.assigned_to = _who_looks(case) if case else None
        task.save(update_fields=["handed_over_at", "assigned_to"])
        if case is None:
            return 1
        if task.assigned_to is not None:
            notify(
                task.assigned_to,
                kind=Kind.CANNOT_REACH,
                subject=case.subject,
                url=f"/desk/unreachable/{task.pk}/",
                at=now,
                number=case.case_number or case.number or "",
            )
        journal(case, CaseEntry.CANNOT_REACH, by=None, at=now, task=task.pk)
        if case.status != Status.ARCHIVED:
            touch(case)
    return 1


def _who_looks(case: Case) -> User | None:
    """The handler while at work here, else somebody of the intake, else a director."""
    for people in _in_turn(case):
        found = next((one for one in people if policy.allows(one, "case.reach_party", case)), None)
        if found is not None:
            return found
    return None


def _in_turn(case: Case) -> Iterable[list[User]]:
    yield [case.handler] if case.handler else []
    yield staff_of(case, Role.INTAKE)
    yield staff_of(case, Role.DIRECTOR)


def record_reached(task: CannotReach, *, how: str, note: str, by: User, at: datetime) -> CannotReach:
    """Record how somebody was told after all, or that nothing helped; an archived case keeps as it is.

    Raises NotAllowedError, ConflictError, NotReachedError.
    """
    chosen = CannotReach.How(how)
    if chosen == CannotReach.How.READ:
        raise NotReachedError(_("本人在网上看过的，系统会自己记录。"))
    if chosen == CannotReach.How.GAVE_UP and not note.strip():
        raise NotReachedError(_("请写明试过哪些办法。"))
    with keeping_still(task.subject_id) as case:
        if not policy.allows(by, "case.reach_party", case):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        locked = CannotReach.objects.select_for_update(of=("self",)).get(pk=task.pk, subject_kind="case")
        if locked.resolved_at is not None:
            raise ConflictError(_("这一项已经有人办好了。"))
        locked.how, locked.note = chosen, within(note, 300)
        locked.resolved_at, locked.resolved_by = at, by
        locked.save(update_fields=["how", "note", "resolved_at", "resolved_by"])
        journal(case, CaseEntry.REACHED, by=by, at=at, task=locked.pk, how=chosen)
        if case.status != Status.ARCHIVED:
            touch(case)
    return locked
