"""The checks go red for what they guard against, and only then."""

from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from pytest_django.fixtures import Settings

from calendars.models import CalendarDay, CalendarVersion
from config import checks


def identities(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_psycopg_3_is_not_installed() -> None:
    assert checks.psycopg_2_alone(None) == []


def test_psycopg_3_beside_psycopg2_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert identities(checks.psycopg_2_alone(None)) == ["tiaochu.E001"]


def test_short_secrets_are_refused_in_production_only(settings: Settings) -> None:
    settings.SECRET_KEY, settings.INDEX_KEY, settings.FIELD_KEYS = "a" * 32, "short", ["b" * 32, "old"]
    assert checks.secrets_are_long(None) == []
    settings.PRODUCTION = True
    found = checks.secrets_are_long(None)
    assert [message.msg for message in found] == ["INDEX_KEY is too short.", "FIELD_KEYS is too short."]


def test_a_mistyped_gateway_is_an_error(settings: Settings) -> None:
    settings.SMS_GATEWAY = "notifications.gateways.nowhere.Gateway"
    assert identities(checks.gateway_can_be_loaded(None)) == ["tiaochu.E003"]


@pytest.mark.django_db
def test_a_year_without_working_days_is_a_warning() -> None:
    assert checks.working_days_are_loaded(None, databases=["default"]) == []
    CalendarDay.objects.all().delete()
    CalendarVersion.objects.all().delete()
    assert identities(checks.working_days_are_loaded(None, databases=["default"])) == ["tiaochu.W001"]
    assert checks.working_days_are_loaded(None, databases=None) == []
