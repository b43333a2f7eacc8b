"""Send the notices that are due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from notifications.delivering import deliver_due


class Command(BaseCommand):
    help = "Send the notices that are due; the worker does the same all the time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=1000)

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        self.stdout.write(f"{deliver_due(timezone.now(), limit=limit)} tried")
