"""What a company or an owners' committee has to do on its cases, and by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from calendars.today import local_date
from cases.choices import ASKED_IN, ConsentMatter, Side, Status
from cases.clocks import ClockKey
from cases.models import Case, Consent, ConsentRequest, Deadline, Party
from mediation.models import (
    Agreement,
    JudicialConfirmation,
    Obligation,
    Offer,
    OfferAnswer,
    OfferTerm,
    Performance,
    RecordSignature,
    Session,
    Signature,
    SlotAnswer,
    SlotPoll,
)

MOST = 100
FINISHED = (Status.CLOSED, Status.ARCHIVED)
SIGNED_IN = (Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the company."""

    case: Case
    what: str
    due: date | None
    start: date | None = None
    provisional: bool = False
    area: str = ""


def parties_of(user: User) -> QuerySet[Party]:
    """Return the parties for which this person acts by company or by committee."""
    bodies = Q(company__in=user.company_ids()) | Q(committee__in=user.committee_ids())
    return Party.objects.filter(bodies, left_at__isnull=True)


def cases_of(user: User) -> QuerySet[Case]:
    """Return the cases of the person's companies and committees, filed, and none of which they were not yet told."""
    told = Q(side=Side.APPLICANT) | Q(case__respondents_informed_at__isnull=False)
    mine = parties_of(user).filter(told).values("case")
    return Case.objects.visible_to(user).filter(pk__in=mine, number__isnull=False)


def running(user: User) -> QuerySet[Case]:
    return cases_of(user).exclude(status__in=FINISHED)


def finished(user: User) -> QuerySet[Case]:
    return cases_of(user).filter(status__in=FINISHED)


# What is asked of a party in a state of the case, and the clock that runs for it.
ASKED: dict[Status, tuple[Any, ClockKey]] = {
    Status.ANSWERING: (gettext_lazy("答复投诉"), ClockKey.K3),
    Status.INVITING: (gettext_lazy("答复是否同意调解"), ClockKey.K4),
    Status.SIGNING: (gettext_lazy("核对并签署调解协议"), ClockKey.K7),
    Status.RETURNED: (gettext_lazy("补正材料"), ClockKey.K2),
}


def waiting_for(user: User, *, at: datetime) -> list[Waiting]:
    """Return what waits for the person's companies, the nearest date first; a constant number of queries."""
    mine = parties_of(user)
    cases = list(
        cases_of(user)
        .filter(_answer_due(mine) | _consent_asked(mine) | _signature_missing(mine) | _to_supplement(mine))
        .select_related("estate", "category")
        .order_by("next_due", "pk")[:MOST]
    )
    clocks = _clocks(cases)
    found = [_asked(case, clocks) for case in cases] + _promises(user, mine) + _answers(user, mine)
    found += _questions(user, mine, at)
    found += _confirmations(user, mine) + _offers(user, mine, at) + _times(user, mine, at) + _records(user, mine)
    return sorted(found, key=lambda one: (one.due or date.max, one.case.pk))


def _of(mine: QuerySet[Party], **wanted: Any) -> Exists:
    return Exists(mine.filter(case=OuterRef("pk"), **wanted))


def _answer_due(mine: QuerySet[Party]) -> Q:
    clock = Deadline.objects.filter(case=OuterRef("pk"), clock=ClockKey.K3, state=Deadline.State.RUNNING)
    return Q(_of(mine, side=Side.RESPONDENT), Exists(clock), status=Status.ANSWERING)


def _consent_asked(mine: QuerySet[Party]) -> Q:
    answered = Consent.objects.filter(
        party=OuterRef("pk"), matter=ConsentMatter.MEDIATION, round=OuterRef("case__round")
    )
    return Q(Exists(mine.filter(~Exists(answered), case=OuterRef("pk"))), status=Status.INVITING)


def _signature_missing(mine: QuerySet[Party]) -> Q:
    standing = Agreement.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), voided_at__isnull=True)
    signed = Signature.objects.filter(
        party=OuterRef("pk"), agreement__voided_at__isnull=True, agreement__round=OuterRef("case__round")
    )
    unsigned = mine.filter(~Exists(signed), case=OuterRef("pk"))
    return Q(Exists(unsigned), Exists(standing), status=Status.SIGNING)


def _to_supplement(mine: QuerySet[Party]) -> Q:
    return Q(_of(mine, side=Side.APPLICANT), status=Status.RETURNED)


def _clocks(cases: Iterable[Case]) -> dict[tuple[int, str], Deadline]:
    keys = [clock for _what, clock in ASKED.values()]
    rows = Deadline.objects.filter(case__in=[case.pk for case in cases], clock__in=keys, state=Deadline.State.RUNNING)
    return {(row.case_id, row.clock): row for row in rows}


def _asked(case: Case, clocks: dict[tuple[int, str], Deadline]) -> Waiting:
    what, clock = ASKED[Status(case.status)]
    running_clock = clocks.get((case.pk, clock))
    if running_clock is None:
        return Waiting(case, str(what), None)
    return Waiting(case, str(what), running_clock.due, running_clock.start, running_clock.provisional)


def _promises(user: User, mine: QuerySet[Party]) -> list[Waiting]:
    rows = (
        Obligation.objects.filter(
            doer__in=mine,
            performed_on__isnull=True,
            agreement__voided_at__isnull=True,
            agreement__case__status=Status.PERFORMING,
            agreement__case__in=cases_of(user),
        )
        .select_related("agreement__case__estate", "agreement__case__category")
        .prefetch_related("performances")
        .order_by("due", "pk")[:MOST]
    )
    return [
        Waiting(row.agreement.case, _promise_words(row), row.due, row.agreement.effective_on, area="promises/")
        for row in rows
    ]


def _promise_words(row: Obligation) -> str:
    words = _("按协议履行：%(what)s") % {"what": row.what}
    rest = row.rest()
    if rest is None or rest == row.amount:
        return words
    return words + _("（还差%(rest)s元）") % {"rest": f"{rest:,.2f}"}


def _answers(user: User, mine: QuerySet[Party]) -> list[Waiting]:
    """What the other side says it did, and this side should confirm or deny."""
    rows = (
        Performance.objects.filter(
            Q(obligation__receiver__in=mine) | Q(obligation__receiver__isnull=True) & ~Q(obligation__doer__in=mine),
            answer=Performance.Answer.WAITING,
            obligation__agreement__voided_at__isnull=True,
            obligation__agreement__case__status=Status.PERFORMING,
            obligation__agreement__case__in=cases_of(user),
        )
        .select_related("obligation__agreement__case__estate", "obligation__agreement__case__category")
        .order_by("on", "pk")[:MOST]
    )
    words = _("确认是否收到：%(what)s")
    return [
        Waiting(row.obligation.agreement.case, words % {"what": row.obligation.what}, None, area="promises/")
        for row in rows
    ]


def _confirmations(user: User, mine: QuerySet[Party]) -> list[Waiting]:
    """Agreements whose thirty days for judicial confirmation run, and on which this side has not spoken."""
    running_clocks = Deadline.objects.filter(
        clock=ClockKey.K9,
        state=Deadline.State.RUNNING,
        case__in=cases_of(user),
        case__category__confirmation_excluded=False,
        case__status__in=[Status.PERFORMING, Status.FOLLOWUP, Status.CLOSED],
    )
    signed = Signature.objects.filter(
        party=OuterRef("party"), voided_at__isnull=True, at__lte=OuterRef("at"),
        agreement__effective_on__isnull=False, agreement__voided_at__isnull=True,
    )  # fmt: skip
    spoken = Consent.objects.filter(
        Q(at__gte=OuterRef("case__concluded_at")) | Q(Exists(signed)),
        party=OuterRef("pk"), matter=ConsentMatter.CONFIRMATION, round=OuterRef("case__round"),
    )  # fmt: skip
    since = JudicialConfirmation.objects.filter(
        agreement__case=OuterRef("party__case"), agreement__voided_at__isnull=True, wishes_since__gte=OuterRef("at")
    )
    spoken = spoken.filter(~Exists(since))  # what was said before an application was withdrawn is not said of the next
    silent = mine.filter(~Exists(spoken), case=OuterRef("case"))
    rows = running_clocks.filter(Exists(silent)).select_related("case__estate", "case__category").order_by("due", "pk")
    words = _("表示是否愿意申请司法确认")
    return [Waiting(row.case, words, row.due, row.start, row.provisional, area="confirmation/") for row in rows[:MOST]]


def _questions(user: User, mine: QuerySet[Party], at: datetime) -> list[Waiting]:
    """What the centre asks these sides to consent to and they have not answered; whether to mediate stands above."""
    said = Consent.objects.filter(request=OuterRef(OuterRef("pk")), party=OuterRef("pk"))
    silent = mine.filter(~Exists(said), consent_requests=OuterRef("pk"))
    rows = ConsentRequest.objects.filter(Exists(silent), case__in=cases_of(user), round=F("case__round"), end="")
    rows = rows.filter(Q(answer_by=None) | Q(answer_by__gte=local_date(at))).exclude(case__status=Status.INVITING)
    words = _("表示意见：%(matter)s")
    return [
        Waiting(
            row.case, words % {"matter": row.get_matter_display()}, row.answer_by, local_date(row.at),
            area=f"do/consent/?request={row.pk}",
        )
        for row in rows.select_related("case__estate", "case__category").order_by("answer_by", "pk")[:MOST]
        if row.matter in ASKED_IN.get(row.case.status, ())
    ]  # fmt: skip


def _offers(user: User, mine: QuerySet[Party], at: datetime) -> list[Waiting]:
    """Offers that this side has not answered; only its own answers are asked for, never another side's."""
    own = Offer.objects.filter(pk=OuterRef(OuterRef("offer")), party=OuterRef("pk"))
    here = mine.filter(~Exists(own), case=OuterRef("offer__case"))
    said = OfferAnswer.objects.filter(offer=OuterRef(OuterRef("offer")), party=OuterRef("pk"))
    one_by_one = Exists(here.filter(~Exists(said.filter(issue=OuterRef(OuterRef("issue"))))))
    as_a_whole = Exists(here.filter(~Exists(said.filter(issue__isnull=True))))
    open_terms = OfferTerm.objects.filter(offer=OuterRef("pk"), issue__ended_at__isnull=True)
    given_up = OfferTerm.objects.filter(offer=OuterRef("pk"), issue__ended_at__isnull=False)
    asked = Q(Exists(open_terms.filter(one_by_one)), mode=Offer.Mode.OPEN) | Q(
        Exists(open_terms.filter(as_a_whole)), ~Exists(given_up), mode=Offer.Mode.BLIND
    )
    rows = Offer.objects.filter(
        asked, case__in=cases_of(user), case__status=Status.MEDIATING, round=F("case__round"), end__isnull=True,
        expires_at__gt=at,
    )  # fmt: skip
    words = _("答复方案%(n)d")
    return [
        Waiting(
            row.case, words % {"n": row.number}, local_date(row.expires_at), local_date(row.at),
            area=f"offers/answer/?of={row.key}",
        )
        for row in rows.select_related("case__estate", "case__category").order_by("expires_at", "pk")[:MOST]
    ]  # fmt: skip


def _times(user: User, mine: QuerySet[Party], at: datetime) -> list[Waiting]:
    """Times of a session to choose from."""
    said = SlotAnswer.objects.filter(slot__poll=OuterRef(OuterRef("pk")), party=OuterRef("pk"))
    silent = mine.filter(~Exists(said), case=OuterRef("case"))
    rows = SlotPoll.objects.filter(
        Exists(silent), case__in=cases_of(user), case__status__in=[Status.ASSIGNED, Status.MEDIATING],
        closed_at__isnull=True, slots__starts_at__gt=at,
    ).distinct()  # fmt: skip
    rows = rows.select_related("case__estate", "case__category").order_by("pk")[:MOST]
    return [Waiting(row.case, _("选调解会的时间"), None, area="sessions/answer-slots/") for row in rows]


def _records(user: User, mine: QuerySet[Party]) -> list[Waiting]:
    """Records of sessions that lack this side's signature."""
    signed = RecordSignature.objects.filter(session=OuterRef(OuterRef("pk")), party=OuterRef("pk"))
    unsigned = mine.filter(~Exists(signed), case=OuterRef("case"))
    rows = Session.objects.filter(
        Exists(unsigned), case__in=cases_of(user), case__status__in=SIGNED_IN, round=F("case__round"),
        cancelled_at__isnull=True,
    ).exclude(record="")  # fmt: skip
    words = _("核对第%(n)d次调解会的记录，签名")
    return [
        Waiting(row.case, words % {"n": row.number}, None, area=f"sessions/sign/?of=record-{row.number}")
        for row in rows.select_related("case__estate", "case__category").order_by("pk")[:MOST]
    ]
