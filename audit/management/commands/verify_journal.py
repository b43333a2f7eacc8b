"""Verify the journal."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.heads import HeadFileError, HeadWriter, read_heads
from audit.verification import Verification, snapshot


class Command(BaseCommand):
    """Walk the whole journal in one read-only snapshot; one line per break, exit code 1 if there is any."""

    help = "Verify every chain of the journal, its heads and its register, and say where it breaks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head-file", type=Path, metavar="FILE", help="compare with heads kept outside")
        parser.add_argument("--write-head", type=Path, metavar="FILE", help="write the heads, if the journal verifies")

    def handle(self, *, head_file: Path | None, write_head: Path | None, **options: Any) -> None:
        try:
            self._verify(head_file, write_head)
        except (HeadFileError, OSError) as error:
            raise CommandError(str(error)) from error

    def _verify(self, head_file: Path | None, write_head: Path | None) -> None:
        known = read_heads(head_file) if head_file else None
        with ExitStack() as stack:
            writer = stack.enter_context(HeadWriter(write_head)) if write_head else None
            stack.enter_context(snapshot())
            verification = Verification(known, writer.write if writer else None)
            found = self._report(verification)
            if found:
                raise CommandError(f"the journal does not verify: {found} breaks")
            if writer:
                writer.finish()
        self.stdout.write(f"journal verifies: {verification.head_count} subjects, {verification.entry_count} entries")

    def _report(self, verification: Verification) -> int:
        found = 0
        for place in verification.breaks():
            self.stdout.write(str(place))
            found += 1
        return found
