"""What settings alone cannot tell: `manage.py check` and every start say it."""

import importlib.util
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string

from config import health, starting

Apps = Sequence[AppConfig] | None
SHORTEST_SECRET = 32


@register
def psycopg_2_alone(app_configs: Apps, **_options: Any) -> list[CheckMessage]:
    """Refuse psycopg 3: Django prefers it silently, and what LISTENs here is written for psycopg2."""
    if importlib.util.find_spec("psycopg") is None:
        return []
    hint = "Run `uv sync --locked`, or uninstall psycopg."
    return [Error("psycopg 3 is installed beside psycopg2.", hint=hint, id="tiaochu.E001")]


@register
def secrets_are_long(app_configs: Apps, **_options: Any) -> list[CheckMessage]:
    """Refuse short secrets in production; settings already refuse missing ones."""
    if not settings.PRODUCTION:
        return []
    secrets = {
        "SECRET_KEY": settings.SECRET_KEY,
        "INDEX_KEY": settings.INDEX_KEY,
        "FIELD_KEYS": min(settings.FIELD_KEYS, key=len),
    }
    hint = f"Use at least {SHORTEST_SECRET} random characters."
    return [
        Error(f"{name} is too short.", hint=hint, id="tiaochu.E002")
        for name, value in secrets.items()
        if len(value) < SHORTEST_SECRET
    ]


@register
def gateway_can_be_loaded(app_configs: Apps, **_options: Any) -> list[CheckMessage]:
    """Refuse a mistyped SMS_GATEWAY now rather than at the first message."""
    try:
        import_string(settings.SMS_GATEWAY)
    except ImportError as error:
        return [Error(f"SMS_GATEWAY cannot be loaded: {error}", id="tiaochu.E003")]
    return []


@register(Tags.database)
def the_site_may_start(
    app_configs: Apps, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Refuse keys that are not those of this database, and demo accounts in production."""
    if not databases:
        return []
    return [Error(sentence, id="tiaochu.E004") for sentence in starting.reasons_not_to_start()]


@register(Tags.database)
def working_days_are_loaded(
    app_configs: Apps, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Warn when no legal deadline could be computed this year; before the first `migrate` there is nothing to ask."""
    if not databases:
        return []
    try:
        known = health.calendar(timezone.now())["ok"]
    except DatabaseError:
        return []
    if known:
        return []
    hint = "Run `bin/manage prepare`."
    return [Warning("The working days of this year are not loaded.", hint=hint, id="tiaochu.W001")]
