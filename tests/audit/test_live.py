import json

import pytest
from django.db import connection, transaction

from audit.live import announce


def heard() -> list[object]:
    """Return what this connection has been notified of, after listening itself."""
    connection.connection.poll()
    found = [json.loads(notice.payload) for notice in connection.connection.notifies]
    connection.connection.notifies.clear()
    return found


@pytest.mark.django_db(transaction=True)
def test_a_hint_arrives_at_commit_and_not_after_a_rollback() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN tiaochu")
    with transaction.atomic():
        announce("case:12", 3)
        assert heard() == []
    assert heard() == [{"topic": "case:12", "version": 3}]

    with transaction.atomic():
        announce("case:12", 4)
        transaction.set_rollback(True)
    assert heard() == []
    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN *")


@pytest.mark.django_db(transaction=True)
def test_a_hint_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        announce("case:12", 3)


def test_a_topic_that_notify_cannot_carry_is_refused(db: None) -> None:
    announce("例" * 2650, 1)
    with pytest.raises(ValueError, match="too long"):
        announce("例" * 2660, 1)
