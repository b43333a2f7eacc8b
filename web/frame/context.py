"""What every page knows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Centre
from web.frame import menu
from web.frame.menu import MenuItem

LARGE_TYPE_COOKIE = "large_type"

__all__ = ["LARGE_TYPE_COOKIE", "MenuItem", "desk", "site", "wants_large_type"]


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the help line, the size of type, the mode of the site, and staff the menu of their desk."""
    return {
        "help": SimpleLazyObject(lambda: help_line(request)),
        "large_type": wants_large_type(request),
        "demo": settings.DEMO,
    } | desk(request)


@dataclass(frozen=True)
class HelpLine:
    """Who helps by telephone; named like a centre, so that a page of a case can show its centre instead."""

    name: str = ""
    phone: str = ""
    opening_hours: str = ""


def help_line(request: HttpRequest) -> HelpLine:
    """Return the own centre of whoever works at one, else the number of the site, else the only head centre."""
    user: Any = getattr(request, "user", None)
    own = user.current_memberships() if user is not None and user.is_authenticated else []
    centre = next((m.centre for m in own if m.centre is not None), None)
    if centre is None and settings.HELP_PHONE:
        return HelpLine(phone=settings.HELP_PHONE)
    if centre is None:
        heads = list(Centre.objects.filter(parent=None)[:2])
        centre = heads[0] if len(heads) == 1 else None
    return HelpLine(centre.name, centre.phone, centre.opening_hours) if centre else HelpLine()


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
