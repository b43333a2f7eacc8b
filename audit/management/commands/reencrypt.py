"""Retire a key: everything under the newest of FIELD_KEYS, or every index under a new INDEX_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.keys import FIELD_KEYS, SENTENCES, wrong_keys
from audit.reencrypting import reencrypt, reindex


class Command(BaseCommand):
    help = (
        "Encrypt all personal data anew with the newest of FIELD_KEYS, beside the running site; with --index compute"
        " all indexes anew with INDEX_KEY, while the site stands still."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--index", action="store_true", help="INDEX_KEY has been replaced; case passes end with the old one"
        )

    def handle(self, *args: Any, index: bool, **options: Any) -> None:
        if index:
            if "FIELD_KEYS" in wrong_keys():
                raise CommandError(SENTENCES[FIELD_KEYS])
            reindex(at=timezone.now(), say=self.say)
            self.stdout.write(
                "索引已按新的 INDEX_KEY 重算；以前发出的案件通行码不能再用，请重新发给需要的人。"
                " All indexes follow the new INDEX_KEY. Case passes issued before no longer open: issue new ones."
            )
            return
        left = reencrypt(at=timezone.now(), say=self.say)
        if left:
            raise CommandError(
                f"还有 {left} 处读不出来：FIELD_KEYS 里缺它们的密钥。旧密钥先不要去掉。"
                f" {left} values cannot be read: their key is not among FIELD_KEYS. Keep the old keys."
            )
        self.stdout.write(
            "旧密钥下已经没有数据，可以从 FIELD_KEYS 里去掉旧密钥（旧备份仍需要它）。"
            " Nothing is left under an old key: it can be dropped from FIELD_KEYS (old backups still need it)."
        )

    def say(self, table: str, done: int, left: int) -> None:
        self.stdout.write(f"{table}: {done}" + (f" ({left} ?)" if left else ""))
