"""Tell people: rows in the transaction of the change, sent by the worker after it (`notifications.delivering`)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.live import announce, announce_all
from notifications.models import CannotReach, Channel, Delivery, Kind, Notice, Preference
from notifications.quiet_hours import after_quiet_hours
from notifications.registers import registered_mobiles
from notifications.texts import TEXTS
from notifications.ways import next_digest, preferences_of, waits_for_digest, ways_to

Status = Delivery.Status

# What may stand in a notice: a number by which the file is called, and a day. Nothing about a person or a matter.
ALLOWED_PARAMS = frozenset({"number", "due"})
# Who can be told on the site only must have looked by then; else the centre finds another way.
TIME_TO_READ = timedelta(days=3)


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
    """Tell several people the same, in four queries however many they are (see `notify`)."""
    rows = planned(recipients, kind=kind, subject=subject, url=url, at=at, **params)
    if not rows:
        return []
    with transaction.atomic(savepoint=False):
        notices = Notice.objects.bulk_create(notice for notice, _ways in rows)
        Delivery.objects.bulk_create(delivery for _notice, ways in rows for delivery in ways)
        announce_all([(f"user:{notice.recipient_id}", notice.pk) for notice in notices])
    return notices


def planned(
    recipients: Sequence[User], *, kind: str, subject: tuple[str, int], url: str, at: datetime, **params: str | int
) -> list[tuple[Notice, list[Delivery]]]:
    """Return what telling these people would write, without writing it: each notice with its deliveries.

    The forms of actions show it beforehand; `notify_all` stores the same.
    """
    if not params.keys() <= ALLOWED_PARAMS:
        raise ValueError(f"a notice carries only {sorted(ALLOWED_PARAMS)}")
    if not recipients:
        return []
    preferences, phones, registered = preferences_of(recipients), set[str](), registered_mobiles(recipients)
    found = []
    for person in recipients:
        notice = Notice(
            recipient=person,
            kind=Kind(kind),
            subject_kind=subject[0],
            subject_id=subject[1],
            url=url,
            params=params,
            created=at,
        )
        ways = _deliveries(notice, person, preferences.get(person.pk), at, phones, registered.get(person.pk, ""))
        found.append((notice, list(ways)))
    return found


def _deliveries(
    notice: Notice, recipient: User, preference: Preference | None, at: datetime, phones: set[str], registered: str
) -> Iterable[Delivery]:
    """The site always, and the first way out of the house; the next one is written when that one fails.

    One telephone hears it once, although its owner may be here with an account and with a case pass.
    """
    ways, number = ways_to(recipient, notice.kind, preference, registered), registered or recipient.phone
    site = Delivery(notice=notice, channel=Channel.SITE, status=Status.SENT, attempts=1, sent_at=at)
    if ways and ways[0] == Channel.SMS and number in phones:
        yield site
        return
    phones.add(number)
    address = registered if ways and ways[0] == Channel.SMS else ""
    if not ways and TEXTS[Kind(notice.kind)].legal:
        site.read_by = at + TIME_TO_READ
    yield site
    if ways and waits_for_digest(notice.kind, preference):
        yield Delivery(notice=notice, channel=ways[0], address=address, in_digest=True, next_attempt_at=next_digest(at))
    elif ways:
        yield Delivery(notice=notice, channel=ways[0], address=address, next_attempt_at=after_quiet_hours(at))


def mark_read(user: User, *, at: datetime, notices: Iterable[int] | None = None) -> int:
    """Mark the user's notices (all, or those with these keys) as read; return how many were unread."""
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True)
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    return _mark(user, unread, at=at)


def mark_seen(user: User, subject: tuple[str, int], *, at: datetime, url: str = "") -> int:
    """Mark what the user was told about a subject as read, because its page was opened; return how many were unread.

    `url`: only what led to this page below it.
    """
    unread = Notice.objects.filter(recipient=user, read_at__isnull=True, subject_kind=subject[0], subject_id=subject[1])
    return _mark(user, unread.filter(url=url) if url else unread, at=at)


def _mark(user: User, unread: QuerySet[Notice], *, at: datetime) -> int:
    """Whoever looks after all is reached: the task of finding them is done."""
    if not unread.exists():  # as on most pages: nothing to lock, nothing to write
        return 0
    with transaction.atomic():
        found = list(unread.select_for_update().values_list("pk", "cannot_reach"))
        if not found:
            return 0
        Notice.objects.filter(pk__in=[pk for pk, _task in found]).update(read_at=at)
        if tasks := {task for _pk, task in found if task}:
            CannotReach.objects.filter(pk__in=tasks, resolved_at__isnull=True).update(
                resolved_at=at, how=CannotReach.How.READ
            )
        announce(f"user:{user.pk}", 0)
    return len(found)


def choose_ways(user: User, *, channel: str, daily_digest: bool) -> Preference:
    """Keep how somebody wants to be told what is not a legal notice."""
    row, _new = Preference.objects.update_or_create(
        user=user, defaults={"channel": Channel(channel), "daily_digest": daily_digest}
    )
    return row
