"""Who may follow what: the one question that sockets and polling ask."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts import policy
from accounts.models import Membership, User
from accounts.roles import Role
from cases.models import Case, Room
from cases.rooms import READABLE
from live.announcements import split
from live.hub import hub

DESK_PERMISSIONS = {"centre": "desk.staff", "company": "desk.company", "region": "desk.region"}


@dataclass(frozen=True)
class DeskTopic:
    """A place where work arrives: the roles on it are those of the memberships in that place."""

    kind: str
    key: str

    def roles_of(self, user: User) -> frozenset[Role]:
        return frozenset(Role(m.role) for m in user.current_memberships() if self._covers(m))

    def _covers(self, membership: Membership) -> bool:
        if self.kind == "centre":
            return membership.centre_id == int(self.key)
        if self.kind == "company":
            return membership.company_id == int(self.key)
        return membership.region is not None and self.key.startswith(membership.region.prefix)


def may_join(user: User, topic: str) -> int | None:
    """Return the topic's current version if this person may follow it; None for a foreign and a nonexistent one."""
    return joinable(user, [topic]).get(topic)


def joinable(user: User, topics: Iterable[str]) -> dict[str, int]:
    """Return the current versions of those topics that this person may follow, in a constant number of queries."""
    if not user.is_authenticated or not user.is_active:
        return {}
    wanted = {topic: parts for topic in topics if (parts := split(topic))}
    cases = {int(key) for kind, key in wanted.values() if kind == "case"}
    found = {topic: hub.version(topic) for topic, parts in wanted.items() if _desk_is_open(user, *parts)}
    rooms = {int(key) for kind, key in wanted.values() if kind == "room"}
    found |= dict(_room_versions(user, rooms)) if rooms else {}
    return found | (dict(_case_versions(user, cases)) if cases else {})


def _desk_is_open(user: User, kind: str, key: str) -> bool:
    if kind == "user":
        return int(key) == user.pk
    return kind in DESK_PERMISSIONS and policy.allows(user, DESK_PERMISSIONS[kind], DeskTopic(kind, key))


def _case_versions(user: User, keys: set[int]) -> Iterator[tuple[str, int]]:
    cases = Case.objects.visible_to(user).filter(pk__in=keys).select_related("centre")
    for case in cases.prefetch_related("parties__passes", "parties__agents"):
        if policy.allows(user, "case.live", case):
            yield f"case:{case.pk}", case.revision


def _room_versions(user: User, keys: set[int]) -> Iterator[tuple[str, int]]:
    """A room is followed by those who may enter it: also that something happens in it is nobody else's business."""
    rooms = Room.objects.filter(pk__in=keys, case__status__in=READABLE).select_related("case__centre")
    for room in rooms.prefetch_related("case__parties__passes", "case__parties__agents"):
        if policy.allows(user, "room.enter", room):
            yield room.topic, room.revision
