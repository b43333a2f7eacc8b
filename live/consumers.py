"""The socket: a browser joins topics and gets hints that something is newer; the page fetches over HTTP."""

import asyncio
import json
from typing import Any

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from live.announcements import MOST_TOPICS, counts_itself, encode
from live.frames import Allowance, BadFrameError, read_join
from live.hub import hub, milliseconds
from live.sessions import still_signed_in, versions_for
from live.watch import SIGNED_OUT, watch

NOT_ALLOWED, TOO_MANY, ABUSE, TRY_LATER = 4403, 4429, 1008, 1013
SOCKETS_PER_USER = 30
PATIENCE = 2.0  # seconds that a first socket waits for LISTEN
SLACK = 2_000  # milliseconds by which the clocks of two machines may differ

log = structlog.get_logger(__name__)


class LiveConsumer(AsyncWebsocketConsumer):
    """One browser page."""

    channel_layer_alias = "none"  # the hub delivers: a channel per socket would cost 30 times as much

    def __init__(self) -> None:
        super().__init__()
        self.user_id = 0
        self.identity = ("", 0, "")
        self.known: dict[str, int] = {}
        self._pending: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing = self._closed = False
        self._asking = asyncio.Lock()
        self._allowance = Allowance(burst=20, per_second=1)
        self._warnings = 0

    async def connect(self) -> None:
        await self.accept()
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.end(SIGNED_OUT)
        elif hub.sockets_of(user.pk) >= SOCKETS_PER_USER:
            await self.end(TOO_MANY)
        else:
            await self._attach(user)

    async def _attach(self, user: Any) -> None:
        self.user_id = user.pk
        self.identity = (self.scope["session"].session_key, user.pk, user.password)
        hub.start(asyncio.get_running_loop())
        hub.attach(self)
        watch(hub)
        await hub.listening(patience=PATIENCE)

    async def disconnect(self, code: int) -> None:
        self._leave()
        for task in self._tasks:
            task.cancel()

    def _leave(self) -> None:
        self._closed = True
        hub.detach(self, self.known)

    async def end(self, code: int) -> None:
        """Close the socket from this side."""
        if not self._closed:
            self._leave()
            await self.close(code)

    # --- what the browser says ------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closed:
            return
        if not self._allowance.take():
            await self._refuse("too many frames")
            return
        try:
            wanted = read_join(text_data)
        except BadFrameError:
            await self._refuse("not understood")
            return
        if len(self.known.keys() | wanted.keys()) > MOST_TOPICS:
            await self._refuse("too many topics")
            return
        async with self._asking:
            try:
                await self._join(wanted)
            except DatabaseError:
                await self.end(TRY_LATER)

    async def _refuse(self, error: str) -> None:
        self._warnings += 1
        await self._say({"error": error})
        if self._warnings > 20:
            await self.end(ABUSE)

    async def _join(self, wanted: dict[str, int]) -> None:
        asked_at = milliseconds()
        current = await versions_for(self.user_id, wanted)
        if self._closed:
            return
        refused = {topic: "no such topic" for topic in wanted if topic not in current}
        await self._say({"joined": current, "refused": refused})
        for topic, version in current.items():
            self.known[topic] = wanted[topic]
            hub.join(self, topic)
            heard = hub.heard_since(topic, asked_at)
            if heard:  # announced while the database was being asked
                version = max(version, heard[0] if counts_itself(topic) else heard[1])
            if heard or version > wanted[topic] - (0 if counts_itself(topic) else SLACK):
                self.hint(topic, version, encode(topic, version))

    # --- what the hub says (never blocks) ---------------------------------------------------------

    def hint(self, topic: str, version: int, frame: str) -> None:
        """Send the hint when the socket has room; a later one of the same topic takes its place."""
        self.known[topic] = version
        self._push(topic, frame)

    def _push(self, name: str, frame: str) -> None:
        self._pending[name] = frame
        if not self._flushing and not self._closed:
            self._flushing = True
            self._spawn(self._flush())

    def resync(self) -> None:
        """Ask the browser to join again with what it knows: something may have been missed."""
        if self.known:
            self._push("resync", json.dumps({"resync": True}))

    def roles_changed(self) -> None:
        self._spawn(self.recheck())

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _flush(self) -> None:
        try:
            while self._pending and not self._closed:
                await self.send(self._pending.pop(next(iter(self._pending))))
        except Exception as error:  # the server's own error for a browser that has gone
            log.debug("live.send_failed", error=type(error).__name__)
        finally:
            self._flushing = False

    # --- may it still? --------------------------------------------------------------------------

    async def recheck(self) -> None:
        """Ask again for every topic: drop what may no longer be followed, hint at what was missed."""
        async with self._asking:
            try:
                if not await still_signed_in([self.identity]):
                    await self.end(SIGNED_OUT)
                if self.known and not self._closed:
                    await self._recheck_topics(await versions_for(self.user_id, list(self.known)))
            except DatabaseError as error:  # asked again within half a minute
                log.warning("live.recheck_failed", error=type(error).__name__)

    async def _recheck_topics(self, current: dict[str, int]) -> None:
        await self._drop([topic for topic in self.known if topic not in current])
        for topic, version in current.items():
            if version > self.known[topic]:
                self.hint(topic, version, encode(topic, version))

    async def _drop(self, topics: list[str]) -> None:
        for topic in topics:
            hub.leave(self, topic)
            self.known.pop(topic)
            self._pending.pop(topic, None)
            await self._say({"dropped": topic})
        if topics and not self.known:
            await self.end(NOT_ALLOWED)

    async def _say(self, message: dict[str, Any]) -> None:
        if not self._closed:
            await self.send(json.dumps(message))


class Nowhere(AsyncWebsocketConsumer):
    """Any other address: refused before it opens."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close()
