"""What one reader may see of the offers of a case: asked of the database so that nothing else is even read.

A sealed figure is read by its author alone (by the mediator where the author says so) until it has met another; of a
blind offer nobody reads anybody else's answer until all have said yes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from cases.models import Case
from mediation.models import Issue, Offer, OfferAnswer, OfferEnd, OfferTerm

Mode, How = Offer.Mode, OfferEnd.How


@dataclass(frozen=True)
class Seen:
    """One offer as one reader sees it now."""

    offer: Offer
    state: str  # how it ended, or nothing while it stands
    terms: list[OfferTerm]
    answers: list[OfferAnswer]
    agreed: frozenset[int]

    @property
    def stands(self) -> bool:
        return not self.state

    def of_issue(self, issue: Issue) -> list[OfferTerm]:
        return [term for term in self.terms if term.issue_id == issue.pk]

    def answer_of(self, party_id: int, issue_id: int | None) -> OfferAnswer | None:
        """The last answer of a party, to an issue or (None) to the whole."""
        rows = [a for a in self.answers if a.party_id == party_id and a.issue_id == issue_id]
        return rows[-1] if rows else None

    def unanswered(self, party_id: int) -> list[int]:
        """The issues that a party has not yet answered, in the order of the terms."""
        issues = dict.fromkeys(term.issue_id for term in self.terms)
        return [key for key in issues if self.answer_of(party_id, key) is None]


def visible_offers(case: Case, *, mine: Collection[int], mediator: bool) -> QuerySet[Offer]:
    """Keep the offers that this reader may know of; `mine` are the keys of the reader's own parties."""
    shown = ~Q(mode=Mode.SEALED) | Q(party__in=mine) | Q(end__how=How.ACCEPTED)
    if mediator:
        shown |= Q(shown_to_mediator=True)
    return Offer.objects.filter(shown, case=case)


def seen_offers(case: Case, *, mine: Collection[int], mediator: bool, at: datetime) -> list[Seen]:
    """Return what this reader may see, the newest first; a constant number of queries."""
    answers = OfferAnswer.objects.filter(
        Q(offer__mode=Mode.OPEN) | Q(party__in=mine) | Q(offer__end__how=How.ACCEPTED)
    ).order_by("pk")
    rows = (
        visible_offers(case, mine=mine, mediator=mediator)
        .select_related("end", "party", "by", "answers_to")
        .prefetch_related(
            Prefetch("terms", OfferTerm.objects.select_related("issue", "doer", "receiver")),
            Prefetch("answers", answers, to_attr="seen_answers"),
            "agreed",
        )
        .order_by("-pk")
    )
    return [
        Seen(
            offer=row,
            state=state_of(row, at),
            terms=list(row.terms.all()),
            answers=row.seen_answers,
            agreed=frozenset(one.issue_id for one in row.agreed.all()),
        )
        for row in rows
    ]


def state_of(offer: Offer, at: datetime) -> str:
    """Return how an offer ended, by its row or by the clock; nothing while it stands."""
    end = getattr(offer, "end", None)
    if end is not None:
        return str(end.how)
    return How.EXPIRED.value if offer.expires_at <= at else ""
