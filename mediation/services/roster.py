"""Who may mediate a case: the ranked roster, joint choice, disclosure."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.roles import Role
from cases.changes import changing, journal
from cases.choices import ConsentHow, Status
from cases.models import Case
from mediation.errors import MediationError
from mediation.models import Disclosure, Mediator, MediatorChoice

BUSY = (Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED, Status.SIGNING)


@dataclass(frozen=True)
class Candidate:
    """One mediator of the roster for one case: how well it fits and what stands against it."""

    mediator: Mediator
    load: int
    limit: int
    reasons: tuple[str, ...]
    obstacles: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.obstacles


def candidates(case: Case) -> list[Candidate]:
    """Rank the roster of a case's centre: without obstacles first, then by expertise and load; constant queries."""
    places = [case.centre_id, case.centre.parent_id]
    rows = (
        Mediator.objects.filter(centre__in=[place for place in places if place])
        .select_related("user", "centre")
        .prefetch_related("regions", "interest_companies", "interest_estates", "user__memberships")
        .annotate(load=Count("user__cases_mediated", filter=Q(user__cases_mediated__status__in=BUSY)))
    )
    found = [_candidate(case, row, row.load) for row in rows]
    return sorted(found, key=lambda c: (bool(c.obstacles), -len(c.reasons), c.load, c.mediator.pk))


def _candidate(case: Case, row: Mediator, load: int) -> Candidate:
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
    if load < limit:
        reasons.append(_("在办 %(load)d 件") % {"load": load})
    else:
        obstacles.append(_("在办已满 %(limit)d 件") % {"limit": limit})
    if not row.is_active or not row.user.is_active or Role.MEDIATOR not in row.user.roles():
        obstacles.append(_("不在任"))
    if conflicts := conflict_of(case, row):
        obstacles.append(conflicts)
    return Candidate(row, load, limit, tuple(reasons), tuple(obstacles))


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


def choose_mediator(case: Case, mediator: Mediator, *, by: User, at: datetime) -> bool:
    """Record the mediator that a party proposes; return whether all parties now propose the same one (PML 19)."""
    with changing(case, "case.choose_mediator", by=by, at=at) as locked:
        if locked.status != Status.ACCEPTED:
            raise MediationError(_("现在不能选调解员。"))
        require_assignable(locked, mediator.user)
        for party in locked.parties_of(by):
            MediatorChoice.objects.create(party=party, mediator=mediator, round=locked.round, at=at)
        journal(locked, "choose_mediator", by=by, at=at, mediator=mediator.user_id)
        return joint_choice(locked) is not None


def joint_choice(case: Case) -> Mediator | None:
    """Return the mediator on whom all parties agree, or None."""
    latest = {
        choice.party_id: choice.mediator
        for choice in MediatorChoice.objects.filter(party__case=case, round=case.round)
        .select_related("mediator__user")
        .order_by("pk")
    }
    parties = {party.pk for party in case.parties.all() if party.left_at is None}
    chosen = {mediator.pk: mediator for key, mediator in latest.items() if key in parties}
    return next(iter(chosen.values())) if len(chosen) == 1 and set(latest) >= parties else None


def disclose(
    case: Case,
    mediator: User,
    *,
    statement: str,
    has_interest: bool,
    how: str,
    by: User,
    at: datetime,
    waived: bool = False,
) -> Disclosure:
    """Record the mediator's signed disclosure for this round, inside the caller's change; raises MediationError."""
    if has_interest and not statement.strip():
        raise MediationError(_("请写明需要披露的关系。"))
    if has_interest and not waived:
        raise MediationError(_("有需要披露的关系：须双方知情后书面表示不提异议，才能指派。"))
    row, _created = Disclosure.objects.update_or_create(
        case=case,
        mediator=mediator,
        round=case.round,
        defaults={
            "statement": statement.strip() or gettext_noop("与各方当事人及本案没有需要披露的关系。"),
            "has_interest": has_interest,
            "how": ConsentHow(how),
            "signed_at": at,
            "recorded_by": by,
            "waived_at": at if waived else None,
        },
    )
    return row
