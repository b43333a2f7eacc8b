"""What the rules need to know of a case: its own row, and in one query all that is open in it. Knows no user."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from accounts.roles import Role
from cases.choices import Side, Status
from cases.models import Case
from workflows.turns.asked import question


class Fact(NamedTuple):
    """One thing that is open: what it is about, for which party, since when and until when."""

    about: int | None
    number: int | None
    party: int | None
    at: datetime | None
    until: datetime | None
    day: date | None
    ref: str | None
    yes: bool | None


@dataclass(frozen=True)
class Facts:
    """All that decides whose turn it is in one case. No clock: what opens later or runs out is said with its moment."""

    pk: int
    centre: int
    status: str
    track: str
    outcome: str
    filed_at: datetime | None
    begun_at: datetime  # the best that is known of when the case came to stand where it stands
    category_confirmed: bool
    mediable: str
    suggested_referral: str
    flags: frozenset[str]
    mediator: int | None
    nominee: int | None
    handler: int | None
    author: int | None
    informed: bool  # the other sides know of the case
    shut_out: frozenset[int]
    rows: dict[str, list[Fact]] = field(default_factory=dict)

    def all(self, what: str) -> list[Fact]:
        return self.rows.get(what, [])

    def one(self, what: str) -> Fact | None:
        return next(iter(self.all(what)), None)

    def clock(self, *keys: str, about: int | None = None) -> Fact | None:
        """The nearest running clock of these; of one promise where `about` is given."""
        found = [d for d in self.all("clock") if d.yes and d.ref in keys and about in (None, d.number)]
        return min(found, key=lambda d: (d.day or date.max, d.about or 0), default=None)

    def parties(self, *sides: str) -> list[int]:
        return [p.about or 0 for p in self.all("party") if not sides or p.ref in sides]

    def told(self) -> list[int]:
        """The parties that know of the case."""
        return self.parties() if self.informed else self.parties(Side.APPLICANT)

    def in_office(self, role: Role, user: int | None) -> int | None:
        """This person, where he holds the role here today."""
        held = any(m.about == user and m.ref == role for m in self.all("office"))
        return user if user is not None and held else None

    @property
    def mediates(self) -> int | None:
        """The mediator who may act: neither challenged nor stepped aside, and in office."""
        return None if self.mediator in self.shut_out else self.in_office(Role.MEDIATOR, self.mediator)

    @property
    def seal(self) -> tuple[Role, int | None]:
        """Whose the seal is: a role, and the person where only one keeps it; never the mediator's own."""
        rows = [m for m in self.all("office") if m.yes and m.about != self.mediator]
        for role in (Role.INTAKE, Role.DIRECTOR):
            keepers = {m.about for m in rows if m.ref == role}
            if keepers:
                return role, (keepers.pop() if len(keepers) == 1 else None)
        return Role.DIRECTOR, None


OPEN = frozenset(Status) - {Status.ARCHIVED}


def facts_of(case: Case, *, on: date) -> Facts:
    """Read the facts of one case as they stand on a day; one query beside the row that the caller holds."""
    return facts_of_all([case], on=on)[case.pk]


def facts_of_all(cases: Iterable[Case], *, on: date) -> dict[int, Facts]:
    """Read the facts of many cases: one query for each state among them."""
    by_status: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_status[case.status].append(case)
    found: dict[int, Facts] = {}
    for status, rows in by_status.items():
        open_rows = _open_rows(status, [case.pk for case in rows], on=on) if status in OPEN else {}
        found |= {case.pk: _facts(case, open_rows.get(case.pk, {})) for case in rows}
    return found


def _open_rows(status: str, keys: list[int], *, on: date) -> dict[int, dict[str, list[Fact]]]:
    rows: dict[int, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(question(status), {"cases": keys, "today": on, "zone": settings.TIME_ZONE})
        for case, what, *values in cursor.fetchall():
            rows[case][what].append(Fact(*values))
    for of_case in rows.values():
        for what, facts in of_case.items():
            of_case[what] = sorted(facts, key=lambda fact: (fact.about or 0, fact.party or 0, fact.ref or ""))
    return rows


def _facts(case: Case, rows: dict[str, list[Fact]]) -> Facts:
    moments = {Status.ACCEPTED: case.accepted_at, Status.FOLLOWUP: case.concluded_at, Status.CLOSED: case.closed_at,
               Status.PERFORMING: case.concluded_at}  # fmt: skip
    return Facts(
        pk=case.pk,
        centre=case.centre_id,
        status=case.status,
        track=case.track,
        outcome=case.outcome,
        filed_at=case.filed_at,
        begun_at=moments.get(Status(case.status)) or case.accepted_at or case.filed_at or case.created_at,
        category_confirmed=case.category_confirmed,
        mediable=case.category.mediable if case.category else "",
        suggested_referral=case.suggested_referral,
        flags=frozenset(case.flags),
        mediator=case.mediator_id,
        nominee=case.nominee_id,
        handler=case.handler_id,
        author=case.created_by_id,
        informed=case.respondents_informed_at is not None,
        shut_out=frozenset(case.shut_out),
        rows=rows,
    )
