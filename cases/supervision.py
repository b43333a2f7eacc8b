"""The director asks for a reason or orders somebody to act (督办); the person asked answers."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import DomainError
from accounts.models import User
from accounts.words import within
from calendars.services import load_calendar
from calendars.today import local_date
from calendars.working_days import add_working_days
from cases.changes import changing, journal
from cases.entries import CaseEntry
from cases.facts import matter
from cases.models import Case, Deadline, Supervision
from cases.responsibility import responsible
from notifications.models import Kind as Told
from notifications.services import notify

ANSWER_WORKING_DAYS = 2
State = Deadline.State


class SupervisionError(DomainError):
    """This cannot be asked or answered."""


def supervise(deadline: Deadline, *, kind: str, by: User, at: datetime, note: str = "") -> Supervision:
    """Ask whoever answers for a deadline for the reason, or order the person to act; asking twice is asking once.

    Raises SupervisionError.
    """
    with changing(deadline.case, matter.SUPERVISE, by=by, at=at) as locked:
        deadline = Deadline.objects.select_for_update().get(pk=deadline.pk)
        today = local_date(at)
        if kind == Supervision.Kind.REASON and not was_late(deadline, at=at):
            raise SupervisionError(_("还没有超期，不用说明原因；可以督办。"))
        if kind == Supervision.Kind.ORDER and deadline.state != State.RUNNING:
            raise SupervisionError(_("这个期限已经不在计时，不用督办。"))
        person = whom_to_ask(locked, deadline)
        if person is None:
            raise SupervisionError(_("这段时间属于当事人，或者没有责任人，不能督办。"))
        if person.pk == by.pk:
            raise SupervisionError(_("您自己就是责任人，不能督办自己，请直接说明原因。"))
        asked = deadline.supervisions.filter(
            kind=kind, person=person, answered_at__isnull=True, withdrawn_at__isnull=True
        ).first()
        if asked is not None:
            return asked
        row = Supervision.objects.create(
            deadline=deadline,
            kind=Supervision.Kind(kind),
            person=person,
            note=within(note, 300),
            answer_by=add_working_days(load_calendar(), today, ANSWER_WORKING_DAYS).due,
            by=by,
            at=at,
        )
        journal(locked, CaseEntry.SUPERVISE, by=by, at=at, clock=deadline.clock, kind=kind, person=person.pk)
        notify(
            person,
            kind=Told.SUPERVISED,
            subject=locked.subject,
            url=answer_url(locked, row),
            at=at,
            number=locked.case_number or locked.number or "",
        )
    return row


def was_late(deadline: Deadline, *, at: datetime) -> bool:
    """Say whether a deadline ran out: it still runs past its day, or was met after it."""
    if deadline.state == State.RUNNING:
        return deadline.due < local_date(at)
    return deadline.state == State.MET and deadline.ended_on is not None and deadline.ended_on > deadline.due


def whom_to_ask(case: Case, deadline: Deadline) -> User | None:
    """Return who answered for it when it passed, or who does now where that person sees the case no more."""
    for person in (deadline.overdue_of, responsible(case, deadline.clock)):
        if person is not None and policy.allows(person, "case.assist_overdue", case):
            return person
    return None


def answer_url(case: Case, row: Supervision) -> str:
    return f"/cases/{case.number}/do/answer-supervision/?of={row.pk}"


def answer(row: Supervision, *, text: str, by: User, at: datetime) -> None:
    """Answer what the director asked; the answer is the reason of a deadline that is late; raises SupervisionError."""
    if not text.strip():
        raise SupervisionError(_("请写下答复。"))
    with changing(row.deadline.case, matter.ANSWER_SUPERVISION, by=by, at=at) as locked:
        row = Supervision.objects.select_for_update(of=("self",)).select_related("deadline").get(pk=row.pk)
        if row.person_id != by.pk:
            raise SupervisionError(_("这是问另一位同事的，请由本人答复。"))
        if not row.is_open:
            raise SupervisionError(_("已经答复过，或者已被收回。"))
        row.answer, row.answered_at = within(text, 500), at
        row.save(update_fields=["answer", "answered_at"])
        deadline = row.deadline
        if was_late(deadline, at=at) and (row.kind == Supervision.Kind.REASON or not deadline.overdue_reason):
            deadline.overdue_reason = row.answer[:300]
            deadline.save(update_fields=["overdue_reason"])
        journal(locked, CaseEntry.ANSWER_SUPERVISION, by=by, at=at, clock=deadline.clock, kind=row.kind)


def withdraw(row: Supervision, *, by: User, at: datetime) -> None:
    """Take back what was asked: settled otherwise, or the wrong person; raises SupervisionError."""
    with changing(row.deadline.case, matter.SUPERVISE, by=by, at=at) as locked:
        row = Supervision.objects.select_for_update(of=("self",)).select_related("deadline").get(pk=row.pk)
        if not row.is_open:
            raise SupervisionError(_("已经答复过，或者已被收回。"))
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        journal(locked, CaseEntry.WITHDRAW_SUPERVISION, by=by, at=at, clock=row.deadline.clock, kind=row.kind)


def asked_of(user: User, case: Case | None = None) -> list[Supervision]:
    """Return what somebody still has to answer, the first to be answered first; one query."""
    rows = Supervision.objects.filter(person=user, answered_at__isnull=True, withdrawn_at__isnull=True)
    if case is not None:
        rows = rows.filter(deadline__case=case)
    return list(rows.select_related("deadline__case", "by").order_by("answer_by", "pk")[:50])
