"""What the whole database holds, in one query: two equal fingerprints mean that nothing changed."""

from django.apps import apps
from django.db import connection

# Large, loaded by migrations and never touched by a case; or Django's own.
LEFT_OUT = {"calendars_calendarday", "accounts_region", "cases_category"}
OURS = {"accounts", "audit", "calendars", "cases", "documents", "mediation", "members", "notifications"}
OURS |= {"workflow", "workflows"}  # Viewflow's tables, and ours above them


def tables() -> list[str]:
    models = [model._meta for model in apps.get_models(include_auto_created=True)]
    return sorted({meta.db_table for meta in models if meta.app_label in OURS} - LEFT_OUT)


def fingerprint() -> dict[str, str]:
    """Return a hash over all rows of every table of ours."""
    return _per_table("count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)")


def counts() -> dict[str, int]:
    """Return how many rows every table of ours holds."""
    return {table: int(count) for table, count in _per_table("count(*)::text").items()}


def changed(before: dict[str, str]) -> list[str]:
    """Return the tables that differ from a fingerprint taken before."""
    now = fingerprint()
    return [table for table in now if now[table] != before[table]]


def of_case(case_id: int) -> list[str]:
    """Return what the database holds of one case: its row, every row that names it, its journal."""
    models = [model._meta for model in apps.get_models() if model._meta.app_label in OURS]
    named = {meta.db_table for meta in models if any(f.column == "case_id" for f in meta.concrete_fields)}
    parts = [f"SELECT '{table}' || t::text FROM {table} t WHERE case_id = %(id)s" for table in sorted(named)]
    parts.append("SELECT t::text FROM cases_case t WHERE id = %(id)s")
    parts.append("SELECT t::text FROM audit_head t WHERE subject_kind = 'case' AND subject_id = %(id)s::text")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1", {"id": case_id})
        return [row for (row,) in cursor.fetchall()]


def _per_table(expression: str) -> dict[str, str]:
    union = " UNION ALL ".join(f"SELECT '{table}', {expression} FROM {table} t" for table in tables())
    with connection.cursor() as cursor:
        cursor.execute(union)
        return dict(cursor.fetchall())
