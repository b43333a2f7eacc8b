"""Send what is due: claimed first, tried then, settled after, so that a killed worker is found out.

A delivery is claimed in a transaction of its own, with the attempt written down, before anything leaves the house.
While it is sent the worker holds a lock that PostgreSQL gives back when its connection ends. A delivery that is being
sent and whose lock is free belongs to a worker that died: whether the message went out nobody knows. A gateway that
knows a message again by its key gets it once more; any other does not, and the next way is taken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from notifications.digests import gather_digests
from notifications.gateways import Gateway, GatewayError, gateway_for
from notifications.messages import notice_message
from notifications.models import Attempt, Channel, Delivery
from notifications.quiet_hours import after_quiet_hours
from notifications.unreachable import try_next_way, watch_unread

Status, Result = Delivery.Status, Attempt.Result

# How long to wait after each failed attempt; after the last one it is given up.
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 25, 120)]
# The first of the two numbers of an advisory lock: deliveries that are being sent.
IN_THE_AIR = 0x7469616F
TWO_TO_THE_31 = 2**31

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt: sent, surely not sent, or nobody knows."""

    result: str
    error: str = ""
    permanent: bool = False
    receipt: str = ""


def deliver_due(now: datetime, limit: int = 100) -> int:
    """Send what is due, each delivery by itself; return how many were tried.

    Any number of workers may run it at once: a row that one of them holds is skipped by the others.
    """
    settle_interrupted(now)
    gather_digests(now)
    watch_unread(now)
    tried = 0
    while tried < limit and _deliver_next(now):
        tried += 1
    return tried


def _deliver_next(now: datetime) -> bool:
    attempt = _claim(now)
    if attempt is None:
        return False
    try:
        if attempt.pk:
            _settle(attempt, _send(attempt.delivery), now)
    finally:
        _let_go(attempt.delivery_id)
    return True


def _claim(now: datetime) -> Attempt | None:
    """Take the next delivery that is due and write the attempt down; one without a key: it waits for the morning."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status__in=[Status.PENDING, Status.FAILED], next_attempt_at__lte=now, in_digest=False)
            .select_related("notice__recipient")
            .order_by("next_attempt_at", "pk")
            .first()
        )
        if delivery is None or not _hold(delivery.pk):
            return None
        if after_quiet_hours(now) != now:
            delivery.next_attempt_at = after_quiet_hours(now)
            delivery.save(update_fields=["next_attempt_at"])
            return Attempt(delivery=delivery)
        delivery.status, delivery.next_attempt_at = Status.SENDING, None
        delivery.attempts += 1
        delivery.save(update_fields=["status", "next_attempt_at", "attempts"])
        return Attempt.objects.create(delivery=delivery, number=delivery.attempts, began_at=now)


def _send(delivery: Delivery) -> Outcome:
    """Hand the message to its gateway; whatever breaks there must not stop the other deliveries."""
    recipient = delivery.notice.recipient
    address = delivery.address or (recipient.phone if delivery.channel == Channel.SMS else recipient.email)
    if not recipient.is_active or not address:
        return Outcome(Result.FAILED, "no_address", permanent=True)
    try:
        receipt = gateway_for(delivery.channel).send(notice_message(delivery, address))
    except GatewayError as error:
        return Outcome(Result.UNKNOWN if error.uncertain else Result.FAILED, error.code, permanent=error.permanent)
    except Exception as error:  # nobody can tell how far it came
        log.error("delivery_broke", delivery=delivery.pk, error=type(error).__name__)
        return Outcome(Result.UNKNOWN, type(error).__name__)
    return Outcome(Result.SENT, receipt=(receipt or "")[:80])


def _settle(attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    """Write down what became of it, and what follows."""
    with transaction.atomic():
        delivery = _locked(attempt.delivery_id)
        attempt.result, attempt.ended_at = outcome.result, now
        attempt.error, attempt.receipt = outcome.error[:60], outcome.receipt
        attempt.save(update_fields=["result", "ended_at", "error", "receipt"])
        if outcome.result == Result.SENT:
            delivery.status, delivery.sent_at, delivery.next_attempt_at = Status.SENT, now, None
            delivery.error = ""
            delivery.save(update_fields=["status", "sent_at", "next_attempt_at", "error"])
        elif delivery.status == Status.SENDING:  # else somebody took it for interrupted, because our lock was lost
            _not_sent(delivery, outcome, now)


def _not_sent(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Try again later, or give this way up and take the next; never again what may have gone out unrecognisably."""
    delivery.error = outcome.error[:60]
    uncertain = outcome.result == Result.UNKNOWN
    again = not outcome.permanent and delivery.attempts <= len(BACKOFF)
    if uncertain and not _knows_again(gateway_for(delivery.channel)):
        again = False
    if again:
        delivery.status = Status.FAILED
        delivery.next_attempt_at = now + BACKOFF[delivery.attempts - 1]
    else:
        doubtful = uncertain or delivery.tries.filter(result=Result.UNKNOWN).exists()
        delivery.status, delivery.next_attempt_at = Status.UNKNOWN if doubtful else Status.DEAD, None
        log.warning("delivery_given_up", delivery=delivery.pk, channel=delivery.channel, error=delivery.error)
    delivery.save(update_fields=["status", "next_attempt_at", "error"])
    if not again:
        try_next_way(delivery.notice, at=now)


def _knows_again(gateway: Gateway) -> bool:
    return bool(getattr(gateway, "idempotent", False))


def settle_interrupted(now: datetime) -> int:
    """Settle what workers were sending when they died; return how much that was."""
    done = 0
    for key in list(Delivery.objects.filter(status=Status.SENDING).values_list("pk", flat=True)[:100]):
        if not _hold(key):
            continue  # its worker lives
        try:
            done += _settle_one(key, now)
        finally:
            _let_go(key)
    return done


def _settle_one(key: int, now: datetime) -> int:
    with transaction.atomic():
        delivery = _locked(key)
        if delivery.status != Status.SENDING:
            return 0
        interrupted = Outcome(Result.UNKNOWN, "interrupted")
        delivery.tries.filter(result=Result.BEGUN).update(
            result=interrupted.result, ended_at=now, error=interrupted.error
        )
        _not_sent(delivery, interrupted, now)
    return 1


def _locked(key: int) -> Delivery:
    return Delivery.objects.select_for_update(of=("self",)).select_related("notice__recipient").get(pk=key)


def _hold(key: int) -> bool:
    """Take the lock that says: a living worker is sending this one. It ends with the connection."""
    return _advisory("pg_try_advisory_lock", key)


def _let_go(key: int) -> bool:
    return _advisory("pg_advisory_unlock", key)


def _advisory(function: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [IN_THE_AIR, key % TWO_TO_THE_31])
        return bool(cursor.fetchone()[0])
