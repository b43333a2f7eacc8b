"""Translations are committed compiled: a bare machine has no gettext."""

import gettext
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings

SOURCES = sorted(Path(settings.LOCALE_PATHS[0]).rglob("*.po"))


def catalogue(compiled: bytes) -> dict[object, str]:
    return {**gettext.GNUTranslations(BytesIO(compiled))._catalog}  # type: ignore[attr-defined]


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="msgfmt (gettext) is not installed")
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-3:]))
def test_the_committed_translation_is_compiled_from_its_source(source: Path) -> None:
    built = subprocess.run(["msgfmt", "--check-format", "-o", "-", source], check=True, capture_output=True).stdout
    committed = source.with_suffix(".mo")
    assert committed.exists(), "run `manage.py compilemessages` and commit the .mo file"
    assert catalogue(committed.read_bytes()) == catalogue(built), "run `manage.py compilemessages`"
