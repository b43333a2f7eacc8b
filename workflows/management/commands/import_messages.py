"""Take in citizens' messages from a table of a board or of the 12345 hotline."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.models import Centre
from cases.choices import ReferralTarget
from cases.recognition import taxonomy
from workflows.messages import Importer, ImportReport, import_clerk, import_sheet, read_messages

PROGRESS_SECONDS = 2.0


class Command(BaseCommand):
    help = "导入市民留言（.xlsx 或 .csv，按列名识别）：每行立一件待受理的案件。重复运行不会重复导入。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="留言表格")
        parser.add_argument("--centre", default="", help="调处中心代码；只有一个省级中心时可以不写")
        parser.add_argument("--by", default="", help="以哪位受理员的名义登记（用户名）；不写则为该中心第一位受理员")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file; the last line counts what became of its rows."""
        try:
            sheet = read_messages(options["file"])
            centre = _centre(options["centre"])
            importer = Importer.prepare(centre, by=import_clerk(centre, options["by"]), at=timezone.now())
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        for note in sheet.notes:
            self.stdout.write(note)
        if options["dry_run"]:
            self.stdout.write(_("试运行：只检查，不写入。"))
        self.stdout.write(_("导入到%(centre)s，登记人 %(by)s。") % {"centre": centre, "by": importer.by})
        report = self._run(sheet, importer, dry_run=options["dry_run"])
        self._summary(report)
        self.stdout.write(f"{report.imported} imported, {report.skipped} skipped, {report.rejected} rejected")

    def _run(self, sheet: Any, importer: Importer, *, dry_run: bool) -> ImportReport:
        total, said, shown = len(sheet.rows) + len(sheet.problems), 0, time.monotonic()
        report = ImportReport()
        for report in import_sheet(sheet, importer, dry_run=dry_run):
            for problem in report.problems[said:]:
                self.stdout.write(problem.sentence)
            said = len(report.problems)
            if time.monotonic() - shown > PROGRESS_SECONDS:
                shown = time.monotonic()
                self.stdout.write(_("已处理 %(done)d / %(total)d 行") % {"done": report.done, "total": total})
                self.stdout.flush()
        return report

    def _summary(self, report: ImportReport) -> None:
        if not report.imported:
            return
        groups: dict[str, int] = {}
        for code, count in report.categories.items():
            groups[code[:2]] = groups.get(code[:2], 0) + count
        for code, count in sorted(groups.items()):
            self.stdout.write(f"{code} {taxonomy()[code].name_zh}：{count}")
        for target, count in report.referrals.most_common():
            label = ReferralTarget(target).label if target else _("不建议移送")
            self.stdout.write(_("建议移送 %(label)s：%(count)d") % {"label": label, "count": count})
        self.stdout.write(
            _("小区：对上名册 %(known)d 件，留言中写有名称 %(named)d 件。")
            % {"known": report.estates_known, "named": report.estates_named}
        )


def _centre(code: str) -> Centre:
    if code:
        centre = Centre.objects.select_related("region").filter(code=code).first()
        if centre is None:
            raise CommandError(_("没有代码为“%(code)s”的调处中心。") % {"code": code})
        return centre
    heads = list(Centre.objects.select_related("region").filter(parent__isnull=True)[:2])
    if len(heads) != 1:
        raise CommandError(_("请用 --centre 写明导入到哪个调处中心。"))
    return heads[0]
