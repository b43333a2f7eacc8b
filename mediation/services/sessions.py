"""Call mediation sessions: when, where, told to whom; move them, cancel them."""

from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ConsentHow, Status
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import JOINT, Case, Party, RoomEntry
from cases.rooms import post_event
from mediation.errors import MediationError
from mediation.models import Mediator, Session, SessionNotice

CALLABLE = frozenset({Status.ASSIGNED, Status.MEDIATING})
# While a case may still come together, also one that stands still or is given to its mediator at this moment.
GOING_ON = CALLABLE | {Status.ACCEPTED, Status.SUSPENDED, Status.SIGNING}
SHORTEST, LONGEST = 15, 480
How = SessionNotice.How


def schedule_session(
    case: Case,
    *,
    starts_at: datetime,
    place: str,
    notice: str,
    by: User,
    at: datetime,
    minutes: int = 90,
    link: str = "",
) -> Session:
    """Schedule a mediation session and record how its notice was given."""
    with changing(case, talks.SCHEDULE_SESSION, by=by, at=at) as locked:
        return add_session(
            locked, starts_at=starts_at, place=place, notice=notice, minutes=minutes, link=link, by=by, at=at
        )


def add_session(
    case: Case,
    *,
    starts_at: datetime,
    place: str,
    notice: str,
    by: User | None,
    at: datetime,
    minutes: int = 90,
    link: str = "",
) -> Session:
    """Write the session inside the caller's change; raises MediationError."""
    require_possible(case, starts_at=starts_at, place=place, minutes=minutes, at=at)
    number = (case.sessions.aggregate(last=Max("number"))["last"] or 0) + 1
    session = Session.objects.create(
        case=case,
        round=case.round,
        number=number,
        starts_at=starts_at,
        minutes=minutes,
        place=within(place, 200),
        link=link,
        notice=Session.Notice(notice),
    )
    _write_notices(case, session, by=by, at=at)
    journal(case, CaseEntry.SCHEDULE_SESSION, by=by, at=at, session=number, starts_at=starts_at.isoformat())
    post_event(case, JOINT, kind=RoomEntry.Kind.SESSION_CALLED, ref=session.pk, by=by, at=at)
    return session


def move_session(
    session: Session,
    *,
    starts_at: datetime,
    place: str,
    reason: str,
    by: User,
    at: datetime,
    minutes: int = 90,
    link: str = "",
) -> Session:
    """Hold a session at another time or place; its notice has to be given anew. Raises MediationError."""
    if not reason.strip():
        raise MediationError(_("请写明为什么改期。"))
    with changing(session.case, talks.MOVE_SESSION, by=by, at=at) as locked:
        session = _standing(locked, session)
        require_possible(locked, starts_at=starts_at, place=place, minutes=minutes, at=at, instead_of=session)
        before = session.starts_at
        session.starts_at, session.minutes, session.place, session.link = starts_at, minutes, within(place, 200), link
        session.changes += 1
        session.notice = Session.Notice.SERVED
        session.save(update_fields=["starts_at", "minutes", "place", "link", "changes", "notice"])
        _write_notices(locked, session, by=by, at=at)
        journal(
            locked,
            CaseEntry.MOVE_SESSION,
            by=by,
            at=at,
            reason=within(reason, 300),
            session=session.number,
            before=before.isoformat(),
            starts_at=starts_at.isoformat(),
        )
        post_event(locked, JOINT, kind=RoomEntry.Kind.SESSION_CALLED, ref=session.pk, by=by, at=at)
    return session


def cancel_session(session: Session, *, reason: str, by: User, at: datetime) -> Session:
    """Call a session off, with the reason; raises MediationError."""
    if not reason.strip():
        raise MediationError(_("请写明为什么取消。"))
    with changing(session.case, talks.CANCEL_SESSION, by=by, at=at) as locked:
        session = _standing(locked, session)
        session.cancelled_at, session.cancel_reason = at, within(reason, 300)
        session.changes += 1
        session.save(update_fields=["cancelled_at", "cancel_reason", "changes"])
        journal(locked, CaseEntry.CANCEL_SESSION, by=by, at=at, reason=within(reason, 300), session=session.number)
    return session


def serve_session_notice(session: Session, party: Party, *, channel: str, by: User, at: datetime) -> SessionNotice:
    """Record that staff told a party of a session on a way of their own; raises MediationError."""
    with changing(session.case, talks.SERVE_NOTICE, by=by, at=at) as locked:
        return _notice(locked, session, party, How.SERVED, channel, by=by, at=at)


def waive_session_notice(session: Session, party: Party, *, by: User, at: datetime) -> SessionNotice:
    """Let a party say that it needs no notice of this session; raises MediationError."""
    with changing(session.case, talks.WAIVE_NOTICE, by=by, at=at) as locked:
        if party.pk not in {own.pk for own in locked.parties_of(by)}:
            raise MediationError(_("只能代表自己这一方。"))
        return _notice(locked, session, party, How.WAIVED, ConsentHow.ONLINE, by=by, at=at)


def _notice(
    case: Case, session: Session, party: Party, how: str, channel: str, *, by: User, at: datetime
) -> SessionNotice:
    session = _standing(case, session)
    if party.case_id != case.pk or party.left_at is not None:
        raise MediationError(_("这位当事人不在本案中。"))
    row, created = SessionNotice.objects.get_or_create(
        session=session,
        party=party,
        change=session.changes,
        defaults={"how": How(how), "channel": ConsentHow(channel), "by": by, "at": at},
    )
    if not created and row.how != how:
        raise MediationError(_("这一方已经登记过通知情况。"))
    journal(case, CaseEntry.SESSION_NOTICE, by=by, at=at, session=session.number, party=party.pk, how=how)
    return row


def _write_notices(case: Case, session: Session, *, by: User | None, at: datetime) -> None:
    """Note whom the site tells of it, or that all did without notice; who reads nothing there is told by people."""
    waived = session.notice == Session.Notice.WAIVED
    SessionNotice.objects.bulk_create(
        SessionNotice(
            session=session,
            party=party,
            change=session.changes,
            how=How.WAIVED if waived else How.SERVED,
            channel=ConsentHow.ORAL if waived else ConsentHow.ONLINE,
            by=by,
            at=at,
        )
        for party in case.parties.all()
        if party.left_at is None and (waived or party.reachable_online)
    )


def require_possible(
    case: Case, *, starts_at: datetime, place: str, minutes: int, at: datetime, instead_of: Session | None = None
) -> None:
    """Refuse a session that nobody could hold; raises MediationError."""
    if not place.strip():
        raise MediationError(_("请填写调解地点或线上方式。"))
    if local_date(starts_at) < local_date(at):
        raise MediationError(_("调解会的时间已经过去，请改为今天或以后。"))
    if not SHORTEST <= minutes <= LONGEST:
        raise MediationError(_("时长要在15分钟到8小时之间。"))
    list(Mediator.objects.select_for_update().filter(user=case.mediator_id).values_list("pk"))  # against a race
    taken = double_booking(case, starts_at=starts_at, minutes=minutes, instead_of=instead_of)
    if taken is not None:
        local = timezone.localtime
        raise MediationError(
            _("调解员在%(from)s到%(until)s已经有另一场调解会，请另选时间。")
            % {"from": f"{local(taken.starts_at):%m-%d %H:%M}", "until": f"{local(taken.ends_at):%H:%M}"}
        )


def double_booking(
    case: Case, *, starts_at: datetime, minutes: int, instead_of: Session | None = None
) -> Session | None:
    """Return the session by which the case's mediator is taken at this time, or None."""
    if case.mediator_id is None:
        return None
    ends_at = starts_at + timedelta(minutes=minutes)
    near = Session.objects.filter(
        case__mediator=case.mediator_id,
        cancelled_at__isnull=True,
        record="",
        starts_at__lt=ends_at,
        starts_at__gt=starts_at - timedelta(minutes=LONGEST),
    )
    others = (session for session in near if instead_of is None or session.pk != instead_of.pk)
    return next((session for session in others if session.ends_at > starts_at), None)


def clashing_sessions(case: Case, *, at: datetime) -> list[tuple[Session, Session]]:
    """Return the sessions of a case still to come at which its mediator is elsewhere, each with the other; one query.

    Nobody may call two at one time; but whoever takes a case over finds its sessions called already.
    """
    if case.mediator_id is None or case.status not in GOING_ON:
        return []
    elsewhere = Q(case__mediator=case.mediator_id, case__status__in=GOING_ON)
    to_come = Session.objects.filter(
        Q(case=case) | elsewhere, cancelled_at__isnull=True, record="", starts_at__gt=at - timedelta(minutes=LONGEST)
    )
    rows = [session for session in to_come.order_by("starts_at", "pk") if session.ends_at > at]
    found = []
    for own in (session for session in rows if session.case_id == case.pk):
        others = (one for one in rows if one.case_id != case.pk and one.starts_at < own.ends_at)
        if other := next((one for one in others if one.ends_at > own.starts_at), None):
            found.append((own, other))
    return found


def _standing(case: Case, session: Session) -> Session:
    session = Session.objects.get(pk=session.pk, case=case)
    if session.cancelled_at is not None:
        raise MediationError(_("这次调解会已经取消。"))
    if session.record:
        raise MediationError(_("这次调解会已经开过，有了记录。"))
    return session
