"""Tell people that something was said in their room, if they have not seen it by themselves after a while."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts import policy
from accounts.models import User
from cases.choices import Side
from cases.models import Room, RoomEntry
from cases.rooms import READABLE, have_seen, rooms_with_news, take_news
from notifications.models import Kind, Notice
from notifications.services import notify_all
from workflows.telling import people_of

log = structlog.get_logger(__name__)
# Whoever has the room open sees it at once; the others hear of it when this time has passed.
PATIENCE = timedelta(minutes=2)


def tell_room_news(now: datetime) -> int:
    """Write the notices that are due, each room in its own transaction; return how many rooms had news."""
    done = 0
    for room in rooms_with_news(now - PATIENCE):
        try:
            done += _tell_one(room, now)
        except Exception as error:  # one broken room must not silence the others
            log.error("room_news_broke", room=room, error=type(error).__name__)
    return done


def _tell_one(room_id: int, now: datetime) -> int:
    with transaction.atomic():
        room, news = take_news(room_id, until=now - PATIENCE, at=now)
        if not news or room.case.status not in READABLE:
            return 0
        seen = have_seen(room)
        people = [person for person in audience(room) if _missed(news, person, seen.get(person.pk, 0))]
        notify_all(
            _without_unread_notice(people, room),
            kind=Kind.MESSAGE_RECEIVED,
            subject=room.case.subject,
            url=room.get_absolute_url(),
            at=now,
            number=room.case.case_number or room.case.number or "",
        )
    return 1


def audience(room: Room) -> list[User]:
    """Return everybody who may enter this room, and nobody else."""
    found = people_of(room.case, *([room.side] if room.side else Side.values))
    if room.case.mediator is not None and room.case.mediator not in found:
        found.append(room.case.mediator)
    return [person for person in found if policy.allows(person, "room.enter", room)]


def _missed(news: list[RoomEntry], person: User, seen: int) -> bool:
    return any(entry.pk > seen and entry.author_id != person.pk for entry in news)


def _without_unread_notice(people: list[User], room: Room) -> list[User]:
    """Leave out whom a notice about this room awaits already: one is enough, however much is said."""
    url = room.get_absolute_url()
    told = set(Notice.objects.filter(recipient__in=people, url=url, read_at=None).values_list("recipient", flat=True))
    return [person for person in people if person.pk not in told]
