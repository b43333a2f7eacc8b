"""Tell the doors that something changed: a hint inside the transaction, delivered when it commits."""

import json

from django.db import connection, transaction

CHANNEL = "tiaochu"
# PostgreSQL NOTIFY: the payload must be shorter than 8000 bytes.
PAYLOAD_LIMIT = 8000


def announce(topic: str, version: int) -> None:
    """Send `{"topic": …, "version": …}` to every listening process at commit; a rollback sends nothing.

    Raises ValueError for a topic that is too long and TransactionManagementError outside a transaction.
    """
    payload = json.dumps({"topic": topic, "version": version}, ensure_ascii=False)
    if len(payload.encode()) >= PAYLOAD_LIMIT:
        raise ValueError(f"the topic is too long to be announced: {topic[:60]}…")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a change is announced in its own transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
