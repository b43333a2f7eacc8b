"""Write, check, sign and seal agreements, and put them in force."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import Status
from cases.clocks import ClockKey
from cases.deadlines import start_clock
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import Agreement, Obligation, Signature


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
    agreement.text_hash = text_hash(agreement)
    agreement.save(update_fields=["text_hash"])
    journal(
        case,
        "write_agreement",
        by=by,
        at=at,
        version=version,
        form=form,
        promises=len(promises),
        hash=agreement.text_hash,
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
