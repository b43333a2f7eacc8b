"""Read whose turn it is: of a case, of a person's parties, of a desk. Nobody else decides it; who may is read here.

A person is never asked by the desk about the own case or one that shut them out, and nobody calls back whom he
mediated: such exclusions are read, never stored.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, User, standing
from accounts.roles import CENTRE_ROLES, Role
from cases.choices import Side
from cases.models import Case, Party
from cases.selectors import Desk, acting_for
from workflows.turns.kinds import KINDS, place_of
from workflows.turns.models import Turn


def open_now(now: datetime | None = None) -> QuerySet[Turn]:
    """The turns that are open at this moment: begun, not over, not run out."""
    now = now or timezone.now()
    begun = Q(opens_at__isnull=True) | Q(opens_at__lte=now)
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return Turn.objects.filter(begun & lasting, closed_at__isnull=True)


def standing_turns(now: datetime | None = None) -> QuerySet[Turn]:
    """The turns that are open or will open: what a case waits for, also where that is a day to come."""
    now = now or timezone.now()
    return Turn.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), closed_at__isnull=True)


def in_order(rows: Iterable[Turn]) -> list[Turn]:
    """What holds a case up most first, as the rules put it."""
    return sorted(rows, key=lambda row: (*place_of(row.kind, duty=row.duty, later=row.opens_at is not None), row.pk))


def of_case(case: Case, now: datetime | None = None) -> list[Turn]:
    """Return what one case waits for, the first turn first; one query."""
    rows = standing_turns(now).filter(subject_kind="case", subject_id=case.pk)
    return in_order(rows.select_related("party", "holder"))


def of_cases(keys: Iterable[int], now: datetime | None = None) -> dict[int, list[Turn]]:
    """Return what each of these cases waits for; one query for a page of the queue."""
    found: dict[int, list[Turn]] = defaultdict(list)
    rows = standing_turns(now).filter(subject_kind="case", subject_id__in=list(keys))
    for row in in_order(rows.select_related("party", "holder")):
        found[row.subject_id].append(row)
    return found


# --- parties -----------------------------------------------------------------------------------------------------


def parties_of(user: User) -> list[int]:
    """The parties for which this person acts, in cases that they know of; each way of acting has its index."""
    told = Q(side=Side.APPLICANT) | Q(case__respondents_informed_at__isnull=False)
    first, *others = [parties.filter(told).order_by().values_list("pk", flat=True) for parties in acting_for(user)]
    return list(first.union(*others))


def of_parties(user: User, now: datetime | None = None) -> QuerySet[Turn]:
    """The turns of those parties, the nearest date first; some may need the party itself (see `may_do`)."""
    rows = open_now(now).filter(party__in=parties_of(user))
    return rows.select_related("case", "party", "holder").order_by("due", "pk")


def may_do(turn: Turn, user: User) -> bool:
    """Say whether this person may do what the party is asked: an agent needs the written power for it."""
    scope, party = KINDS[turn.kind].scope, turn.party
    return party is None or not scope or lets(party, user, scope)


def lets(party: Party, user: User, scope: str) -> bool:
    """Say whether a party lets somebody act within this scope: whoever is no agent of it is the party itself."""
    return party.lets(user, scope)


# --- the desk ----------------------------------------------------------------------------------------------------


def of_desk(desk: Desk, now: datetime | None = None) -> QuerySet[Turn]:
    """What waits at this desk: what is the person's by name, by role, or, a director's, what nobody else is there for.

    Sort by `due`; the cases are joined by whoever lists them.
    """
    user = desk.user
    mine = Q(holder=user)
    for role, centres in desk.places.items():
        own = Q(holder__isnull=True, role=role, centre__in=centres)
        mine |= own & ~Q(case__mediator=user) if role == Role.FOLLOWER else own
    if directed := desk.places.get(Role.DIRECTOR):
        mine |= _left_to_the_director(directed)
    rows = open_now(now).filter(mine, party__isnull=True)
    return rows.exclude(case__in=desk.own) if not desk.many_own else rows.filter(case__in=desk.cases().values("pk"))


def cases_of_desk(desk: Desk, now: datetime | None = None) -> QuerySet[Case]:
    """The cases in which this person has a duty that is open now."""
    return desk.cases().filter(pk__in=of_desk(desk, now).filter(duty=True).order_by().values("case"))


def _left_to_the_director(centres: frozenset[int]) -> Q:
    """A mediator's turn without a mediator in office, and every role that nobody holds there or above."""
    left = Q(holder__isnull=True, role=Role.MEDIATOR, centre__in=centres)
    for role, places in unstaffed(centres).items():
        left |= Q(holder__isnull=True, role=role, centre__in=places)
    return left


def unstaffed(centres: Iterable[int]) -> dict[Role, list[int]]:
    """Return for each role the centres where nobody holds it, nor at the centre above; one query."""
    keys = list(centres)
    held = Membership.objects.filter(standing(timezone.localdate()), user__is_active=True).order_by()
    here = held.filter(centre__in=keys).values_list("role", "centre_id")
    above = held.filter(centre__branches__in=keys).values_list("role", "centre__branches")
    staffed = set(here.union(above))
    found = {
        role: [own for own in keys if (role.value, own) not in staffed]
        for role in CENTRE_ROLES - {Role.DIRECTOR, Role.MEDIATOR, Role.SYSADMIN}
    }
    return {role: rows for role, rows in found.items() if rows}


def cases_in(desk: Desk, centres: Iterable[int], *kinds: str, now: datetime | None = None) -> QuerySet[Case]:
    """The cases of a desk that wait for somebody at these centres with one of these kinds of turns, now or later."""
    rows = standing_turns(now).filter(kind__in=kinds, centre__in=list(centres))
    return desk.cases().filter(pk__in=rows.order_by().values("case"))
