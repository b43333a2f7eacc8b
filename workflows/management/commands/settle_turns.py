"""Fill in whose turn it is where no row says so yet, or settle every running case: batched, and safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.changes import lock_rows
from cases.choices import Status
from cases.models import Case
from workflows.turns.models import Turn
from workflows.turns.settle import settle_all

BATCH = 500


def running() -> QuerySet[Case]:
    """Every case that waits for somebody: all but those on the shelf and drafts that were given up."""
    given_up = Q(status=Status.CLOSED, filed_at__isnull=True)
    return Case.objects.exclude(status=Status.ARCHIVED).exclude(given_up)


class Command(BaseCommand):
    help = "Fill in whose turn it is in the cases that have no turn yet; --all settles every running case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="settle also the cases that have their turns")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = running() if options["all"] else running().filter(~Exists(Turn.objects.filter(case=OuterRef("pk"))))
        done, last = 0, 0
        while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            last = keys[-1]
            with transaction.atomic():
                batch = Case.objects.filter(pk__in=keys)
                lock_rows(batch)
                cases = list(batch.select_related("category").order_by("pk"))
                done += bool(settle_all(cases, how="settle_turns", by=None, at=timezone.now())) and len(keys)
        if done:
            self.stdout.write(f"已记下 {done} 个案件等谁办理。 Whose turn it is was written for {done} cases.")
