"""Write the procedure of a case as BPMN 2.0."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from charts.bpmn import bpmn_of_case


class Command(BaseCommand):
    help = "把办案流程写成 BPMN 2.0（含图），供其他工具读取；不写文件名则输出到屏幕。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", nargs="?", default="", help="要写入的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, or the screen."""
        if options["file"]:
            Path(options["file"]).write_text(bpmn_of_case(), encoding="utf-8")
        else:
            self.stdout.write(bpmn_of_case(), ending="")
