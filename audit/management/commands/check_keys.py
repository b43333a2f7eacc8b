"""Ask the database whether FIELD_KEYS and INDEX_KEY are its keys: after a restore, before anything else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.keys import WrongKeyError, keep_touchstones


class Command(BaseCommand):
    help = "Check FIELD_KEYS and INDEX_KEY against the database."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keep_touchstones()
        except WrongKeyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("密钥与数据库相符。 The keys are those of this database.")
