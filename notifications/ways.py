"""On which ways somebody is told, in which order, and when: preferences, digests, legal notices."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from accounts.models import User
from accounts.phones import is_mobile
from notifications.models import Channel, Kind, Preference
from notifications.quiet_hours import SHANGHAI
from notifications.texts import TEXTS

# When the day's notices go out together.
EVENING = time(18)


def preferences_of(people: Iterable[User]) -> dict[int, Preference]:
    """Return what each of these people chose; whoever is not in it chose nothing."""
    return {row.user_id: row for row in Preference.objects.filter(user__in=[person.pk for person in people])}


def ways_to(recipient: User, kind: str, preference: Preference | None, registered: str = "") -> list[str]:
    """Return the ways beside the site, the first choice first; each next one is for when the one before fails.

    A legal notice goes out whatever was chosen; the choice only says where it is tried first. `registered`: the mobile
    of the body for which somebody acts who has none (`notifications.registers`).
    """
    text = TEXTS[Kind(kind)]
    ways: list[str] = [Channel.SMS] if (registered or is_mobile(recipient.phone)) and text.sms else []
    ways += [Channel.EMAIL] if recipient.email else []
    chosen = preference.channel if preference else Channel.SMS
    if chosen == Channel.SITE and not text.legal:
        return []
    return sorted(ways, key=lambda way: way != chosen)


def waits_for_digest(kind: str, preference: Preference | None) -> bool:
    """Say whether a notice of this kind goes out with the others of its day."""
    return bool(preference and preference.daily_digest and not TEXTS[Kind(kind)].legal and kind != Kind.DAILY_DIGEST)


def next_digest(moment: datetime) -> datetime:
    """Return the next evening at which the notices of the day go out."""
    local = moment.astimezone(SHANGHAI)
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return datetime.combine(day, EVENING, tzinfo=SHANGHAI)
