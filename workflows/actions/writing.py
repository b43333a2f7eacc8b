"""What each action writes in its transaction before the state machine is asked.

The keyword arguments of its function are the action's input, the same for page, import and test.
"""

from collections.abc import Callable
from typing import Any

from accounts.policy import RULES
from accounts.roles import PARTY_ROLES, Role
from accounts.words import within
from cases.models import Case, Reason
from cases.move import Move
from mediation.models import Session
from workflows.actions import agreement, asking, complaint, ending, filing, mediation, not_for_us

# An action that is not named here brings nothing of its own.
WRITES: dict[str, Callable[..., Session | None]] = {
    "submit": filing.submit,
    "discard": filing.discard,
    "return_for_supplement": filing.return_for_supplement,
    "resubmit": filing.resubmit,
    "reject": not_for_us.reject,
    "review_rejection": not_for_us.review_rejection,
    "refer": not_for_us.refer,
    "forward_to_company": complaint.forward_to_company,
    "answer_enquiry": complaint.answer_enquiry,
    "confirm_answer": complaint.confirm_answer,
    "redo_answer": complaint.redo_answer,
    "invite": asking.invite,
    "accept_jointly": asking.accept_jointly,
    "decline": asking.decline,
    "assign": mediation.assign,
    "reassign": mediation.reassign,
    "start_mediation": mediation.start_mediation,
    "extend": mediation.extend,
    "suspend": mediation.suspend,
    "resume": mediation.resume,
    "draft_agreement": agreement.draft_agreement,
    "settle_orally": agreement.settle_orally,
    "take_effect": agreement.take_effect,
    "reopen_talks": agreement.reopen_talks,
    "fail": agreement.fail,
    "report_breach": agreement.report_breach,
    "withdraw": ending.withdraw,
    "merge": ending.merge,
    "void": ending.void,
    "remediate": ending.remediate,
    "archive": ending.archive,
}

# What these roles bring about only by what they do elsewhere: a nominee's acceptance, a waiver, a decision installs.
INSTALLED_BY: dict[str, frozenset[Role]] = {
    "assign": PARTY_ROLES | {Role.NOMINEE},
    "reassign": frozenset({Role.NOMINEE}),
    "resume": frozenset({Role.NOMINEE, Role.SUPERVISOR}),
}


def write(action: str, case: Case, move: Move, *, given: dict[str, Any]) -> Session | None:
    """Write what an action brings, and return the session that it calls, if any.

    Unknown input is a programming error (TypeError), bad input an InputError.
    """
    function = WRITES.get(action)
    if function is None:
        if given:
            raise TypeError(f"{action} takes no input, got {sorted(given)}")
        return None
    called = function(case, move, **given)
    if why := str(given.get("reason") or "").strip():
        Reason.objects.create(case=case, action=action, text=within(why, 1000), by=move.by, at=move.at)
    return called


def reason_of(given: dict[str, Any]) -> str:
    """Return the reason among an action's input, for the journal: its code, never free text about people."""
    return str(given.get("reason_code") or "")


def open_to(action: str, case: Case, roles: frozenset[Role]) -> bool:
    """Keep back the buttons of what follows by itself from the page of the mediator."""
    return bool((RULES[f"case.{action}"] & roles) - INSTALLED_BY.get(action, frozenset()))
