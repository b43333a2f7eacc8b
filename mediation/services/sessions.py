"""Schedule and record mediation sessions."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import Status
from cases.models import Case
from mediation.errors import MediationError
from mediation.models import Session


def schedule_session(case: Case, *, starts_at: datetime, place: str, notice: str, by: User, at: datetime) -> Session:
    """Schedule a mediation session and record how its notice was given."""
    with changing(case, "case.hold_session", by=by, at=at) as locked:
        if locked.status not in {Status.ASSIGNED, Status.MEDIATING}:
            raise MediationError(_("现在不能安排调解会。"))
        return add_session(locked, starts_at=starts_at, place=place, notice=notice, by=by, at=at)


def add_session(case: Case, *, starts_at: datetime, place: str, notice: str, by: User | None, at: datetime) -> Session:
    """Write the session inside the caller's change; raises MediationError."""
    if not place.strip():
        raise MediationError(_("请填写调解地点或线上方式。"))
    if local_date(starts_at) < local_date(at):
        raise MediationError(_("调解会的时间已经过去，请改为今天或以后。"))
    number = (case.sessions.aggregate(last=Max("number"))["last"] or 0) + 1
    session = Session.objects.create(
        case=case,
        round=case.round,
        number=number,
        starts_at=starts_at,
        place=place.strip()[:200],
        notice=Session.Notice(notice),
    )
    journal(case, "schedule_session", by=by, at=at, session=number, starts_at=starts_at.isoformat())
    return session


def record_session(
    session: Session, *, attendees: str, record: str, result: str, undisputed_facts: str = "", by: User, at: datetime
) -> Session:
    """Write the session record (调解记录) once; raises MediationError."""
    if not record.strip():
        raise MediationError(_("请填写调解记录。"))
    with changing(session.case, "case.hold_session", by=by, at=at) as locked:
        session = Session.objects.select_for_update().get(pk=session.pk)
        if session.record:
            raise MediationError(_("这次调解会已有记录，不能改写；补充内容请记入下一次。"))
        session.attendees, session.record, session.result = (
            attendees.strip()[:500],
            record.strip(),
            result.strip()[:300],
        )
        session.undisputed_facts = undisputed_facts.strip()
        session.recorded_at, session.recorded_by = at, by
        session.save()
        journal(locked, "record_session", by=by, at=at, session=session.number)
    return session
