"""Fire what is due, once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflows.timers import tick


class Command(BaseCommand):
    help = "办理到期事项：提醒、自动流转、记录超期。可以同时运行多个。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one tick and say how much was done."""
        self.stdout.write(f"{tick(timezone.now())} done")
