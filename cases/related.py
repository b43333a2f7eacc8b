"""Which open cases may be the same matter: the same applicant, the same estate and kind, the same other side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.folding import fold
from cases.choices import Side, Status, Track
from cases.models import Case, Party

LISTED = 30
SAME_MATTER_DAYS = 30  # domain.md 8.8: five households about the same matter within thirty days
SUGGEST_MERGING = 5
DIRECTORS_MATTER = 10
ENDED = (Status.DRAFT, Status.CLOSED, Status.ARCHIVED)


@dataclass(frozen=True)
class Related:
    """One open case that may belong together with another, and why."""

    case: Case
    reasons: tuple[str, ...]
    mergeable: bool


def related_cases(case: Case, among: QuerySet[Case]) -> list[Related]:
    """Return the cases of a desk that may be about the same matter, the likeliest first; three queries."""
    own = [party for party in case.parties.all() if party.left_at is None]
    rows = list(
        candidates(case, among)
        .select_related("estate", "category", "mediator")
        .prefetch_related("parties")
        .order_by("-filed_at", "-pk")[:LISTED]
    )
    found = [Related(row, *_compare(case, own, row)) for row in rows]
    return sorted(found, key=lambda one: (not one.mergeable, -len(one.reasons), -one.case.pk))


def candidates(case: Case, among: QuerySet[Case]) -> QuerySet[Case]:
    """Return the open cases at the same centre of the same applicant, or of the same estate and kind."""
    phones = [p.phone_index for p in case.parties.all() if p.side == Side.APPLICANT and p.phone_index]
    same_applicant = Party.objects.filter(
        case=OuterRef("pk"), side=Side.APPLICANT, phone_index__in=phones, left_at__isnull=True
    )
    alike = Q(Exists(same_applicant)) if phones else Q(pk__in=[])
    if case.category_id:
        alike |= same_place(case) & Q(category__code__startswith=case.category_id[:2])
    return among.filter(alike, centre=case.centre_id).exclude(pk=case.pk).exclude(status__in=ENDED)


def same_place(case: Case) -> Q:
    """Keep the cases at the same estate: the registered one, or one that nobody registered, in whatever spelling."""
    if case.estate_id:
        return Q(estate=case.estate_id)
    key = fold(case.estate_name)
    return Q(estate__isnull=True, region=case.region_id, estate_key=key) if key else Q(pk__in=[])


def _compare(case: Case, own: list[Party], other: Case) -> tuple[tuple[str, ...], bool]:
    theirs = [party for party in other.parties.all() if party.left_at is None]
    reasons = []
    if _phones(own) & _phones(theirs):
        reasons.append(_("同一申请人"))
    if _place(case) and _place(case) == _place(other):
        reasons.append(_("同一小区"))
    if case.category_id is not None and case.category_id == other.category_id:
        reasons.append(_("同一类别"))
    same_side = bool(_bodies(own) & _bodies(theirs))
    if same_side:
        reasons.append(_("同一对方"))
    return tuple(reasons), same_side and other.lead_case_id is None and other.track != Track.REPORT


def _place(case: Case) -> tuple[str, ...]:
    if case.estate_id is not None:
        return (str(case.estate_id),)
    key = fold(case.estate_name)
    return (case.region_id, key) if key else ()


def _phones(parties: list[Party]) -> set[str]:
    return {p.phone_index for p in parties if p.side == Side.APPLICANT and p.phone_index}


def _bodies(parties: list[Party]) -> set[tuple[str, int]]:
    rows = [p for p in parties if p.side == Side.RESPONDENT]
    return {("company", p.company_id) for p in rows if p.company_id} | {
        ("committee", p.committee_id) for p in rows if p.committee_id
    }


def lead_of(case: Case) -> Case | None:
    """Return the case in which this one goes on, through every further merging; None where it goes on by itself."""
    lead, seen = case.lead_case, {case.pk}
    while lead is not None and lead.lead_case_id is not None and lead.pk not in seen:
        seen.add(lead.pk)
        lead = lead.lead_case
    return lead


def merged_into(case: Case) -> list[Case]:
    """Return every case that goes on in this one, also those that had been merged into a case merged later."""
    found: dict[int, Case] = {}
    above = {case.pk}
    while above:
        rows = Case.objects.filter(lead_case__in=above).exclude(pk__in=[case.pk, *found])
        above = {row.pk for row in rows}
        found |= {row.pk: row for row in rows}
    return [found[key] for key in sorted(found)]


def stage_of(lead: Case) -> str:
    """Say of a case how far it is and, once there is one, its outcome: all that somebody merged into it may know."""
    if not lead.outcome:
        return str(lead.get_status_display())
    return _("%(status)s，结果：%(outcome)s") % {
        "status": lead.get_status_display(),
        "outcome": lead.get_outcome_display(),
    }


def households_of_matter(case: Case, *, at: datetime) -> int:
    """Count the households of this matter: filed within thirty days, same estate and category, this one included."""
    if case.category_id is None or not (case.estate_id or case.estate_name):
        return case.households
    rows = Case.objects.filter(
        same_place(case),
        centre=case.centre_id,
        category=case.category_id,
        filed_at__gt=at - timedelta(days=SAME_MATTER_DAYS),
        status__in=[status for status in Status if status not in ENDED],
        lead_case__isnull=True,
    ).exclude(pk=case.pk)
    more = rows.aggregate(total=Sum(F("households")))["total"] or 0
    return int(more) + case.households


def advice_on(households: int) -> str:
    """Say what so many households call for (domain.md 8.8), or nothing."""
    if households >= DIRECTORS_MATTER:
        return _("30日内同一小区、同一类别已有%(n)d户反映：请标记群体性，交主任处理，并报告主管部门。") % {
            "n": households
        }
    if households >= SUGGEST_MERGING:
        return _("30日内同一小区、同一类别已有%(n)d户反映：建议并案处理。") % {"n": households}
    return ""
