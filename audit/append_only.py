"""The triggers by which the database itself refuses to change the journal, and whether they stand."""

from django.db import connection

TRIGGERS: dict[str, tuple[str, ...]] = {
    "audit_entry": ("audit_entry_refuse",),
    "audit_head": ("audit_head_refuse", "audit_head_advance"),
    "audit_register": ("audit_register_refuse", "audit_register_advance"),
}


def missing_triggers() -> list[str]:
    """Return `table.trigger` for each trigger that is gone or does not fire always."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgenabled = 'A' AND c.oid IN (%s::regclass, %s::regclass, %s::regclass)",
            list(TRIGGERS),
        )
        standing = set(cursor.fetchall())
    return [f"{table}.{name}" for table, names in TRIGGERS.items() for name in names if (table, name) not in standing]
