"""What every page knows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

LARGE_TYPE_COOKIE = "large_type"


@dataclass(frozen=True)
class MenuItem:
    """One line of a desk's menu; lines of one group stand together."""

    label: str
    url: str
    count: int | None = None
    current: bool = False
    group: str = ""


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the help line, the size of type and the mode of the site."""
    return {
        "help_phone": settings.HELP_PHONE,
        "help_tel": settings.HELP_PHONE.replace(" ", ""),
        "large_type": wants_large_type(request),
        "demo": settings.DEMO,
    }


def wants_large_type(request: HttpRequest) -> bool:
    """Ask this device first, then the person."""
    chosen = request.COOKIES.get(LARGE_TYPE_COOKIE)
    if chosen is not None:
        return chosen == "1"
    return bool(getattr(getattr(request, "user", None), "large_type", False))
