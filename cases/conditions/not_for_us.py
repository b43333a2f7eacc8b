"""What must hold before a case is rejected, looked at again, or referred to an authority."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calendars.services import load_calendar
from calendars.working_days import add_working_days
from cases.choices import ConsentMatter, Outcome, Side
from cases.clocks import REVIEW_WORKING_DAYS
from cases.conditions.base import Condition, condition, parties_of
from cases.move import Move


@condition(_("不予受理须先由受理员提出，再由中心主任确认。"))
def rejection_approved(case: Any, move: Move) -> bool:
    proposed = case.proposals.filter(action="reject", by__isnull=False)
    confirmed_now = Q(decision="APPROVED", decided_at=move.at)  # an earlier refusal was another decision
    return bool(proposed.filter(Q(decision="WAITING") | confirmed_now).exists())


def ending_written(outcome: Outcome) -> Condition:
    """Require the reason, the other routes and their service for this outcome."""

    @condition(_("请写明原因，并告知当事人其他途径。"), awaits_input=True)
    def written(case: Any, move: Move) -> bool:
        ending = case.ending
        return ending is not None and ending.outcome == outcome and ending.at == move.at

    return written


@condition(_("只有不予受理的案件可以复核。"))
def was_rejected(case: Any, move: Move) -> bool:
    return bool(case.outcome == Outcome.REJECTED)


@condition(_("已经复核过一次。"))
def not_reviewed_yet(case: Any, move: Move) -> bool:
    return not case.reviewed


@condition(_("复核须在通知送达后10个工作日内提出。"))
def within_review_time(case: Any, move: Move) -> bool:
    ending = case.ending
    if ending is None:
        return False
    return move.today <= add_working_days(load_calendar(), ending.served_on, REVIEW_WORKING_DAYS).due


@condition(_("请填写移送的单位和理由。"), awaits_input=True)
def referral_written(case: Any, move: Move) -> bool:
    return bool(case.referrals.filter(at=move.at).exists())


@condition(_("向其他单位提供信息须申请人同意，或者写明法定职责。"), awaits_input=True)
def may_share_or_must(case: Any, move: Move) -> bool:
    latest = case.referrals.order_by("-pk").first()
    if latest is not None and latest.legal_duty:
        return True
    return any(party.consented(ConsentMatter.SHARE) for party in parties_of(case, Side.APPLICANT))
