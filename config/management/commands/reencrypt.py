"""Retire a key: everything under the newest of FIELD_KEYS, or every index under a new INDEX_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.keys import FIELD_KEYS, SENTENCES, knows_index_key_before, wrong_keys
from audit.reencrypting import reencrypt, reindex
from cases.passes import cases_with_passes

WOULD_END = (
    "没有改动。有 {count} 件案件的当事人拿着通行码，换密钥后就打不开了："
    "请把旧的 INDEX_KEY 写进 OLD_INDEX_KEYS，它们就继续有效。"
    "旧密钥已经丢失、或者就是要让它们失效的，加上 --end-passes，再逐件打印新的通行码。"
    " Nothing was changed. Parties of {count} cases hold passes that would no longer open:"
    " put the old INDEX_KEY into OLD_INDEX_KEYS and they go on opening,"
    " or add --end-passes and issue them anew."
)


class Command(BaseCommand):
    help = (
        "Encrypt all personal data anew with the newest of FIELD_KEYS, beside the running site; with --index compute"
        " all indexes anew with INDEX_KEY, while the site stands still."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--index", action="store_true", help="INDEX_KEY has been replaced; the old one stands in OLD_INDEX_KEYS"
        )
        parser.add_argument(
            "--end-passes", action="store_true", help="with --index and no OLD_INDEX_KEYS: let all case passes end"
        )

    def handle(self, *args: Any, index: bool, end_passes: bool, **options: Any) -> None:
        if index:
            self.reindex(end_passes)
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

    def reindex(self, end_passes: bool) -> None:
        """Follow a new INDEX_KEY; what would end with the old one is said before anything is done."""
        if "FIELD_KEYS" in wrong_keys():
            raise CommandError(SENTENCES[FIELD_KEYS])
        ending = [] if knows_index_key_before() else cases_with_passes()
        if ending and not end_passes:
            raise CommandError(WOULD_END.format(count=len(ending)))
        reindex(at=timezone.now(), say=self.say)
        self.stdout.write(
            "索引已按新的 INDEX_KEY 重算。通行码不受影响，OLD_INDEX_KEYS 请保留。"
            " All indexes follow the new INDEX_KEY. Case passes go on opening while OLD_INDEX_KEYS is kept."
            if not ending
            else "索引已按新的 INDEX_KEY 重算。这些案件的通行码已失效，请在案件页打印新的通行码："
            " All indexes follow the new INDEX_KEY. Issue new passes in these cases: " + " ".join(ending)
        )

    def say(self, table: str, done: int, left: int) -> None:
        self.stdout.write(f"{table}: {done}" + (f" ({left} ?)" if left else ""))
