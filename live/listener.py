"""One thread per process that listens to PostgreSQL, and the setting that puts redis in between.

LISTEN needs a session of its own: with a pooler in front of PostgreSQL, pool by session.
"""

import asyncio
import os
import select
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connections

from live import announcements

CHANNEL = "tiaochu"
GROUP = "tiaochu.live"
LEADER_LOCK = 0x7469616F  # any number, the same in every process
LONGEST_PAUSE = 5.0  # seconds between attempts to reconnect
PROBE_EVERY = 15.0  # seconds of silence after which the connection is tried
PULSE_EVERY = 5.0  # seconds of silence after which the last number is published again

log = structlog.get_logger(__name__)


class Ears(Protocol):
    """Who is told what was heard; called from any thread."""

    def began(self) -> None: ...

    def hear(self, announced: Mapping[str, int]) -> None: ...


class Source(Protocol):
    """Where the announcements come from."""

    def start(self) -> None: ...

    def attend(self, loop: asyncio.AbstractEventLoop) -> None: ...

    def stop(self) -> None: ...


class Listener:
    """A thread with its own autocommit connection: LISTEN, read what came, hand it over as one batch."""

    def __init__(
        self,
        *,
        began: Callable[[], None],
        hear: Callable[[Mapping[str, int]], None],
        ended: Callable[[], None] = lambda: None,
        alone: bool,
    ) -> None:
        self._began, self._hear, self._ended, self._alone = began, hear, ended, alone
        self._stopping = threading.Event()
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._run, name="live-listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        os.write(self._wake_writer, b"x")
        self._thread.join(timeout=10)
        os.close(self._wake_writer)
        os.close(self._wake_reader)

    def _run(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                if self._lead():
                    self._listen()
            except Exception as error:  # the thread outlives whatever happens to the connection
                log.warning("live.listener_lost", error=type(error).__name__, again_in=pause)
            finally:
                self._ended()
                connections["default"].close()
            lasted = time.monotonic() - began > LONGEST_PAUSE
            self._stopping.wait(pause)
            pause = 0.1 if lasted else min(pause * 2, LONGEST_PAUSE)

    def _lead(self) -> bool:
        """Take the lead if only one process is to listen; the lock ends with the connection."""
        if not self._alone:
            return True
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
            return bool(cursor.fetchone()[0])

    def _listen(self) -> None:
        database = connections["default"]
        with database.cursor() as cursor:
            name = "tiaochu live, for all" if self._alone else "tiaochu live"
            cursor.execute("SELECT set_config('application_name', %s, false)", [name])
            cursor.execute(f"LISTEN {CHANNEL}")
        self._began()
        while not self._stopping.is_set():
            if select.select([database.connection, self._wake_reader], [], [], PROBE_EVERY)[0]:
                database.connection.poll()
            else:
                with database.cursor() as cursor:
                    cursor.execute("SELECT 1")
            self._hand_over(database.connection.notifies)

    def _hand_over(self, notifies: list[Any]) -> None:
        announced: dict[str, int] = {}
        while notifies:
            read = announcements.read(notifies.pop(0).payload)
            if read is None:
                log.warning("live.notification_refused")
                continue
            topic, version = read
            announced[topic] = max(version, announced.get(topic, 0))
        if announced:
            self._hear(announced)


class PostgresSource:
    """Every process listens for itself."""

    def __init__(self, ears: Ears) -> None:
        self._listener = Listener(began=ears.began, hear=ears.hear, alone=False)

    def start(self) -> None:
        self._listener.start()

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing to do: the thread needs no loop."""

    def stop(self) -> None:
        self._listener.stop()


class RedisSource:
    """One process listens and publishes through channels-redis; every process receives on one channel of its own.

    redis forgets what nobody received, and tells nobody so. What is published is therefore counted: whoever finds a
    number missing, or another publisher, asks for the current versions. A pulse repeats the last number in silence.
    """

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._layer = get_channel_layer()
        self._listener = Listener(began=self._lead, hear=self._publish, ended=self._follow, alone=True)
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last: tuple[str, int] | None = None  # publisher and number of what was received last

    def start(self) -> None:
        """Wait for the loop: the redis client lives in it."""

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks = [loop.create_task(self._receive()), loop.create_task(self._send())]
        self._listener.start()

    def stop(self) -> None:
        if self._loop is None:
            return
        self._listener.stop()
        for task in self._tasks:
            self._loop.call_soon_threadsafe(task.cancel)

    # --- from the listening thread ---

    def _lead(self) -> None:
        self._put({"publisher": uuid.uuid4().hex})

    def _follow(self) -> None:
        self._put({"publisher": ""})

    def _publish(self, announced: Mapping[str, int]) -> None:
        self._put({"announced": dict(announced)})

    def _put(self, news: dict[str, Any]) -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._outbox.put_nowait, news)

    # --- in the event loop ---

    async def _send(self) -> None:
        publisher, number = "", 0
        while True:
            news = await self._next_news()
            if "publisher" in news:
                publisher, number = news["publisher"], 0
            if not publisher:
                continue
            announced = news.get("announced", {})
            number += bool(announced)
            try:
                await self._layer.group_send(
                    GROUP, {"type": "live.heard", "publisher": publisher, "number": number, "announced": announced}
                )
            except Exception as error:  # of the redis client; the next pulse shows the gap
                log.warning("live.redis_lost", error=type(error).__name__)

    async def _next_news(self) -> dict[str, Any]:
        """Return what the listening thread has put, nothing after a while of silence."""
        try:
            return await asyncio.wait_for(self._outbox.get(), PULSE_EVERY)
        except TimeoutError:
            return {}

    async def _receive(self) -> None:
        while True:
            try:
                channel = await self._layer.new_channel()
                await self._layer.group_add(GROUP, channel)
                self._last = None
                self._ears.began()
                while True:
                    self._take(await self._layer.receive(channel))
            except Exception as error:  # whatever the redis client raises
                log.warning("live.redis_lost", error=type(error).__name__)
                await asyncio.sleep(1)

    def _take(self, message: dict[str, Any]) -> None:
        publisher, number, announced = message["publisher"], message["number"], message["announced"]
        before = (publisher, number - bool(announced))
        if self._last not in (None, before):
            self._ears.began()
        self._last = (publisher, number)
        if announced:
            self._ears.hear(announced)


def source_for(ears: Ears) -> Source:
    """Return the source that the setting LIVE_LAYER asks for."""
    return RedisSource(ears) if settings.LIVE_LAYER == "redis" else PostgresSource(ears)
