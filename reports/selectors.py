"""Count cases for a regulator: filed, accepted, concluded, settled, by place, category, source (domain.md 9.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Substr

from accounts.models import MUNICIPALITIES, Region
from cases.choices import OPEN_STATUSES, SETTLED, Outcome, Source, Status
from cases.models import Case, Category
from members.models import Estate
from reports.periods import Period
from reports.rates import percent_words, suppressed

MOST_ESTATES = 20
_BELOW_PROVINCE = rf"^({'|'.join(sorted(MUNICIPALITIES))}|..90)"
IN_HAND = [status for status in OPEN_STATUSES if status != Status.DRAFT]


@dataclass(frozen=True)
class Figures:
    """The four counts of a period and the two rates made from them."""

    filed: int = 0  # I01
    accepted: int = 0  # I02
    concluded: int = 0  # I04
    settled: int = 0  # I05

    @property
    def of_accepted(self) -> str:
        """I06, the official rate: settled ÷ accepted."""
        return percent_words(self.settled, self.accepted)

    @property
    def of_concluded(self) -> str:
        """I07: settled ÷ concluded."""
        return percent_words(self.settled, self.concluded)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.filed + other.filed,
            self.accepted + other.accepted,
            self.concluded + other.concluded,
            self.settled + other.settled,
        )


@dataclass(frozen=True)
class Line:
    """One line of a table: a place, a category or a source, and its figures."""

    key: str
    label: str
    figures: Figures


def by_region(cases: QuerySet[Case], period: Period, *, digits: int) -> list[Line]:
    """Count by city (4 digits) or district (6); what lies right below its province counts by itself."""
    below_province = models.When(region__code__regex=_BELOW_PROVINCE, then=F("region_id"))
    found = _grouped(cases, period, models.Case(below_province, default=Substr("region_id", 1, digits)))
    names = dict(Region.objects.filter(pk__in=[_whole(key) for key in found]).values_list("pk", "name"))
    return [Line(_whole(key), names.get(_whole(key), key), found[key]) for key in sorted(found)]


def by_category(cases: QuerySet[Case], period: Period) -> list[Line]:
    """Count by category of the first level; without a category stands last."""
    found = _grouped(cases, period, Substr("category_id", 1, 2))
    names = {one.pk: str(one) for one in Category.objects.filter(parent__isnull=True)}
    return [Line(key or "", names.get(key or "", ""), found[key]) for key in sorted(found, key=lambda k: k or "~")]


def by_source(cases: QuerySet[Case], period: Period) -> list[Line]:
    """Count by source: with the accepted cases a partition (I12)."""
    found = _grouped(cases, period, F("source"))
    return [Line(source, str(Source(source).label), found[source]) for source in Source.values if source in found]


def by_estate(cases: QuerySet[Case], period: Period) -> list[tuple[str, list[int | None]]]:
    """Return the estates with the most cases; counts of one and two are suppressed."""
    found = _grouped(cases.filter(estate__isnull=False), period, F("estate_id"))
    most = sorted(found, key=lambda key: (-found[key].filed, key))[:MOST_ESTATES]
    names = dict(Estate.objects.filter(pk__in=most).values_list("pk", "name"))
    return [(names[key], [suppressed(count) for count in _counts(found[key])]) for key in most]


def _counts(figures: Figures) -> list[int]:
    return [figures.filed, figures.accepted, figures.concluded, figures.settled]


def _grouped(cases: QuerySet[Case], period: Period, key: Any) -> dict[Any, Figures]:
    filed, accepted, concluded = (_within(field, period) for field in ("filed_at", "accepted_at", "concluded_at"))
    concluded &= Q(accepted_at__isnull=False)
    rows = (
        cases.filter(filed | accepted | concluded)
        .order_by()
        .annotate(group=key)
        .values("group")
        .annotate(
            filed_count=Count("pk", filter=filed),
            accepted_count=Count("pk", filter=accepted),
            concluded_count=Count("pk", filter=concluded),
            settled_count=Count("pk", filter=concluded & Q(outcome__in=SETTLED)),
        )
    )
    return {
        row["group"]: Figures(row["filed_count"], row["accepted_count"], row["concluded_count"], row["settled_count"])
        for row in rows
    }


def _within(field: str, period: Period) -> Q:
    return Q(**{f"{field}__gte": period.begins, f"{field}__lt": period.ends})


def _whole(prefix: str) -> str:
    return prefix.ljust(6, "0")


def in_hand(cases: QuerySet[Case], today: date) -> tuple[dict[Status, int], int]:
    """Return how many cases stand in each open state now, and how many of them are overdue."""
    rows = (
        cases.filter(status__in=IN_HAND)
        .order_by()
        .values("status")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(next_due__lt=today)))
    )
    found = {Status(row["status"]): (row["count"], row["late"]) for row in rows}
    return {s: found[s][0] for s in IN_HAND if s in found}, sum(late for _count, late in found.values())


def outcomes(cases: QuerySet[Case], period: Period) -> Mapping[Outcome, int]:
    """Return how the matters of the period ended, accepted or not."""
    rows = cases.filter(_within("concluded_at", period)).exclude(outcome="").order_by().values("outcome")
    found = {Outcome(row["outcome"]): row["count"] for row in rows.annotate(count=Count("pk"))}
    return {outcome: found[outcome] for outcome in Outcome if outcome in found}
