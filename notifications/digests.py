"""Gather the day's notices of whoever wants them together into one message."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from notifications.models import Delivery, Kind, Notice
from notifications.quiet_hours import after_quiet_hours

Status = Delivery.Status


def gather_digests(now: datetime) -> int:
    """Turn what waits for the evening into one delivery for each person; return how many people there were."""
    waiting = Delivery.objects.filter(in_digest=True, status=Status.PENDING, next_attempt_at__lte=now)
    people = list(waiting.order_by("notice__recipient").values_list("notice__recipient", flat=True).distinct()[:100])
    return sum(_gather(person, now) for person in people)


def _gather(person: int, now: datetime) -> int:
    with transaction.atomic():
        # One worker for each person; rows that refer to the person are not held up.
        if not User.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=person).exists():
            return 0
        rows = list(
            Delivery.objects.select_for_update(of=("self",))
            .filter(notice__recipient=person, in_digest=True, status=Status.PENDING, next_attempt_at__lte=now)
            .select_related("notice")
            .order_by("pk")
        )
        unread = [row for row in rows if row.notice.read_at is None]
        seen = [row.pk for row in rows if row.notice.read_at is not None]
        Delivery.objects.filter(pk__in=seen).update(status=Status.UNNEEDED, next_attempt_at=None)
        if not unread:
            return 0
        last = unread[-1]
        digest = Notice.objects.create(
            recipient_id=person,
            kind=Kind.DAILY_DIGEST,
            subject_kind=last.notice.subject_kind,
            subject_id=last.notice.subject_id,
            url="/notices/",
            created=now,
        )
        Delivery.objects.create(
            notice=digest, channel=last.channel, address=last.address, next_attempt_at=after_quiet_hours(now)
        )
        Delivery.objects.filter(pk__in=[row.pk for row in unread]).update(
            status=Status.DIGESTED, digest=digest, next_attempt_at=None
        )
    return 1
