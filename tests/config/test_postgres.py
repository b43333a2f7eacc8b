"""The embedded server comes up wherever DATA_DIR is, and takes over what a killed launcher left."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from config.postgres import SOCKET, SOCKET_PATH_LIMIT, THROWAWAY, PostgresError, Server, socket_directory, url


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Stay out of pytest's own directory: other sessions take away the server's way through it."""
    with tempfile.TemporaryDirectory(prefix="tiaochu-test-") as directory:
        yield Path(directory)


def ask(directory: Path, question: str) -> object:
    connection = psycopg2.connect(url(directory))
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["data", "with space", "数据", "a,b", "long" * 30])
def test_the_socket_path_always_fits(tmp_path: Path, name: str) -> None:
    directory = socket_directory(tmp_path / name)
    assert len(os.fsencode(directory / SOCKET)) <= SOCKET_PATH_LIMIT
    assert "," not in str(directory)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with space 数据", "long" * 30])
def test_it_starts_keeps_data_and_stops(tmp_path: Path, name: str) -> None:
    server = Server(tmp_path / name, THROWAWAY)
    server.start()
    try:
        assert str(ask(server.directory, "SHOW server_version")).startswith("18")
        assert ask(server.directory, "SHOW listen_addresses") == ""
        connection = psycopg2.connect(url(server.directory))
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.close()
        server.stop()
        server.start()
        assert ask(server.directory, "SELECT number FROM kept") == 7
    finally:
        server.stop()
    assert not (server.data / "postmaster.pid").exists()


@pytest.mark.slow
def test_a_leftover_server_is_replaced(tmp_path: Path) -> None:
    leftover, server = Server(tmp_path / "pg", THROWAWAY), Server(tmp_path / "pg", THROWAWAY)
    leftover.start()
    try:
        server.start()
        assert leftover.process is not None
        assert leftover.process.wait(timeout=10) is not None
        assert ask(server.directory, "SELECT 1") == 1
    finally:
        server.stop()


@pytest.mark.slow
def test_a_killed_server_recovers(tmp_path: Path) -> None:
    server = Server(tmp_path / "pg", THROWAWAY)
    server.start()
    try:
        assert server.process is not None
        server.process.send_signal(signal.SIGQUIT)  # immediate shutdown, as in a crash
        server.process.wait(timeout=10)
        server.start()
        assert ask(server.directory, "SELECT 1") == 1
    finally:
        server.stop()


def test_a_broken_data_directory_is_explained(tmp_path: Path) -> None:
    server = Server(tmp_path / "pg", THROWAWAY)
    server.data.mkdir(parents=True)
    with pytest.raises(PostgresError, match="did not start"):
        server.start()
