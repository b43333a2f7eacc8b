from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Serve our own static files and leave Viewflow's 49 MB (inline script, missing font) where they are."""

    ignore_patterns = settings.STATIC_IGNORED


class Wiring(AppConfig):
    """Give the checks and commands of this package to Django."""

    name = "config"

    def ready(self) -> None:
        # Not at the top: checks import models, which are not there while apps are being loaded.
        from config import checks  # noqa: F401
