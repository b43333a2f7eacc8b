"""What happens in mediation, by noun: roster, sessions, agreements, promises, call-backs."""

from mediation.errors import MediationError
from mediation.services.agreements import (
    Promise,
    apply_seal,
    draft_text,
    pass_legal_check,
    put_in_force,
    sign,
    sign_as_mediator,
    text_hash,
    write_agreement,
)
from mediation.services.call_backs import add_follow_up, follow_up
from mediation.services.issues import add_issue, end_issue, resume_issue, seed_issues
from mediation.services.offer_answers import (
    AcceptedTerm,
    accepted_terms,
    agreed_issues,
    answer_blind,
    answer_offer,
    open_issues,
)
from mediation.services.offers import (
    Term,
    due_offers,
    end_offers,
    expire_offer,
    make_offer,
    offers_left,
    seal_offer,
    withdraw_offer,
)
from mediation.services.promises import confirm_performance, record_performance, urge
from mediation.services.roster import (
    BUSY,
    Candidate,
    candidates,
    choose_mediator,
    conflict_of,
    disclose,
    joint_choice,
    require_assignable,
)
from mediation.services.sessions import add_session, record_session, schedule_session

__all__ = [
    "BUSY",
    "AcceptedTerm",
    "Candidate",
    "MediationError",
    "Promise",
    "Term",
    "accepted_terms",
    "add_follow_up",
    "add_issue",
    "add_session",
    "agreed_issues",
    "answer_blind",
    "answer_offer",
    "apply_seal",
    "candidates",
    "choose_mediator",
    "confirm_performance",
    "conflict_of",
    "disclose",
    "draft_text",
    "due_offers",
    "end_issue",
    "end_offers",
    "expire_offer",
    "follow_up",
    "joint_choice",
    "make_offer",
    "offers_left",
    "open_issues",
    "pass_legal_check",
    "put_in_force",
    "record_performance",
    "record_session",
    "require_assignable",
    "resume_issue",
    "schedule_session",
    "seal_offer",
    "seed_issues",
    "sign",
    "sign_as_mediator",
    "text_hash",
    "urge",
    "withdraw_offer",
    "write_agreement",
]
