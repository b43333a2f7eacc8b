"""The worker outlives failures and database restarts, wakes at once and stops when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from config.management.commands.prepare import load_coming_years
from config.management.commands.worker import BATCH, FORGOTTEN, beat, take_turn
from tests.config.test_server import database_url
from workflows.models import WorkerHeartbeat

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_sign_of_life_is_one_row_per_worker_and_old_ones_go() -> None:
    WorkerHeartbeat.objects.create(name="gone:1", host="gone", pid=1, at=NOW - FORGOTTEN - timedelta(seconds=1))
    beat(NOW)
    beat(NOW + timedelta(seconds=5))
    assert list(WorkerHeartbeat.objects.values_list("pid", "at")) == [(os.getpid(), NOW + timedelta(seconds=5))]


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_fails_does_not_keep_the_others_from_theirs() -> None:
    done: list[str] = []

    def broken(now: datetime) -> int:
        raise ValueError("13812345678")

    def later(now: datetime) -> int:
        done.append(now.isoformat())
        return 1

    turn = take_turn(NOW, [broken, later])
    assert (turn.well, turn.more, done) == (False, False, [NOW.isoformat()])


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_turn_ends_quietly() -> None:
    def cut_off(now: datetime) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    assert take_turn(NOW, [cut_off, beat]).well is False
    assert not WorkerHeartbeat.objects.exists()


def test_a_full_batch_means_no_pause() -> None:
    assert take_turn(NOW, [lambda now: BATCH]).more is True
    assert take_turn(NOW, [lambda now: BATCH - 1]).more is False


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    load_coming_years(timezone.now())
    environment = {**os.environ, "DATABASE_URL": database_url()}
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR, env=environment)
    yield process
    process.kill()
    process.wait()


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def alive_since(moment: datetime) -> bool:
    return WorkerHeartbeat.objects.filter(at__gt=moment).exists()


def last_beat() -> datetime:
    return WorkerHeartbeat.objects.get().at


@pytest.mark.slow
def test_a_worker_wakes_survives_the_loss_of_its_connection_and_stops(worker: subprocess.Popen[bytes]) -> None:
    eventually(WorkerHeartbeat.objects.exists)
    before = last_beat()
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY tiaochu, 'something changed'")
    eventually(lambda: alive_since(before), seconds=3)

    before = last_beat()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    eventually(lambda: alive_since(before + timedelta(seconds=1)))

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 0
    assert not WorkerHeartbeat.objects.exists()
