"""Who answers for a clock: one person at one time, or nobody where the time belongs to a party."""

from collections.abc import Callable, Iterable

from django.utils import timezone

from accounts.models import Membership, User, standing
from accounts.roles import Role
from cases.clocks import ClockKey
from cases.models import Case, Deadline

BY_ROLE = {
    ClockKey.K5: Role.DIRECTOR,
    ClockKey.K12: Role.FOLLOWER,
    ClockKey.K12B: Role.FOLLOWER,
    ClockKey.K13: Role.ARCHIVIST,
}
OF_A_PARTY = (ClockKey.K0, ClockKey.K2, ClockKey.K3, ClockKey.K9)
OF_THE_MEDIATOR = (
    ClockKey.K6, ClockKey.K6B, ClockKey.K7, ClockKey.K8, ClockKey.K8B, ClockKey.K8C, ClockKey.K16,
)  # fmt: skip
Holders = Callable[[Role], list[User]]


def responsible(case: Case, clock: str) -> User | None:
    """Return who answers for a clock: the mediator, the handler, or the holder of the role at the centre.

    Nobody answers for the time that belongs to a party.
    """
    return _choose(case, clock, lambda role: staff_of(case, role))


def responsible_for(deadlines: Iterable[Deadline]) -> dict[int, User | None]:
    """Return who answers for each of these deadlines, in one query; their cases must be read with their people."""
    rows = list(deadlines)
    places: dict[tuple[int, str], list[User]] = {}
    wanted = {*BY_ROLE.values(), Role.INTAKE}
    held = Membership.objects.filter(
        standing(timezone.localdate()),
        centre__in={row.case.centre_id for row in rows},
        role__in=wanted,
        user__is_active=True,
    )
    for membership in held.select_related("user").order_by("user"):
        if membership.centre_id is not None:
            places.setdefault((membership.centre_id, membership.role), []).append(membership.user)

    def at(case: Case) -> Holders:
        return lambda role: places.get((case.centre_id, role), [])

    return {row.pk: _choose(row.case, row.clock, at(row.case)) for row in rows}


def _choose(case: Case, clock: str, holders: Holders) -> User | None:
    if clock in OF_A_PARTY:
        return None
    role = BY_ROLE.get(ClockKey(clock))
    if role == Role.FOLLOWER:  # whoever mediates does not call back (domain.md 8.3)
        return next((one for one in holders(role) if one.pk != case.mediator_id), None)
    if clock == ClockKey.K6B and case.mediator_id in case.shut_out:  # suspended over a challenge: theirs to decide
        role = Role.DIRECTOR
    if role is not None:
        return next(iter(holders(role)), None)
    if case.mediator_id and case.mediator_id not in case.shut_out and clock in OF_THE_MEDIATOR:
        return case.mediator
    return case.handler or next(iter(holders(Role.INTAKE)), None)


def staff_of(case: Case, role: Role) -> list[User]:
    """Return the people who hold a role at the case's own centre today, those who came first before others."""
    return list(
        User.objects.filter(
            standing(timezone.localdate(), "memberships__"),
            is_active=True,
            memberships__role=role,
            memberships__centre=case.centre,
        )
        .distinct()
        .order_by("pk")
    )
