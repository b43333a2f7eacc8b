"""Make the evidence on this machine the store that the database knows: after it was moved without its name."""

from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.copies import stored_path
from cases.models import Evidence
from config.storage import adopt


class Command(BaseCommand):
    help = "Take DATA_DIR/evidence of this machine as the store of this database; refused where files are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--incomplete", action="store_true", help="although files are missing: they are lost")

    def handle(self, *args: Any, incomplete: bool, **options: Any) -> None:
        known = Evidence.objects.filter(withdrawn_at=None, case__destroyed_at=None)
        hashes = set(known.values_list("sha256", flat=True))
        missing = sum(not default_storage.exists(stored_path(sha256)) for sha256 in hashes)
        if missing and not incomplete:
            raise CommandError(
                f"这里缺 {missing} 个材料文件（共 {len(hashes)} 个），没有改动。"
                f" {missing} of {len(hashes)} files of evidence are missing here; nothing was changed."
            )
        adopt()
        self.stdout.write(
            f"已认定为本数据库的材料，缺 {missing} 个文件。"
            f" Taken as the store of this database; {missing} files are missing."
        )
