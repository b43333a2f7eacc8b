"""What a company or an owners' committee has to do on its cases, and by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.choices import ConsentMatter, Side, Status
from cases.clocks import ClockKey
from cases.models import Case, Consent, Deadline, Party
from mediation.models import Agreement, Obligation, Signature

MOST = 100
FINISHED = (Status.CLOSED, Status.ARCHIVED)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the company."""

    case: Case
    what: str
    due: date | None
    start: date | None = None
    provisional: bool = False


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
    Status.ANSWERING: (_("答复投诉"), ClockKey.K3),
    Status.INVITING: (_("答复是否同意调解"), ClockKey.K4),
    Status.SIGNING: (_("核对并签署调解协议"), ClockKey.K7),
    Status.RETURNED: (_("补正材料"), ClockKey.K2),
}


def waiting_for(user: User) -> list[Waiting]:
    """Return what waits for the person's companies, the nearest date first; a constant number of queries."""
    mine = parties_of(user)
    cases = list(
        cases_of(user)
        .filter(_answer_due(mine) | _consent_asked(mine) | _signature_missing(mine) | _to_supplement(mine))
        .select_related("estate", "category")
        .order_by("next_due", "pk")[:MOST]
    )
    clocks = _clocks(cases)
    found = [_asked(case, clocks) for case in cases] + _promises(user, mine)
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
        .order_by("due", "pk")[:MOST]
    )
    words = _("按协议履行：%(what)s")
    return [
        Waiting(row.agreement.case, str(words) % {"what": row.what}, row.due, row.agreement.effective_on)
        for row in rows
    ]
