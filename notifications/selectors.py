"""Read what somebody has been told."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from notifications.models import Kind, Notice


@dataclass(frozen=True)
class InboxPage:
    """Some notices, newest first, and where the next page begins (None: this was the last)."""

    notices: list[Notice]
    before: int | None


def unread(user: User) -> QuerySet[Notice]:
    """Return the notices that wait to be read."""
    return _shown(user).filter(read_at__isnull=True)


def unread_count(user: User) -> int:
    """Return how many notices wait to be read."""
    return unread(user).count()


def inbox(user: User, *, before: int | None = None, size: int = 20) -> InboxPage:
    """Return one page of the user's notices, older than the notice `before`."""
    notices = _shown(user).order_by("-pk")
    if before is not None:
        notices = notices.filter(pk__lt=before)
    found = list(notices[: size + 1])
    return InboxPage(found[:size], found[size - 1].pk if len(found) > size else None)


def _shown(user: User) -> QuerySet[Notice]:
    """A digest only says that there is something on this very list."""
    return Notice.objects.filter(recipient=user).exclude(kind=Kind.DAILY_DIGEST)
