"""Say of every case what does not hold of it, and what is to be done."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cases.models import Case
from workflows.checks import BY_NAME, CHECKS, breaches
from workflows.checks.places import page_of


class Command(BaseCommand):
    help = "Ask every check of every case; each breach is named with its remedy. Ends with 1 where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("numbers", nargs="*", help="receipt numbers: only these cases")
        parser.add_argument("--list", action="store_true", help="say what is checked and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for check in CHECKS:
                self.stdout.write(f"{check.name}: {check.holds}")
            return
        cases = Case.objects.filter(number__in=options["numbers"]) if options["numbers"] else Case.objects.all()
        found = 0
        for breach in breaches(cases, at=timezone.now()):
            check, case = BY_NAME[breach.check], Case.objects.only("number", "key").get(pk=breach.case_id)
            found += 1
            place = page_of(case, check)
            self.stdout.write(f"{case.number or case.pk} {check.name}: {check.breach}{check.remedy} {place}")
        self.stdout.write(f"{cases.count()} 个案件，{found} 处不合规则。")
        if found:
            raise SystemExit(1)
