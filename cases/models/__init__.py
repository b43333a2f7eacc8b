"""The facts of a case."""

from cases.models.asked import ConsentRequest
from cases.models.case import Case, CaseLink, Category, NumberSeries
from cases.models.deadlines import Deadline, DeadlineMove, DeadlinePause, DeadlineReminder
from cases.models.endings import Ending, Proposal, Reason, Referral
from cases.models.material import Answer, Evidence, Message, SupplementRequest
from cases.models.parties import Agent, CasePass, Claim, Consent, ContactAttempt, Party
from cases.models.retention import DestructionItem, DestructionList, LegalHold
from cases.models.rooms import JOINT, Room, RoomEntry, RoomFile, RoomVisit
from cases.models.service import Service, ServiceAddress, ServiceProof
from cases.models.supervision import Supervision

__all__ = [
    "JOINT",
    "Agent",
    "Answer",
    "Case",
    "CaseLink",
    "CasePass",
    "Category",
    "Claim",
    "Consent",
    "ConsentRequest",
    "ContactAttempt",
    "Deadline",
    "DeadlineMove",
    "DeadlinePause",
    "DeadlineReminder",
    "DestructionItem",
    "DestructionList",
    "Ending",
    "Evidence",
    "LegalHold",
    "Message",
    "NumberSeries",
    "Party",
    "Proposal",
    "Reason",
    "Referral",
    "Room",
    "RoomEntry",
    "RoomFile",
    "RoomVisit",
    "Service",
    "ServiceAddress",
    "ServiceProof",
    "SupplementRequest",
    "Supervision",
]
