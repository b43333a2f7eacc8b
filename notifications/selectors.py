"""Read what somebody has been told."""

from dataclasses import dataclass

from accounts.models import User
from notifications.models import Notice


@dataclass(frozen=True)
class InboxPage:
    """Some notices, newest first, and where the next page begins (None: this was the last)."""

    notices: list[Notice]
    before: int | None


def unread_count(user: User) -> int:
    """Return how many notices wait to be read."""
    return Notice.objects.filter(recipient=user, read_at__isnull=True).count()


def inbox(user: User, *, before: int | None = None, size: int = 20) -> InboxPage:
    """Return one page of the user's notices, older than the notice `before`."""
    notices = Notice.objects.filter(recipient=user).order_by("-pk")
    if before is not None:
        notices = notices.filter(pk__lt=before)
    found = list(notices[: size + 1])
    return InboxPage(found[:size], found[size - 1].pk if len(found) > size else None)
