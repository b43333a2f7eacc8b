"""Everything between a new installation or version and serving it; safe to repeat."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.keys import WrongKeyError, keep_touchstones
from accounts.models import Centre
from accounts.regions import load_regions
from accounts.roles import Role
from audit.services import record
from calendars.services import load_year
from calendars.today import local_date
from config import release
from config.starting import reasons_not_to_start
from config.storage import keep_name
from demo.world import PASSWORD, STAFF
from documents.upgrade import vouch_for_older

PREPARE_LOCK = 0x70726570  # any number that nobody else gives to pg_advisory_lock


def load_coming_years(now: datetime) -> None:
    """Keep this year and the next in the calendar, provisional until their notices are imported."""
    year = local_date(now).year
    for coming in (year, year + 1):
        load_year(coming, by=None, at=now, record=record)


def refuse_half_replaced(applied: set[tuple[str, str]]) -> None:
    """Refuse a database that stopped halfway through migrations which one has replaced since; raises CommandError."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    for key, migration in loader.disk_migrations.items():
        done = applied & set(migration.replaces)
        if done and key not in applied and done != set(migration.replaces):
            last = ".".join(migration.replaces[-1])
            raise CommandError(
                f"这个数据库来自更早的版本，不能直接升级。请先用还有 {last} 的最后一个版本启动一次，再用现在的。"
                f" This database is older than the schema that this version begins with: start the last version"
                f" that has the migration {last} once, then this one."
            )


def keep_touchstones_or_refuse() -> None:
    """Refuse keys that are not those of this database, and demo accounts in production; keep what proves the keys."""
    try:
        keep_touchstones()
    except WrongKeyError as error:
        raise CommandError(str(error)) from error
    if reasons := reasons_not_to_start():
        raise CommandError("\n".join(reasons))
    keep_name()


class Command(BaseCommand):
    help = "Migrate, load regions and working days, collect static files (production) or load the demo (otherwise)."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # Two machines that start at once prepare one after the other, however long that takes.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARE_LOCK])
        refuse_half_replaced(set(MigrationRecorder(connection).applied_migrations()))
        call_command("migrate", interactive=False, verbosity=0)
        keep_touchstones_or_refuse()
        load_regions()
        load_coming_years(timezone.now())
        vouch_for_older(timezone.now())
        if settings.PRODUCTION:
            self.collect()
        elif settings.DEMO and not Centre.objects.exists():
            self.stdout.write("首次启动，正在装入演示数据…… Loading the demo for the first time …")
            call_command("load_demo")
        call_command("settle_turns", stdout=self.stdout)
        if settings.DEMO:
            self.name_accounts()
        connection.close()

    def collect(self) -> None:
        try:
            release.collect()
        except release.NotCollectedError as error:
            raise CommandError(str(error)) from error

    def name_accounts(self) -> None:
        """Name one account of each role, as the demo page does for all of them."""
        main: dict[Role, str] = {}
        for username, _name, role, _centre in STAFF:
            main.setdefault(role, username)
        accounts = " · ".join([*main.values(), "company", "committee", "regulator"])
        self.stdout.write(f"演示账号 · Demo accounts: {accounts}\n密码 · password: {PASSWORD}")
