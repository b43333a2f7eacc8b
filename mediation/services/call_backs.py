"""Record call-backs by somebody other than the mediator."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from cases.changes import changing, journal
from cases.choices import ConsentHow, Satisfaction, Solved, Status
from cases.models import Case
from mediation.errors import MediationError
from mediation.models import FollowUp


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
