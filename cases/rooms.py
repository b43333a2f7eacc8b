"""Talk in the rooms of a mediation: the joint one, and a caucus of each side with the mediator.

Nothing here touches the case: no revision counts up, no journal of the case gets an entry, no list is told. Whoever may
not enter a room must not notice that anything happens in it. Each room has its own revision, topic and journal.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts import policy
from accounts.errors import ConflictError, DomainError, NotAllowedError
from accounts.models import User
from audit.live import announce
from audit.services import record
from cases.changes import keeping_still
from cases.choices import Side, Status
from cases.models import JOINT, Case, Room, RoomEntry, RoomVisit
from cases.services import author_label

SHOWN = 50
MOST = 5000
# Rooms are open for words while mediation goes on, and for reading from then until the case is archived, also while
# another mediator is sought. Before mediation there are none.
READABLE = frozenset(
    {
        *(Status.ACCEPTED, Status.ASSIGNED, Status.MEDIATING, Status.SUSPENDED),
        *(Status.SIGNING, Status.PERFORMING, Status.FOLLOWUP, Status.CLOSED),
    }
)
SAID = (RoomEntry.Kind.TEXT, RoomEntry.Kind.FILE)
Kind = RoomEntry.Kind


class RoomError(DomainError):
    """This cannot be said or done in a room."""


@dataclass(frozen=True)
class Chamber:
    """What one person finds behind one door: the room that is open now, and those before it that are theirs to read."""

    side: str
    rooms: Sequence[Room]
    current: Room | None

    @property
    def latest(self) -> Room:
        """The room that this door stands for: the open one, or the last that was."""
        return self.current or self.rooms[-1]

    @property
    def not_handed_over(self) -> list[Room]:
        """The caucuses with earlier mediators that the one who acts now may not read."""
        mediator = self.rooms[-1].case.mediator_id
        return [room for room in self.rooms if room.side and mediator not in {room.mediator_id, room.handed_to_id}]


def is_open(case: Case) -> bool:
    """Say whether something can be said now."""
    return case.status == Status.MEDIATING and case.mediator_id is not None


def chambers(case: Case, user: User) -> list[Chamber]:
    """Return the doors that are open to this person, the joint room first."""
    if case.status not in READABLE or not policy.allows(user, "case.enter_rooms", case):
        return []
    mine = [room for room in _rooms_of(case) if policy.allows(user, "room.enter", room)]
    found = []
    for side in (JOINT, *Side.values):
        rooms = [room for room in mine if room.side == side]
        if rooms:
            now = next((room for room in rooms if not side or room.mediator_id == case.mediator_id), None)
            found.append(Chamber(side, rooms, now if is_open(case) else None))
    return found


def _rooms_of(case: Case) -> list[Room]:
    """Return all rooms of a case; those that belong to its mediator and sides now are there from the first look on."""
    rooms = list(case.rooms.all())
    if is_open(case):
        there = {(room.side, room.mediator_id) for room in rooms}
        missing = {(JOINT, None), *((side, case.mediator_id) for side in sides_of(case))} - there
        if missing:
            Room.objects.bulk_create(
                (Room(case=case, side=side, mediator_id=mediator) for side, mediator in sorted(missing, key=str)),
                ignore_conflicts=True,
            )
            rooms = list(case.rooms.all())
    for room in rooms:
        room.case = case
    return rooms


def sides_of(case: Case) -> list[str]:
    """Return the sides that have somebody in the case who knows of it."""
    present = {party.side for party in case.parties.all() if party.left_at is None and case.open_to(party.side)}
    return [side for side in Side.values if side in present]


# --- reading ----------------------------------------------------------------------------------------------------


def stream(
    rooms: Iterable[Room], *, before: uuid.UUID | None = None, most: int = SHOWN
) -> tuple[list[RoomEntry], uuid.UUID | None]:
    """Return the last entries of these rooms, the oldest first, and from where to go on to older ones (None: all)."""
    rows = RoomEntry.objects.filter(room__in=[room.pk for room in rooms])
    if before is not None:
        mark = rows.filter(key=before).values("pk")[:1]
        rows = rows.filter(pk__lt=Coalesce(Subquery(mark), 0))
    found = list(rows.select_related("file__shared_as").order_by("-pk")[: most + 1])
    shown = found[:most][::-1]
    return shown, shown[0].key if len(found) > most else None


def unread(rooms: Iterable[Room], user: User) -> dict[int, int]:
    """Count what others said in each of these rooms since this person last looked; one query."""
    seen = RoomVisit.objects.filter(room=OuterRef("room"), user=user).values("seen")[:1]
    rows = (
        RoomEntry.objects.filter(room__in=[room.pk for room in rooms], kind__in=SAID, withdrawn_at=None)
        .exclude(author=user)
        .filter(pk__gt=Coalesce(Subquery(seen), 0))
    )
    return dict(rows.values_list("room").annotate(count=Count("pk")).order_by())


def mark_seen(rooms: Sequence[Room], user: User, *, at: datetime) -> None:
    """Note that somebody has read to the end of these rooms."""
    last = dict(
        RoomEntry.objects.filter(room__in=[room.pk for room in rooms]).values_list("room").annotate(last=Max("pk"))
    )
    RoomVisit.objects.bulk_create(
        [RoomVisit(room_id=room, user=user, seen=seen, at=at) for room, seen in sorted(last.items())],
        update_conflicts=True,
        unique_fields=["room", "user"],
        update_fields=["seen", "at"],
    )


# --- saying -----------------------------------------------------------------------------------------------------


@contextmanager
def in_room(
    case: Case, side: str, *, by: User, at: datetime, permission: str = "room.write", room: Room | None = None
) -> Iterator[Room]:
    """Open a change of a room (the one that is open now, or the one given): locked, allowed, told to those in it.

    Raises NotAllowedError, RoomError.
    """
    with keeping_still(case.pk) as still:
        locked = _locked_room(still, side, room)
        if locked is None or not policy.allows(by, permission, locked):
            raise NotAllowedError(_("您不能在这个案件上这样做。"))
        if not is_open(locked.case):
            raise RoomError(_("调解室只在调解进行时开放，现在只能看。"))
        yield locked
        _changed(locked)


def _locked_room(case: Case, side: str, room: Room | None = None) -> Room | None:
    """Lock a room of a locked case; None where there is no such room now."""
    if room is None:
        if case.mediator_id is None or (side and side not in sides_of(case)):
            return None
        room = Room.objects.get_or_create(case=case, side=side, mediator=case.mediator if side else None)[0]
    found = Room.objects.select_for_update().filter(pk=room.pk, case=case, side=side).first()
    if found is not None:
        found.case = case
    return found


def _changed(room: Room) -> None:
    room.revision += 1
    room.save(update_fields=["revision"])
    announce(room.topic, room.revision)


def post(case: Case, side: str, *, body: str, by: User, at: datetime, key: uuid.UUID | None = None) -> RoomEntry:
    """Say something in the joint room (`side=JOINT`) or in a side's caucus; the same key twice is said once.

    Raises RoomError, NotAllowedError, ConflictError.
    """
    body = body.strip()
    if not body:
        raise RoomError(_("请先写下要说的话。"))
    if len(body) > MOST:
        raise RoomError(_("一条留言最多5000字，请分成几条。"))
    with in_room(case, side, by=by, at=at) as room:
        return _said(room, key, by) or add_entry(room, kind=Kind.TEXT, body=body, by=by, at=at, key=key)


def _said(room: Room, key: uuid.UUID | None, by: User) -> RoomEntry | None:
    """Return what this person said under this key already; raises ConflictError for somebody else's key."""
    known = room.entries.filter(key=key).first() if key else None
    if known is not None and known.author_id != by.pk:
        raise ConflictError(_("页面已过期，请刷新后再试。"))
    return known


def add_entry(
    room: Room,
    *,
    kind: str,
    by: User | None,
    at: datetime,
    body: str = "",
    ref: int | None = None,
    key: uuid.UUID | None = None,
) -> RoomEntry:
    """Write one entry into a locked room, and one into the room's own journal."""
    entry = RoomEntry.objects.create(
        room=room,
        key=key or uuid.uuid4(),
        kind=kind,
        ref=ref,
        author=by,
        author_label=author_label(room.case, by) if by else "",
        body=body,
        at=at,
    )
    record(room.subject, "room_entry", by=by, after={"entry": entry.pk, "kind": kind}, at=at)
    return entry


def post_event(case: Case, side: str, *, kind: str, ref: int, by: User | None, at: datetime) -> RoomEntry | None:
    """Let something that happened appear in a room: `kind` says what, `ref` is the row; its words are read there.

    Call it in the change's transaction. What only one side may know belongs into that side's caucus: everybody in the
    joint room notices that it moved. Where no room is open, nothing appears.
    """
    with keeping_still(case.pk) as locked:
        room = _locked_room(locked, side) if is_open(locked) else None
        if room is None:
            return None
        entry = add_entry(room, kind=Kind(kind), ref=ref, by=by, at=at)
        _changed(room)
        return entry


def withdraw(entry: RoomEntry, *, by: User, at: datetime) -> None:
    """Take back what one said or showed oneself: the mark stays, nobody reads it any more; raises RoomError."""
    room = entry.room
    with in_room(room.case, room.side, by=by, at=at, room=room):
        found = RoomEntry.objects.get(pk=entry.pk)
        if found.author_id != by.pk or found.kind not in SAID:
            raise RoomError(_("只能撤回自己写的留言。"))
        if found.withdrawn_at is None:
            found.withdrawn_at = at
            found.save(update_fields=["withdrawn_at"])
            record(room.subject, "withdraw_room_entry", by=by, after={"entry": found.pk}, at=at)


def hand_over(room: Room, *, by: User, at: datetime) -> None:
    """Let the mediator who acts now read the side's caucus with an earlier one: the side alone decides."""
    with in_room(room.case, room.side, by=by, at=at, permission="room.hand_over", room=room) as old:
        mediator = old.case.mediator
        if mediator is None or mediator.pk in {old.mediator_id, old.handed_to_id}:
            return
        old.handed_to, old.handed_at = mediator, at
        old.save(update_fields=["handed_to", "handed_at"])
        record(old.subject, "hand_over_room", by=by, after={"mediator": mediator.pk}, at=at)
        now = _locked_room(old.case, old.side)
        if now is not None:
            add_entry(now, kind=Kind.HANDED_OVER, by=by, at=at)
            _changed(now)


# --- telling those who have not looked ------------------------------------------------------------------------------


def rooms_with_news(until: datetime) -> list[int]:
    """Return the rooms in which something was said up to this moment of which nobody has been told yet."""
    return list(_news(until).values_list("room", flat=True).distinct().order_by("room"))


def _news(until: datetime) -> "models.QuerySet[RoomEntry]":
    return RoomEntry.objects.filter(told_at=None, at__lte=until)


def take_news(room_id: int, *, until: datetime, at: datetime) -> tuple[Room, list[RoomEntry]]:
    """Mark the news of a room as told, under its lock, and return them with the room."""
    rooms = Room.objects.select_for_update(of=("self",)).select_related("case__centre", "case__mediator")
    room = rooms.prefetch_related("case__parties__passes", "case__parties__agents").get(pk=room_id)
    found = list(_news(until).filter(room=room).order_by("pk"))
    RoomEntry.objects.filter(pk__in=[entry.pk for entry in found]).update(told_at=at)
    return room, [entry for entry in found if entry.withdrawn_at is None]


def have_seen(room: Room) -> dict[int, int]:
    """Return up to which entry everybody has read, by user."""
    return dict(room.visits.values_list("user", "seen"))
