"""Make a year of the calendar final from its State Council notice, and count the open deadlines again."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.utils import timezone

from accounts.errors import DomainError
from workflows.holidays import Outcome, import_holidays, read_text


def read_file(path: str) -> str:
    """Read a notice as text, in UTF-8 or GB18030; raises CommandError."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"读不了这个文件：{path}（{error.strerror}）") from None
    read = read_text(raw)
    if read is None:
        raise CommandError("这个文件不是文本。请把通知全文或者“日期,是否上班,说明”表格存成文本文件。")
    return read


def a_year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ArgumentTypeError("年份请写四位数字，例如 2027。")
    return int(text)


class Command(BaseCommand):
    help = "导入国务院办公厅放假通知（全文或表格），重算未结期限：只会推后，不会提前；列出变动。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="通知全文，或 date,is_workday,note 表格")
        parser.add_argument("--year", type=a_year, required=True)
        parser.add_argument("--dry-run", action="store_true", help="只看会变什么，不保存")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the notice and print what moved."""
        notice = read_file(options["file"])
        try:
            outcome = import_holidays(notice, year=options["year"], by=None, at=timezone.now(), dry=options["dry_run"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        tell(outcome, self.stdout, dry=options["dry_run"])


def tell(outcome: Outcome, out: OutputWrapper, *, dry: bool) -> None:
    """Print the days that changed and the deadlines that moved."""
    for change in outcome.changes:
        out.write(f"{change.date}\t{'上班' if change.is_workday else '休息'}\t{change.note}".rstrip())
    for deadline, move in outcome.moved:
        case = deadline.case
        name = case.case_number or case.number or f"草稿 {case.key}"
        out.write(f"{name}\t{deadline.get_clock_display()}\t{move.from_due} → {move.to_due}")
    out.write(f"{len(outcome.changes)} days changed, {len(outcome.moved)} deadlines moved")
    if dry:
        out.write("以上只是预演，什么也没有保存。")
