"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from web import menu
from web.menu import MenuItem

LARGE_TYPE_COOKIE = "large_type"

__all__ = ["LARGE_TYPE_COOKIE", "MenuItem", "desk", "site", "wants_large_type"]


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the help line, the size of type, the mode of the site, and staff the menu of their desk."""
    return {
        "help_phone": settings.HELP_PHONE,
        "help_tel": settings.HELP_PHONE.replace(" ", ""),
        "large_type": wants_large_type(request),
        "demo": settings.DEMO,
    } | desk(request)


def wants_large_type(request: HttpRequest) -> bool:
    """Ask this device first, then the person."""
    chosen = request.COOKIES.get(LARGE_TYPE_COOKIE)
    if chosen is not None:
        return chosen == "1"
    return bool(getattr(getattr(request, "user", None), "large_type", False))


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give the menu, the role and the unread notices; nothing is read before a page shows it."""
    user = getattr(request, "user", None)
    if user is None:
        return {}
    return {
        "menu": SimpleLazyObject(lambda: menu.menu_of(request)),
        "notices_url": "/notices/",
        "notices_count": SimpleLazyObject(lambda: menu.unread_of(request)),
        "role_label": SimpleLazyObject(lambda: menu.role_label(request)),
    }
