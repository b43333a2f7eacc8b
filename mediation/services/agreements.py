"""Write agreements, put them before the parties, mark what is put under them, and put them in force."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.words import within
from calendars.today import local_date
from cases.changes import changing, journal
from cases.choices import Status
from cases.clocks import ClockKey
from cases.deadlines import start_clock
from cases.entries import CaseEntry
from cases.facts import agreement as facts
from cases.models import Case
from mediation import checks
from mediation.agreement_text import Promise, closing_of, copies_for, parties_of, text_hash
from mediation.errors import MediationError
from mediation.models import Agreement, Obligation, Signature

REPLACED = gettext_noop("由新文本代替")
IN_FORCE = gettext_noop("协议生效")


def draft_text(case: Case, *, by: User, at: datetime, **text: Any) -> Agreement:
    """Write a new version of the written agreement while talks go on (see `write_agreement`)."""
    with changing(case, facts.DRAFT_TEXT, by=by, at=at) as locked:
        if locked.status != Status.MEDIATING:
            raise MediationError(_("现在不能起草协议。"))
        return write_agreement(locked, form=Agreement.Form.WRITTEN, by=by, at=at, **text)


def replace_text(case: Case, *, by: User, at: datetime, **text: Any) -> Agreement:
    """Put a new version before the parties while they sign: every signature under the old one is void.

    The new one must pass the same checks. Whoever calls this tells everybody. Raises MediationError.
    """
    with changing(case, facts.DRAFT_TEXT, by=by, at=at) as locked:
        if locked.status != Status.SIGNING:
            raise MediationError(_("现在不能更换协议文本。"))
        agreement = write_agreement(locked, form=Agreement.Form.WRITTEN, by=by, at=at, **text)
        put_forward(agreement, at=at)
        return agreement


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
    """Write a new version of the agreement inside the caller's change; the older draft no longer stands.

    An agreement in force stays so until the new one takes effect.
    """
    if not content.strip() or not facts_and_issues.strip():
        raise MediationError(_("请填写主要事实、争议和协议内容。"))
    if not promises:
        raise MediationError(_("请至少写一项履行事项：谁、做什么、怎么做、什么时候。"))
    if any(promise.due < local_date(at) for promise in promises):
        raise MediationError(_("履行期限不能早于今天。"))
    inside = {party.pk for party in parties_of(case)}
    if not {promise.doer.pk for promise in promises} | {p.receiver.pk for p in promises if p.receiver} <= inside:
        raise MediationError(_("履行事项只能约束本案的当事人。"))  # no third party is burdened (8.7)
    void_draft(case, at=at, reason=REPLACED)
    version = (case.agreements.aggregate(last=Max("version"))["last"] or 0) + 1
    agreement = Agreement.objects.create(
        case=case,
        round=case.round,
        version=version,
        form=Agreement.Form(form),
        facts_and_issues=facts_and_issues.strip(),
        content=content.strip(),
        closing=closing_of(case, oral=form == Agreement.Form.ORAL),
        copies=copies_for(case),
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
        CaseEntry.WRITE_AGREEMENT,
        by=by,
        at=at,
        version=version,
        form=form,
        promises=len(promises),
        hash=agreement.text_hash,
    )
    return agreement


def void_draft(case: Case, *, at: datetime, reason: str) -> int:
    """Let the text that is not in force stand no longer, nor any signature under it; return how many it had."""
    drafts = case.agreements.filter(round=case.round, voided_at__isnull=True, effective_on__isnull=True)
    lost = Signature.objects.filter(agreement__in=drafts, voided_at__isnull=True).update(voided_at=at)
    drafts.update(voided_at=at, void_reason=within(reason, 300))
    return lost


def put_forward(agreement: Agreement, *, at: datetime) -> None:
    """Put a text before the parties, inside the caller's change; raises MediationError with what stands against it."""
    require_sound(agreement)
    agreement.put_forward_at = at
    agreement.save(update_fields=["put_forward_at"])


def require_sound(agreement: Agreement) -> None:
    """Refuse an agreement against which a check stands, with the sentence of each; raises MediationError."""
    wrong = checks.obstacles(checks.stored(agreement))
    if wrong:
        raise MediationError("".join(wrong))


def standing_text(agreement: Agreement, case: Case) -> Agreement:
    """Lock the text and return it as it is now, where it may be signed; raises MediationError."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if agreement.voided_at is not None or agreement.effective_on is not None:
        raise MediationError(_("这份文本已经不是当前文本，请看最新文本。"))
    agreement.case = case
    if text_hash(agreement) != agreement.text_hash:
        raise MediationError(_("文本交出以后，当事人或者内容有变动，请调解员保存新的一版再签。"))
    if agreement.sent_back:
        raise MediationError(_("这份文本还要修改，请等新的文本再签。"))
    if agreement.legal_checked_at is None and case.needs_legal_check(agreement.total_amount()):
        raise MediationError(_("新的文本还在等法律咨询处审核，审核以后再签。"))
    return agreement


def sign_as_mediator(agreement: Agreement, *, by: User, at: datetime) -> None:
    """Put the mediator's signature under the standing text."""
    with changing(agreement.case, facts.SIGN_AS_MEDIATOR, by=by, at=at) as locked:
        agreement = standing_text(agreement, locked)
        _mark(agreement, "mediator_signed_at", by=by, at=at)


def apply_seal(agreement: Agreement, *, by: User, at: datetime, page_sealed: bool = False) -> None:
    """Put the centre's seal on the standing text: by whoever keeps it, never by the mediator; raises MediationError."""
    if agreement.case.mediator_id == by.pk:
        raise MediationError(_("印章由保管人加盖，调解员不能自己盖章。"))
    with changing(agreement.case, facts.APPLY_SEAL, by=by, at=at) as locked:
        agreement = standing_text(agreement, locked)
        _mark(agreement, "sealed_at", by=by, at=at, sealed_by=by, page_sealed=page_sealed)


def pass_legal_check(agreement: Agreement, *, by: User, at: datetime) -> None:
    """Record that the legal consultation office checked the text; it may look before the parties do."""
    with changing(agreement.case, facts.LEGAL_CHECK, by=by, at=at) as locked:
        _mark(_open_to_check(agreement, locked), "legal_checked_at", by=by, at=at, legal_checked_by=by)


def return_text(agreement: Agreement, *, reason: str, by: User, at: datetime) -> None:
    """Send a text back to whoever wrote it with what must be changed; it is not signed until a new one is checked.

    Whoever calls this tells the mediator. Raises MediationError.
    """
    if not reason.strip():
        raise MediationError(_("请写明退回的理由：哪里要改、为什么。"))
    with changing(agreement.case, facts.LEGAL_RETURN, by=by, at=at) as locked:
        agreement = _open_to_check(agreement, locked)
        if agreement.legal_checked_at is not None:
            raise MediationError(_("这份文本已经审核通过，不能再退回。"))
        if agreement.legal_returned_at is not None:
            raise MediationError(_("这份文本已经退回，请等新的一版。"))
        agreement.legal_return_reason = within(reason, 500)
        agreement.legal_returned_by = by
        agreement.legal_returned_at = at
        agreement.save(update_fields=["legal_return_reason", "legal_returned_by", "legal_returned_at"])
        journal(locked, CaseEntry.LEGAL_RETURNED, by=by, at=at, version=agreement.version)


def _open_to_check(agreement: Agreement, case: Case) -> Agreement:
    """Lock the text and return it as it is now, where the legal consultation office may still judge it."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    open_to_it = case.status in {Status.MEDIATING, Status.SIGNING} and agreement.effective_on is None
    if agreement.voided_at is not None or not open_to_it:
        raise MediationError(_("这份文本已经不是当前文本，请看最新文本。"))
    agreement.case = case
    return agreement


def _mark(agreement: Agreement, field: str, *, by: User, at: datetime, **more: Any) -> None:
    if getattr(agreement, field) is None:
        for name, value in {field: at, **more}.items():
            setattr(agreement, name, value)
        agreement.save(update_fields=[field, *more])
    journal(agreement.case, CaseEntry(field.removesuffix("_at")), by=by, at=at, version=agreement.version)


def put_in_force(case: Case, agreement: Agreement, *, on: date) -> None:
    """Set the effective date and start a clock for every promise (K8); the caller's transition starts K9.

    What was in force until now, of this round or an earlier one, is replaced. Raises MediationError where the text is
    not the one that was signed.
    """
    if agreement.form == Agreement.Form.WRITTEN and text_hash(agreement) != agreement.text_hash:
        raise MediationError(_("文本与各方签署的不一致，不能生效；请调解员保存新的一版，由各方重新签署。"))
    in_force = case.agreements.filter(effective_on__isnull=False, voided_at__isnull=True).exclude(pk=agreement.pk)
    in_force.update(voided_at=case.concluded_at, void_reason=REPLACED)
    agreement.effective_on = on
    agreement.save(update_fields=["effective_on"])
    _count_promises(case, agreement)


def count_again(agreement: Agreement) -> None:
    """Start the clocks of an agreement that is still in force anew, where they were stopped: promises, confirmation."""
    _count_promises(agreement.case, agreement)
    if agreement.effective_on is not None:
        start_clock(agreement.case, ClockKey.K9, on=agreement.effective_on, event=IN_FORCE)


def _count_promises(case: Case, agreement: Agreement) -> None:
    for obligation in agreement.obligations.filter(performed_on__isnull=True):
        start_clock(
            case,
            ClockKey.K8,
            on=agreement.effective_on or obligation.due,
            event=IN_FORCE,
            due=obligation.due,
            about_id=obligation.pk,
        )
