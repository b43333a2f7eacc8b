"""What a session leaves on paper: the record, who was there, undisputed facts, signatures, a recording."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from cases.changes import changing, journal
from cases.choices import AgentScope, ConsentMatter
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import Case, Evidence, Party
from mediation.errors import MediationError
from mediation.models import Attendance, RecordSignature, Session, Statement, UndisputedFacts

How, Part = RecordSignature.How, Attendance.Part


@dataclass(frozen=True)
class Presence:
    """Who came, or did not: a party (itself or by its agent), or somebody invited."""

    part: str
    came: bool = True
    party: Party | None = None
    name: str = ""
    reason: str = ""


def record_session(
    session: Session,
    *,
    attendees: str,
    record: str,
    result: str,
    by: User,
    at: datetime,
    undisputed_facts: str = "",
    presence: Sequence[Presence] = (),
    statements: Mapping[Party, str] | None = None,
    outcome: str = "",
    **more: str,
) -> Session:
    """Write the session record (调解记录) once; `more` are its further texts (see SECTIONS). Raises MediationError."""
    if not record.strip():
        raise MediationError(_("请填写调解记录。"))
    why, routes = more.get("why_not", ""), more.get("other_routes", "")
    if outcome == Session.Result.FAILED and not (why.strip() and routes.strip()):
        raise MediationError(_("没有达成一致的，请写明原因和告知的其他途径。"))
    with changing(session.case, talks.RECORD_SESSION, by=by, at=at) as locked:
        session = Session.objects.select_for_update().get(pk=session.pk)
        if session.record:
            raise MediationError(_("这次调解会已有记录，不能改写；补充内容请记入下一次。"))
        if session.cancelled_at is not None:
            raise MediationError(_("这次调解会已经取消。"))
        _require_begun(session, at)
        session.attendees, session.record = attendees.strip(), record.strip()
        session.result = within(result, 300)
        for name in SECTIONS:
            setattr(session, name, within(more.pop(name, ""), SECTIONS[name]))
        if more:
            raise TypeError(f"not parts of a record: {sorted(more)}")
        session.outcome = Session.Result(outcome) if outcome else ""
        session.recorded_at, session.recorded_by = at, by
        session.save()
        _write_presence(locked, session, presence)
        Statement.objects.bulk_create(
            Statement(session=session, party=party, text=within(words, 5000))
            for party, words in (statements or {}).items()
            if words.strip()
        )
        if undisputed_facts.strip():
            add_facts(locked, undisputed_facts, session=session, by=by, at=at)
            session.refresh_from_db()
        journal(locked, CaseEntry.RECORD_SESSION, by=by, at=at, session=session.number, hash=record_hash(session))
    return session


def _require_begun(session: Session, at: datetime) -> None:
    """Refuse what can only be said of a session that has begun."""
    if at < session.starts_at:
        local = timezone.localtime(session.starts_at)
        raise MediationError(
            _("这次调解会定在%(when)s，还没有开，不能先记录。提前开了的，请先改期到实际的时间。")
            % {"when": f"{local:%Y-%m-%d %H:%M}"}
        )


# The further texts of a record, and how long each may be.
SECTIONS = {
    "recorder": 60, "rights_notice": 5000, "facts_checked": 5000, "risk_notice": 5000, "why_not": 500,
    "other_routes": 500,
}  # fmt: skip


def _write_presence(case: Case, session: Session, presence: Sequence[Presence]) -> None:
    for one in presence:
        if one.party is not None and one.party.case_id != case.pk:
            raise MediationError(_("这位当事人不在本案中。"))
        if one.party is None and not one.name.strip():
            raise MediationError(_("请写明邀请来的人是谁。"))
    Attendance.objects.bulk_create(
        Attendance(
            session=session,
            party=one.party,
            part=Part(one.part),
            came=one.came,
            name=within(one.name, 60),
            reason="" if one.came else within(one.reason, 200),
        )
        for one in presence
    )


# --- undisputed facts ---------------------------------------------------------------------------------------------


def write_facts(case: Case, text: str, *, by: User, at: datetime) -> UndisputedFacts:
    """Write the facts that nobody disputes as a text of their own; an older text and its signatures no longer count."""
    with changing(case, talks.WRITE_FACTS, by=by, at=at) as locked:
        session = locked.sessions.filter(round=locked.round).exclude(record="").last()
        if session is None:
            raise MediationError(_("请先填写调解记录，再写无争议事实记载。"))
        return add_facts(locked, text, session=session, by=by, at=at)


def add_facts(case: Case, text: str, *, session: Session, by: User, at: datetime) -> UndisputedFacts:
    """Write the text inside the caller's change; the session's paper shows the one that stands."""
    if not text.strip():
        raise MediationError(_("请写明哪些事实没有争议。"))
    UndisputedFacts.objects.filter(case=case, voided_at__isnull=True).update(voided_at=at)
    version = (case.undisputed_facts.aggregate(last=Max("version"))["last"] or 0) + 1
    facts = UndisputedFacts.objects.create(
        case=case, round=case.round, version=version, session=session, text=within(text, 5000), by=by, at=at
    )
    Session.objects.filter(pk=session.pk).update(undisputed_facts=facts.text)
    journal(case, CaseEntry.WRITE_FACTS, by=by, at=at, version=version, hash=facts_hash(facts))
    return facts


# --- signatures ---------------------------------------------------------------------------------------------------


def sign_record(
    thing: Session | UndisputedFacts,
    party: Party,
    *,
    how: str,
    by: User,
    at: datetime,
    scan: Evidence | None = None,
    words: str = "",
) -> RecordSignature:
    """Sign a record or the undisputed facts: a party for itself on the site, or staff for a paper or a refusal.

    Raises MediationError: no record yet, a text that no longer counts, not one's own side, an agent beyond scope.
    """
    own = how == How.ONLINE
    permission = "case.take_part" if own else "case.record_paper"
    fact = talks.SIGN_RECORD if own else talks.SIGN_RECORD_ON_PAPER
    with changing(thing.case, fact, by=by, at=at, permission=permission) as locked:
        fresh = _signable(locked, thing)
        if own and party.pk not in {p.pk for p in locked.parties_of(by)}:
            raise MediationError(_("只能代表自己这一方签名。"))
        if party.case_id != locked.pk or party.left_at is not None:
            raise MediationError(_("这位当事人不在本案中。"))
        if own:
            _require_scope(next(p for p in locked.parties_of(by) if p.pk == party.pk), by)
        if how == How.REFUSED and not words.strip():
            raise MediationError(_("请写明为什么不愿签名。"))
        if scan is not None and scan.case_id != locked.pk:
            raise MediationError(_("扫描件要先上传到本案。"))
        return _write_signature(locked, fresh, party, how=how, scan=scan, words=words, by=by, at=at)


def sign_record_as_mediator(session: Session, *, by: User, at: datetime) -> RecordSignature:
    """Put the mediator's signature under the record of a session."""
    with changing(session.case, talks.SIGN_RECORD, permission="case.hold_session", by=by, at=at) as locked:
        return _write_signature(locked, _signable(locked, session), None, how=How.ONLINE, by=by, at=at)


def _write_signature(
    case: Case,
    thing: Session | UndisputedFacts,
    party: Party | None,
    *,
    how: str,
    by: User,
    at: datetime,
    scan: Evidence | None = None,
    words: str = "",
) -> RecordSignature:
    where: dict[str, Any] = {"session": thing} if isinstance(thing, Session) else {"facts": thing}
    signature, created = RecordSignature.objects.get_or_create(
        **where,
        party=party,
        defaults={
            "how": How(how),
            "text_hash": hash_of(thing),
            "scan": scan,
            "note": within(words, 200),
            "by": by,
            "at": at,
        },
    )
    if not created and signature.how != how:
        raise MediationError(_("这一方已经签过名，或者已经登记过。"))
    action = CaseEntry.SIGN_RECORD if isinstance(thing, Session) else CaseEntry.SIGN_FACTS
    number = thing.number if isinstance(thing, Session) else thing.version
    journal(case, action, by=by, at=at, of=number, party=party.pk if party else None, how=how, hash=signature.text_hash)
    return signature


def _signable(case: Case, thing: Session | UndisputedFacts) -> Session | UndisputedFacts:
    if isinstance(thing, Session):
        session = Session.objects.get(pk=thing.pk, case=case)
        if not session.record:
            raise MediationError(_("这次调解会还没有记录。"))
        return session
    facts = UndisputedFacts.objects.get(pk=thing.pk, case=case)
    if facts.voided_at is not None:
        raise MediationError(_("这份文本已经换成新的，请看最新文本。"))
    return facts


def _require_scope(party: Party, by: User) -> None:
    if not party.lets(by, AgentScope.SIGN):
        raise MediationError(_("授权委托书没有授权您签署记录，请由本人签名。"))


def hash_of(thing: Session | UndisputedFacts) -> str:
    return record_hash(thing) if isinstance(thing, Session) else facts_hash(thing)


def record_hash(session: Session) -> str:
    """Return the SHA-256 over everything that the signatures under a record stand for."""
    people = [[a.party_id, a.part, a.name, a.came, a.reason] for a in session.attendance.all()]
    said = [[s.party_id, s.text] for s in session.statements.all()]
    texts = [getattr(session, name) for name in ("attendees", "record", "outcome", "result", *SECTIONS)]
    return _sha256([session.number, session.starts_at.isoformat(), session.place, people, said, texts])


def facts_hash(facts: UndisputedFacts) -> str:
    return _sha256([facts.version, facts.text])


def _sha256(whole: list[Any]) -> str:
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


# --- recording ----------------------------------------------------------------------------------------------------


def attach_recording(session: Session, recording: Evidence, *, by: User, at: datetime) -> None:
    """Keep a recording of a session, made with the consent of all (ONL21 22); raises MediationError."""
    with changing(session.case, talks.ATTACH_RECORDING, by=by, at=at) as locked:
        if recording.case_id != locked.pk:
            raise MediationError(_("录音录像要先上传到本案。"))
        fresh = Session.objects.get(pk=session.pk, case=locked)
        if fresh.cancelled_at is not None:
            raise MediationError(_("这次调解会已经取消。"))
        _require_begun(fresh, at)
        missing = [p for p in locked.parties.all() if p.left_at is None and not p.consented(ConsentMatter.RECORDING)]
        if missing:
            raise MediationError(
                _("录音录像须各方都同意；还没有同意的：%(names)s。")
                % {"names": _("、").join(f"{p.get_side_display()} {p.shown_name}" for p in missing)}
            )
        Session.objects.filter(pk=session.pk, case=locked).update(recording=recording)
        journal(locked, CaseEntry.ATTACH_RECORDING, by=by, at=at, session=session.number, evidence=recording.number)
