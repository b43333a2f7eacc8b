"""Who answers for a clock: one person at one time, or nobody where the time belongs to a party."""

from accounts.models import User
from accounts.roles import Role
from cases.clocks import ClockKey
from cases.models import Case

BY_ROLE = {
    ClockKey.K5: Role.DIRECTOR,
    ClockKey.K12: Role.FOLLOWER,
    ClockKey.K13: Role.ARCHIVIST,
}
OF_A_PARTY = (ClockKey.K0, ClockKey.K2, ClockKey.K3, ClockKey.K9)
OF_THE_MEDIATOR = (ClockKey.K6, ClockKey.K7, ClockKey.K8, ClockKey.K8B, ClockKey.K16)


def responsible(case: Case, clock: str) -> User | None:
    """Return who answers for a clock: the mediator, the handler, or the holder of the role at the centre.

    Nobody answers for the time that belongs to a party.
    """
    if clock in OF_A_PARTY:
        return None
    role = BY_ROLE.get(ClockKey(clock))
    if role is not None:
        holders = staff_of(case, role)
        if role == Role.FOLLOWER:  # whoever mediates does not call back (domain.md 8.3)
            holders = [one for one in holders if one.pk != case.mediator_id]
        return holders[0] if holders else None
    if case.mediator_id and clock in OF_THE_MEDIATOR:
        return case.mediator
    return case.handler or next(iter(staff_of(case, Role.INTAKE)), None)


def staff_of(case: Case, role: Role) -> list[User]:
    """Return the people who hold a role at the case's own centre today, those who came first before others."""
    return list(
        User.objects.filter(
            is_active=True,
            memberships__role=role,
            memberships__centre=case.centre,
            memberships__until__isnull=True,
        )
        .distinct()
        .order_by("pk")
    )
