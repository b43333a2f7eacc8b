"""What a mediator does: sessions, agreements, signatures, promises; and who may mediate what."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.errors import DomainError
from accounts.models import User
from accounts.roles import PARTY_ROLES, Role
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import ConsentHow, Satisfaction, Solved, Status
from cases.clocks import ClockKey
from cases.deadlines import end_clocks, refresh_next_due, start_clock
from cases.models import Case, Evidence, Party
from mediation.models import Agreement, Disclosure, FollowUp, Mediator, MediatorChoice, Obligation, Session, Signature

BUSY = (Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING)


class MediationError(DomainError):
    """This step of mediation is not possible as asked."""


# --- who may mediate -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """One mediator of the roster for one case: how well it fits and what stands against it."""

    mediator: Mediator
    load: int
    limit: int
    reasons: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.obstacles


def candidates(case: Case) -> list[Candidate]:
    """Rank the roster of a case's centre: without obstacles first, then by expertise and load; constant queries."""
    places = [case.centre_id, case.centre.parent_id]
    rows = (
        Mediator.objects.filter(centre__in=[place for place in places if place])
        .select_related("user", "centre")
        .prefetch_related("regions", "interest_companies", "interest_estates", "user__memberships")
        .annotate(load=Count("user__cases_mediated", filter=Q(user__cases_mediated__status__in=BUSY)))
    )
    found = [_candidate(case, row, row.load) for row in rows]
    return sorted(found, key=lambda c: (bool(c.obstacles), -len(c.reasons), c.load, c.mediator.pk))


def _candidate(case: Case, row: Mediator, load: int) -> Candidate:
    group = (case.category_id or "")[:2]
    limit = row.centre.workload_limit
    reasons, obstacles = [], []
    if group in row.expertise:
        reasons.append(_("专长相符"))
    elif row.expertise:
        obstacles.append(_("专长不含这一类别"))
    prefixes = [region.prefix for region in row.regions.all()]
    if any(case.region_id.startswith(prefix) for prefix in prefixes):
        reasons.append(_("熟悉本地区"))
    elif prefixes:
        obstacles.append(_("不负责这个地区"))
    if load < limit:
        reasons.append(_("在办 %(load)d 件") % {"load": load})
    else:
        obstacles.append(_("在办已满 %(limit)d 件") % {"limit": limit})
    if not row.is_active or not row.user.is_active or Role.MEDIATOR not in row.user.roles():
        obstacles.append(_("不在任"))
    if conflicts := conflict_of(case, row):
        obstacles.append(conflicts)
    return Candidate(row, load, limit, tuple(reasons), tuple(obstacles))


def conflict_of(case: Case, row: Mediator) -> str:
    """Return the sentence of a mediator's known conflict of interest with this case, or nothing."""
    companies = {party.company_id for party in case.parties.all() if party.company_id}
    if companies & {company.pk for company in row.interest_companies.all()}:
        return _("与当事企业有利害关系")
    if case.estate_id and case.estate_id in {estate.pk for estate in row.interest_estates.all()}:
        return _("与本小区有利害关系")
    if case.parties_of(row.user):
        return _("是本案当事人")
    if companies & row.user.company_ids():
        return _("在当事企业任职")
    return ""


def require_assignable(case: Case, user: User) -> Mediator:
    """Return the roster row of a mediator who may take this case; raises MediationError naming the obstacles."""
    found = next((c for c in candidates(case) if c.mediator.user_id == user.pk), None)
    if found is None:
        raise MediationError(_("这位人员不在本中心调解员名册中。"))
    if found.obstacles:
        raise MediationError(
            _("不能指派%(name)s：%(why)s。") % {"name": found.mediator, "why": _("；").join(found.obstacles)}
        )
    return found.mediator


def choose_mediator(case: Case, mediator: Mediator, *, by: User, at: datetime) -> bool:
    """Record the mediator that a party proposes; return whether all parties now propose the same one (PML 19)."""
    with changing(case, "case.choose_mediator", by=by, at=at) as locked:
        if locked.status != Status.ACCEPTED:
            raise MediationError(_("现在不能选调解员。"))
        require_assignable(locked, mediator.user)
        for party in locked.parties_of(by):
            MediatorChoice.objects.create(party=party, mediator=mediator, round=locked.round, at=at)
        journal(locked, "choose_mediator", by=by, at=at, mediator=mediator.user_id)
        return joint_choice(locked) is not None


def joint_choice(case: Case) -> Mediator | None:
    """Return the mediator on whom all parties agree, or None."""
    latest = {
        choice.party_id: choice.mediator
        for choice in MediatorChoice.objects.filter(party__case=case, round=case.round)
        .select_related("mediator__user")
        .order_by("pk")
    }
    parties = {party.pk for party in case.parties.all() if party.left_at is None}
    chosen = {mediator.pk: mediator for key, mediator in latest.items() if key in parties}
    return next(iter(chosen.values())) if len(chosen) == 1 and set(latest) >= parties else None


def disclose(
    case: Case,
    mediator: User,
    *,
    statement: str,
    has_interest: bool,
    how: str,
    by: User,
    at: datetime,
    waived: bool = False,
) -> Disclosure:
    """Record the mediator's signed disclosure for this round, inside the caller's change; raises MediationError."""
    if has_interest and not statement.strip():
        raise MediationError(_("请写明需要披露的关系。"))
    if has_interest and not waived:
        raise MediationError(_("有需要披露的关系：须双方知情后书面表示不提异议，才能指派。"))
    row, _created = Disclosure.objects.update_or_create(
        case=case,
        mediator=mediator,
        round=case.round,
        defaults={
            "statement": statement.strip() or gettext_noop("与各方当事人及本案没有需要披露的关系。"),
            "has_interest": has_interest,
            "how": ConsentHow(how),
            "signed_at": at,
            "recorded_by": by,
            "waived_at": at if waived else None,
        },
    )
    return row


# --- sessions ---------------------------------------------------------------------------------------------


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


# --- agreements --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """One item of an agreement as typed: who, for whom, what, how much, how, where, by when."""

    doer: Party
    what: str
    manner: str
    due: date
    receiver: Party | None = None
    amount: Decimal | None = None
    place: str = ""


def draft_text(case: Case, *, by: User, at: datetime, **text: Any) -> Agreement:
    """Write a new version of the written agreement while talks go on (see `write_agreement`)."""
    with changing(case, "case.write_agreement", by=by, at=at) as locked:
        if locked.status != Status.MEDIATING:
            raise MediationError(_("现在不能起草协议。"))
        return write_agreement(locked, form=Agreement.Form.WRITTEN, by=by, at=at, **text)


def write_agreement(
    case: Case,
    *,
    form: str,
    facts_and_issues: str,
    content: str,
    promises: Sequence[Promise],
    by: User,
    at: datetime,
    wants_confirmation: bool = False,
    owners_decision_number: str = "",
) -> Agreement:
    """Write a new version of the agreement inside the caller's change; the older version no longer stands."""
    if not content.strip() or not facts_and_issues.strip():
        raise MediationError(_("请填写主要事实、争议和协议内容。"))
    if not promises:
        raise MediationError(_("请至少写一项履行事项：谁、做什么、怎么做、什么时候。"))
    if any(promise.due < local_date(at) for promise in promises):
        raise MediationError(_("履行期限不能早于今天。"))
    bound = {promise.doer.case_id for promise in promises} | {p.receiver.case_id for p in promises if p.receiver}
    if bound != {case.pk}:  # no third party is burdened (8.7)
        raise MediationError(_("履行事项只能约束本案的当事人。"))
    case.agreements.filter(round=case.round, voided_at__isnull=True).update(
        voided_at=at, void_reason=gettext_noop("由新文本代替")
    )
    version = (case.agreements.aggregate(last=Max("version"))["last"] or 0) + 1
    agreement = Agreement.objects.create(
        case=case,
        round=case.round,
        version=version,
        form=Agreement.Form(form),
        facts_and_issues=facts_and_issues.strip(),
        content=content.strip(),
        copies=len([p for p in case.parties.all() if p.left_at is None]) + 1,
        wants_confirmation=wants_confirmation,
        owners_decision_number=owners_decision_number.strip(),
        drafted_by=by,
        drafted_at=at,
    )
    Obligation.objects.bulk_create(
        Obligation(agreement=agreement, number=i, **promise.__dict__) for i, promise in enumerate(promises, 1)
    )
    journal(
        case,
        "write_agreement",
        by=by,
        at=at,
        version=version,
        form=form,
        promises=len(promises),
        hash=text_hash(agreement),
    )
    return agreement


def text_hash(agreement: Agreement) -> str:
    """Return the SHA-256 over the whole text that the parties sign."""
    rows = [
        [o.number, o.doer_id, o.receiver_id, o.what, str(o.amount), o.manner, o.place, o.due.isoformat()]
        for o in agreement.obligations.all()
    ]
    whole = [agreement.version, agreement.facts_and_issues, agreement.content, rows]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def sign(agreement: Agreement, party: Party, *, how: str, by: User, at: datetime) -> Signature:
    """Sign the standing text: a party for itself on the site, or staff for a signed paper; raises MediationError."""
    own = how == Signature.How.ONLINE
    with changing(agreement.case, "case.sign" if own else "case.record_signature", by=by, at=at) as locked:
        agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
        if locked.status != Status.SIGNING or agreement.voided_at is not None:
            raise MediationError(_("这份文本已经不是当前文本，请看最新文本。"))
        if own and party.pk not in {p.pk for p in locked.parties_of(by)}:
            raise MediationError(_("只能代表自己这一方签署。"))
        if party.case_id != locked.pk or party.left_at is not None:
            raise MediationError(_("这位当事人不在本案中。"))
        _require_scope(locked, party, by if own else None)
        signature, _created = Signature.objects.get_or_create(
            agreement=agreement,
            party=party,
            defaults={"how": Signature.How(how), "text_hash": text_hash(agreement), "at": at, "by": by},
        )
        journal(
            locked, "sign", by=by, at=at, party=party.pk, version=agreement.version, how=how, hash=signature.text_hash
        )
    return signature


def _require_scope(case: Case, party: Party, signer: User | None) -> None:
    agency = next((a for a in party.agents.all() if signer and a.user_id == signer.pk and a.until is None), None)
    if agency is not None and not {"SIGN", "DISPOSE"} <= set(agency.scope):
        raise MediationError(_("授权委托书没有授权您承认、放弃请求并签署协议，请由本人签署。"))


def sign_as_mediator(agreement: Agreement, *, by: User, at: datetime) -> None:
    """Put the mediator's signature under the standing text."""
    _mark(agreement, "case.sign_as_mediator", "mediator_signed_at", by=by, at=at)


def apply_seal(agreement: Agreement, *, by: User, at: datetime) -> None:
    """Put the centre's seal on the standing text: by whoever holds it, not by the mediator."""
    if agreement.case.mediator_id == by.pk:
        raise MediationError(_("印章由保管人加盖，调解员不能自己盖章。"))
    _mark(agreement, "case.apply_seal", "sealed_at", by=by, at=at, sealed_by=by)


def pass_legal_check(agreement: Agreement, *, by: User, at: datetime) -> None:
    """Record that the legal consultation office checked the text."""
    _mark(agreement, "case.legal_check", "legal_checked_at", by=by, at=at, legal_checked_by=by)


def _mark(agreement: Agreement, permission: str, field: str, *, by: User, at: datetime, **more: Any) -> None:
    with changing(agreement.case, permission, by=by, at=at) as locked:
        agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
        # The lawyer may look early; nobody signs or seals what is not yet before the parties.
        early = locked.status == Status.MEDIATING and field == "legal_checked_at"
        if agreement.voided_at is not None or not (early or locked.status == Status.SIGNING):
            raise MediationError(_("这份文本已经不是当前文本，请看最新文本。"))
        if getattr(agreement, field) is None:
            for name, value in {field: at, **more}.items():
                setattr(agreement, name, value)
            agreement.save(update_fields=[field, *more])
        journal(locked, field.removesuffix("_at"), by=by, at=at, version=agreement.version)


def put_in_force(case: Case, agreement: Agreement, *, on: date) -> None:
    """Set the effective date and start a clock for every promise (K8); the caller's transition starts K9.

    The agreement of an earlier round stood until now and is replaced.
    """
    earlier = case.agreements.filter(round__lt=case.round, voided_at__isnull=True)
    earlier.update(voided_at=case.concluded_at, void_reason=gettext_noop("由新文本代替"))
    agreement.effective_on = on
    agreement.save(update_fields=["effective_on"])
    for obligation in agreement.obligations.all():
        start_clock(
            case, ClockKey.K8, on=on, event=gettext_noop("协议生效"), due=obligation.due, subject_id=obligation.pk
        )


# --- promises ----------------------------------------------------------------------------------------------


def record_performance(
    obligation: Obligation, *, on: date, proof: Evidence | None, note: str, by: User, at: datetime
) -> None:
    """Record that a promise was kept, with proof; raises MediationError."""
    if proof is None and not note.strip():
        raise MediationError(_("请上传凭证，或写明怎样履行的。"))
    if on > local_date(at):
        raise MediationError(_("履行日期不能晚于今天。"))
    if proof is not None and proof.case_id != obligation.agreement.case_id:
        raise MediationError(_("这份凭证不属于本案。"))
    with changing(obligation.agreement.case, "case.record_performance", by=by, at=at) as locked:
        if locked.status != Status.PERFORMING:
            raise MediationError(_("现在不在履行阶段。"))
        obligation.performed_on, obligation.proof, obligation.proof_note = on, proof, note.strip()[:300]
        if not (locked.roles_of(by) & PARTY_ROLES):
            obligation.confirmed_at = at
        obligation.save(update_fields=["performed_on", "proof", "proof_note", "confirmed_at"])
        end_clocks(locked, [ClockKey.K8, ClockKey.K8B], on=local_date(at), subject_id=obligation.pk)
        refresh_next_due(locked)
        locked.save(update_fields=["next_due", "next_clock"])
        journal(locked, "record_performance", by=by, at=at, obligation=obligation.pk, on=on.isoformat())


def confirm_performance(obligation: Obligation, *, by: User, at: datetime) -> None:
    """Confirm as the receiving side that a promise was kept."""
    with changing(obligation.agreement.case, "case.confirm_performance", by=by, at=at) as locked:
        mine = {party.pk for party in locked.parties_of(by)}
        if mine and obligation.doer_id in mine:
            raise MediationError(_("应由对方确认收到。"))
        if obligation.performed_on is None:
            raise MediationError(_("还没有记录履行。"))
        obligation.confirmed_at = at
        obligation.save(update_fields=["confirmed_at"])
        journal(locked, "confirm_performance", by=by, at=at, obligation=obligation.pk)


def urge(obligation: Obligation, *, how: str, note: str, by: User, at: datetime) -> None:
    """Urge an overdue promise (PML 31)."""
    with changing(obligation.agreement.case, "case.urge", by=by, at=at) as locked:
        if obligation.performed_on is not None or obligation.due >= local_date(at):
            raise MediationError(_("还没有逾期，不需要督促。"))
        number = obligation.urgings.count() + 1
        obligation.urgings.create(number=number, how=ConsentHow(how), note=note.strip()[:300], at=at, by=by)
        journal(locked, "urge", by=by, at=at, obligation=obligation.pk, number=number)


# --- call-backs --------------------------------------------------------------------------------------------


def follow_up(
    case: Case,
    *,
    how: str,
    reached: bool,
    by: User,
    at: datetime,
    solved: str = "",
    satisfaction: str = "",
    performance: str = "",
    note: str = "",
) -> FollowUp:
    """Record one call-back, or the try of one; never by the mediator of the case. Raises MediationError."""
    with changing(case, "case.follow_up", by=by, at=at) as locked:
        return add_follow_up(
            locked,
            how=how,
            reached=reached,
            by=by,
            at=at,
            solved=solved,
            satisfaction=satisfaction,
            performance=performance,
            note=note,
        )


def add_follow_up(case: Case, *, how: str, reached: bool, by: User, at: datetime, **heard: str) -> FollowUp:
    """Write the call-back inside the caller's change."""
    if case.status != Status.FOLLOWUP or case.concluded_at is None:
        raise MediationError(_("现在不在回访阶段。"))
    if case.mediator_id == by.pk:
        raise MediationError(_("回访人不能是本案的调解员。"))
    if reached and not heard.get("solved"):
        raise MediationError(_("请记录申请人认为是否解决。"))
    values = heard if reached else {"note": heard.get("note", "")}
    row = FollowUp.objects.create(
        case=case,
        concluded_at=case.concluded_at,
        how=ConsentHow(how),
        reached=reached,
        solved=Solved(values["solved"]) if reached else "",
        satisfaction=Satisfaction(values["satisfaction"]) if values.get("satisfaction") else "",
        performance=values.get("performance", "")[:200],
        note=values.get("note", "")[:500],
        at=at,
        by=by,
    )
    journal(case, "follow_up", by=by, at=at, reached=reached, solved=row.solved, satisfaction=row.satisfaction)
    return row
