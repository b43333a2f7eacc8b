"""Make offers, seal figures, withdraw, let time run out.

An open offer lies before everybody. Of a blind one (a mediator's proposal) everybody knows the terms and nobody anybody
else's answer. A sealed figure is known to its author only, until the other side has sealed one that meets it: its
making, replacing and running out leave no trace on the case that others could see (docs/decisions/0009).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.errors import NotAllowedError
from accounts.models import User
from accounts.roles import Role
from accounts.words import within
from audit.services import record
from calendars.today import local_date
from cases.changes import changing, changing_unseen, holding, journal, touch
from cases.choices import AgentScope
from cases.entries import CaseEntry
from cases.facts import talks
from cases.models import JOINT, Case, Party, RoomEntry
from cases.rooms import post_event
from mediation.errors import MediationError
from mediation.models import AgreedIssue, Issue, Offer, OfferEnd, OfferTerm

Mode, How = Offer.Mode, OfferEnd.How
MOST_DAYS = 60
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Term:
    """One thing that an offer says for an issue: who does what for whom, how much, how, where, by when, how proved."""

    issue: Issue
    doer: Party
    what: str
    manner: str
    due: date
    receiver: Party | None = None
    amount: Decimal | None = None
    place: str = ""
    proof: str = ""


def make_offer(
    case: Case,
    *,
    terms: Sequence[Term],
    expires_at: datetime,
    by: User,
    at: datetime,
    mode: str = Mode.OPEN,
    party: Party | None = None,
    text: str = "",
    answers_to: Offer | None = None,
) -> Offer:
    """Put an offer before everybody: a party's own, or the mediator's, whose answers may be blind.

    Raises MediationError for terms that bind somebody else, an author beyond scope, or a limit that is reached.
    """
    if mode not in {Mode.OPEN, Mode.BLIND}:
        raise LookupError(f"{mode} is not made like this")
    with changing(case, talks.MAKE_OFFER, by=by, at=at) as locked:
        party = _author(locked, party, by)
        if mode == Mode.BLIND and party is not None:
            raise MediationError(_("这种方案由调解员提出；您可以请调解员代为提出。"))
        if answers_to is not None:
            _require_answerable(locked, answers_to, party)
        _require_left(locked, party)
        _require_terms(locked, terms, at)
        _require_time(expires_at, at)
        offer = Offer.objects.create(
            case=locked,
            round=locked.round,
            number=next_number(locked),
            mode=mode,
            party=party,
            by=by,
            answers_to=answers_to,
            text=within(text, 1000),
            at=at,
            expires_at=expires_at,
        )
        _write_terms(offer, terms)
        journal(locked, CaseEntry.MAKE_OFFER, by=by, at=at, offer=offer.number, mode=mode, terms=len(terms))
        post_event(locked, JOINT, kind=RoomEntry.Kind.OFFER_MADE, ref=offer.pk, by=by, at=at)
    return offer


def seal_offer(
    case: Case,
    *,
    term: Term,
    expires_at: datetime,
    by: User,
    at: datetime,
    party: Party | None = None,
    shown_to_mediator: bool = False,
) -> Offer:
    """Seal what a party would pay at most or take at least; where two sealed figures meet, the middle is agreed.

    A new figure takes the place of the party's older one for the same payment. Raises MediationError.
    """
    with changing_unseen(case, talks.SEAL_OFFER, by=by, at=at) as locked:
        party = _author(locked, party, by)
        if party is None:
            raise MediationError(_("密封报价由当事人自己提出。"))
        _require_left(locked, party)
        _require_payment(term, party)
        _require_terms(locked, [term], at)
        _require_time(expires_at, at)
        same = _sealed(locked, term, at)
        for older in same.filter(party=party):
            end_offer(older, How.REPLACED, by=by, at=at)
        offer = Offer.objects.create(
            case=locked,
            round=locked.round,
            mode=Mode.SEALED,
            party=party,
            by=by,
            shown_to_mediator=shown_to_mediator,
            at=at,
            expires_at=expires_at,
        )
        _write_terms(offer, [term])
        note(offer, "seal_offer", by=by, at=at)
        if shown_to_mediator and [p.pk for p in locked.parties.all() if p.side == party.side] == [party.pk]:
            post_event(locked, party.side, kind=RoomEntry.Kind.OFFER_MADE, ref=offer.pk, by=by, at=at)
        other = next(iter(same.exclude(party=party)), None)
        if other is not None:
            _meet(locked, offer, other, by=by, at=at)
    return offer


def _sealed(case: Case, term: Term, at: datetime) -> QuerySet[Offer]:
    """The figures that lie sealed for the same payment."""
    return Offer.objects.filter(
        case=case,
        round=case.round,
        mode=Mode.SEALED,
        end__isnull=True,
        expires_at__gt=at,
        terms__issue=term.issue,
        terms__doer=term.doer,
        terms__receiver=term.receiver,
    )


def _meet(case: Case, one: Offer, other: Offer, *, by: User, at: datetime) -> None:
    """Agree on the middle where the payer gives no less, and no later, than the other side takes.

    From then on both know that they have sealed a figure, and may know whose came last.
    """
    first, second = one.terms.get(), other.terms.get()
    pays, takes = (first, second) if one.party_id == first.doer_id else (second, first)
    most, least = pays.amount or Decimal(0), takes.amount or Decimal(0)  # a sealed offer always names a figure
    if most < least or pays.due > takes.due:
        return
    met = Offer.objects.create(
        case=case, round=case.round, number=next_number(case), mode=Mode.MET, at=at, expires_at=at
    )
    middle = ((most + least) / 2).quantize(CENT, ROUND_HALF_UP)
    OfferTerm.objects.create(
        offer=met,
        number=1,
        issue=pays.issue,
        doer=pays.doer,
        receiver=pays.receiver,
        what=pays.what,
        amount=middle,
        manner=pays.manner,
        place=pays.place,
        due=pays.due,
        proof=pays.proof,
    )
    AgreedIssue.objects.create(issue=pays.issue, offer=met, round=case.round, at=at)
    for offer in (one, other, met):
        end_offer(offer, How.ACCEPTED, by=None, at=at)
    journal(case, CaseEntry.OFFERS_MET, by=by, at=at, offer=met.number)
    post_event(case, JOINT, kind=RoomEntry.Kind.OFFER_ANSWERED, ref=met.pk, by=None, at=at)
    touch(case)


def withdraw_offer(offer: Offer, *, by: User, at: datetime) -> None:
    """Take back an own offer that is still open to answers; what was agreed before stays. Raises MediationError."""
    change = changing_unseen if offer.mode == Mode.SEALED else changing
    with change(offer.case, talks.WITHDRAW_OFFER, by=by, at=at) as locked:
        offer = Offer.objects.select_related("end").get(pk=offer.pk)
        party = _author(locked, offer.party, by) if offer.party_id else _author(locked, None, by)
        if (party.pk if party else None) != offer.party_id or offer.mode == Mode.MET:
            raise NotAllowedError(_("只能撤回自己提出的方案。"))
        require_standing(offer, at)
        end_offer(offer, How.WITHDRAWN, by=by, at=at)
        if offer.mode == Mode.SEALED:
            note(offer, "withdraw_offer", by=by, at=at)
        else:
            journal(locked, CaseEntry.WITHDRAW_OFFER, by=by, at=at, offer=offer.number)


def expire_offer(offer_id: int, *, at: datetime) -> Offer | None:
    """End one offer whose time has run out, once; return it, or None where it had ended already."""
    case_id = Offer.objects.values_list("case_id", flat=True).get(pk=offer_id)
    with holding(case_id, "expire_offer", by=None, at=at) as case:
        offer = Offer.objects.get(pk=offer_id)
        if offer.expires_at > at or OfferEnd.objects.filter(offer=offer).exists():
            return None
        end_offer(offer, How.EXPIRED, by=None, at=at)
        if offer.mode == Mode.SEALED:
            note(offer, "expire_offer", by=None, at=at)
        else:
            journal(case, CaseEntry.EXPIRE_OFFER, by=None, at=at, offer=offer.number)
            touch(case)
    return offer


def due_offers(at: datetime) -> list[int]:
    """Return the offers whose time has run out and that have not ended, the oldest first."""
    rows = Offer.objects.filter(end__isnull=True, expires_at__lte=at).order_by("expires_at", "pk")
    return list(rows.values_list("pk", flat=True))


def end_offers(case: Case, *, at: datetime) -> None:
    """End what is still open because the talks are over, inside the caller's change."""
    left = Offer.objects.filter(case=case, end__isnull=True)
    OfferEnd.objects.bulk_create(OfferEnd(offer=offer, how=How.TALKS_OVER, at=at) for offer in left)


def offers_left(case: Case, party: Party) -> int:
    """Return how many offers a party may still make in this round of mediation; sealed ones count, each for its own."""
    return max(case.centre.offer_limit - Offer.objects.filter(case=case, round=case.round, party=party).count(), 0)


def _require_left(case: Case, party: Party | None) -> None:
    if party is not None and not offers_left(case, party):
        raise MediationError(
            _("本轮调解中您这一方已经提出了%(n)d次方案，达到上限；接下来请由调解员提出方案。")
            % {"n": case.centre.offer_limit}
        )


def require_standing(offer: Offer, at: datetime) -> None:
    """Refuse what comes too late, with the reason; raises MediationError."""
    how = getattr(getattr(offer, "end", None), "how", How.EXPIRED if offer.expires_at <= at else "")
    sentences = {
        How.ACCEPTED: _("这个方案各方已经同意，不能再改。"),
        How.PARTLY: _("这个方案已经有了结果，请看最新情况。"),
        How.REFUSED: _("这个方案没有谈妥，已经结束；您可以提出新的方案。"),
        How.WITHDRAWN: _("这个方案已经被撤回，不能再答复；您可以提出新的方案。"),
        How.EXPIRED: _("这个方案已经到期，不能再答复；您可以提出新的方案。"),
        How.REPLACED: _("这个报价已经换成新的报价。"),
        How.TALKS_OVER: _("调解已经结束，这个方案不再有效。"),
    }
    if how:
        raise MediationError(sentences[How(how)])


def require_scope(party: Party, by: User) -> None:
    """Let an agent bargain only where the power of attorney says so (POA scope); raises MediationError."""
    if not party.lets(by, AgentScope.DISPOSE):
        raise MediationError(_("授权委托书没有授权您承认、变更、放弃请求，请由本人提出或答复方案。"))


def next_number(case: Case) -> int:
    return (Offer.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1


def note(offer: Offer, action: str, *, by: User | None, at: datetime, **after: object) -> None:
    """Journal about the offer itself what the case's journal must not show."""
    record(("offer", str(offer.key)), action, by=by, after=after, at=at)


def end_offer(offer: Offer, how: str, *, by: User | None, at: datetime) -> None:
    OfferEnd.objects.create(offer=offer, how=how, by=by, at=at)


def _author(case: Case, party: Party | None, by: User) -> Party | None:
    """Return the party for which this person offers, or None for the mediator; raises MediationError."""
    mine: dict[int, Party] = {own.pk: own for own in case.parties_of(by)}
    if not mine:
        if Role.MEDIATOR not in case.roles_of(by) or party is not None:
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        return None
    found = mine.get(party.pk) if party else next(iter(mine.values()))
    if found is None:
        raise MediationError(_("只能代表自己这一方提出方案。"))
    require_scope(found, by)
    return found


def _require_answerable(case: Case, offer: Offer, party: Party | None) -> None:
    if offer.case_id != case.pk or offer.mode != Mode.OPEN:
        raise MediationError(_("只能对公开的方案提出另一个方案。"))
    if party is not None and offer.party_id == party.pk:
        raise MediationError(_("这是您自己提出的方案；要改的话，请撤回后重新提出。"))


def _require_terms(case: Case, terms: Sequence[Term], at: datetime) -> None:
    if not terms:
        raise MediationError(_("请至少写一项：哪个争议、谁、做什么、怎么做、什么时候。"))
    parties = {party.pk for party in case.parties.all() if party.left_at is None}
    for term in terms:
        if term.issue.case_id != case.pk or term.issue.ended_at is not None:
            raise MediationError(_("这个争议事项已经停止协商，请选择另一项。"))
        if not {term.doer.pk, term.receiver.pk if term.receiver else term.doer.pk} <= parties:
            raise MediationError(_("方案只能约束本案的当事人。"))
        if term.receiver is not None and term.receiver.pk == term.doer.pk:
            raise MediationError(_("不能向自己履行，请选择另一方。"))
        if not term.what.strip() or not term.manner.strip():
            raise MediationError(_("请写明做什么、怎么做。"))
        if term.due < local_date(at):
            raise MediationError(_("履行期限不能早于今天。"))
        if term.amount is not None and term.amount <= 0:
            raise MediationError(_("金额要大于零；没有金额的请留空。"))


def _require_payment(term: Term, party: Party) -> None:
    if term.receiver is None or term.amount is None or party.pk not in {term.doer.pk, term.receiver.pk}:
        raise MediationError(_("密封报价要写明谁付给谁、多少钱，而且您是其中一方。"))


def _require_time(expires_at: datetime, at: datetime) -> None:
    if not 0 < (expires_at - at).total_seconds() <= MOST_DAYS * 86400:
        raise MediationError(_("有效期要在现在以后、%(days)d日以内。") % {"days": MOST_DAYS})


def _write_terms(offer: Offer, terms: Sequence[Term]) -> None:
    OfferTerm.objects.bulk_create(
        OfferTerm(
            offer=offer,
            number=i,
            issue=term.issue,
            doer=term.doer,
            receiver=term.receiver,
            what=within(term.what, 500),
            amount=term.amount,
            manner=within(term.manner, 200),
            place=within(term.place, 200),
            due=term.due,
            proof=within(term.proof, 200),
        )
        for i, term in enumerate(terms, 1)
    )
