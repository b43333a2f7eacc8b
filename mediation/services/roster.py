"""Who may mediate a case: the ranked roster and the parties' choice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, standing
from accounts.roles import Role
from calendars.today import local_date
from cases.changes import journal
from cases.choices import PartyKind, Side, Status
from cases.clocks import ClockKey
from cases.entries import CaseEntry
from cases.models import Case, Party
from mediation.errors import MediationError
from mediation.models import Mediator, MediatorChoice

BUSY = (Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING)
IN_HAND = (*BUSY, Status.PERFORMING)
LOOK_BACK = timedelta(days=365)  # how far back cases with the same company count for the balance


@dataclass(frozen=True)
class Candidate:
    """One mediator of the roster for one case: how well it fits, why, and what stands against it."""

    mediator: Mediator
    load: int
    limit: int
    reasons: tuple[str, ...]
    obstacles: tuple[str, ...]
    score: int = 0  # how many of expertise and region speak for it
    met: int = 0  # cases of the last year with a company of this case

    @property
    def fits(self) -> bool:
        return not self.obstacles


def candidates(case: Case) -> list[Candidate]:
    """Rank the roster of a case's centre; constant queries.

    Without obstacles first, then by expertise and region, then whoever met the companies least, then by load.
    """
    places = [case.centre_id, case.centre.parent_id]
    rows = (
        Mediator.objects.filter(centre__in=[place for place in places if place])
        .select_related("user", "centre")
        .prefetch_related("regions", "interest_companies", "interest_estates", "user__memberships")
    )
    met, in_hand = met_lately(case), in_hand_of([row.user_id for row in rows], today=timezone.localdate())
    found = [_candidate(case, row, in_hand[row.user_id].busy, met) for row in rows]
    return sorted(found, key=lambda c: (bool(c.obstacles), -c.score, c.met, c.load, c.mediator.pk))


@dataclass(frozen=True)
class InHand:
    """How many cases a mediator has: in talks, in performance, and of these late."""

    busy: int = 0
    performing: int = 0
    late: int = 0


def in_hand_of(mediators: Sequence[int], *, today: date) -> dict[int, InHand]:
    """Count what each of these mediators has in hand; what has ended is not looked at."""
    rows = Case.objects.filter(mediator__in=mediators, status__in=IN_HAND).order_by().values("mediator")
    counted = rows.annotate(
        busy=Count("mediator", filter=Q(status__in=BUSY)),
        performing=Count("mediator", filter=Q(status=Status.PERFORMING)),
        late=Count("mediator", filter=Q(next_due__lt=today)),
    )
    found = {row["mediator"]: InHand(row["busy"], row["performing"], row["late"]) for row in counted}
    return {mediator: found.get(mediator, InHand()) for mediator in mediators}


def met_lately(case: Case) -> Counter[int]:
    """Count the last year's cases of each mediator with a company of this case: nobody's house mediator (1.7)."""
    companies = [party.company_id for party in case.parties.all() if party.company_id]
    if not companies:
        return Counter()
    with_them = Party.objects.filter(company__in=companies, left_at__isnull=True).values("case")
    rows = Case.objects.filter(accepted_at__gte=timezone.now() - LOOK_BACK, mediator__isnull=False, pk__in=with_them)
    counted = rows.exclude(pk=case.pk).order_by().values("mediator").annotate(count=Count("*"))
    return Counter({row["mediator"]: row["count"] for row in counted})


def _candidate(case: Case, row: Mediator, load: int, met: Counter[int]) -> Candidate:
    group = (case.category_id or "")[:2]
    limit = row.centre.workload_limit
    reasons, obstacles = [], []
    if group in row.expertise:
        reasons.append(_("专长相符"))
    elif row.expertise:
        obstacles.append(_("专长不含这一类别"))
    prefixes = [region.prefix for region in row.regions.all()]
    if any(case.region_id.startswith(prefix) for prefix in prefixes):
        reasons.append(_("熟悉本地区"))
    elif prefixes:
        obstacles.append(_("不负责这个地区"))
    score = len(reasons)
    before = met[row.user_id]
    if any(party.company_id for party in case.parties.all()):
        reasons.append(
            _("近一年调解过当事企业的案件 %(n)d 件") % {"n": before} if before else _("近一年没有调解过当事企业的案件")
        )
    if load < limit:
        reasons.append(_("在办 %(load)d 件") % {"load": load})
    else:
        obstacles.append(_("在办已满 %(limit)d 件") % {"limit": limit})
    if not in_office(row, timezone.localdate()):
        obstacles.append(_("不在任"))
    if row.user_id in case.shut_out:
        obstacles.append(_("已经回避本案"))
    if conflicts := conflict_of(case, row):
        obstacles.append(conflicts)
    return Candidate(row, load, limit, tuple(reasons), tuple(obstacles), score, before)


def in_office(row: Mediator, today: date) -> bool:
    """Say whether a mediator of the roster may take cases today."""
    within = (row.from_date is None or row.from_date <= today) and (row.until is None or today <= row.until)
    return within and row.is_active and row.user.is_active and Role.MEDIATOR in row.user.roles()


def mediators_in_office(day: date) -> QuerySet[Mediator]:
    """Return the mediators of every roster who may take cases on a day: the same rule as `in_office`, for many."""
    held = User.objects.filter(standing(day, "memberships__"), is_active=True, memberships__role=Role.MEDIATOR)
    begun = Q(from_date=None) | Q(from_date__lte=day)
    return Mediator.objects.filter(begun, Q(until=None) | Q(until__gte=day), is_active=True, user__in=held)


def conflict_of(case: Case, row: Mediator) -> str:
    """Return the sentence of a mediator's known conflict of interest with this case, or nothing."""
    companies = {party.company_id for party in case.parties.all() if party.company_id}
    if companies & {company.pk for company in row.interest_companies.all()}:
        return _("与当事企业有利害关系")
    if case.estate_id and case.estate_id in {estate.pk for estate in row.interest_estates.all()}:
        return _("与本小区有利害关系")
    if case.parties_of(row.user):
        return _("是本案当事人")
    if companies & row.user.company_ids():
        return _("在当事企业任职")
    employers = {line.strip() for line in row.employers.splitlines() if line.strip()}
    if employers & {party.name.strip() for party in case.parties.all() if party.kind != PartyKind.PERSON}:
        return _("在当事单位任职")
    return ""


def require_assignable(case: Case, user: User) -> Mediator:
    """Return the roster row of a mediator who may take this case; raises MediationError naming the obstacles."""
    found = next((c for c in candidates(case) if c.mediator.user_id == user.pk), None)
    if found is None:
        raise MediationError(_("这位人员不在本中心调解员名册中。"))
    if found.obstacles:
        raise MediationError(
            _("不能指派%(name)s：%(why)s。") % {"name": found.mediator, "why": _("；").join(found.obstacles)}
        )
    return found.mediator


# --- what the parties propose -----------------------------------------------------------------------------


def add_choice(case: Case, mediator: Mediator | None, *, parties: Iterable[Party], by: User, at: datetime) -> None:
    """Write whom parties propose (None: whoever the centre names), inside the caller's change."""
    if mediator is not None:
        require_assignable(case, mediator.user)
    for party in parties:
        MediatorChoice.objects.create(party=party, mediator=mediator, round=case.round, at=at)
    journal(case, CaseEntry.CHOOSE_MEDIATOR, by=by, at=at, mediator=mediator.user_id if mediator else None)


def choices_of(case: Case) -> dict[int, MediatorChoice]:
    """Return what each party proposed last in this round, by the key of the party."""
    rows = MediatorChoice.objects.filter(party__case=case, round=case.round).select_related("mediator__user")
    here = {party.pk for party in case.parties.all() if party.left_at is None}
    return {row.party_id: row for row in rows.order_by("pk") if row.party_id in here}


def choice_in_time(case: Case) -> Mediator | None:
    """Return the joint choice that was made within the time for naming a mediator (K5): it binds the director."""
    running = case.deadlines.filter(clock=ClockKey.K5).order_by("-pk").first()
    made = [choice.at for choice in choices_of(case).values()]
    if not made or (running is not None and local_date(max(made)) > running.due):
        return None
    return joint_choice(case)


def joint_choice(case: Case) -> Mediator | None:
    """Return the mediator on whom all parties agree, or None."""
    latest = choices_of(case)
    chosen = {choice.mediator_id: choice.mediator for choice in latest.values()}
    sides = (Side.APPLICANT, Side.RESPONDENT)
    everybody = {party.pk for party in case.parties.all() if party.left_at is None and party.side in sides}
    return next(iter(chosen.values())) if len(chosen) == 1 and set(latest) >= everybody else None
