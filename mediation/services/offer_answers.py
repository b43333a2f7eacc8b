"""Answer offers, and what all agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.words import within
from cases.changes import changing, changing_unseen, journal, touch
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import JOINT, Case, Party, RoomEntry
from cases.rooms import post_event
from mediation.errors import MediationError
from mediation.models import AgreedIssue, Issue, Offer, OfferAnswer, OfferEnd
from mediation.services.offers import Mode, end_offer, note, require_scope, require_standing

How = OfferEnd.How


@dataclass(frozen=True)
class AcceptedTerm:
    """One thing that all agreed to, for the text of the agreement."""

    issue: Issue
    doer: Party
    receiver: Party | None
    what: str
    amount: Decimal | None
    manner: str
    place: str
    due: date
    proof: str


def answer_offer(
    offer: Offer, *, party: Party, answers: Mapping[int, bool], by: User, at: datetime, words: str = ""
) -> Offer:
    """Answer an open offer issue by issue, for good; where all said yes to an issue, it is agreed.

    `answers` maps the keys of issues to yes or no; an issue that is left out may be answered later.
    Raises MediationError: too late, answered before, beyond scope, not one's own side.
    """
    with changing(offer.case, talks.ANSWER_OFFER, by=by, at=at) as locked:
        offer = _answerable(locked, offer, party, by=by, at=at, mode=Mode.OPEN)
        issues = {term.issue_id: term.issue for term in offer.terms.all()}
        if not answers or set(answers) - set(issues):
            raise MediationError(_("请对方案里的事项逐项选择同意或不同意。"))
        if any(answer.party_id == party.pk and answer.issue_id in answers for answer in offer.answers.all()):
            raise MediationError(_("您这一方已经答复过这一项，请看最新情况。"))
        if any(issues[key].ended_at for key in answers):
            raise MediationError(_("这个争议事项已经停止协商，请选择另一项。"))
        OfferAnswer.objects.bulk_create(
            OfferAnswer(offer=offer, issue_id=key, party=party, yes=yes, note=within(words, 300), by=by, at=at)
            for key, yes in answers.items()
        )
        journal(locked, CaseEntry.ANSWER_OFFER, by=by, at=at, offer=offer.number, party=party.pk)
        post_event(locked, JOINT, kind=RoomEntry.Kind.OFFER_ANSWERED, ref=offer.pk, by=by, at=at)
        _settle(locked, offer, by=by, at=at)
    return offer


def answer_blind(offer: Offer, *, party: Party, yes: bool, by: User, at: datetime) -> bool:
    """Answer a blind offer as a whole; the last answer counts, and nobody learns of it unless all said yes.

    Return whether all have now said yes. Raises MediationError as `answer_offer` does.
    """
    with changing_unseen(offer.case, talks.ANSWER_OFFER, by=by, at=at) as locked:
        offer = _answerable(locked, offer, party, by=by, at=at, mode=Mode.BLIND)
        issues = {term.issue_id: term.issue for term in offer.terms.all()}
        if any(issue.ended_at for issue in issues.values()):
            raise MediationError(_("这个争议事项已经停止协商，请选择另一项。"))
        OfferAnswer.objects.create(offer=offer, party=party, yes=yes, by=by, at=at)
        note(offer, "answer_blind", by=by, at=at, party=party.pk, yes=yes)
        latest = {answer.party_id: answer.yes for answer in offer.answers.order_by("pk")}
        agreed = all(latest.get(asked.pk) for asked in _asked(locked, offer))
        if agreed:
            _agree(locked, offer, issues, at=at)
            end_offer(offer, How.ACCEPTED, by=None, at=at)
            journal(locked, CaseEntry.OFFER_ACCEPTED, by=by, at=at, offer=offer.number)
            post_event(locked, JOINT, kind=RoomEntry.Kind.OFFER_ANSWERED, ref=offer.pk, by=None, at=at)
            touch(locked)
    return agreed


def _answerable(case: Case, offer: Offer, party: Party, *, by: User, at: datetime, mode: str) -> Offer:
    """Return the offer as it is now, if this person may still answer it for this party; raises MediationError."""
    if party.pk not in {own.pk for own in case.parties_of(by)}:
        raise MediationError(_("只能代表自己这一方答复。"))
    require_scope(next(own for own in case.parties_of(by) if own.pk == party.pk), by)
    rows = Offer.objects.select_related("end").prefetch_related("terms__issue", "answers")
    offer = rows.get(pk=offer.pk, case=case, mode=mode)
    require_standing(offer, at)
    if offer.round != case.round:
        raise MediationError(_("这是上一轮调解的方案，不能再答复。"))
    if offer.party_id == party.pk:
        raise MediationError(_("这是您自己提出的方案，等对方答复。"))
    return offer


def _asked(case: Case, offer: Offer) -> list[Party]:
    """Whose answer counts: everybody still in the case but its author."""
    return [party for party in case.parties.all() if party.left_at is None and party.pk != offer.party_id]


def _settle(case: Case, offer: Offer, *, by: User, at: datetime) -> None:
    """Write down what is agreed by now, and end an offer of which every issue is decided."""
    asked = {party.pk for party in _asked(case, offer)}
    known = set(offer.agreed.values_list("issue_id", flat=True))
    answers: dict[int, dict[int, bool]] = {term.issue_id: {} for term in offer.terms.all()}
    for answer in OfferAnswer.objects.filter(offer=offer, issue__isnull=False):
        answers[answer.issue_id or 0][answer.party_id] = answer.yes
    agreed = {key for key, given in answers.items() if asked <= {p for p, yes in given.items() if yes}}
    refused = {key for key, given in answers.items() if not all(given.values())}
    _agree(case, offer, agreed - known, at=at)
    if agreed | refused == set(answers):
        how = How.ACCEPTED if not refused else How.PARTLY if agreed else How.REFUSED
        end_offer(offer, how, by=None, at=at)
        journal(
            case, CaseEntry.OFFER_DECIDED, by=by, at=at, offer=offer.number, agreed=len(agreed), refused=len(refused)
        )


def _agree(case: Case, offer: Offer, issues: Mapping[int, Issue] | set[int], *, at: datetime) -> None:
    AgreedIssue.objects.bulk_create(
        AgreedIssue(issue_id=key, offer=offer, round=case.round, at=at) for key in sorted(issues)
    )


def agreed_issues(case: Case) -> dict[int, AgreedIssue]:
    """Return by issue what counts of this round: the last terms on which all agreed."""
    rows = AgreedIssue.objects.filter(issue__case=case, round=case.round).order_by("pk")
    return {row.issue_id: row for row in rows.select_related("issue", "offer").prefetch_related(*_TERMS)}


_TERMS = ("offer__terms__issue", "offer__terms__doer", "offer__terms__receiver")


def accepted_terms(case: Case) -> list[AcceptedTerm]:
    """Return what all agreed to in this round, in the order of the issues: the stuff of the agreement."""
    agreed = sorted(agreed_issues(case).values(), key=lambda row: row.issue.number)
    return [
        AcceptedTerm(
            issue=row.issue,
            doer=term.doer,
            receiver=term.receiver,
            what=term.what,
            amount=term.amount,
            manner=term.manner,
            place=term.place,
            due=term.due,
            proof=term.proof,
        )
        for row in agreed
        for term in row.offer.terms.all()
        if term.issue_id == row.issue_id
    ]


def open_issues(case: Case) -> list[Issue]:
    """Return what is still in dispute: neither agreed in this round nor taken off the table."""
    agreed = agreed_issues(case)
    return [issue for issue in case.issues.all() if issue.pk not in agreed and issue.ended_at is None]
