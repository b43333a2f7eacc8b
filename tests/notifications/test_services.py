"""Telling people, and sending it."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications import texts
from notifications.delivering import deliver_due
from notifications.gateways import GatewayError, Message
from notifications.gateways.console import ConsoleGateway
from notifications.gateways.memory import MemoryGateway
from notifications.models import Delivery, Kind, Notice
from notifications.quiet_hours import after_quiet_hours
from notifications.selectors import inbox, unread_count
from notifications.services import mark_read, notify
from tests.notifications.conftest import MORNING

Status = Delivery.Status
NIGHT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
NEXT_DAY = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai


def tell(user: User, kind: str = "accepted", at: datetime = MORNING, **params: str | int) -> Notice:
    return notify(user, kind=kind, subject=("case", 7), url="/cases/AH-2026-00012/", at=at, **params)


def ways_of(notice: Notice) -> list[tuple[str, str]]:
    return list(notice.deliveries.order_by("pk").values_list("channel", "status"))


def sms_of(notice: Notice) -> Delivery:
    return notice.deliveries.get(channel="SMS")


@pytest.mark.django_db
def test_a_notice_has_one_delivery_for_each_way_to_its_recipient(resident: User, clerk: User) -> None:
    ways = {
        user.username: list(tell(user).deliveries.values_list("channel", "status").order_by("pk"))
        for user in (resident, clerk)
    }
    assert ways == {
        "zhang": [("SITE", "SENT"), ("SMS", "PENDING")],
        "clerk": [("SITE", "SENT"), ("EMAIL", "PENDING")],
    }


@pytest.mark.django_db
def test_a_text_message_is_not_sent_for_what_only_the_desk_needs(resident: User) -> None:
    assert ways_of(tell(resident, "task_assigned")) == [("SITE", "SENT")]


@pytest.mark.django_db
def test_the_change_rolled_back_tells_nobody(resident: User) -> None:
    with transaction.atomic():
        tell(resident)
        transaction.set_rollback(True)
    assert (Notice.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_the_recipients_desk_is_rung(resident: User) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        notice = tell(resident)
    rung = [query["sql"] for query in queries if "pg_notify" in query["sql"]]
    assert len(rung) == 1
    assert f'"user:{resident.pk}", "version": {notice.pk}' in rung[0]


@pytest.mark.django_db
@pytest.mark.parametrize("params", [{"name": "张桂兰"}, {"text": "漏水"}, {"number": "AH-1", "phone": "1"}])
def test_a_notice_carries_nothing_about_a_person(resident: User, params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="carries only"):
        tell(resident, **params)
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_an_unknown_kind_is_refused(resident: User) -> None:
    with pytest.raises(ValueError, match="gossip"):
        tell(resident, "gossip")


@pytest.mark.django_db
def test_the_database_refuses_a_second_delivery_on_the_same_way(resident: User) -> None:
    notice = tell(resident)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(notice=notice, channel="SMS", next_attempt_at=MORNING)


@pytest.mark.django_db
def test_what_is_due_is_sent_once(resident: User, outbox: type[MemoryGateway]) -> None:
    notice = tell(resident, number="AH-2026-00012")
    assert [deliver_due(MORNING), deliver_due(MORNING)] == [1, 0]
    delivery = sms_of(notice)
    assert (delivery.status, delivery.attempts, delivery.sent_at) == (Status.SENT, 1, MORNING)
    assert [(message.to, message.text) for message in outbox.outbox] == [
        (
            "+8613812345678",
            "【调处】AH-2026-00012：案件已受理，请查看接下来的安排。 http://localhost:8000/cases/AH-2026-00012/",
        )
    ]


@pytest.mark.django_db
def test_an_email_goes_through_djangos_mail(clerk: User) -> None:
    clerk.language = "en"
    clerk.save()
    tell(clerk)
    assert deliver_due(MORNING) == 1
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["clerk@example.org"], "Tiaochu: you have a new notice")
    ]
    assert "The case has been accepted" in str(mail.outbox[0].body)


@pytest.mark.django_db
def test_nothing_is_sent_before_it_is_due(resident: User, outbox: type[MemoryGateway]) -> None:
    tell(resident, at=MORNING + timedelta(minutes=5))
    assert deliver_due(MORNING) == 0
    assert outbox.outbox == []


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_later_and_then_given_up(
    resident: User, outbox: type[MemoryGateway]
) -> None:
    notice = tell(resident)
    outbox.failures.extend(GatewayError("busy") for _ in range(5))
    now, waits = MORNING, []
    for _ in range(4):
        assert deliver_due(now) == 1
        delivery = sms_of(notice)
        assert delivery.next_attempt_at is not None
        assert (delivery.status, delivery.error) == (Status.FAILED, "busy")
        waits.append(int((delivery.next_attempt_at - now) / timedelta(minutes=1)))
        assert deliver_due(delivery.next_attempt_at - timedelta(seconds=1)) == 0
        now = delivery.next_attempt_at
    assert waits == [1, 5, 25, 120]
    assert deliver_due(now) == 1
    delivery = sms_of(notice)
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == (Status.DEAD, 5, None)
    assert deliver_due(now + timedelta(days=9)) == 0
    assert outbox.outbox == []


@pytest.mark.django_db
def test_a_permanent_failure_is_given_up_at_once(resident: User, outbox: type[MemoryGateway]) -> None:
    notice = tell(resident)
    outbox.failures.append(GatewayError("no_such_number", permanent=True))
    deliver_due(MORNING)
    assert (sms_of(notice).status, sms_of(notice).error) == (Status.DEAD, "no_such_number")


@pytest.mark.django_db
def test_a_gateway_that_breaks_does_not_stop_the_others(
    resident: User, clerk: User, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = tell(resident), tell(clerk)

    def broken(self: MemoryGateway, message: Message) -> None:
        raise KeyError(message.to)

    monkeypatch.setattr(MemoryGateway, "send", broken)
    assert deliver_due(MORNING) == 2
    assert (sms_of(first).status, sms_of(first).error) == (Status.FAILED, "KeyError")
    assert second.deliveries.get(channel="EMAIL").status == Status.SENT
    assert "13812345678" not in "".join(capfd.readouterr())


@pytest.mark.django_db
def test_nothing_is_sent_to_somebody_deactivated(resident: User, outbox: type[MemoryGateway]) -> None:
    notice = tell(resident)
    User.objects.filter(pk=resident.pk).update(is_active=False)
    deliver_due(MORNING)
    assert (sms_of(notice).status, sms_of(notice).error) == (Status.DEAD, "no_address")
    assert outbox.outbox == []


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("2026-11-20T21:59:59+08:00", "2026-11-20T21:59:59+08:00"),
        ("2026-11-20T22:00:00+08:00", "2026-11-21T08:00:00+08:00"),
        ("2026-11-20T23:30:00+08:00", "2026-11-21T08:00:00+08:00"),
        ("2026-11-21T00:00:00+08:00", "2026-11-21T08:00:00+08:00"),
        ("2026-11-21T07:59:59+08:00", "2026-11-21T08:00:00+08:00"),
        ("2026-11-21T08:00:00+08:00", "2026-11-21T08:00:00+08:00"),
        ("2026-12-31T14:00:00+00:00", "2027-01-01T08:00:00+08:00"),
    ],
)
def test_a_night_message_waits_for_the_morning(moment: str, sent: str) -> None:
    assert after_quiet_hours(datetime.fromisoformat(moment)) == datetime.fromisoformat(sent)


@pytest.mark.django_db
def test_quiet_hours_hold_text_messages_but_not_the_site(resident: User, outbox: type[MemoryGateway]) -> None:
    notice = tell(resident, at=NIGHT)
    assert (sms_of(notice).next_attempt_at, unread_count(resident)) == (NEXT_DAY, 1)
    assert deliver_due(NIGHT) == 0
    assert deliver_due(NEXT_DAY) == 1
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_message_delayed_into_the_night_waits_without_counting_as_a_failure(
    resident: User, outbox: type[MemoryGateway]
) -> None:
    notice = tell(resident)
    deliver_due(NIGHT)
    delivery = sms_of(notice)
    assert (delivery.status, delivery.attempts, delivery.next_attempt_at) == (Status.PENDING, 0, NEXT_DAY)
    assert outbox.outbox == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parallel_workers_send_each_delivery_once(resident: User, outbox: type[MemoryGateway]) -> None:
    for number in range(60):
        tell(resident, number=f"AH-2026-{number:05}")
    tried: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        tried.append(deliver_due(MORNING))
        close_old_connections()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(tried) == 60
    assert len({message.text for message in outbox.outbox}) == len(outbox.outbox) == 60
    assert set(Delivery.objects.filter(channel="SMS").values_list("status", "attempts")) == {("SENT", 1)}


@pytest.mark.django_db
def test_the_inbox_goes_back_page_by_page(resident: User, clerk: User) -> None:
    told = [tell(resident).pk for _ in range(5)]
    tell(clerk)
    first = inbox(resident, size=2)
    second = inbox(resident, before=first.before, size=2)
    third = inbox(resident, before=second.before, size=2)
    assert [notice.pk for page in (first, second, third) for notice in page.notices] == told[::-1]
    assert third.before is None


@pytest.mark.django_db
def test_somebody_marks_only_their_own_notices_as_read(resident: User, clerk: User) -> None:
    mine, other = tell(resident), tell(clerk)
    assert mark_read(resident, at=MORNING, notices=[mine.pk, other.pk]) == 1
    assert mark_read(resident, at=MORNING) == 0
    assert (unread_count(resident), unread_count(clerk)) == (0, 1)


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    assert set(texts.TEXTS) == set(Kind)
    for text in texts.TEXTS.values():
        assert text.zh.endswith("。")
        assert text.en.endswith(".")
        assert "{" not in text.zh + text.en


def test_a_message_is_in_the_recipients_language() -> None:
    assert texts.message_text("closed", {}, "/x/", "") == "【调处】案件已结案，请查看结果。 http://localhost:8000/x/"
    assert texts.message_text("closed", {}, "/x/", "en") == (
        "[Tiaochu] The case has been closed; please see the result. http://localhost:8000/x/"
    )


def test_a_message_does_not_show_itself_in_logs() -> None:
    assert repr(Message(to="+8613812345678", text="123456")) == "Message()"


def test_the_console_gateway_prints_in_development_only(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    message = Message(to="+8613812345678", text="hello")
    ConsoleGateway().send(message)
    assert capsys.readouterr().out == "[SMS → +8613812345678] hello\n"
    settings.PRODUCTION = True
    with pytest.raises(GatewayError):
        ConsoleGateway().send(message)
    assert capsys.readouterr().out == ""
