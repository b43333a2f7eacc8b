"""Check every issued document against the journal: row, entries and file, and whether we still make the same bytes."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.models import Entry
from audit.verification import snapshot
from documents import engine
from documents.errors import DocumentError
from documents.files import fitting, stored
from documents.ledger import ISSUED, VOUCHED, Ledger, ledger_of
from documents.models import Document
from documents.upgrade import broken_vouching

Subject = tuple[str, str]


class Command(BaseCommand):
    """Ask the journal about every document in one read-only view; one line for each fault, exit code 1 if any."""

    help = (
        "Check all issued documents against the journal entries that issued them: row, file, present templates; "
        "also entries whose document is gone, and documents whose file is still to be made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fast", action="store_true", help="do not set the files once more")

    def handle(self, *args: Any, fast: bool, **options: Any) -> None:
        self.again = not fast
        self.count: Counter[str] = Counter()
        with snapshot():
            wrong = [*broken_vouching(), *chain.from_iterable(map(self._faults_of_subject, _subjects()))]
        count = self.count
        self.stdout.write(
            f"{count['again']} made again byte for byte, {count['older']} of older templates unchanged, "
            f"{len(wrong)} wrong"
        )
        self.stdout.write(
            f"{count['waiting']} without a file yet, {count['later']} vouched for from an upgrade only, "
            f"{count['destroyed']} destroyed by list"
        )
        if wrong:
            raise CommandError("\n".join(wrong))

    def _faults_of_subject(self, subject: Subject) -> Iterator[str]:
        kind, subject_id = subject
        ledger = ledger_of(kind, subject_id)
        yield from ledger.breaks
        rows = Document.objects.filter(issued_at__isnull=False, subject_kind=kind)
        present = set()
        # A number that is none names no document; its entries are reported as lost.
        for row in rows.filter(subject_id=int(subject_id)).order_by("pk") if subject_id.isdigit() else rows.none():
            present.add(row.pk)
            yield from (f"{row.pk}: {fault}" for fault in ledger.faults_of(row))
            if row.pk in ledger.records and not ledger.faults_of(row) and not ledger.breaks:
                yield from (f"{row.pk}: {fault}" for fault in self._faults_of_file(row, ledger))
        for key in ledger.records.keys() - present:
            yield f"{key}: the journal of {kind} {subject_id} issues it, but it is gone"

    def _faults_of_file(self, row: Document, ledger: Ledger) -> Iterator[str]:
        record = fitting(row, ledger)
        self.count["later"] += record.later
        if ledger.destroyed:
            self.count["destroyed"] += 1
            return
        if not record.file:
            self.count["waiting"] += 1
            return
        try:
            stored(row, record)
        except DocumentError as error:
            yield str(error)
            return
        if record.file["template_version"] != engine.template_version():
            self.count["older"] += 1
        elif self.again:
            if engine.render(row.sheet or {}, at=record.issued_at).sha256 != record.file["sha256"]:
                yield f"made again, it differs from {record.file['sha256']}"
            else:
                self.count["again"] += 1


def _subjects() -> list[Subject]:
    """Return every subject that has a document or an entry about one."""
    rows = Document.objects.filter(issued_at__isnull=False).values_list("subject_kind", "subject_id")
    entries = Entry.objects.filter(action__in=[ISSUED, VOUCHED])
    named = entries.values_list("head__subject_kind", "head__subject_id").distinct()
    return sorted({(kind, str(key)) for kind, key in chain(rows.distinct().iterator(), named.iterator())})
