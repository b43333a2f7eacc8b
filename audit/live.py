"""Tell the doors that something changed: a hint inside the transaction, delivered when it commits."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

CHANNEL = "tiaochu"
# PostgreSQL NOTIFY: the payload must be shorter than 8000 bytes.
PAYLOAD_LIMIT = 8000

News = tuple[str, int]
_gathered: ContextVar[list[News] | None] = ContextVar("gathered", default=None)


def announce(topic: str, version: int) -> None:
    """Send `{"topic": …, "version": …}` to every listening process at commit; a rollback sends nothing.

    Raises ValueError for a topic that is too long and TransactionManagementError outside a transaction.
    """
    announce_all([(topic, version)])


def announce_all(news: Sequence[News]) -> None:
    """Send several hints in one query (see `announce`)."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a change is announced in its own transaction")
    if any(len(_payload(*one).encode()) >= PAYLOAD_LIMIT for one in news):
        raise ValueError("a topic is too long to be announced")
    gathered = _gathered.get()
    if gathered is not None:
        gathered.extend(news)
    elif news:
        _send(news)


@contextmanager
def told_together() -> Iterator[None]:
    """Gather what one change announces and send it in one query when the change is written; an error sends nothing."""
    if _gathered.get() is not None:  # a part of a larger change, which sends it all
        yield
        return
    news: list[News] = []
    token = _gathered.set(news)
    try:
        yield
    finally:
        _gathered.reset(token)
    if news:
        _send(list(dict.fromkeys(news)))


def _send(news: Sequence[News]) -> None:
    with connection.cursor() as cursor:
        payloads = [_payload(*one) for one in news]
        cursor.execute("SELECT count(pg_notify(%s, payload)) FROM unnest(%s::text[]) payload", [CHANNEL, payloads])


def _payload(topic: str, version: int) -> str:
    return json.dumps({"topic": topic, "version": version}, ensure_ascii=False)
