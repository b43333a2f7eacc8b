"""Take in later changes of the regions of the country."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.errors import DomainError
from audit.regions import change_regions, read_changes


class Command(BaseCommand):
    help = (
        "导入行政区划的变动：code,name[,parent,dissolved,successor]。新设、更名、撤销；撤销的保留，旧案件仍指向它。 "
        "Add, rename or dissolve regions; the dissolved stay, because rows refer to them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise CommandError("读不了这个文件；请存成 UTF-8 的 CSV。This is no UTF-8 table.") from None
        try:
            added, changed = change_regions(read_changes(text), by=None, at=timezone.now())
        except DomainError as error:
            raise CommandError(f"{error}（什么也没有改。Nothing was changed.）") from error
        self.stdout.write(f"{added} added, {changed} changed")
