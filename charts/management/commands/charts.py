"""Write the charts of a case's life into docs/generated/."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from charts.pages import charts


class Command(BaseCommand):
    help = "按现在的状态机、权限、期限和文书清单重写 docs/generated/ 里的图表。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every generated file."""
        folder = Path(settings.BASE_DIR) / "docs" / "generated"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in charts().items():
            (folder / name).write_text(text, encoding="utf-8")
            self.stdout.write(str(folder / name))
