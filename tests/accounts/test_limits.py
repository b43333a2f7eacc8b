"""How often somebody may try."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory

from accounts.limits import Limit, client_address, purge_limits
from accounts.models import Spent
from tests.accounts.conftest import NOW

THREE_A_MINUTE = Limit("test", times=3, per=timedelta(minutes=1))


def test_so_many_tries_and_no_more() -> None:
    assert [THREE_A_MINUTE.hit("a", at=NOW) for _ in range(5)] == [True, True, True, False, False]


def test_keys_and_limits_do_not_count_for_each_other() -> None:
    for _ in range(3):
        THREE_A_MINUTE.hit("a", at=NOW)
    assert THREE_A_MINUTE.hit("b", at=NOW)
    assert Limit("other", times=1, per=timedelta(minutes=1)).hit("a", at=NOW)


def test_what_is_spent_comes_back_evenly() -> None:
    for _ in range(3):
        THREE_A_MINUTE.hit("a", at=NOW)
    assert not THREE_A_MINUTE.hit("a", at=NOW + timedelta(seconds=19.9))
    assert THREE_A_MINUTE.hit("a", at=NOW + timedelta(seconds=20))
    assert not THREE_A_MINUTE.hit("a", at=NOW + timedelta(seconds=20))
    assert [THREE_A_MINUTE.hit("a", at=NOW + timedelta(hours=1)) for _ in range(4)] == [True, True, True, False]


def test_a_refused_try_costs_nothing() -> None:
    for _ in range(30):
        THREE_A_MINUTE.hit("a", at=NOW)
    assert THREE_A_MINUTE.hit("a", at=NOW + timedelta(seconds=20))


@pytest.mark.parametrize("times", [1, 3, 7, 30])
def test_exactly_as_many_as_said_fit_into_the_period(times: int) -> None:
    limit = Limit(f"test-{times}", times=times, per=timedelta(minutes=1))
    assert sum(limit.hit("a", at=NOW) for _ in range(times + 2)) == times


def test_forgetting_gives_everything_back() -> None:
    for _ in range(3):
        THREE_A_MINUTE.hit("a", at=NOW)
    THREE_A_MINUTE.forget("a")
    assert THREE_A_MINUTE.hit("a", at=NOW)


def test_the_table_does_not_say_who() -> None:
    THREE_A_MINUTE.hit("+8613812345678", at=NOW)
    assert "138" not in Spent.objects.get().key[:0] + str(Spent.objects.filter(key__contains="+86").count())
    assert len(Spent.objects.get().key) == 64


def test_what_holds_nobody_back_is_purged() -> None:
    THREE_A_MINUTE.hit("old", at=NOW - timedelta(hours=1))
    THREE_A_MINUTE.hit("new", at=NOW)
    assert purge_limits(NOW) == 1
    assert Spent.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parallel_tries_do_not_share_the_last_place() -> None:
    limit = Limit("race", times=10, per=timedelta(minutes=1))
    allowed: list[bool] = []
    start = threading.Barrier(4)

    def knock() -> None:
        start.wait()
        allowed.extend(limit.hit("a", at=NOW) for _ in range(10))
        connection.close()

    knockers = [threading.Thread(target=knock) for _ in range(4)]
    for knocker in knockers:
        knocker.start()
    for knocker in knockers:
        knocker.join()
    assert (sum(allowed), len(allowed)) == (10, 40)


@pytest.mark.parametrize(
    ("address", "counted"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:203.0.113.7", "::")],
)
def test_a_client_is_its_address_or_its_network(address: str, counted: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_a_forwarded_address_is_not_believed_without_a_proxy() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert client_address(request) == "203.0.113.7"
