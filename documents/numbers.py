"""Number documents: one series per centre, word and year, gap-free, never reused."""

from accounts.models import Centre
from documents.models import DocumentSeries


def next_number(centre: Centre, word: str, year: int) -> str:
    """Take the next number of its series, as 皖物调协字〔2026〕第0412号; a rollback gives it back."""
    DocumentSeries.objects.bulk_create([DocumentSeries(centre=centre, word=word, year=year)], ignore_conflicts=True)
    series = DocumentSeries.objects.select_for_update().get(centre=centre, word=word, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"{centre.number_prefix}{word}字〔{year}〕第{series.last:04d}号"
