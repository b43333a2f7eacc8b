"""Which way first, which next, when together, and what no preference holds back."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from accounts.models import User
from notifications import delivering
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError
from notifications.gateways.memory import MemoryGateway
from notifications.models import Attempt, CannotReach, Delivery, Notice
from notifications.selectors import inbox, unread_count
from notifications.services import choose_ways, mark_read, notify
from tests.notifications.conftest import MORNING

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai


@pytest.fixture
def both(resident: User) -> User:
    resident.email = "zhang@example.org"
    resident.save()
    return resident


def tell(user: User, kind: str = "message_received", at: datetime = MORNING) -> Notice:
    return notify(user, kind=kind, subject=("case", 7), url="/cases/AH-2026-00012/", at=at)


def ways(notice: Notice) -> dict[str, str]:
    return dict(notice.deliveries.order_by("pk").values_list("channel", "status"))


def test_the_text_message_comes_first_and_mail_when_it_fails_for_good(both: User) -> None:
    notice = tell(both)
    assert ways(notice) == {"SITE": "SENT", "SMS": "PENDING"}
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    deliver_due(MORNING)
    assert ways(notice) == {"SITE": "SENT", "SMS": "DEAD", "EMAIL": "SENT"}
    assert len(mail.outbox) == 1
    assert not CannotReach.objects.exists()


def test_when_no_way_is_left_people_must_find_one(both: User, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = tell(both)
    User.objects.filter(pk=both.pk).update(email="")
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    deliver_due(MORNING)
    task = CannotReach.objects.get()
    notice.refresh_from_db()
    assert (notice.cannot_reach, task.recipient, task.subject_id) == (task, both, 7)


def test_colleagues_and_whoever_has_looked_or_left_are_no_task(resident: User) -> None:
    looked, left = tell(resident), tell(resident)
    mark_read(resident, at=MORNING, notices=[looked.pk])
    User.objects.filter(pk=resident.pk).update(is_active=False)
    MemoryGateway.failures.extend(GatewayError("gone", permanent=True) for _ in range(2))
    deliver_due(MORNING)
    assert ways(left)["SMS"] == "DEAD"
    assert not CannotReach.objects.exists()


@pytest.mark.parametrize(
    ("channel", "message", "legal"),
    [
        ("SMS", "SMS", "SMS"),
        ("EMAIL", "EMAIL", "EMAIL"),
        ("SITE", None, "SMS"),
    ],
)
def test_a_choice_holds_for_everything_but_legal_notices(
    both: User, channel: str, message: str | None, legal: str
) -> None:
    choose_ways(both, channel=channel, daily_digest=False)
    assert list(ways(tell(both))) == ["SITE", *([message] if message else [])]
    assert list(ways(tell(both, "accepted"))) == ["SITE", legal]


def test_the_notices_of_a_day_go_out_together_but_not_the_legal_ones(both: User) -> None:
    choose_ways(both, channel="SMS", daily_digest=True)
    first, second, seen, legal = tell(both), tell(both), tell(both), tell(both, "accepted")
    assert deliver_due(MORNING) == 1
    assert ways(legal)["SMS"] == "SENT"
    mark_read(both, at=MORNING, notices=[seen.pk])
    assert deliver_due(EVENING - timedelta(seconds=1)) == 0
    assert deliver_due(EVENING) == 1
    assert [ways(notice)["SMS"] for notice in (first, second, seen)] == ["DIGESTED", "DIGESTED", "UNNEEDED"]
    assert len(MemoryGateway.outbox) == 2
    assert MemoryGateway.outbox[1].text.endswith("您有新的通知，请查看。 http://localhost:8000/notices/")
    assert unread_count(both) == 3  # the digest itself is no line of the inbox
    assert {notice.kind for notice in inbox(both).notices} == {"message_received", "accepted"}


def test_a_digest_that_reaches_nobody_is_a_task_for_all_that_it_gathered(resident: User) -> None:
    choose_ways(resident, channel="SMS", daily_digest=True)
    told = [tell(resident), tell(resident)]
    MemoryGateway.failures.append(GatewayError("no_such_number", permanent=True))
    deliver_due(EVENING)
    task = CannotReach.objects.get()
    assert set(Notice.objects.filter(cannot_reach=task, pk__in=[one.pk for one in told])) == set(told)


def test_mail_is_quiet_at_night_too(clerk: User) -> None:
    night = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    notice = tell(clerk, at=night)
    assert deliver_due(night) == 0
    assert notice.deliveries.get(channel="EMAIL").next_attempt_at == datetime(2026, 11, 21, tzinfo=UTC)


def test_one_telephone_hears_it_once(resident: User) -> None:
    guest = User.objects.create(username="guest-1", is_guest=True, phone=resident.phone)
    from notifications.services import notify_all

    told = notify_all([resident, guest], kind="accepted", subject=("case", 7), url="/cases/", at=MORNING)
    assert [list(ways(notice)) for notice in told] == [["SITE", "SMS"], ["SITE"]]


def test_the_same_delivery_keeps_its_key_and_every_other_has_its_own(both: User) -> None:
    notice, other = tell(both), tell(both)
    way = notice.deliveries.get(channel="SMS")
    assert way.key == Delivery.objects.get(pk=way.pk).key
    keys = {row.key for row in Delivery.objects.filter(notice__in=[notice, other])}
    assert len(keys) == 4


def test_a_mail_names_itself_by_its_key(clerk: User) -> None:
    notice = tell(clerk)
    deliver_due(MORNING)
    key = notice.deliveries.get(channel="EMAIL").key
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{key}@localhost>"


def test_what_may_have_gone_out_is_not_sent_again_where_nobody_knows_it_again(
    both: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryGateway, "idempotent", False)
    notice = tell(both)
    MemoryGateway.failures.append(GatewayError("no_answer", uncertain=True))
    deliver_due(MORNING)
    assert ways(notice) == {"SITE": "SENT", "SMS": "UNKNOWN", "EMAIL": "SENT"}
    [attempt] = Attempt.objects.filter(delivery__channel="SMS")
    assert (attempt.result, attempt.error, attempt.ended_at) == ("UNKNOWN", "no_answer", MORNING)


def test_every_attempt_is_written_down(resident: User) -> None:
    notice = tell(resident)
    MemoryGateway.failures.append(GatewayError("busy"))
    deliver_due(MORNING)
    deliver_due(MORNING + timedelta(minutes=1))
    rows = Attempt.objects.filter(delivery__notice=notice).values_list("number", "result", "error")
    assert list(rows) == [(1, "FAILED", "busy"), (2, "SENT", "")]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_whose_worker_lives_is_left_alone(resident: User) -> None:
    notice = tell(resident)
    attempt = delivering._claim(MORNING)
    assert attempt is not None
    settled: list[int] = []

    def another_worker() -> None:
        settled.append(delivering.settle_interrupted(MORNING))
        connection.close()

    other = threading.Thread(target=another_worker)
    other.start()
    other.join()
    assert (settled, ways(notice)["SMS"]) == ([0], "SENDING")
    delivering._let_go(attempt.delivery_id)  # as when its connection ends
    assert delivering.settle_interrupted(MORNING) == 1
    assert ways(notice)["SMS"] == "FAILED"
