"""Fold the names of estates that running and closed cases were filed with; by thousands, and again where it stopped."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations

from accounts.folding import fold

BATCH = 2000
ROWS = "SELECT id, estate_name FROM cases_case WHERE id > %s AND estate_name <> '' ORDER BY id LIMIT %s"
WRITE = """
    UPDATE cases_case SET estate_key = folded.key
    FROM unnest(%s::bigint[], %s::text[]) AS folded (id, key)
    WHERE cases_case.id = folded.id AND cases_case.estate_key <> folded.key
"""


def fold_names(_apps: Apps, editor: Any) -> None:
    """Write every key that is not there yet; each batch is its own transaction, for a large site stays open."""
    last = 0
    with editor.connection.cursor() as cursor:
        while True:
            cursor.execute(ROWS, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.execute(WRITE, [[pk for pk, _name in rows], [fold(name)[:400] for _pk, name in rows]])
            last = rows[-1][0]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0015_estates_folded")]

    operations = [migrations.RunPython(fold_names, migrations.RunPython.noop)]
