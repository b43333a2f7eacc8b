"""Provinces, cities and districts by their GB/T 2260 codes: read from `accounts/data/regions.csv`."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from accounts.models import Region

SOURCE = Path(__file__).resolve().parent / "data" / "regions.csv"


class RegionRow(NamedTuple):
    """One line of the list; the parent of a province is empty."""

    code: str
    name: str
    parent: str


def read_regions() -> Iterator[RegionRow]:
    """Yield the list in the order of the codes, parents first."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield RegionRow(row["code"], row["name"], row["parent"])


def load_regions(model: type[Region] = Region) -> int:
    """Add the regions that are missing, leave the others alone; return how many the list has."""
    rows = [model(code=row.code, name=row.name, parent_id=row.parent or None) for row in read_regions()]
    model._default_manager.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
