"""How often a mediator meets the same company, and how that ends: for the director's eye only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from cases.choices import SETTLED, Outcome
from cases.models import Party

MOST = 100


@dataclass(frozen=True)
class Meeting:
    """One mediator and one company: cases accepted in a period, by how they ended."""

    mediator: str
    company: str
    cases: int
    settled: int
    failed: int
    other: int
    running: int


def meetings(centres: Collection[int], *, since: datetime | None, without: Collection[int] = ()) -> list[Meeting]:
    """Count the cases of these centres by mediator and company, the most frequent pairs first; one query."""
    rows = Party.objects.filter(
        case__centre__in=centres, company__isnull=False, left_at__isnull=True, case__mediator__isnull=False
    ).exclude(case__in=without)
    if since is not None:
        rows = rows.filter(case__accepted_at__gte=since)
    ended = ~Q(case__outcome="")
    settled, failed = Q(case__outcome__in=SETTLED), Q(case__outcome=Outcome.FAILED)
    counted = (
        rows.values(who=F("case__mediator__display_name"), person=F("case__mediator"), firm=F("company__name"))
        .annotate(
            cases=Count("case", distinct=True),
            settled=Count("case", distinct=True, filter=settled),
            failed=Count("case", distinct=True, filter=failed),
            other=Count("case", distinct=True, filter=ended & ~settled & ~failed),
            running=Count("case", distinct=True, filter=~ended),
        )
        .order_by("-cases", "person", "firm")[:MOST]
    )
    return [
        Meeting(r["who"], r["firm"], r["cases"], r["settled"], r["failed"], r["other"], r["running"]) for r in counted
    ]
