"""Redis in between forgets what nobody received: whoever missed something notices, and asks again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from live import listener
from live.listener import RedisSource


class Layer:
    """What channels-redis does, without redis: those who are connected receive, the others never hear of it."""

    def __init__(self) -> None:
        self.channels: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.connected, self.broken = True, False

    async def new_channel(self) -> str:
        name = f"channel-{len(self.channels)}"
        self.channels[name] = asyncio.Queue()
        return name

    async def group_add(self, group: str, channel: str) -> None:
        assert channel in self.channels

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError
        for channel in self.channels.values() if self.connected else ():
            channel.put_nowait(message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.channels[channel].get()


class Quiet:
    """A listening thread that hears what a test says."""

    def __init__(self, **told: Any) -> None:
        self.began, self.hear, self.ended = told["began"], told["hear"], told["ended"]

    def start(self) -> None: ...


class Process:
    """One process, and what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.source = RedisSource(self)

    def began(self) -> None:
        self.told.append("resync")

    def hear(self, announced: Mapping[str, int]) -> None:
        self.told.append(dict(announced))

    @property
    def thread(self) -> Quiet:
        return self.source._listener  # type: ignore[return-value]


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    layer = Layer()
    monkeypatch.setattr(listener, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(listener, "Listener", Quiet)
    monkeypatch.setattr(listener, "PULSE_EVERY", 0.02)
    return layer


Story = Callable[[Process, Process], Awaitable[None]]


def told(story: Story) -> list[list[Any]]:
    """Play a story with two processes of which the first publishes; return what each was told since it began."""

    async def play() -> list[list[Any]]:
        processes = [Process(), Process()]
        for process in processes:
            process.source.attend(asyncio.get_running_loop())
        await asyncio.sleep(0.01)
        processes[0].thread.began()
        await asyncio.sleep(0.01)
        assert [process.told for process in processes] == [["resync"], ["resync"]]
        for process in processes:
            process.told.clear()
        await story(*processes)
        await asyncio.sleep(0.1)  # several pulses long
        for process in processes:
            for task in process.source._tasks:
                task.cancel()
        return [process.told for process in processes]

    return asyncio.run(play())


def test_everybody_hears_everything_once_and_pulses_say_nothing(layer: Layer) -> None:
    async def story(first: Process, second: Process) -> None:
        first.thread.hear({"case:1": 4})
        await asyncio.sleep(0.1)
        first.thread.hear({"case:1": 5, "case:2": 1})

    assert told(story) == [[{"case:1": 4}, {"case:1": 5, "case:2": 1}]] * 2


@pytest.mark.parametrize("how", ["connected", "broken"])
def test_whoever_missed_something_asks_again_even_if_nothing_follows(layer: Layer, how: str) -> None:
    async def story(first: Process, second: Process) -> None:
        setattr(layer, how, how == "broken")
        first.thread.hear({"case:1": 4})
        await asyncio.sleep(0.05)
        setattr(layer, how, how == "connected")

    assert told(story) == [["resync"]] * 2


def test_nothing_missed_nothing_asked(layer: Layer) -> None:
    async def story(first: Process, second: Process) -> None:
        layer.connected = False
        await asyncio.sleep(0.05)
        layer.connected = True

    assert told(story) == [[], []]


def test_another_publisher_is_noticed_and_the_old_one_is_silent(layer: Layer) -> None:
    async def story(first: Process, second: Process) -> None:
        first.thread.ended()
        second.thread.began()
        second.thread.hear({"case:1": 4})

    assert told(story) == [["resync", {"case:1": 4}]] * 2
