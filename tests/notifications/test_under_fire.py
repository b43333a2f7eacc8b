"""The ledger while one gateway in five fails and workers are killed: nothing is lost, nothing arrives twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from accounts.models import User
from notifications.models import Attempt, CannotReach, Delivery, Notice
from notifications.services import notify
from tests.live.servers import ROOT, database_url
from tests.notifications.conftest import MORNING
from tests.notifications.file_gateway import DIRECTORY

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NOTICES = 60
PATIENCE = 60  # seconds


def deaths_until_settled(directory: Path, sms: str, mail: str) -> int:
    """Let workers of their own deliver everything; return how many of them were killed over it."""
    gateways = {"SMS_GATEWAY": sms, "EMAIL_GATEWAY": mail, DIRECTORY: str(directory)}
    env = os.environ | gateways | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    arguments = [sys.executable, "-m", "tests.notifications.supervisor", MORNING.isoformat(), str(PATIENCE)]
    done = subprocess.run(arguments, cwd=ROOT, env=env, capture_output=True, timeout=2 * PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return int(done.stdout.split()[-1])


@pytest.fixture
def people() -> list[User]:
    """With a telephone, with a mail box, with both."""
    rows = []
    for number in range(9):
        user = User(username=f"p{number}", display_name="张桂兰")
        if number % 3 != 1:
            user.set_phone(f"+861380000000{number}")
        if number % 3 != 0:
            user.email = f"p{number}@example.org"
        user.save()
        rows.append(user)
    return rows


@pytest.fixture
def told(people: list[User]) -> list[Notice]:
    subject = ("case", 7)
    return [
        notify(people[n % 9], kind="accepted", subject=subject, url="/cases/", at=MORNING, number=f"AH-{n:05}")
        for n in range(NOTICES)
    ]


def arrived(directory: Path, name: str) -> list[tuple[str, str]]:
    """What the gateway was given: the key and the text of each message."""
    path = directory / name
    return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def assert_nobody_is_forgotten(told: list[Notice]) -> None:
    """Every notice went out on some way, or stands in a task for people."""
    for notice in Notice.objects.filter(pk__in=[one.pk for one in told]).prefetch_related("deliveries__tries"):
        ways = [way for way in notice.deliveries.all() if way.channel != "SITE"]
        sent = any(way.status == "SENT" for way in ways)
        assert sent or notice.cannot_reach_id, [(way.channel, way.status) for way in ways]
        for way in ways:
            tries = list(way.tries.all())
            assert [one.number for one in tries] == list(range(1, way.attempts + 1))
            assert sum(one.result == Attempt.Result.SENT for one in tries) <= 1
            assert not any(one.result == Attempt.Result.BEGUN for one in tries)


GATEWAYS = "tests.notifications.file_gateway."


@pytest.mark.parametrize("run", range(2))
def test_a_gateway_that_knows_keys_again_is_asked_for_each_message_under_one_key(
    told: list[Notice], tmp_path: Path, run: int
) -> None:
    deaths = deaths_until_settled(tmp_path, GATEWAYS + "Recognising", GATEWAYS + "RecognisingMail")
    assert_nobody_is_forgotten(told)
    for name in ("sms", "mail"):
        keys: dict[str, set[str]] = {}
        for key, text in arrived(tmp_path, name):
            keys.setdefault(text, set()).add(key)
        assert {len(found) for found in keys.values()} <= {1}
        assert all(keys.values())
    assert deaths >= 2, "nobody was killed before or after a message went out: the test shows nothing"
    assert not Delivery.objects.filter(status="UNKNOWN", error="interrupted", attempts__lt=5).exists()


@pytest.mark.parametrize("run", range(2))
def test_a_gateway_that_knows_nothing_again_is_never_asked_twice_for_what_may_have_gone_out(
    told: list[Notice], tmp_path: Path, run: int
) -> None:
    deaths = deaths_until_settled(tmp_path, GATEWAYS + "FileGateway", GATEWAYS + "Mail")
    assert_nobody_is_forgotten(told)
    for name in ("sms", "mail"):
        times = Counter(text for _key, text in arrived(tmp_path, name))
        assert set(times.values()) <= {1}, "somebody got a message twice"
    assert deaths >= 2, "nobody was killed before or after a message went out: the test shows nothing"
    assert Delivery.objects.filter(status="UNKNOWN").exists()
    assert CannotReach.objects.filter(resolved_at=None).count() <= 9
