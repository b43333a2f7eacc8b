"""What a desk has to do: the queue, its filters, its counts. Lists cost the same at a thousand and a million cases."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q
from django.db.models.query import QuerySet

from accounts.folding import fold
from accounts.models import Centre, User
from accounts.roles import Role
from cases.choices import Flag, Source, Status, Track
from cases.lines import CaseLine, columns, lines_of
from cases.models import Case, Party
from cases.models.case import CENTRE_WIDE, NOT_THE_MEDIATORS
from cases.recognition import taxonomy
from cases.search import find
from members.models import Estate

PAGE = 50
COUNT_CAP = 999
SEARCH_CAP = 1000
OWN_CAP = 500
ENDED = (Status.CLOSED, Status.ARCHIVED)
NOT_OPEN = (Status.DRAFT, *ENDED)


@dataclass(frozen=True)
class Desk:
    """Where somebody works: centres seen as a whole, or all but the own mediations, or the own mediations only."""

    user: User
    wide: frozenset[int]
    calling: frozenset[int]
    mediating: frozenset[int]
    places: Mapping[Role, frozenset[int]]
    own: tuple[int, ...] = ()  # cases in which this person is a party or shut out: never desk work
    many_own: bool = False

    def cases(self) -> QuerySet[Case]:
        return self._cases

    @cached_property
    def _cases(self) -> QuerySet[Case]:
        """The filed cases of this desk: what `visible_to` shows somebody as staff, without its OR, for the planner."""
        cases = Case.objects.exclude(status=Status.DRAFT)
        only_mine, only_others = self.mediating - self.wide, self.calling - self.wide
        parts = [
            *([Q(centre__in=self.wide)] if self.wide else []),
            *([Q(centre__in=only_others) & ~Q(mediator=self.user)] if only_others else []),
            *([Q(mediator=self.user, centre__in=only_mine)] if only_mine else []),
        ]
        if not parts:
            return cases.none()
        cases = cases.filter(reduce(or_, parts))
        if self.many_own:
            for parties in acting_for(self.user):
                cases = cases.exclude(pk__in=parties.values("case"))
            return cases.exclude(pk__in=_shut_out(self.user))
        return cases.exclude(pk__in=self.own) if self.own else cases

    def open_cases(self) -> QuerySet[Case]:
        return self._open_cases

    @cached_property
    def _open_cases(self) -> QuerySet[Case]:
        # Both, because the partial index of the queue leaves out the archive and PostgreSQL must be able to see it.
        return self.cases().exclude(status__in=[Status.DRAFT, Status.ARCHIVED]).exclude(status=Status.CLOSED)

    def for_role(self, role: Role, status: Status) -> QuerySet[Case]:
        """The cases in one state at the centres where this person holds one role."""
        return self.cases().filter(status=status, centre__in=self.places.get(role, frozenset()))


def desk_of(user: User) -> Desk:
    """Read where somebody works: three small queries, whatever the number of cases."""
    memberships = [m for m in user.current_memberships() if m.centre_id]
    held = {m.centre_id for m in memberships}
    parents = dict(Centre.objects.filter(Q(pk__in=held) | Q(parent__in=held)).values_list("pk", "parent_id"))
    places: dict[Role, frozenset[int]] = {}
    for role in {Role(m.role) for m in memberships}:
        own = {m.centre_id for m in memberships if m.role == role and m.centre_id}
        below = {pk for pk, parent in parents.items() if parent in own}
        places[role] = frozenset(own | below)
    first, *others = [parties.order_by().values_list("case_id", flat=True) for parties in acting_for(user)]
    acting = list(first.union(*others, _shut_out(user))[: OWN_CAP + 1])
    return Desk(
        user=user,
        wide=frozenset().union(*(places.get(role, frozenset()) for role in CENTRE_WIDE - NOT_THE_MEDIATORS)),
        calling=frozenset().union(*(places.get(role, frozenset()) for role in CENTRE_WIDE & NOT_THE_MEDIATORS)),
        mediating=places.get(Role.MEDIATOR, frozenset()),
        places=places,
        own=tuple(acting[:OWN_CAP]),
        many_own=len(acting) > OWN_CAP,
    )


def _shut_out(user: User) -> QuerySet[Any, Any]:
    """The cases in which this person is challenged or has stepped aside; read from a small index of its own."""
    found = Case.objects.exclude(shut_out=[]).filter(shut_out__contains=[user.pk])
    return found.order_by().values_list("pk", flat=True)


def acting_for(user: User) -> list[QuerySet[Party]]:
    """The parties for which this person acts, in one list for each way of doing so: each has its index."""
    parties = Party.objects.filter(left_at__isnull=True)
    found = [
        parties.filter(user=user),
        parties.filter(agents__user=user, agents__until__isnull=True),
        parties.filter(passes__guest=user, passes__revoked_at__isnull=True),
    ]
    if companies := user.company_ids():
        found.append(parties.filter(company__in=companies))
    if committees := user.committee_ids():
        found.append(parties.filter(committee__in=committees))
    return found


@dataclass(frozen=True)
class Filters:
    """What somebody wants to see of the desk; empty: everything that is open."""

    status: str = ""  # a status, "all", or nothing: open
    category: str = ""  # two digits: level 1, four: level 2
    who: str = ""  # "me", "todo", "nobody", or the key of a user
    due: str = ""  # overdue | today | week
    track: str = ""
    source: str = ""
    flag: str = ""
    estate: str = ""
    text: str = ""

    @property
    def newest_first(self) -> bool:
        """Say whether what has ended is in the list too: then there is no due date to go by."""
        return self.status in {"all", *ENDED} or (bool(self.text) and not self.status)


@dataclass(frozen=True)
class Page:
    """Fifty lines and the way on in both directions."""

    rows: list[CaseLine] = field(default_factory=list)
    before: str = ""
    after: str = ""
    capped: bool = False  # a search found more than is listed


def queue(
    desk: Desk,
    filters: Filters,
    *,
    today: date,
    waiting: QuerySet[Case] | None = None,
    after: str = "",
    before: str = "",
    size: int = PAGE,
) -> Page:
    """Return one page of the desk, by due date (or the newest first); `after` and `before` are a page's own marks.

    `waiting` are the cases in which it is this person's turn: the floor above knows.
    """
    cases = _filtered(desk, filters, today=today, waiting=waiting)
    capped = False
    if filters.text:
        cases, capped = _found(cases, filters.text)
    return page_of(cases, newest_first=filters.newest_first, after=after, before=before, size=size, capped=capped)


def page_of(
    cases: QuerySet[Case],
    *,
    newest_first: bool = False,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    capped: bool = False,
) -> Page:
    """Return one page of any list of cases in the queue's order."""
    mark, backward = _mark(after or before), bool(before and not after)
    if mark is None:
        backward = False
    walk = _newest if newest_first else _by_due
    found = walk(columns(cases), mark, backward, size + 1)
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    rows = lines_of(found)
    has_before = more if backward else mark is not None
    has_after = True if backward else more
    return Page(
        rows=rows,
        before=_mark_of(found[0]) if rows and has_before else "",
        after=_mark_of(found[-1]) if rows and has_after else "",
        capped=capped,
    )


def case_with_number(desk: Desk, text: str) -> str | None:
    """Return the receipt number of the case whose receipt, case or foreign number was typed exactly."""
    typed = text.strip().translate(FULL_WIDTH)
    if not any(character.isdigit() for character in typed):
        return None
    same = Q(number=typed.upper()) | Q(case_number=typed.replace("(", "（").replace(")", "）"))
    return desk.cases().filter(same, number__isnull=False).values_list("number", flat=True).first()


FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}


def capped_counts(lists: Mapping[str, QuerySet[Any]], cap: int = COUNT_CAP) -> dict[str, int]:
    """Count several lists in one query, each no further than one past the cap."""
    parts: dict[str, str] = {}
    params: list[Any] = []
    for name, rows in lists.items():
        with suppress(EmptyResultSet):  # a list that cannot hold anything needs no question
            sql, values = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
            parts[name] = f"(SELECT COUNT(*) FROM ({sql}) AS counted)"
            params += values
    counts = dict.fromkeys(lists, 0)
    if not parts:
        return counts
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts.values()), params)
        found = cursor.fetchone()
    return counts | dict(zip(parts, found or (), strict=True))


def due_today(cases: QuerySet[Case], today: date) -> QuerySet[Case]:
    return cases.filter(next_due=today)


def overdue(cases: QuerySet[Case], today: date) -> QuerySet[Case]:
    return cases.filter(next_due__lt=today)


# --- the filters -----------------------------------------------------------------------------------------


def _filtered(desk: Desk, filters: Filters, *, today: date, waiting: QuerySet[Case] | None) -> QuerySet[Case]:
    cases = _of_status(desk, filters, waiting)
    if filters.category:
        cases = cases.filter(category__in=[code for code in taxonomy() if code.startswith(filters.category)])
    if filters.due:
        until = {"today": today, "week": today + timedelta(days=7)}.get(filters.due)
        cases = cases.filter(next_due__lte=until) if until else overdue(cases, today)
        cases = due_today(cases, today) if filters.due == "today" else cases
    if filters.track in Track.values:
        cases = cases.filter(track=filters.track)
    if filters.source in Source.values:
        cases = cases.filter(source=filters.source)
    if filters.flag in Flag.values:
        cases = cases.filter(flags__contains=[filters.flag])
    if filters.estate:
        named = Estate.objects.filter(name_key__contains=fold(filters.estate)).values_list("pk", flat=True)[:100]
        unknown = Q(estate__isnull=True, estate_key__contains=fold(filters.estate))
        cases = cases.filter(Q(estate__in=list(named)) | unknown)
    return cases


def _of_status(desk: Desk, filters: Filters, waiting: QuerySet[Case] | None) -> QuerySet[Case]:
    if filters.who == "todo" and waiting is not None:
        cases = waiting.exclude(status__in=[Status.DRAFT, Status.ARCHIVED])
    elif filters.status in Status.values or filters.newest_first:
        cases = desk.cases()
    else:
        cases = desk.open_cases()
    if filters.status in Status.values:
        cases = cases.filter(status=filters.status)
        if filters.status != Status.ARCHIVED:
            cases = cases.exclude(status__in=[Status.DRAFT, Status.ARCHIVED])
    return _of_person(cases, desk, filters.who)


def _of_person(cases: QuerySet[Case], desk: Desk, who: str) -> QuerySet[Case]:
    if who == "nobody":
        return cases.filter(mediator__isnull=True)
    person = desk.user.pk if who == "me" else int(who) if who.isdecimal() and len(who) < 18 else None
    return cases.filter(Q(mediator=person) | Q(handler=person)) if person else cases


def _found(cases: QuerySet[Case], text: str) -> tuple[QuerySet[Case], bool]:
    """Find first and order then: asked for both at once, PostgreSQL walks the whole order for a rare word."""
    keys = list(find(cases, text).order_by().values_list("pk", flat=True)[: SEARCH_CAP + 1])
    return Case.objects.filter(pk__in=keys[:SEARCH_CAP]), len(keys) > SEARCH_CAP


# --- pages by key ------------------------------------------------------------------------------------------

Mark = tuple[date | None, int]


def _mark(text: str) -> Mark | None:
    """Read "2026-11-25.123" or ".123"; anything else begins at the beginning."""
    day, _dot, key = text.partition(".")
    if not key.isascii() or not key.isdecimal() or len(key) > 18:
        return None
    try:
        return (date.fromisoformat(day) if day else None), int(key)
    except ValueError:
        return None


def _mark_of(row: Mapping[str, Any]) -> str:
    return f"{row['next_due'] or ''}.{row['pk']}"


def _newest(cases: QuerySet[Any, Any], mark: Mark | None, backward: bool, size: int) -> list[dict[str, Any]]:
    if mark is not None:
        cases = cases.filter(pk__gt=mark[1]) if backward else cases.filter(pk__lt=mark[1])
    return list(cases.order_by("pk" if backward else "-pk")[:size])


def _by_due(cases: QuerySet[Any, Any], mark: Mark | None, backward: bool, size: int) -> list[dict[str, Any]]:
    """Walk dated cases first, then those without a date; a second query only where the first ends too soon."""
    by_date = F("next_due").desc(nulls_first=True) if backward else F("next_due").asc(nulls_last=True)
    by_key = "-pk" if backward else "pk"
    if mark is None:
        return list(cases.order_by(by_date, by_key)[:size])
    day, key = mark
    dated, undated = cases.filter(next_due__isnull=False), cases.filter(next_due__isnull=True)
    if day is not None:
        dated = (
            dated.filter(Q(next_due__lt=day) | Q(pk__lt=key), next_due__lte=day)
            if backward
            else dated.filter(Q(next_due__gt=day) | Q(pk__gt=key), next_due__gte=day)
        )
        parts = [dated] if backward else [dated, undated]
    else:
        undated = undated.filter(pk__lt=key) if backward else undated.filter(pk__gt=key)
        parts = [undated, dated] if backward else [undated]
    found: list[dict[str, Any]] = []
    for part in parts:
        if len(found) < size:
            found += list(part.order_by(by_date, by_key)[: size - len(found)])
    return found
