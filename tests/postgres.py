"""A throw-away PostgreSQL per test session unless DATABASE_URL names one; `addopts` loads it before the settings."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from config.launch import ROOT, data_directory
from config.postgres import THROWAWAY, Server, url

server: Server | None = None


def remove_leftovers(parent: Path) -> None:
    """Stop and delete what killed sessions left behind."""
    for directory in parent.glob("[0-9]*"):
        if not Path("/proc", directory.name).exists():
            Server(directory).stop_leftover()
            shutil.rmtree(directory, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    global server
    (ROOT / "staticfiles").mkdir(exist_ok=True)  # whitenoise warns of its absence
    if "DATABASE_URL" not in os.environ:
        parent = data_directory() / "tests"
        remove_leftovers(parent)
        server = Server(parent / str(os.getpid()), THROWAWAY)
        server.start()
        os.environ["DATABASE_URL"] = url(server.directory)
    yield


def pytest_unconfigure() -> None:
    if server is not None:
        server.stop()
        shutil.rmtree(server.directory, ignore_errors=True)
