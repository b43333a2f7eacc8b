"""What happens in a caucus reaches the sockets of those inside, and no other socket by any topic."""

from contextlib import ExitStack, closing

import pytest
from django.db import transaction
from django.utils import timezone

from audit.live import announce
from cases import rooms
from cases.choices import Side
from cases.models import JOINT, Case, Room
from live.topics import joinable
from tests.live.conftest import World
from tests.live.servers import Site, closing_code, join, receive, sign_in, silence

pytestmark = pytest.mark.slow


def room_of(world: World, side: str) -> Room:
    """The room of this side, there since somebody looked."""
    rooms.chambers(Case.objects.get(pk=world.case.pk), world.people["mediator"])
    return Room.objects.get(case=world.case, side=side)


def test_a_word_in_a_caucus_reaches_nobody_outside_by_any_topic(site: Site, world: World) -> None:
    caucus, joint = room_of(world, Side.APPLICANT), room_of(world, JOINT)
    inside, outside = ("resident", "mediator"), ("company", "director", "intake", "regulator", "other_mediator")
    with ExitStack() as pages:
        opened = {}
        for name in (*inside, *outside):
            user = world.people[name]
            page = opened[name] = pages.enter_context(closing(site.socket(sign_in(user))))
            topics = {
                caucus.topic: 0, joint.topic: 0, world.case.topic: 3, f"user:{user.pk}": 2**52,
                f"centre:{world.centre.pk}": 2**52, f"company:{world.company.pk}": 2**52, "region:340000": 2**52,
            }  # fmt: skip
            answer = join(page, **{topic.replace(":", "_"): version for topic, version in topics.items()})
            assert (caucus.topic in answer["joined"]) == (name in inside), name
        for page in opened.values():
            assert silence(page, during=0.2)
        rooms.post(world.case, Side.APPLICANT, body="最低一万", by=world.people["resident"], at=timezone.now())
        for name in inside:
            assert receive(opened[name], "topic", within=2) == {"topic": caucus.topic, "version": 1}
        for name in outside:
            assert silence(opened[name], during=0.4), name
        rooms.post(world.case, JOINT, body="大家好", by=world.people["mediator"], at=timezone.now())
        assert receive(opened["company"], "topic", within=2) == {"topic": joint.topic, "version": 1}
        assert silence(opened["director"], during=0.4)


def test_a_replaced_mediator_is_dropped_from_the_rooms(site: Site, world: World) -> None:
    caucus = room_of(world, Side.APPLICANT)
    mediator = world.people["mediator"]
    with closing(site.socket(sign_in(mediator))) as page:
        assert caucus.topic in join(page, **{caucus.topic.replace(":", "_"): 0})["joined"]
        Case.objects.filter(pk=world.case.pk).update(mediator=world.people["other_mediator"])
        with transaction.atomic():
            announce(f"roles:{mediator.pk}", 0)  # as whoever replaces a mediator does
        assert closing_code(page) == 4403
    assert joinable(mediator, [caucus.topic]) == {}


def test_another_caucus_begins_with_another_mediator(world: World) -> None:
    old = room_of(world, Side.APPLICANT)
    Case.objects.filter(pk=world.case.pk).update(mediator=world.people["other_mediator"])
    world.case.refresh_from_db()
    rooms.post(world.case, Side.APPLICANT, body="您好", by=world.people["other_mediator"], at=timezone.now())
    new = Room.objects.get(case=world.case, side=Side.APPLICANT, mediator=world.people["other_mediator"])
    assert (new.revision, Room.objects.get(pk=old.pk).revision) == (1, 0)
    assert set(joinable(world.people["other_mediator"], [old.topic, new.topic])) == {new.topic}
    assert set(joinable(world.people["resident"], [old.topic, new.topic])) == {old.topic, new.topic}
    assert joinable(world.people["company"], [old.topic, new.topic]) == {}
