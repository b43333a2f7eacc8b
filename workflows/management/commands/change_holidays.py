"""Take in a late change of a published year, and count the open deadlines again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.errors import DomainError
from calendars.late_changes import basis_of, year_of
from workflows.holidays import change_holidays
from workflows.management.commands.import_holidays import a_year, read_file, tell


class Command(BaseCommand):
    help = "导入已公布年份的临时调整（延长假期、个别日期；通知或表格），重算未结期限：只会推后，不会提前。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="通知全文，或 date,is_workday,note 表格")
        parser.add_argument("--year", type=a_year, help="通知里没有写明年份的要填")
        parser.add_argument("--reason", default="", help="依据；通知里有文号的可以不填")
        parser.add_argument("--dry-run", action="store_true", help="只看会变什么，不保存")

    def handle(self, *args: Any, **options: Any) -> None:
        notice, now = read_file(options["file"]), timezone.now()
        year = options["year"] or year_of(notice) or timezone.localdate(now).year
        reason = options["reason"] or basis_of(notice)
        try:
            outcome = change_holidays(notice, year=year, reason=reason, by=None, at=now, dry=options["dry_run"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        tell(outcome, self.stdout, dry=options["dry_run"])
