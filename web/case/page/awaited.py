"""What waits in the talks for one person's own word: offers, times of a session, records, undisputed facts, a wish.

Of an offer only this reader's own answers are read, and of a room nothing at all: whatever another side answers blind
or says in a caucus cannot change a word of this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import Role
from cases.choices import AgentScope, ConsentMatter, Status
from cases.models import Party
from mediation import services as mediation
from mediation.models import Offer, OfferAnswer, RecordSignature, Session, SlotAnswer, SlotPoll, UndisputedFacts
from web.case.case_file import CaseFile
from web.case.matter.consent_words import question_of
from web.case.matter.people import OwnConsent
from web.templatetags.look import due_day, moment

S, Mode = Status, Offer.Mode
CALLING = frozenset({S.ASSIGNED, S.MEDIATING})
SIGNED_IN = frozenset({S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING})


@dataclass(frozen=True)
class Awaited:
    """One thing that waits for this reader: what it is called, why, and where below the case it is done."""

    name: str
    title: str
    sentence: str
    label: str
    path: str


def awaited_of(file: CaseFile) -> list[Awaited]:
    """Return what waits for this reader, the most pressing first; a constant number of queries."""
    now = timezone.now()
    if file.as_party:
        return [*_questions(file), *_offers(file, now), *_times(file, now), *_papers(file), *_wish(file)]
    if file.has(Role.MEDIATOR) and file.may("case.hold_session"):
        return [*_time_to_fix(file, now), *_own_records(file)]
    return []


def _empowered(file: CaseFile, scope: str) -> list[Party]:
    """The parties for which this reader may do what an agent needs this power for."""
    return [party for party in file.mine if party.lets(file.user, scope)]


# --- consents ---------------------------------------------------------------------------------------------------


def _questions(file: CaseFile) -> Iterator[Awaited]:
    """What the centre asks; whether there is to be mediation at all is a step of its own."""
    rows = OwnConsent.unanswered(file) if file.may("case.consent") else []
    for row in rows:
        if row.matter != ConsentMatter.MEDIATION or file.case.status != S.INVITING:
            until = _("请在%(day)s前答复。") % {"day": due_day(row.answer_by)} if row.answer_by else ""
            path = f"do/consent/?request={row.pk}"
            yield Awaited("answer-question", question_of(row), until, _("看内容，表示意见"), path)


# --- offers -----------------------------------------------------------------------------------------------------


@dataclass
class _Standing:
    """An offer that may still be answered, with the issues that are still talked about."""

    key: UUID
    party: int | None
    mode: str
    until: datetime
    issues: set[int]
    given_up: bool = False


def _offers(file: CaseFile, now: datetime) -> Iterator[Awaited]:
    mine = {party.pk for party in _empowered(file, AgentScope.DISPOSE)}
    if file.case.status != S.MEDIATING or not file.may("case.answer_offer") or not mine:
        return
    standing = _standing(file, now)
    answers = OfferAnswer.objects.filter(offer__in=standing, party__in=mine)
    said = set(answers.values_list("offer_id", "party_id", "issue_id"))
    for pk, offer in standing.items():
        asked: set[int | None] = {None} if offer.mode == Mode.BLIND else set(offer.issues)
        wanted = {(pk, party, issue) for party in mine - {offer.party} for issue in asked}
        if wanted - said and not (offer.mode == Mode.BLIND and offer.given_up):
            yield _about(file, offer)


def _standing(file: CaseFile, now: datetime) -> dict[int, _Standing]:
    rows = (
        Offer.objects.filter(case=file.case, round=file.case.round, mode__in=[Mode.OPEN, Mode.BLIND])
        .filter(end__isnull=True, expires_at__gt=now)
        .order_by("expires_at", "pk")
        .values_list("pk", "key", "party_id", "mode", "expires_at", "terms__issue_id", "terms__issue__ended_at")
    )
    found: dict[int, _Standing] = {}
    for pk, key, party, mode, until, issue, ended in rows:
        offer = found.setdefault(pk, _Standing(key, party, mode, until, set()))
        offer.given_up = offer.given_up or ended is not None
        if ended is None:
            offer.issues.add(issue)
    return found


def _about(file: CaseFile, offer: _Standing) -> Awaited:
    sentence = _("请看一看内容，逐项告诉我们同意还是不同意；也可以提出另一个方案。有效到%(when)s。")
    if offer.mode == Mode.BLIND:
        sentence = _("各方都同意才公开；没有都同意，谁答了什么都不公开。有效到%(when)s。")
    return Awaited(
        "answer-offer",
        _("调解员提出了方案，请您答复") if offer.party is None else _("对方提出了方案，请您答复"),
        sentence % {"when": moment(offer.until)},
        _("看方案，答复"),
        f"offers/answer/?of={offer.key}",
    )


# --- sessions ---------------------------------------------------------------------------------------------------


def _poll(file: CaseFile, now: datetime) -> int | None:
    """The question about times that is open and has a time to come."""
    if file.case.status not in CALLING:
        return None
    polls = SlotPoll.objects.filter(case=file.case, closed_at__isnull=True, slots__starts_at__gt=now)
    return polls.values_list("pk", flat=True).first()


def _answered(poll: int) -> set[int]:
    return set(SlotAnswer.objects.filter(slot__poll=poll).values_list("party_id", flat=True))


def _times(file: CaseFile, now: datetime) -> Iterator[Awaited]:
    poll = _poll(file, now) if file.may("case.take_part") else None
    if poll is not None and {party.pk for party in file.mine} - _answered(poll):
        yield Awaited(
            "answer-slots",
            _("调解会什么时候开？请选您方便的时间"),
            _("每个时间选方便、勉强可以或者不行；各方都选了，调解员就定下时间。"),
            _("选时间"),
            "sessions/answer-slots/",
        )


def _time_to_fix(file: CaseFile, now: datetime) -> Iterator[Awaited]:
    poll = _poll(file, now)
    if poll is not None and {party.pk for party in file.parties} <= _answered(poll):
        yield Awaited(
            "fix-slot",
            _("各方都选了时间，请定下调解会"),
            _("看看哪个时间大家都方便；定下以后各方会收到通知。"),
            _("定下时间"),
            "sessions/fix/",
        )


def _held(file: CaseFile) -> list[Session]:
    return [s for s in file.sessions if s.record and s.round == file.case.round]


def _papers(file: CaseFile) -> Iterator[Awaited]:
    """Records and undisputed facts that lack this side's signature."""
    mine = {party.pk for party in _empowered(file, AgentScope.SIGN)}
    if file.case.status not in SIGNED_IN or not file.may("case.take_part") or not mine:
        return
    held = _held(file)
    texts = UndisputedFacts.objects.filter(case=file.case, round=file.case.round, voided_at__isnull=True)
    facts = dict(texts.values_list("pk", "version"))
    signed = _signatures(Q(session__in=[s.pk for s in held]) | Q(facts__in=list(facts)))
    for session in held:
        if mine - {party for of, _facts, party in signed if of == session.pk}:
            yield Awaited(
                "sign-record",
                _("请核对第%(n)d次调解会的记录，并签名") % {"n": session.number},
                _("从头看一遍：写的和您说的、听到的一样，就签名；不一样，请告诉调解员。"),
                _("核对签名"),
                f"sessions/sign/?of=record-{session.number}",
            )
    for pk, version in facts.items():
        if mine - {party for _of, of, party in signed if of == pk}:
            yield Awaited(
                "sign-facts",
                _("请核对无争议事实记载，并签名"),
                _("这些事实各方都不争；谈不成，到了法院也不用再证明。让步和方案不在里面。"),
                _("核对签名"),
                f"sessions/sign/?of=facts-{version}",
            )


def _own_records(file: CaseFile) -> Iterator[Awaited]:
    """Records that lack the mediator's signature."""
    held = _held(file)
    if not held or file.case.status not in SIGNED_IN:
        return
    signed = {of for of, _facts, party in _signatures(Q(session__in=[s.pk for s in held])) if party is None}
    for session in held:
        if session.pk not in signed:
            yield Awaited(
                "sign-record",
                _("请在第%(n)d次调解会的记录上签名") % {"n": session.number},
                _("记录要有各方和调解员的签名。"),
                _("核对签名"),
                f"sessions/sign/?of=record-{session.number}",
            )


def _signatures(which: Q) -> list[tuple[Any, ...]]:
    return list(RecordSignature.objects.filter(which).values_list("session_id", "facts_id", "party_id"))


# --- after the agreement ------------------------------------------------------------------------------------------


def _wish(file: CaseFile) -> Iterator[Awaited]:
    """The other side would apply for the confirmation, and the thirty days run."""
    clock = next((d for d in file.open_deadlines if d.clock == "K9"), None)
    agreement = file.agreement
    if clock is None or clock.due < file.today or agreement is None or agreement.effective_on is None:
        return
    mine = {party.pk for party in _empowered(file, AgentScope.DISPOSE)}
    if not file.may("case.consent") or not mine or mediation.excluded(file.case):
        return
    wishes = mediation.wishes(file.case, agreement)
    if any(row.given for row in wishes.values()) and mine - set(wishes):
        left = (clock.due - file.today).days
        yield Awaited(
            "wish",
            _("对方愿意共同申请司法确认，请您说说意见"),
            ngettext(
                "要在协议生效三十日内一起申请，还有%(n)d天；不愿意也可以，协议照样有效。",
                "要在协议生效三十日内一起申请，还有%(n)d天；不愿意也可以，协议照样有效。",
                left,
            )
            % {"n": left},
            _("表示意见"),
            "confirmation/wish/",
        )
