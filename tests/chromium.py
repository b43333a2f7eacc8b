"""Where Chromium is: the one without a window first, which does the same with half the work."""

import shutil

import pytest


def chromium_path() -> str:
    """Return the program's path; the test is skipped where there is none."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium-headless-shell)")
    return path
