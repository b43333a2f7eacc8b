"""Mediators and what happens in mediation: sessions, agreements, promises, call-backs."""

from mediation.models.agreements import Agreement, Signature, SigningCode
from mediation.models.confirmation import JudicialConfirmation
from mediation.models.follow_up import FollowUp
from mediation.models.promises import URGINGS, Obligation, Performance, Reminder, Urging
from mediation.models.roster import Disclosure, Mediator, MediatorChoice
from mediation.models.sessions import Session

__all__ = [
    "URGINGS",
    "Agreement",
    "Disclosure",
    "FollowUp",
    "JudicialConfirmation",
    "Mediator",
    "MediatorChoice",
    "Obligation",
    "Performance",
    "Reminder",
    "Session",
    "Signature",
    "SigningCode",
    "Urging",
]
