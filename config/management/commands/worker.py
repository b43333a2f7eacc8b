"""The worker: fires what is due and sends what is waiting, until told to stop."""

import os
import select
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import psycopg2
import structlog
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.kept_forms import purge_kept_forms
from accounts.limits import purge_limits
from config.starting import refuse_to_start
from documents import files as documents
from notifications.delivering import deliver_due
from workflows.checks.nightly import check_nightly
from workflows.models import WorkerHeartbeat
from workflows.papers.serving import note_arrivals
from workflows.reaching import hand_over_unreachable
from workflows.timers import tick

logger = structlog.get_logger(__name__)

PAUSE = 5.0  # seconds between two turns when nothing wakes us
BREATH = 0.2  # seconds at least, however much is announced
BATCH = 100  # deliveries in one turn, so that a sign of life comes in between
FILES = 25  # files of documents in one turn, some twenty milliseconds each
FORGOTTEN = timedelta(days=1)
TIDY_EVERY = timedelta(hours=1)
LOOK_EVERY = timedelta(minutes=1)


def beat(now: datetime) -> None:
    """Leave word that this worker lives."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    values = {"at": now, "host": socket.gethostname(), "pid": os.getpid()}
    WorkerHeartbeat.objects.update_or_create(name=name, defaults=values)
    WorkerHeartbeat.objects.filter(at__lt=now - FORGOTTEN).delete()


def deliver(now: datetime) -> int:
    return deliver_due(now, limit=BATCH)


def make_files(now: datetime) -> int:
    """Make the files of documents that were issued; more than FILES are left to the next turn."""
    return BATCH if documents.make_files(now, limit=FILES) >= FILES else 0


class Arrivals:
    """Note which papers have reached their parties, once a minute."""

    def __init__(self) -> None:
        self.last: datetime | None = None

    def __call__(self, now: datetime) -> int:
        if self.last is not None and now - self.last < LOOK_EVERY:
            return 0
        self.last = now
        return note_arrivals(now, limit=BATCH)


class Tidy:
    """Throw away what is of no use any more, once an hour: spent limits, sessions that ended."""

    def __init__(self) -> None:
        self.last: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self.last is None or now - self.last >= TIDY_EVERY:
            self.last = now
            purge_limits(now)
            purge_kept_forms(now)
            Session.objects.filter(expire_date__lt=now).delete()


Duty = Callable[[datetime], int | None]
DUTIES: tuple[Duty, ...] = (beat, tick, deliver, make_files, hand_over_unreachable, check_nightly, Arrivals(), Tidy())


@dataclass
class Turn:
    """What one turn came to: whether every duty was done, and whether more waits than it took."""

    well: bool = True
    more: bool = False


def take_turn(now: datetime, duties: Sequence[Duty] = DUTIES) -> Turn:
    """Do every duty once; one that fails is logged and does not keep the others from theirs."""
    turn = Turn()
    for duty in duties:
        try:
            turn.more |= (duty(now) or 0) >= BATCH
        except (OperationalError, InterfaceError) as error:
            logger.warning("worker_without_database", duty=duty.__name__, error=str(error))
            connection.close()
            return Turn(well=False)
        except Exception:  # whatever it was, the next turn tries again
            logger.exception("worker_duty_failed", duty=duty.__name__)
            connection.close_if_unusable_or_obsolete()
            turn.well = False
    return turn


class Alarm:
    """What ends a pause early: an announced change, or the signal to stop."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.stopping = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True
        os.write(self.writing, b"\0")

    def listen(self) -> None:
        """Begin to hear announcements, before a turn: what is announced meanwhile must not be missed."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("LISTEN tiaochu")
        except DatabaseError:
            connection.close()

    def wait(self) -> None:
        """Sleep for PAUSE seconds at most."""
        select.select([self.reading], [], [], BREATH)
        database = connection.connection
        if self.stopping or database is None:
            select.select([self.reading], [], [], PAUSE)
            return
        try:
            database.poll()
            if not database.notifies:
                select.select([self.reading, database], [], [], PAUSE)
                database.poll()
            database.notifies.clear()
        except (psycopg2.Error, OSError):
            connection.close()


class Command(BaseCommand):
    help = "Fire due timers and send waiting deliveries. Any number may run; SIGTERM ends one after its turn."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do one turn and end")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_to_start()
        if options["once"]:
            raise SystemExit(0 if take_turn(timezone.now()).well else 1)
        alarm = Alarm()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, alarm.stop)
        logger.info("worker_started", pid=os.getpid())
        while not alarm.stopping:
            alarm.listen()
            if not take_turn(timezone.now()).more:
                alarm.wait()
        WorkerHeartbeat.objects.filter(pid=os.getpid(), host=socket.gethostname()).delete()
        logger.info("worker_stopped", pid=os.getpid())
