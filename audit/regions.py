"""Take in later changes of the country's regions: added, renamed, dissolved; nothing is ever removed."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.folding import clean_line
from accounts.models import MUNICIPALITIES, Region, User
from audit.services import record

COLUMNS = ("code", "name", "parent", "dissolved", "successor")
CODE = re.compile(r"[1-8][0-9]{5}")
YES, NO = {"1", "是", "true", "yes"}, {"", "0", "否", "false", "no"}
LONGEST_NAME = 60


class RegionError(DomainError):
    """The table cannot be taken in; the sentence names the line."""


@dataclass(frozen=True)
class RegionChange:
    """One line of the table."""

    line: int
    code: str
    name: str
    parent: str
    dissolved: bool
    successor: str

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "parent": self.parent or None,
            "dissolved": self.dissolved,
            "successor": self.successor or None,
        }


def read_changes(text: str) -> list[RegionChange]:
    """Read a table with the columns code,name[,parent,dissolved,successor]; raises RegionError."""
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    names = [clean_line(name or "") for name in reader.fieldnames or []]
    if not {"code", "name"} <= set(names) or set(names) - set(COLUMNS):
        raise RegionError(_("第一行要写列名：%(columns)s；前两列必须有。") % {"columns": ",".join(COLUMNS)})
    reader.fieldnames = names
    rows = [_row(reader.line_num, {key: clean_line(row.get(key) or "") for key in COLUMNS}) for row in reader]
    if not rows:
        raise RegionError(_("表里没有地区。"))
    return rows


def _row(line: int, cells: dict[str, str]) -> RegionChange:
    code, name, mark = cells["code"], cells["name"], cells["dissolved"].lower()
    if not CODE.fullmatch(code):
        raise RegionError(_("第%(line)d行：“%(code)s”不是六位行政区划代码。") % {"line": line, "code": code})
    if not name or len(name) > LONGEST_NAME or name.isascii():
        raise RegionError(_("第%(line)d行：请写地区的中文名称。") % {"line": line})
    if mark not in YES | NO:
        raise RegionError(_("第%(line)d行：dissolved 填1（已撤销）或者不填。") % {"line": line})
    return RegionChange(line, code, name, cells["parent"] or _above(code), mark in YES, cells["successor"])


def _above(code: str) -> str:
    """Return the region in which a code lies by its digits."""
    if code.endswith("0000"):
        return ""
    if code.endswith("00") or code[:2] in MUNICIPALITIES or code[2:4] == "90":
        return f"{code[:2]}0000"
    return f"{code[:4]}00"


@transaction.atomic
def change_regions(rows: Iterable[RegionChange], *, by: User | None, at: datetime) -> tuple[int, int]:
    """Add and change regions, each journalled; return how many were added and changed. Raises RegionError."""
    rows = sorted(rows, key=lambda row: (not row.code.endswith("0000"), not row.code.endswith("00"), row.code))
    known = {region.code: region for region in Region.objects.select_for_update()}
    _check(rows, set(known))
    added = [row for row in rows if row.code not in known]
    for row in added:  # successors follow, when every row is there
        known[row.code] = Region.objects.create(code=row.code, name=row.name, parent_id=row.parent or None)
    changed = 0
    for row in rows:
        region, fresh = known[row.code], row in added
        before = {} if fresh else _facts(region)
        if not fresh and before == row.facts():
            continue
        region.name, region.parent_id = row.name, row.parent or None
        region.dissolved, region.successor_id = row.dissolved, row.successor or None
        region.save()
        record(("region", row.code), "import", by=by, before=before, after=row.facts(), at=at)
        changed += not fresh
    return len(added), changed


def _check(rows: list[RegionChange], known: set[str]) -> None:
    codes = [row.code for row in rows]
    there = known | set(codes)
    for row in rows:
        where = {"line": row.line, "code": row.code}
        if codes.count(row.code) > 1:
            raise RegionError(_("第%(line)d行：%(code)s重复出现。") % where)
        if row.parent and row.parent not in there:
            raise RegionError(_("第%(line)d行：没有上级地区%(parent)s。") % (where | {"parent": row.parent}))
        if row.successor and (row.successor not in there or row.successor == row.code or not row.dissolved):
            raise RegionError(_("第%(line)d行：并入的地区写得不对；只有撤销的才写并入哪里。") % where)


def _facts(region: Region) -> dict[str, Any]:
    return {
        "name": region.name,
        "parent": region.parent_id,
        "dissolved": region.dissolved,
        "successor": region.successor_id,
    }
