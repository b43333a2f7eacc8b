"""How many messages a second the import takes in: `python -m bench.messages FILE.xlsx [rows]`.

Works in a test database of its own, which it removes. The rows go through the same service as the command's.
"""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import django


def main() -> None:
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure(path: str, rows: int | None) -> None:
    """Print rows a second, processor time and queries a row; what was read of each message has a line of its own."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the tests, whose cast this is
    from tests.cast import make_world
    from workflows.messages import Importer, import_sheet, read_messages

    world = make_world()
    sheet = read_messages(path)
    del sheet.rows[rows:]
    asked: Counter[str] = Counter()

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        asked[sql.split(None, 1)[0]] += 1
        return execute(sql, params, many, context)

    for dry in (True, False):
        importer = Importer.prepare(world.centre, by=world.intake, at=timezone.now())
        asked.clear()
        started, worked = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(count):
            *_each, report = import_sheet(sheet, importer, dry_run=dry)
        took, worked = time.perf_counter() - started, time.process_time() - worked
        done = report.imported
        print(f"{'read only' if dry else 'taken in '} {done} rows: {done / took:6.1f} rows a second,", end=" ")
        print(f"{worked / done * 1000:.1f} ms of our processor and {sum(asked.values()) / done:.1f} queries a row")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    main()
