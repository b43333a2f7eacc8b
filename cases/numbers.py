"""Give numbers: one series per centre, kind, year and prefix, gap-free, never reused.

A centre that changes its prefix begins a series of its own; what was numbered before keeps its number.
"""

from django.db import connection

from accounts.models import Centre
from cases.models import NumberSeries

Kind = NumberSeries.Kind


def _prefix(centre: Centre, kind: str) -> str:
    """Return what the numbers of a series begin with: receipts carry the centre's code, which never changes."""
    return centre.code if kind == Kind.RECEIPT else centre.number_prefix


def open_series(centre: Centre, year: int) -> None:
    """Begin every series of a year, so that the first numbers are 1; what has begun goes on."""
    rows = [NumberSeries(centre=centre, kind=kind, year=year, prefix=_prefix(centre, kind)) for kind in Kind.values]
    NumberSeries.objects.bulk_create(rows, ignore_conflicts=True)


def _next(centre: Centre, kind: str, year: int) -> int:
    """Take the next number under the row lock of its series; a rollback gives it back."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [centre.pk, kind, year, _prefix(centre, kind)])
        last: int = cursor.fetchone()[0]
    return last


# Whoever meets the row of somebody who is not done yet waits for it.
TAKE = """
INSERT INTO cases_numberseries AS series (centre_id, kind, year, prefix, last) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (centre_id, kind, year, prefix) DO UPDATE SET last = series.last + 1 RETURNING last
"""


def receipt_number(centre: Centre, year: int) -> str:
    """Return the next receipt number (登记号), as AH-2026-00012."""
    return f"{centre.code}-{year}-{_next(centre, Kind.RECEIPT, year):05d}"


def case_number(centre: Centre, year: int) -> str:
    """Return the next case number (案号), as （2026）皖物调字第00001号."""
    return f"（{year}）{centre.number_prefix}字第{_next(centre, Kind.CASE, year):05d}号"


def letter_number(centre: Centre, year: int) -> str:
    """Return the next number of an outgoing letter (文号), as 皖物调函〔2026〕12号."""
    return f"{centre.number_prefix}函〔{year}〕{_next(centre, Kind.LETTER, year)}号"


def dossier_number(centre: Centre, year: int) -> str:
    """Return the next dossier number (卷号), as （2026）皖物调卷第00001号."""
    return f"（{year}）{centre.number_prefix}卷第{_next(centre, Kind.DOSSIER, year):05d}号"


def destruction_number(centre: Centre, year: int) -> str:
    """Return the next number of a list of dossiers to be destroyed, as （2026）皖物调销第1号."""
    return f"（{year}）{centre.number_prefix}销第{_next(centre, Kind.DESTROY, year)}号"
