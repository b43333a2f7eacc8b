"""Number documents: one series per centre, word and year, gap-free, never reused."""

from collections import Counter
from collections.abc import Sequence

from django.db import connection

from accounts.models import Centre
from documents.models import DocumentSeries

TAKE = """
INSERT INTO {table} AS series (centre_id, word, year, last) VALUES {rows}
ON CONFLICT (centre_id, word, year) DO UPDATE SET last = series.last + EXCLUDED.last RETURNING word, last
"""


def next_numbers(centre: Centre, words: Sequence[str], year: int) -> list[str]:
    """Take the next number of each series named, as 皖物调协字〔2026〕第0412号; a rollback gives them back.

    One statement, whose rows stay locked until the transaction ends: take numbers last. Series are locked in one order.
    """
    if not words:
        return []
    wanted = sorted(Counter(words).items())
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(wanted))
    given = [value for word, count in wanted for value in (centre.pk, word, year, count)]
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(table=DocumentSeries._meta.db_table, rows=rows), given)
        last = dict(cursor.fetchall())
    following = {word: last[word] - count for word, count in wanted}
    return [_number(centre, word, year, following) for word in words]


def _number(centre: Centre, word: str, year: int, following: dict[str, int]) -> str:
    following[word] += 1
    return f"{centre.number_prefix}{word}字〔{year}〕第{following[word]:04d}号"
