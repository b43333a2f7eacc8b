"""Make a year of the calendar final from its State Council notice, and count the open deadlines again."""

from argparse import ArgumentTypeError
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.errors import DomainError
from audit.services import record
from calendars.services import DayChange, import_notice, load_calendar
from cases.changes import journal, touch
from cases.clocks import ClockKey
from cases.deadlines import OPEN, recompute, store_next_due
from cases.models import Case, Deadline, DeadlineMove
from cases.responsibility import responsible
from cases.serving import open_services
from notifications.models import Kind
from workflows.tasks import sync_timers
from workflows.telling import people_for, present, tell_all

Moved = list[tuple[Deadline, DeadlineMove]]
# Clocks of the desk alone: the parties never saw these dates.
OF_THE_DESK = (ClockKey.K5, ClockKey.K10, ClockKey.K11, ClockKey.K13, ClockKey.K14, ClockKey.K15)


def import_holidays(notice: str, *, year: int, at: datetime) -> tuple[tuple[DayChange, ...], Moved]:
    """Store the notice and move every deadline that it moves, never earlier; all of it or nothing.

    Raises NoticeError and CalendarUnknownError.
    """
    with transaction.atomic():
        # The cases come first, as in every other change: whoever acts on one of them waits, and then counts anew.
        waiting = Deadline.objects.filter(state__in=OPEN).values("case")
        list(Case.objects.select_for_update(of=("self",)).filter(pk__in=waiting).order_by("pk").values_list("pk"))
        changes = import_notice(notice, year=year, by=None, at=at, record=record)
        moved = recompute(load_calendar(), at=at, by=None)
        by_case: dict[int, Moved] = defaultdict(list)
        for deadline, move in moved:
            by_case[deadline.case_id].append((deadline, move))
        for case_id, rows in by_case.items():
            _follow_up(Case.objects.select_related("centre", "mediator", "handler").get(pk=case_id), rows, at=at)
    return changes, moved


def _follow_up(case: Case, rows: Moved, *, at: datetime) -> None:
    """Order the queue, set the timers, journal and tell those whose dates moved."""
    store_next_due(case)
    sync_timers(case)
    moved = {deadline.clock: [move.from_due.isoformat(), move.to_due.isoformat()] for deadline, move in rows}
    journal(case, "move_deadlines", by=None, at=at, moved=moved)
    told = {person.pk: person for clock in moved if (person := responsible(case, clock))}
    if set(moved) - set(OF_THE_DESK):
        parties = present(case)
        open_services(case, parties, kind=Kind.DEADLINE_MOVED, by=None, at=at)
        told |= {person.pk: person for person in people_for(parties)}
    tell_all(list(told.values()), case, Kind.DEADLINE_MOVED, at=at)
    touch(case)


def read_file(path: str) -> str:
    """Read a notice as text, in UTF-8 or GB18030; raises CommandError."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise CommandError(f"读不了这个文件：{path}（{error.strerror}）") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CommandError("这个文件不是文本。请把通知全文或者“日期,是否上班,说明”表格存成文本文件。")


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
            with transaction.atomic():
                changes, moved = import_holidays(notice, year=options["year"], at=timezone.now())
                self._print(changes, moved)
                transaction.set_rollback(options["dry_run"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        if options["dry_run"]:
            self.stdout.write("以上只是预演，什么也没有保存。")

    def _print(self, changes: Iterable[DayChange], moved: Moved) -> None:
        for change in changes:
            self.stdout.write(f"{change.date}\t{'上班' if change.is_workday else '休息'}\t{change.note}".rstrip())
        for deadline, move in moved:
            case = deadline.case
            name = case.case_number or case.number or f"草稿 {case.key}"
            self.stdout.write(f"{name}\t{deadline.get_clock_display()}\t{move.from_due} → {move.to_due}")
        self.stdout.write(f"{len(tuple(changes))} days changed, {len(moved)} deadlines moved")
