"""The regions of the country by their GB/T 2260 codes, from `accounts/data/regions.csv`; a note lies beside it."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from accounts.models import Region

SOURCE = Path(__file__).resolve().parent / "data" / "regions.csv"


class RegionRow(NamedTuple):
    """One line of the list; the parent of a province is empty, a dissolved region may name who took it over."""

    code: str
    name: str
    parent: str
    dissolved: bool = False
    successor: str = ""


def read_regions() -> Iterator[RegionRow]:
    """Yield the list in the order of the codes, parents first."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield RegionRow(row["code"], row["name"], row["parent"], row["dissolved"] == "1", row["successor"])


def load_regions(model: type[Region] = Region) -> int:
    """Add the regions that are missing, leave the others alone; return how many the list has."""
    listed = list(read_regions())
    known = set(model._default_manager.values_list("pk", flat=True))
    # The first migrations know neither the mark of a dissolved region nor who took it over.
    marked = any(field.name == "dissolved" for field in model._meta.get_fields())
    model._default_manager.bulk_create(
        [_made(model, row, marked=marked) for row in listed if row.code not in known], ignore_conflicts=True
    )
    return len(listed)


def mark_dissolved(model: type[Region] = Region) -> int:
    """Mark the regions that the list calls dissolved, and who took them over; return how many were not marked yet."""
    gone = {row.code: row for row in read_regions() if row.dissolved}
    regions = list(model._default_manager.filter(code__in=gone, dissolved=False))
    for region in regions:
        region.dissolved, region.successor_id = True, gone[region.code].successor or None
    model._default_manager.bulk_update(regions, ["dissolved", "successor"])
    return len(regions)


def _made(model: type[Region], row: RegionRow, *, marked: bool) -> Region:
    made = model(code=row.code, name=row.name, parent_id=row.parent or None)
    if marked:
        made.dissolved, made.successor_id = row.dissolved, row.successor or None
    return made
