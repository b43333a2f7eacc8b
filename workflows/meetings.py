"""Calling people together, with the notices that belong to it: that something is arranged, never what about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from accounts.models import User
from cases.changes import holding
from cases.models import Case, Party
from documents import services as documents
from mediation import services as mediation
from mediation.models import Session, Slot, SlotPoll, UndisputedFacts
from notifications.models import Kind
from workflows import papers
from workflows.talks import tell_others, tell_some
from workflows.telling import tell_session


def schedule(case: Case, *, by: User, at: datetime, **given: Any) -> Session:
    """Call a session at a given time (see `mediation.schedule_session`) and tell everybody."""
    with transaction.atomic():
        session = mediation.schedule_session(case, by=by, at=at, **given)
        _call(session, Kind.SESSION_SCHEDULED, by=by, at=at)
    return session


def _call(session: Session, kind: str, *, by: User, at: datetime) -> None:
    """Issue the notice of a session, serve it on every party that did not waive it, and tell everybody."""
    with holding(session.case_id, "schedule-session", by=by, at=at) as case:
        step = papers.Step(case, by, at)
        if session.notice != Session.Notice.WAIVED:
            step = papers.of_kind(case, "session_notice", session, action="schedule_session", by=by, at=at)
        heard = tell_session(case, session, kind, by=by, at=at, served={party.pk for party in step.parties})
        papers.issue(step, {party.pk: str(kind) for party in heard})


def _take_back(session: Session, reason: str, *, by: User, at: datetime) -> None:
    """Take back what was issued of a session before it changed, and leave nothing due about it."""
    with holding(session.case_id, "move-session", by=by, at=at) as case:
        for row in papers.documents_of(case).filter(kind="session_notice", about_id=session.pk):
            if row.stands:
                documents.revoke(row, reason=reason, by=by, at=at)
            elif row.is_due:
                documents.drop(row, reason=reason, by=by, at=at)


def propose_slots(case: Case, *, starts: Sequence[datetime], by: User, at: datetime, **given: Any) -> SlotPoll:
    """Ask everybody which times suit them (see `mediation.propose_slots`)."""
    with transaction.atomic():
        poll = mediation.propose_slots(case, starts=starts, by=by, at=at, **given)
        tell_others(case, Kind.SLOTS_PROPOSED, "sessions", by=by, at=at)
    return poll


def answer_slots(poll: SlotPoll, *, party: Party, words: dict[int, str], by: User, at: datetime) -> None:
    """Take one party's answer; when all have answered, the mediator is told."""
    with transaction.atomic():
        everybody = mediation.answer_slots(poll, party=party, words=words, by=by, at=at)
        if everybody and poll.case.mediator is not None:
            tell_some(poll.case, [poll.case.mediator], Kind.SLOTS_ANSWERED, "sessions", at=at)


def fix_slot(slot: Slot, *, by: User, at: datetime) -> Session:
    """Call the session for one of the proposed times and tell everybody."""
    with transaction.atomic():
        session = mediation.fix_slot(slot, by=by, at=at)
        _call(session, Kind.SESSION_SCHEDULED, by=by, at=at)
    return session


def move(session: Session, *, by: User, at: datetime, **given: Any) -> Session:
    """Hold a session at another time or place and tell everybody."""
    with transaction.atomic():
        moved = mediation.move_session(session, by=by, at=at, **given)
        _take_back(moved, gettext_noop("调解会改期或者换了地点，以新的通知书为准"), by=by, at=at)
        _call(moved, Kind.SESSION_CHANGED, by=by, at=at)
    return moved


def cancel(session: Session, *, reason: str, by: User, at: datetime) -> None:
    """Call a session off and tell everybody."""
    with transaction.atomic():
        off = mediation.cancel_session(session, reason=reason, by=by, at=at)
        _take_back(off, gettext_noop("调解会取消"), by=by, at=at)
        tell_session(session.case, off, Kind.SESSION_CHANGED, by=by, at=at)


def record(session: Session, *, by: User, at: datetime, **given: Any) -> Session:
    """Write the record of a session and ask everybody to check and sign it."""
    with transaction.atomic():
        recorded = mediation.record_session(session, by=by, at=at, **given)
        tell_others(session.case, Kind.RECORD_READY, "sessions", by=by, at=at)
    return recorded


def write_facts(case: Case, text: str, *, by: User, at: datetime) -> UndisputedFacts:
    """Write the undisputed facts and ask everybody to check and sign them."""
    with transaction.atomic():
        facts = mediation.write_facts(case, text, by=by, at=at)
        tell_others(case, Kind.RECORD_READY, "sessions", by=by, at=at)
    return facts
