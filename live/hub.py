"""The sockets of this process by topic, and the hints on their way to them.

One thread listens (live/listener.py) and hands over batches; everything else happens in the event loop.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from live.announcements import audience, counts_itself, encode
from live.listener import Source, source_for

REMEMBERED_TOPICS = 50_000


class Subscriber(Protocol):
    """A socket. None of these may block."""

    user_id: int
    identity: tuple[str, int, str]  # session key, user id, password hash

    def hint(self, topic: str, version: int, frame: str) -> None: ...

    def resync(self) -> None: ...

    def roles_changed(self) -> None: ...

    async def recheck(self) -> None: ...

    async def end(self, code: int) -> None: ...


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """Hand each announcement to the sockets that follow its topic.

    A case counts its own versions. A desk (everything else) has none: its version is the moment, in milliseconds,
    of the last news heard here, or of the moment since when this process has been listening.
    """

    def __init__(self) -> None:
        self.sockets: set[Subscriber] = set()
        self._topics: dict[str, set[Subscriber]] = {}
        self._heard: dict[str, tuple[int, int]] = {}  # topic → (version announced, moment heard)
        self._since = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._source: Source | None = None
        self._listening = asyncio.Event()

    # --- the life of the hub ------------------------------------------------------------------

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to listen, once; with the first socket comes the event loop in which hints are sent."""
        if self._source is None:
            self._source = source_for(self)
            self._source.start()
        if loop is not None and loop is not self._loop:
            self._loop = loop
            self._source.attend(loop)

    def stop(self) -> None:
        """Stop listening and forget what was heard."""
        source, self._source, self._loop, self._since = self._source, None, None, 0
        if source is not None:
            source.stop()
        self._listening = asyncio.Event()
        self._heard.clear()

    async def listening(self, *, patience: float) -> None:
        """Wait until announcements are heard, but no longer than the patience in seconds."""
        try:
            await asyncio.wait_for(self._listening.wait(), patience)
        except TimeoutError:
            return

    # --- from the listening thread --------------------------------------------------------------

    def began(self) -> None:
        """Note that listening has begun (again): what was announced before may have been missed."""
        self._call(self._begin)

    def hear(self, announced: Mapping[str, int]) -> None:
        """Take one batch of announcements: topic → latest version."""
        self._call(self._deliver, dict(announced))

    def _call(self, function: Callable[..., None], *args: Mapping[str, int]) -> None:
        if self._loop is None:  # no socket yet: only remember
            function(*args)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)

    # --- in the event loop ----------------------------------------------------------------------

    def attach(self, socket: Subscriber) -> None:
        self.sockets.add(socket)
        self.join(socket, f"roles:{socket.user_id}")

    def detach(self, socket: Subscriber, topics: Iterable[str]) -> None:
        self.sockets.discard(socket)
        for topic in [*topics, f"roles:{socket.user_id}"]:
            self.leave(socket, topic)

    def join(self, socket: Subscriber, topic: str) -> None:
        self._topics.setdefault(topic, set()).add(socket)

    def leave(self, socket: Subscriber, topic: str) -> None:
        sockets = self._topics.get(topic, set())
        sockets.discard(socket)
        if not sockets:
            self._topics.pop(topic, None)

    def sockets_of(self, user_id: int) -> int:
        return len(self._topics.get(f"roles:{user_id}", ()))

    def version(self, topic: str) -> int:
        """Return the version of a desk; read from any thread."""
        heard = self._heard.get(topic)
        return heard[1] if heard else self._since or milliseconds()

    def heard_since(self, topic: str, moment: int) -> tuple[int, int] | None:
        """Return version and moment of the topic's last announcement if it came at or after the moment."""
        heard = self._heard.get(topic)
        return heard if heard and heard[1] >= moment else None

    def _begin(self) -> None:
        self._heard.clear()
        self._since = milliseconds()
        self._listening.set()
        for socket in tuple(self.sockets):
            socket.resync()

    def _deliver(self, announced: Mapping[str, int]) -> None:
        if len(self._heard) > REMEMBERED_TOPICS:
            self._heard.clear()
            self._since = milliseconds()
        for topic, version in announced.items():
            for reached in audience(topic):
                self._tell(reached, version)

    def _tell(self, topic: str, version: int) -> None:
        now = milliseconds()
        self._heard[topic] = (version, now)
        sockets = self._topics.get(topic)
        if not sockets:
            return
        if topic.startswith("roles:"):
            for socket in tuple(sockets):
                socket.roles_changed()
            return
        if not counts_itself(topic):
            version = now
        frame = encode(topic, version)
        for socket in tuple(sockets):
            socket.hint(topic, version, frame)


hub = Hub()
start, stop = hub.start, hub.stop
