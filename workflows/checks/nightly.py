"""Ask every check of every case each night, a batch at a time, and keep what was found until it is mended."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max

from calendars.today import SHANGHAI, local_date
from cases.models import Case
from workflows.checks import TOGETHER, breaches
from workflows.models import CheckRun, FoundBreach

NIGHT = time(2)  # local: nobody works then, and the day's journal heads are kept


def check_nightly(now: datetime) -> int:
    """Look at one more batch of the run that is due or has begun; return how many cases that were.

    One batch in one turn of the worker: timers and notices wait for seconds only. Of several workers one looks.
    """
    with transaction.atomic():
        run = CheckRun.objects.select_for_update(skip_locked=True).filter(ended_at=None).first()
        if run is None:
            if not _is_due(now):
                return 0
            run = CheckRun.objects.create(began_at=now)
        return look_at_next(run, now)


def _is_due(now: datetime) -> bool:
    last = CheckRun.objects.aggregate(last=Max("began_at"))["last"]
    tonight = datetime.combine(local_date(now), NIGHT, tzinfo=SHANGHAI)
    due = tonight if now >= tonight else tonight - timedelta(days=1)
    return last is None or last < due


def look_at_next(run: CheckRun, now: datetime, *, cases: int = TOGETHER) -> int:
    """Ask the next cases and store what was found; the run ends with the last of them."""
    ids = list(Case.objects.filter(pk__gt=run.reached).order_by("pk").values_list("pk", flat=True)[:cases])
    if ids:
        keep_found(ids, now)
        run.reached, run.cases = ids[-1], run.cases + len(ids)
    if len(ids) < cases:
        run.ended_at, run.found = now, FoundBreach.objects.count()
    run.save()
    return len(ids)


def keep_found(ids: list[int], now: datetime) -> None:
    """Let the table say of these cases what is found now; what was mended is found no more."""
    found = {(b.check, b.case_id) for b in breaches(Case.objects.filter(pk__in=ids), at=now)}
    known = {(row.name, row.case_id): row.pk for row in FoundBreach.objects.filter(case__in=ids)}
    FoundBreach.objects.filter(pk__in=[pk for key, pk in known.items() if key not in found]).delete()
    FoundBreach.objects.bulk_create(
        (FoundBreach(name=name, case_id=case, since=now) for name, case in sorted(found - known.keys())),
        ignore_conflicts=True,
    )
