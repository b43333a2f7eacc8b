"""Load the demo data into an empty site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo.load import DemoError, load


class Command(BaseCommand):
    help = "在空站点载入演示数据（安徽，约60件案件）；正式运行的站点会拒绝。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many cases there are."""
        try:
            count = load(now=timezone.now())
        except DemoError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} cases loaded")
