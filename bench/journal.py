"""What a journal entry costs beside a bare insert of the same row: `python -m bench.journal`.

Works in a test database of its own, which it removes. Blocks of both kinds take turns, each write commits, and only
the ratio counts: absolute times drift on shared machines.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

BLOCKS, WRITES = 20, 25
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
BEFORE, AFTER = (
    {"status": "SUBMITTED", "version": 1},
    {"status": "ACCEPTED", "version": 2, "number": "皖物调字第00001号"},
)
INSERT = """
INSERT INTO bench_journal (head_id, sequence, at, actor_id, actor_label, action, before, after, reason,
                           previous_hash, hash)
VALUES (1, %s, %s, NULL, 'CLOCK', 'accept', %s, %s, '材料齐全', repeat('0', 64), repeat('0', 64))
"""


def main() -> None:
    """Print the ratio for a known subject, for a new subject, and the verifier's pace."""
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        measure()
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure() -> None:
    from django.db import connection, transaction

    from audit.services import Subject, record
    from audit.verification import Verification

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_journal (LIKE audit_entry)")

    def bare(number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, [number, NOON, json.dumps(BEFORE), json.dumps(AFTER)])

    def entry(subject: Subject) -> None:
        with transaction.atomic():
            record(subject, "accept", by=None, before=BEFORE, after=AFTER, reason="材料齐全", at=NOON)

    kinds: dict[str, Callable[[int], None]] = {
        "bare insert": bare,
        "entry, known subject": lambda number: entry(("case", number % 10)),
        "entry, new subject": lambda number: entry(("company", number)),
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for block in range(BLOCKS):
        for kind, write in kinds.items():
            started = time.perf_counter()
            for number in range(block * WRITES, (block + 1) * WRITES):
                write(number)
            times[kind].append((time.perf_counter() - started) / WRITES)

    floor = statistics.median(times["bare insert"])
    for kind, taken in times.items():
        middle = statistics.median(taken)
        print(f"{kind:22} {middle * 1000:6.2f} ms  {middle / floor:5.2f} × the bare insert")

    started = time.perf_counter()
    with transaction.atomic():
        verification = Verification()
        found = list(verification.breaks())
    pace = verification.entry_count / (time.perf_counter() - started)
    print(f"verifier: {verification.entry_count} entries, {len(found)} breaks, {pace:,.0f} entries a second")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
