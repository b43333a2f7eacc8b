"""While sockets are open: close those whose session ended, and ask again now and then who may follow what."""

import asyncio

import structlog
from django.db import DatabaseError

from live.hub import Hub
from live.sessions import still_signed_in

SESSIONS_EVERY = 3.0  # seconds, one question for all sockets; a revoked session must be closed within 5
TOPICS_EVERY = 30.0  # seconds; a change of roles is announced, this finds what was not
SIGNED_OUT = 4401

log = structlog.get_logger(__name__)
_running: dict[Hub, list[asyncio.Task[None]]] = {}


def watch(hub: Hub) -> None:
    """Start watching, unless it goes on already."""
    if all(task.done() for task in _running.get(hub, [])):
        _running[hub] = [asyncio.create_task(_watch_sessions(hub)), asyncio.create_task(_watch_topics(hub))]


async def _watch_sessions(hub: Hub) -> None:
    while True:
        await asyncio.sleep(SESSIONS_EVERY)
        try:
            await _end_signed_out(hub)
        except DatabaseError as error:
            log.warning("live.watch_failed", error=type(error).__name__)


async def _end_signed_out(hub: Hub) -> None:
    sockets = list(hub.sockets)
    alive = await still_signed_in([socket.identity for socket in sockets]) if sockets else set()
    for socket in sockets:
        if socket.identity not in alive:
            await socket.end(SIGNED_OUT)


async def _watch_topics(hub: Hub) -> None:
    while True:
        await asyncio.sleep(TOPICS_EVERY)
        for socket in list(hub.sockets):
            await socket.recheck()
