"""Tell the doors that something changed: a hint inside the transaction, delivered when it commits."""

import json
from collections.abc import Sequence

from django.db import connection, transaction

CHANNEL = "tiaochu"
# PostgreSQL NOTIFY: the payload must be shorter than 8000 bytes.
PAYLOAD_LIMIT = 8000


def announce(topic: str, version: int) -> None:
    """Send `{"topic": …, "version": …}` to every listening process at commit; a rollback sends nothing.

    Raises ValueError for a topic that is too long and TransactionManagementError outside a transaction.
    """
    announce_all([(topic, version)])


def announce_all(news: Sequence[tuple[str, int]]) -> None:
    """Send several hints in one query (see `announce`)."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a change is announced in its own transaction")
    payloads = [json.dumps({"topic": topic, "version": version}, ensure_ascii=False) for topic, version in news]
    if any(len(payload.encode()) >= PAYLOAD_LIMIT for payload in payloads):
        raise ValueError("a topic is too long to be announced")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_notify(%s, payload)) FROM unnest(%s::text[]) payload", [CHANNEL, payloads])
