"""Whether the site can do its work: asked by monitors, by `bin/run` before it says "ready", and by the checks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.keys import wrong_keys
from calendars.services import load_calendar
from calendars.today import local_date
from config import release, storage
from workflows.models import CheckRun, FoundBreach, WorkerHeartbeat

HEARTBEAT_FRESH = timedelta(seconds=60)
CHECKS_FRESH = timedelta(hours=48)

Part = dict[str, object]


@cache
def migrations_on_disk() -> frozenset[tuple[str, str]]:
    """List the migrations of this installation; they change only with a restart."""
    return frozenset(MigrationLoader(None).disk_migrations)


def database(_now: datetime) -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def migrations(_now: datetime) -> Part:
    missing = sorted(migrations_on_disk() - set(MigrationRecorder(connection).applied_migrations()))
    return {"ok": not missing, "unapplied": [".".join(key) for key in missing]}


def worker(now: datetime) -> Part:
    running = WorkerHeartbeat.objects.filter(at__gte=now - HEARTBEAT_FRESH).count()
    return {"ok": running > 0, "running": running}


def calendar(now: datetime) -> Part:
    """The current year must be known; years that wait for their State Council notice are named."""
    known = load_calendar()
    return {"ok": local_date(now).year in known.years, "provisional_years": sorted(known.provisional_years)}


def keys(_now: datetime) -> Part:
    """The keys of the environment must be those of this database; the wrong ones are named."""
    wrong = wrong_keys()
    return {"ok": not wrong, "wrong": wrong}


def static(_now: datetime) -> Part:
    return {"ok": release.is_served()}


def evidence(_now: datetime) -> Part:
    """The files on this machine must be those that the database knows."""
    return {"ok": True} if storage.is_ours() else {"ok": False, "why": storage.OTHER_STORE}


def checks(now: datetime) -> Part:
    """The nightly look at all cases must be recent; how many rules are broken is told, and blocks nothing.

    After a long stop it begins with the first turn of the worker: what has begun is well.
    """
    last = CheckRun.objects.order_by("-pk").first()
    if last is None:
        return {"ok": True, "hours": None, "found": None}
    hours = int((now - last.began_at).total_seconds() // 3600)
    return {"ok": now - last.began_at < CHECKS_FRESH, "hours": hours, "found": FoundBreach.objects.count()}


PARTS: dict[str, Callable[[datetime], Part]] = {
    "database": database,
    "migrations": migrations,
    "worker": worker,
    "calendar": calendar,
    "keys": keys,
    "static": static,
    "evidence": evidence,
    "checks": checks,
}


def examine(now: datetime) -> dict[str, Part]:
    """Ask every part; one that cannot be asked is not well."""
    report: dict[str, Part] = {}
    for name, ask in PARTS.items():
        try:
            report[name] = ask(now)
        except DatabaseError:
            report[name] = {"ok": False}
    return report


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when everything works and 503 when something does not."""
    report = examine(timezone.now())
    well = all(part["ok"] for part in report.values())
    return JsonResponse({"ok": well, **report}, status=200 if well else 503)
