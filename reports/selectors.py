"""Count cases for a regulator: filed, accepted, concluded, settled, by place, category, source (domain.md 9.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models
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


@dataclass(frozen=True)
class Counted:
    """What happened in a period, counted by everything that a page shows; made by `count`."""

    places: dict[str, Figures]
    categories: dict[str | None, Figures]
    sources: dict[str, Figures]
    estates: dict[int, Figures]
    outcomes: dict[str, int]

    @property
    def total(self) -> Figures:
        return sum(self.places.values(), Figures())


KEYS = ("place", "category_group", "source", "estate_id", "outcome")
COUNTS = """
SELECT GROUPING(place, category_group, source, estate_id, outcome),
    COALESCE(place, category_group, source, estate_id::text, outcome),
    count(*) FILTER (WHERE is_filed), count(*) FILTER (WHERE is_accepted), count(*) FILTER (WHERE is_settled_or_not),
    count(*) FILTER (WHERE is_settled), count(*) FILTER (WHERE is_ended)
FROM ({matched}) AS matched
GROUP BY GROUPING SETS ((place), (category_group), (source), (estate_id), (outcome))
"""


def count(cases: QuerySet[Case], period: Period, *, digits: int) -> Counted:
    """Count a period in one query by place, category, source, estate and outcome.

    Places are cities (4 digits) or districts (6); what lies right below its province counts by itself.
    """
    filed, accepted, ended = (_within(field, period) for field in ("filed_at", "accepted_at", "concluded_at"))
    concluded = ended & Q(accepted_at__isnull=False)
    below_province = models.When(region__code__regex=_BELOW_PROVINCE, then=F("region_id"))
    matched = (
        cases.filter(filed | accepted | ended)
        .order_by()
        .annotate(
            place=models.Case(below_province, default=Substr("region_id", 1, digits)),
            category_group=Substr("category_id", 1, 2),
            is_filed=_holds(filed),
            is_accepted=_holds(accepted),
            is_settled_or_not=_holds(concluded),
            is_settled=_holds(concluded & Q(outcome__in=SETTLED)),
            is_ended=_holds(ended),
        )
        .values(*KEYS, "is_filed", "is_accepted", "is_settled_or_not", "is_settled", "is_ended")
    )
    sql, params = matched.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(matched=sql), params)
        rows = cursor.fetchall()
    found: list[dict[Any, tuple[int, ...]]] = [{} for _key in KEYS]
    for grouping, key, *counts in rows:
        # GROUPING has a bit for each key that a row is not grouped by, the last key first.
        found[next(n for n in range(len(KEYS)) if not grouping >> (len(KEYS) - 1 - n) & 1)][key] = tuple(counts)
    places, categories, sources, estates = (_figures(counted) for counted in found[:4])
    return Counted(
        places,
        categories,
        sources,
        {int(key): figures for key, figures in estates.items() if key is not None},
        {key: counts[4] for key, counts in found[4].items() if key and counts[4]},
    )


def _holds(condition: Q) -> Any:
    return models.ExpressionWrapper(condition, output_field=models.BooleanField())


def _figures(found: dict[Any, tuple[int, ...]]) -> dict[Any, Figures]:
    """Leave out what only ended without having been accepted: it is no matter of these four counts."""
    return {key: Figures(*counts[:4]) for key, counts in found.items() if any(counts[:4])}


def by_region(found: Counted) -> list[Line]:
    """Name the places of a period."""
    names = dict(Region.objects.filter(pk__in=[_whole(key) for key in found.places]).values_list("pk", "name"))
    return [Line(_whole(key), names.get(_whole(key), key), found.places[key]) for key in sorted(found.places)]


def by_category(found: Counted) -> list[Line]:
    """Name the categories of the first level; without a category stands last."""
    names = {one.pk: str(one) for one in Category.objects.filter(parent__isnull=True)}
    keys = sorted(found.categories, key=lambda key: key or "~")
    return [Line(key or "", names.get(key or "", ""), found.categories[key]) for key in keys]


def by_source(found: Counted) -> list[Line]:
    """Name the sources: with the accepted cases a partition (I12)."""
    known = [source for source in Source.values if source in found.sources]
    return [Line(source, str(Source(source).label), found.sources[source]) for source in known]


def by_estate(found: Counted) -> list[tuple[str, list[int | None]]]:
    """Return the estates with the most cases; counts of one and two are suppressed."""
    most = sorted(found.estates, key=lambda key: (-found.estates[key].filed, key))[:MOST_ESTATES]
    names = dict(Estate.objects.filter(pk__in=most).values_list("pk", "name"))
    return [(names[key], [suppressed(number) for number in _counts(found.estates[key])]) for key in most]


def _counts(figures: Figures) -> list[int]:
    return [figures.filed, figures.accepted, figures.concluded, figures.settled]


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


def outcomes(found: Counted) -> Mapping[Outcome, int]:
    """Return how the matters of the period ended, accepted or not."""
    return {outcome: found.outcomes[outcome] for outcome in Outcome if outcome in found.outcomes}
