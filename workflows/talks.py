"""Bargaining and meeting, with the notices that belong to it: that something happened, never what.

Of what is sealed or blind nobody is told before it is open to all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from accounts.models import User
from cases.choices import Side
from cases.models import Case, Party
from mediation import services as mediation
from mediation.models import Issue, Offer, OfferEnd
from notifications.models import Kind
from notifications.services import notify_all
from workflows.telling import people_of

log = structlog.get_logger(__name__)


def propose(case: Case, *, by: User, at: datetime, **given: Any) -> Offer:
    """Put an offer before everybody (see `mediation.make_offer`) and tell the others."""
    with transaction.atomic():
        offer = mediation.make_offer(case, by=by, at=at, **given)
        tell_others(case, Kind.OFFER_MADE, "offers", by=by, at=at)
    return offer


def seal(case: Case, *, by: User, at: datetime, **given: Any) -> Offer:
    """Seal a figure (see `mediation.seal_offer`); where it meets another, everybody is told."""
    with transaction.atomic():
        offer = mediation.seal_offer(case, by=by, at=at, **given)
        if OfferEnd.objects.filter(offer=offer).exists():
            tell_others(case, Kind.OFFER_MOVED, "offers", by=by, at=at)
        elif offer.shown_to_mediator and case.mediator is not None:
            tell_some(case, [case.mediator], Kind.OFFER_MADE, "offers", at=at)
    return offer


def answer(offer: Offer, *, party: Party, answers: dict[int, bool], by: User, at: datetime, words: str = "") -> None:
    """Answer an open offer (see `mediation.answer_offer`) and tell the others."""
    with transaction.atomic():
        mediation.answer_offer(offer, party=party, answers=answers, words=words, by=by, at=at)
        tell_others(offer.case, Kind.OFFER_MOVED, "offers", by=by, at=at)


def answer_blind(offer: Offer, *, party: Party, yes: bool, by: User, at: datetime) -> bool:
    """Answer a blind offer (see `mediation.answer_blind`); only when all agree is anybody told."""
    with transaction.atomic():
        agreed = mediation.answer_blind(offer, party=party, yes=yes, by=by, at=at)
        if agreed:
            tell_others(offer.case, Kind.OFFER_MOVED, "offers", by=by, at=at)
    return agreed


def withdraw(offer: Offer, *, by: User, at: datetime) -> None:
    """Take back an own offer (see `mediation.withdraw_offer`); of a sealed one nobody hears."""
    with transaction.atomic():
        mediation.withdraw_offer(offer, by=by, at=at)
        if offer.mode != Offer.Mode.SEALED:
            tell_others(offer.case, Kind.OFFER_MOVED, "offers", by=by, at=at)


def end_issue(issue: Issue, *, reason: str, by: User, at: datetime) -> None:
    """Take a point off the table and tell everybody."""
    with transaction.atomic():
        mediation.end_issue(issue, reason=reason, by=by, at=at)
        tell_others(issue.case, Kind.OFFER_MOVED, "offers", by=by, at=at)


def expire_offers(now: datetime) -> int:
    """End every offer whose time has run out, each in its own transaction and once; return how many."""
    done = 0
    for offer_id in mediation.due_offers(now):
        try:
            done += _expire(offer_id, now)
        except Exception as error:  # the next tick tries again
            log.error("offer_broke", offer=offer_id, error=type(error).__name__)
    return done


def _expire(offer_id: int, now: datetime) -> int:
    with transaction.atomic():
        offer = mediation.expire_offer(offer_id, at=now)
        if offer is None:
            return 0
        if offer.mode == Offer.Mode.SEALED:
            people = [person for person in people_of(offer.case, *Side.values) if person.pk == offer.by_id]
            tell_some(offer.case, people, Kind.OFFER_MOVED, "offers", at=now)
        else:
            tell_others(offer.case, Kind.OFFER_MOVED, "offers", by=None, at=now)
    return 1


def tell_others(case: Case, kind: str, area: str, *, by: User | None, at: datetime) -> None:
    """Tell all parties and the mediator, but not whoever did it."""
    people = people_of(case, *Side.values)
    if case.mediator is not None and case.mediator not in people:
        people.append(case.mediator)
    tell_some(case, [person for person in people if by is None or person.pk != by.pk], kind, area, at=at)


def tell_some(case: Case, people: Sequence[User], kind: str, area: str, *, at: datetime) -> None:
    """Tell these people to look at one area of a case."""
    notify_all(
        people,
        kind=kind,
        subject=case.subject,
        url=f"{case.get_absolute_url()}{area}/",
        at=at,
        number=case.case_number or case.number or "",
    )
