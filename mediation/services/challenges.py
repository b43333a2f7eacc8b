"""Challenges (回避): filed by stopping the case, decided by somebody who is not the challenged person.

All of it is written inside the caller's change (`workflows.mediators`, the facts of suspend and of endings).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.words import within
from cases.changes import journal
from cases.entries import CaseEntry
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import Challenge

Decision = Challenge.Decision
Grounds = Challenge.Grounds


def file_challenge(case: Case, *, party: Party | None, grounds: str, text: str, by: User, at: datetime) -> Challenge:
    """Write a challenge of the case's mediator, who sees nothing of the case from now on. Raises MediationError.

    A mediator who steps aside by himself, and a party's challenge where the centre honours it, need no decision.
    """
    if case.mediator is None:
        raise MediationError(_("本案没有调解员。"))
    if grounds not in Grounds.values:
        raise MediationError(_("请选择申请回避的理由。"))
    if grounds != Grounds.NONE and not text.strip():
        raise MediationError(_("请写明是什么关系、怎样知道的。"))
    if party is not None and (party.case_id != case.pk or party.left_at is not None):
        raise MediationError(_("这位当事人不在本案中。"))
    own = by.pk == case.mediator_id
    honoured = own or (party is not None and case.centre.honours_challenges)
    found = Challenge.objects.create(
        case=case,
        mediator=case.mediator,
        party=party,
        grounds=grounds,
        text=within(text, 500),
        by=by,
        at=at,
        decision=Decision.HONOURED if honoured else Decision.WAITING,
        decided_at=at if honoured else None,
    )
    case.shut_out = sorted({*case.shut_out, case.mediator.pk})
    journal(
        case, CaseEntry.CHALLENGE, by=by, at=at, mediator=case.mediator.pk, grounds=grounds, decision=found.decision
    )
    return found


def open_challenge(case: Case) -> Challenge | None:
    """Return the challenge that waits for its decision, or None."""
    return case.challenges.filter(decision=Decision.WAITING).select_related("mediator", "party").first()


def may_decide(case: Case, user: User, challenged: User) -> bool:
    """Say whether this person may decide on somebody's challenge: a director, never the challenged person.

    The supervisory committee decides where the challenged person is a director of the centre.
    """
    if user.pk == challenged.pk:
        return False
    roles = case.roles_of(user)
    return Role.DIRECTOR in roles or (Role.SUPERVISOR in roles and is_director(case, challenged))


def is_director(case: Case, person: User) -> bool:
    """Say whether somebody directs the centre that handles the case."""
    return bool(person.centre_ids(Role.DIRECTOR) & {case.centre_id, case.centre.parent_id})


def settle_challenge(case: Case, *, upheld: bool, reason: str, by: User, at: datetime) -> Challenge:
    """Decide on the open challenge, with the reason; one dismissed lets the mediator see the case again.

    Raises MediationError.
    """
    found = open_challenge(case)
    if found is None:
        raise MediationError(_("没有待决定的回避申请，请看最新情况。"))
    if not may_decide(case, by, found.mediator):
        raise MediationError(_("被申请回避的人不能自己决定；是中心主任的，由监督委员会决定。"))
    if not reason.strip():
        raise MediationError(_("请写明决定的理由。"))
    found.decision = Decision.UPHELD if upheld else Decision.DISMISSED
    found.decided_by, found.decided_at, found.reason = by, at, within(reason, 500)
    found.save(update_fields=["decision", "decided_by", "decided_at", "reason"])
    if not upheld:
        let_in(case, found.mediator)
    journal(case, CaseEntry.DECIDE_CHALLENGE, by=by, at=at, mediator=found.mediator_id, decision=found.decision)
    return found


def let_in(case: Case, person: User) -> None:
    case.shut_out = [key for key in case.shut_out if key != person.pk]
    case.save(update_fields=["shut_out"])


def lapse_challenge(case: Case, *, by: User | None, at: datetime) -> None:
    """End the open challenge without a decision, because the case has ended; who is challenged is shut out."""
    found = open_challenge(case) if case.shut_out else None
    if found is None:
        return
    found.decision, found.decided_at = Decision.LAPSED, at
    found.save(update_fields=["decision", "decided_at"])
    let_in(case, found.mediator)
    journal(case, CaseEntry.DECIDE_CHALLENGE, by=by, at=at, mediator=found.mediator_id, decision=found.decision)
