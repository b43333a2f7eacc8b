"""What one action through `perform` costs beside a bare transaction with an audit row: `python -m bench.action`.

Works in a test database of its own, which it removes. A case is suspended and resumed again and again; both kinds of
write take turns, each commits, and only the ratio counts. With --where it says which tables the queries go to.
"""

import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import django

BLOCKS, WRITES = 20, 10
Write = Callable[[], None]


def main() -> None:
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        measure()
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure() -> None:
    """Print the ratio and the number of queries of suspend and resume."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bare, suspend, resume = writes()

    def pair() -> None:
        suspend()
        resume()

    times = take_turns({"bare": (bare, 1), "perform": (pair, 2)})
    floor, middle = statistics.median(times["bare"]), statistics.median(times["perform"])
    print(f"bare transaction with an audit row {floor * 1000:6.2f} ms")
    print(f"perform                            {middle * 1000:6.2f} ms  {middle / floor:.1f} × the bare one")
    for name, write in (("suspend", suspend), ("resume", resume)):
        with CaptureQueriesContext(connection) as asked:
            write()
        said = [query["sql"] for query in asked]
        real = [sql for sql in said if not re.match(r"(SAVEPOINT|RELEASE|BEGIN|COMMIT)", sql)]
        print(f"{name}: {len(real)} queries and {len(said) - len(real)} for savepoints and the transaction")
        if "--where" in sys.argv:
            for (verb, table), count in Counter(map(target, real)).most_common():
                print(f"  {count:2} × {verb} {table}")


def writes() -> tuple[Write, Write, Write]:
    """Return the bare write, suspend and resume, all on one case in mediation."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.utils import timezone

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the tests, whose cast this is
    from cases.choices import Status
    from cases.models import Case
    from tests.cast import make_world
    from tests.journeys import case_in
    from workflows.actions import perform

    world = make_world()
    case = case_in(Status.MEDIATING, world, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_audit (id bigserial PRIMARY KEY, case_id bigint, action text, at timestamp)")

    def bare() -> None:
        with transaction.atomic():
            row = Case.objects.select_for_update().get(pk=case.pk)
            row.save(update_fields=["revision"])
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench_audit (case_id, action, at) VALUES (%s, 'x', now())", [row.pk])

    def suspend() -> None:
        perform(case, "suspend", by=world.mediator, reason_code="S02", reason="等检测结果")

    def resume() -> None:
        perform(case, "resume", by=world.mediator, reason="检测已出结果")

    return bare, suspend, resume


def take_turns(kinds: dict[str, tuple[Write, int]]) -> dict[str, list[float]]:
    """Time blocks of each kind in turn; the first block only warms up."""
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for block in range(BLOCKS + 1):
        for kind, (write, each) in kinds.items():
            started = time.perf_counter()
            for _write in range(WRITES // each):
                write()
            if block:
                times[kind].append((time.perf_counter() - started) / WRITES)
    return times


def target(sql: str) -> tuple[str, str]:
    """Say what a query does to which table."""
    found = re.search(r'(?:FROM|INTO|UPDATE) "?(\w+)', sql)
    return sql.split(None, 1)[0], found[1] if found else sql[:40]


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    main()
