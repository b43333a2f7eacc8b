"""Sockets through ASGI; config/server.py puts the pages beside them in the same process."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # the imports below need it

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.db import DatabaseError  # noqa: E402

from live.routing import websocket_urlpatterns  # noqa: E402

Message = dict[str, Any]
checked = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))


async def websocket(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Refuse what cannot be read (an origin or a cookie that is no such thing) instead of failing on it."""
    try:
        await checked(scope, receive, send)
    except (ValueError, DatabaseError):
        await send({"type": "websocket.close", "code": 1011})


# For larger sites: sockets alone, with the pages served elsewhere.
application = ProtocolTypeRouter({"websocket": websocket})
