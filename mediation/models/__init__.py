"""Mediators and what happens in mediation: sessions, agreements, promises, call-backs."""

from mediation.models.agreements import Agreement, Signature, SigningCode
from mediation.models.confirmation import JudicialConfirmation
from mediation.models.follow_up import FollowUp, Survey
from mediation.models.nominations import Challenge, Nomination, Waiver
from mediation.models.offers import AgreedIssue, Issue, Offer, OfferAnswer, OfferEnd, OfferTerm
from mediation.models.promises import URGINGS, Obligation, Performance, Reminder, Urging
from mediation.models.roster import Disclosure, Mediator, MediatorChoice
from mediation.models.sessions import (
    Attendance,
    RecordSignature,
    Session,
    SessionNotice,
    Statement,
    UndisputedFacts,
)
from mediation.models.slots import Slot, SlotAnswer, SlotPoll

__all__ = [
    "URGINGS",
    "AgreedIssue",
    "Agreement",
    "Challenge",
    "Disclosure",
    "FollowUp",
    "Issue",
    "JudicialConfirmation",
    "Mediator",
    "MediatorChoice",
    "Nomination",
    "Obligation",
    "Offer",
    "OfferAnswer",
    "OfferEnd",
    "OfferTerm",
    "Performance",
    "Reminder",
    "Session",
    "UndisputedFacts",
    "Statement",
    "SlotPoll",
    "SlotAnswer",
    "Slot",
    "SessionNotice",
    "RecordSignature",
    "Attendance",
    "Survey",
    "Signature",
    "SigningCode",
    "Urging",
    "Waiver",
]
