"""Tell people: rows in the transaction of the change, sent by the worker after it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.models import User
from audit.live import announce, announce_all
from notifications import texts
from notifications.gateways import GatewayError, Message, email_gateway, sms_gateway
from notifications.models import Delivery, Kind, Notice
from notifications.quiet_hours import after_quiet_hours

Channel = Delivery.Channel
Status = Delivery.Status

# What may stand in a notice: a number by which the file is called, and a day. Nothing about a person or a matter.
ALLOWED_PARAMS = frozenset({"number", "due"})
# How long to wait after each failed attempt; after the last one it is given up.
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 25, 120)]

log = structlog.get_logger(__name__)


def notify(
    recipient: User, *, kind: str, subject: tuple[str, int], url: str, at: datetime, **params: str | int
) -> Notice:
    """Write a notice and its deliveries, and ring the recipient's open pages; call it in the change's transaction.

    Raises ValueError for parameters that a notice may not carry.
    """
    return notify_all([recipient], kind=kind, subject=subject, url=url, at=at, **params)[0]


def notify_all(
    recipients: Sequence[User], *, kind: str, subject: tuple[str, int], url: str, at: datetime, **params: str | int
) -> list[Notice]:
    """Tell several people the same, in three queries however many they are (see `notify`)."""
    if not params.keys() <= ALLOWED_PARAMS:
        raise ValueError(f"a notice carries only {sorted(ALLOWED_PARAMS)}")
    if not recipients:
        return []
    with transaction.atomic(savepoint=False):
        notices = Notice.objects.bulk_create(
            Notice(
                recipient=recipient,
                kind=Kind(kind),
                subject_kind=subject[0],
                subject_id=subject[1],
                url=url,
                params=params,
                created=at,
            )
            for recipient in recipients
        )
        Delivery.objects.bulk_create(
            delivery
            for notice, recipient in zip(notices, recipients, strict=True)
            for delivery in _deliveries(notice, recipient, at)
        )
        announce_all([(f"user:{notice.recipient_id}", notice.pk) for notice in notices])
    return notices


def _deliveries(notice: Notice, recipient: User, at: datetime) -> Iterable[Delivery]:
    yield Delivery(notice=notice, channel=Channel.SITE, status=Status.SENT, attempts=1, sent_at=at)
    if recipient.phone and texts.TEXTS[Kind(notice.kind)].sms:
        yield Delivery(notice=notice, channel=Channel.SMS, next_attempt_at=after_quiet_hours(at))
    if recipient.email:
        yield Delivery(notice=notice, channel=Channel.EMAIL, next_attempt_at=at)


def deliver_due(now: datetime, limit: int = 100) -> int:
    """Send what is due, each delivery in its own transaction; return how many were tried.

    Any number of workers may run it at once: a row that one of them holds is skipped by the others.
    """
    tried = 0
    while tried < limit and _deliver_next(now):
        tried += 1
    return tried


def _deliver_next(now: datetime) -> bool:
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status__in=[Status.PENDING, Status.FAILED], next_attempt_at__lte=now)
            .select_related("notice__recipient")
            .order_by("next_attempt_at", "pk")
            .first()
        )
        if delivery is None:
            return False
        _attempt(delivery, now)
        delivery.save(update_fields=["status", "attempts", "next_attempt_at", "error", "sent_at"])
        return True


def _attempt(delivery: Delivery, now: datetime) -> None:
    if delivery.channel == Channel.SMS and after_quiet_hours(now) != now:
        delivery.next_attempt_at = after_quiet_hours(now)
        return
    delivery.attempts += 1
    try:
        _send(delivery)
    except GatewayError as error:
        _failed(delivery, error, now)
    except Exception as error:  # one bad row must not stop the others
        log.error("delivery_broke", delivery=delivery.pk, error=type(error).__name__)
        _failed(delivery, GatewayError(type(error).__name__), now)
    else:
        delivery.status, delivery.sent_at, delivery.next_attempt_at, delivery.error = Status.SENT, now, None, ""


def _send(delivery: Delivery) -> None:
    notice, recipient = delivery.notice, delivery.notice.recipient
    address = recipient.phone if delivery.channel == Channel.SMS else recipient.email
    if not recipient.is_active or not address:
        raise GatewayError("no_address", permanent=True)
    text = texts.message_text(notice.kind, notice.params, notice.url, recipient.language)
    if delivery.channel == Channel.SMS:
        sms_gateway().send(Message(to=address, text=text))
    else:
        subject = texts.in_language(texts.MAIL_SUBJECT, recipient.language)
        email_gateway().send(Message(to=address, text=text, subject=subject))


def _failed(delivery: Delivery, error: GatewayError, now: datetime) -> None:
    delivery.error = error.code[:60]
    if error.permanent or delivery.attempts > len(BACKOFF):
        delivery.status, delivery.next_attempt_at = Status.DEAD, None
        log.warning("delivery_given_up", delivery=delivery.pk, channel=delivery.channel, error=delivery.error)
        return
    delivery.status, delivery.next_attempt_at = Status.FAILED, now + BACKOFF[delivery.attempts - 1]


def mark_read(user: User, *, at: datetime, notices: Iterable[int] | None = None) -> int:
    """Mark the user's notices (all, or those with these keys) as read; return how many were unread."""
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True)
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    with transaction.atomic():
        count = unread.update(read_at=at)
        if count:
            announce(f"user:{user.pk}", 0)
    return count
