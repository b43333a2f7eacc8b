"""The hub by itself: who is told what, in which order, and what is remembered."""

import asyncio
import json

import pytest

from live import watch
from live.hub import Hub, milliseconds


class Page:
    """A socket that only notes what it is told."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.identity = ("key", user_id, "hash")
        self.told: list[object] = []

    def hint(self, topic: str, version: int, frame: str) -> None:
        assert json.loads(frame) == {"topic": topic, "version": version}
        self.told.append((topic, version))

    def resync(self) -> None:
        self.told.append("resync")

    def roles_changed(self) -> None:
        self.told.append("roles")

    async def recheck(self) -> None:
        self.told.append("recheck")

    async def end(self, code: int) -> None:
        self.told.append(code)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_only_those_who_joined_are_told(hub: Hub) -> None:
    here, there = Page(1), Page(2)
    hub.join(here, "case:1")
    hub.join(there, "case:2")
    hub.hear({"case:1": 5})
    assert (here.told, there.told) == ([("case:1", 5)], [])


def test_whoever_left_is_not_told(hub: Hub) -> None:
    page = Page(1)
    hub.attach(page)
    hub.join(page, "case:1")
    hub.detach(page, ["case:1"])
    hub.hear({"case:1": 5, "roles:1": 0})
    hub.began()
    assert (page.told, hub.sockets, hub.sockets_of(1)) == ([], set(), 0)


def test_a_change_of_roles_is_told_to_the_sockets_of_that_person_without_a_frame(hub: Hub) -> None:
    mine, other = Page(1), Page(2)
    hub.attach(mine)
    hub.attach(other)
    hub.hear({"roles:1": 0})
    assert (mine.told, other.told) == (["roles"], [])


def test_whoever_follows_the_province_hears_of_its_districts(hub: Hub) -> None:
    province, city, elsewhere = Page(1), Page(2), Page(3)
    hub.join(province, "region:340000")
    hub.join(city, "region:340100")
    hub.join(elsewhere, "region:440000")
    hub.hear({"region:340104": 0})
    assert [len(page.told) for page in (province, city, elsewhere)] == [1, 1, 0]


def test_after_an_interruption_everybody_is_told_to_ask_again(hub: Hub) -> None:
    page = Page(1)
    hub.attach(page)
    hub.began()
    assert page.told == ["resync"]


def test_the_version_of_a_desk_is_the_moment_of_its_last_news(hub: Hub) -> None:
    before = milliseconds()
    hub.began()
    since = hub.version("centre:1")
    hub.hear({"centre:1": 0})
    assert before <= since <= hub.version("centre:1") <= milliseconds()
    assert hub.heard_since("centre:1", before) == (0, hub.version("centre:1"))
    assert hub.heard_since("centre:2", before) is None


def test_nothing_is_told_after_the_end_of_the_loop(hub: Hub) -> None:
    loop = asyncio.new_event_loop()
    hub._loop = loop
    loop.close()
    hub.hear({"case:1": 1})
    hub.began()


def test_topics_are_asked_again_now_and_then(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def watch_for_a_moment() -> None:
        task = asyncio.create_task(watch._watch_topics(hub))
        await asyncio.sleep(0.2)
        task.cancel()

    monkeypatch.setattr(watch, "TOPICS_EVERY", 0.05)
    page = Page(1)
    hub.attach(page)
    asyncio.run(watch_for_a_moment())
    assert 2 <= page.told.count("recheck") <= 4
