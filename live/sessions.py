"""Ask the database about open sockets: is the session still there, may this person still follow that?"""

from collections.abc import Iterable
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from live.topics import joinable


def _current(session_keys: Iterable[str]) -> set[str]:
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class().objects
    found = sessions.filter(session_key__in=set(session_keys), expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True))


@database_sync_to_async
def still_signed_in(sockets: Iterable[tuple[str, int, str]]) -> set[tuple[str, int, str]]:
    """Keep those (session key, user id, password hash) whose session lives and whose account is unchanged."""
    sockets = list(sockets)
    sessions = _current(key for key, _, _ in sockets)
    users = User.objects.filter(pk__in={user_id for _, user_id, _ in sockets}, is_active=True)
    passwords = dict(users.values_list("pk", "password"))
    return {
        (key, user_id, password)
        for key, user_id, password in sockets
        if key in sessions and passwords.get(user_id) == password
    }


@database_sync_to_async
def versions_for(user_id: int, topics: Iterable[str]) -> dict[str, int]:
    """Return the current versions of the topics that this person may follow now."""
    user = User.objects.filter(pk=user_id).first()
    return joinable(user, topics) if user else {}
