"""What every test may use."""

from django.conf import settings

pytest_plugins = ["tests.journal_flush"]


def pytest_configure() -> None:
    """Make passwords cheap: what a real hash costs is Django's to test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
