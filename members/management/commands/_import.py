"""What the three import commands share: read, report line by line, count last."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.errors import DomainError
from members.imports import Kind, Report, import_file


class ImportCommand(BaseCommand):
    kind: Kind

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help=".xlsx or .csv; the headers decide")
        parser.add_argument("--skip-bad", action="store_true", help="take the good lines and leave the bad ones out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_file(self.kind, options["file"], by=None, at=timezone.now(), skip_bad=options["skip_bad"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.tell(report)

    def tell(self, report: Report) -> None:
        for note in report.notes:
            self.stdout.write(note)
        for problem in report.problems:
            self.stdout.write(problem.sentence)
        counts = f"{report.created} created, {report.changed} changed, {report.unchanged} unchanged"
        if not report.stored:
            raise CommandError(f"Nothing was stored: {report.rejected} rejected. Correct them, or use --skip-bad.")
        self.stdout.write(f"{counts}, {report.rejected} rejected")
