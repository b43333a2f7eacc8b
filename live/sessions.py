"""Ask the database about open sockets: is the session still there, may this person still follow that?

All questions go through one thread with one connection, whatever the number of sockets.
"""

from collections.abc import Iterable
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from live.topics import joinable

Identity = tuple[str, int, str]  # session key, user id, password hash


async def still_signed_in(sockets: Iterable[Identity]) -> set[Identity]:
    """Keep those whose session lives and whose account is active with the same password; two queries."""
    kept: set[Identity] = await database_sync_to_async(_signed_in)(list(sockets))
    return kept


async def versions_for(user_id: int, topics: Iterable[str]) -> dict[str, int]:
    """Return the current versions of the topics that this person may follow now."""
    versions: dict[str, int] = await database_sync_to_async(_versions)(user_id, list(topics))
    return versions


def _signed_in(sockets: list[Identity]) -> set[Identity]:
    store = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    keys = {key for key, _, _ in sockets}
    living = store.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = set(living.values_list("session_key", flat=True))
    users = User.objects.filter(pk__in={user_id for _, user_id, _ in sockets}, is_active=True)
    passwords = dict(users.values_list("pk", "password"))
    return {socket for socket in sockets if socket[0] in sessions and passwords.get(socket[1]) == socket[2]}


def _versions(user_id: int, topics: list[str]) -> dict[str, int]:
    user = User.objects.filter(pk=user_id).first()
    return joinable(user, topics) if user else {}
