"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates the help line and the mode of the site."""
    return {"help_phone": settings.HELP_PHONE, "demo": settings.DEMO}
