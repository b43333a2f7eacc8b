import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.live import announce, announce_all, told_together


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


def broken_change() -> None:
    with told_together():
        announce("case:12", 4)
        _never = 1 / 0


@pytest.mark.django_db(transaction=True)
def test_what_one_change_announces_goes_out_once_and_together_and_an_error_sends_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN tiaochu")
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        with told_together():
            announce("case:12", 3)
            with told_together():
                announce_all([("user:7", 1), ("case:12", 3)])
            announce("room:5", 2)
            assert len(asked) == 0
        assert len(asked) == 1
    assert heard() == [
        {"topic": "case:12", "version": 3},
        {"topic": "user:7", "version": 1},
        {"topic": "room:5", "version": 2},
    ]
    with transaction.atomic(), pytest.raises(ZeroDivisionError):
        broken_change()
    with transaction.atomic():
        announce("case:13", 1)  # nothing of the change that failed is left to be sent
    assert heard() == [{"topic": "case:13", "version": 1}]
    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN *")
