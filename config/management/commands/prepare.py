"""Everything between a new installation or version and serving it; safe to repeat."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from accounts.models import Centre
from audit.services import record
from calendars.services import load_year
from calendars.today import local_date

PREPARE_LOCK = 0x70726570  # any number that nobody else gives to pg_advisory_lock


def load_coming_years(now: datetime) -> None:
    """Keep this year and the next in the calendar, provisional until their notices are imported."""
    year = local_date(now).year
    for coming in (year, year + 1):
        load_year(coming, by=None, at=now, record=record)


class Command(BaseCommand):
    help = "Migrate, load regions and working days, collect static files (production) or load the demo (otherwise)."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # Two machines that start at once prepare one after the other.
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARE_LOCK])
        call_command("migrate", interactive=False, verbosity=0)
        load_coming_years(timezone.now())
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        elif settings.DEMO and "load_demo" in get_commands() and not Centre.objects.exists():
            self.stdout.write("首次启动，正在装入演示数据…… Loading the demo for the first time …")
            call_command("load_demo")
        connection.close()
