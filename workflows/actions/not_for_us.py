"""Not for us: rejected, looked at again, referred to an authority."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.words import within
from cases import numbers
from cases.choices import OTHER_ROUTES, ROUTES, ConsentMatter, Outcome, ReferralTarget, RejectionReason, Side
from cases.language import on_file
from cases.models import Case, Ending, Proposal, Referral
from cases.move import Move
from cases.services import add_consent
from workflows.actions.base import InputError, end, handle, one_of, require_reason, side_of


def reject(
    case: Case,
    move: Move,
    *,
    reason_code: str,
    reason_text: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    proposal = case.proposals.filter(action="reject", decision=Proposal.Decision.WAITING).first()
    if proposal is not None:
        if move.by is not None and proposal.by_id == move.by.pk:
            raise InputError(_("提出的人不能自己确认，请由另一位主任决定。"))
        proposal.decision, proposal.decided_by, proposal.decided_at = Proposal.Decision.APPROVED, move.by, move.at
        proposal.save(update_fields=["decision", "decided_by", "decided_at"])
    code = one_of(RejectionReason, reason_code)
    end(case, move, Outcome.REJECTED, code, reason_text, on_file(ROUTES[RejectionReason(code)]), served_how, served_on)


def review_rejection(case: Case, move: Move, *, reason: str) -> None:
    require_reason(reason)


def refer(
    case: Case,
    move: Move,
    *,
    target: str,
    body_name: str,
    reason: str,
    legal_duty: bool = False,
    consent_how: str = "",
    served_how: str = Ending.Served.ONLINE,
    served_on: date | None = None,
) -> None:
    require_reason(reason)
    where = one_of(ReferralTarget, target)
    if not body_name.strip():
        raise InputError(_("请填写接收单位的名称。"))
    if consent_how:
        for party in side_of(case, Side.APPLICANT):
            add_consent(case, party, matter=ConsentMatter.SHARE, given=True, how=consent_how, by=move.by, at=move.at)
    Referral.objects.create(
        case=case,
        target=where,
        body_name=within(body_name, 120),
        reason=within(reason, 500),
        letter_number=numbers.letter_number(case.centre, move.today.year),
        legal_duty=legal_duty,
        by=move.by,
        at=move.at,
    )
    routes = gettext_noop("已移送%(body)s，请向该单位了解进展。") % {"body": body_name.strip()} + on_file(OTHER_ROUTES)
    end(case, move, Outcome.REFERRED, where[:4], reason, routes, served_how, served_on)
    handle(case, move)
