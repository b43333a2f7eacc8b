"""Fall from one way to the next, and hand over to people where none is left."""

from datetime import datetime

import structlog
from django.db import transaction

from notifications.models import CannotReach, Channel, Delivery, Kind, Notice
from notifications.quiet_hours import after_quiet_hours
from notifications.registers import registered_mobiles
from notifications.ways import preferences_of, ways_to

log = structlog.get_logger(__name__)


def try_next_way(notice: Notice, *, at: datetime) -> None:
    """Write the delivery on the next way that was not tried, or the task to find the person; in the caller's change.

    Nothing more is needed for what was read on the site meanwhile, nor for somebody who was deactivated.
    """
    recipient = notice.recipient
    if notice.read_at is not None or not recipient.is_active:
        return
    tried = set(notice.deliveries.values_list("channel", flat=True))
    preference = preferences_of([recipient]).get(recipient.pk)
    registered = registered_mobiles([recipient]).get(recipient.pk, "")
    for way in ways_to(recipient, notice.kind, preference, registered):
        if way not in tried:
            address = registered if way == Channel.SMS else ""
            Delivery.objects.create(notice=notice, channel=way, address=address, next_attempt_at=after_quiet_hours(at))
            return
    open_task(notice, at=at)


def open_task(notice: Notice, *, at: datetime) -> None:
    """Write down that no way is left; one open task for each person and subject, however many notices it holds.

    Colleagues work on the site every day: to them the notice there suffices. What an account's own change tells
    is no case's business.
    """
    recipient = notice.recipient
    if recipient.is_centre_staff or notice.subject_kind == "account":
        return
    task, new = CannotReach.objects.get_or_create(
        recipient=recipient,
        subject_kind=notice.subject_kind,
        subject_id=notice.subject_id,
        resolved_at=None,
        defaults={"opened_at": at},
    )
    held = [notice.pk]
    if notice.kind == Kind.DAILY_DIGEST:
        held += notice.gathered.filter(notice__read_at__isnull=True).values_list("notice", flat=True)
    Notice.objects.filter(pk__in=held).update(cannot_reach=task)
    if new:
        log.warning("cannot_reach", task=task.pk, subject=f"{notice.subject_kind}:{notice.subject_id}")


def watch_unread(now: datetime) -> int:
    """Open the task for legal notices that could be told on the site only and were not looked at in time."""
    due = Delivery.objects.filter(read_by__lte=now).order_by("read_by", "pk").values_list("pk", flat=True)[:100]
    done = 0
    for key in list(due):
        with transaction.atomic():
            row = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key, read_by__lte=now)
            site = row.select_related("notice__recipient").first()
            if site is None:
                continue
            site.read_by = None
            site.save(update_fields=["read_by"])
            try_next_way(site.notice, at=now)
            done += 1
    return done
