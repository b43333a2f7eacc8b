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
    "Candidate",
    "MediationError",
    "Promise",
    "add_follow_up",
    "add_session",
    "apply_seal",
    "candidates",
    "choose_mediator",
    "confirm_performance",
    "conflict_of",
    "disclose",
    "draft_text",
    "follow_up",
    "joint_choice",
    "pass_legal_check",
    "put_in_force",
    "record_performance",
    "record_session",
    "require_assignable",
    "schedule_session",
    "sign",
    "sign_as_mediator",
    "text_hash",
    "urge",
    "write_agreement",
]
