"""The web process, asked over real sockets: persistent connections, sizes, odd headers, a quick end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

THREADS = 3
APPLICATION = "web-under-test"  # tells its connections from those that other tests left open
FOREIGN = Origin("http://evil.example")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def database_url() -> str:
    """Answer the address of the database that this test uses."""
    before, _, after = os.environ["DATABASE_URL"].partition("?")
    return f"{before.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{after}"


def status(url: str, **options: object) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=10) as answer:  # type: ignore[arg-type]
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def connections_of_web() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [APPLICATION],
        )
        row = cursor.fetchone()
    return int(row[0])


@pytest.fixture
def web() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "PORT": str(port),
        "WEB_THREADS": str(THREADS),
        "PGAPPNAME": APPLICATION,
        "REQUEST_MAX_BYTES": "100000",
    }
    process = subprocess.Popen([sys.executable, "-m", "config.server"], cwd=settings.BASE_DIR, env=environment)
    address = f"127.0.0.1:{port}"
    try:
        wait_for(address)
        yield address, process
    finally:
        process.kill()
        process.wait()


def wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            status(f"http://{address}/healthz")
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the web process did not answer")


def test_threads_keep_their_connections_and_let_go_at_the_end(web: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, process = web
    with ThreadPoolExecutor(12) as pool:
        codes = set(pool.map(status, [f"http://{address}/healthz"] * 60))
    assert codes == {503}  # no worker runs here
    # One per thread, and the one that listens for live updates.
    assert 1 <= connections_of_web() <= THREADS + 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) in (0, -signal.SIGTERM)
    assert connections_of_web() == 0


def test_too_large_a_request_is_refused_before_a_thread_sees_it(web: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _ = web
    assert status(f"http://{address}/healthz", data=b"x" * 99_999, method="POST") in (403, 405)
    assert status(f"http://{address}/healthz", data=b"x" * 100_001, method="POST") == 413


def test_slow_senders_do_not_hold_threads(web: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _ = web
    host, port = address.split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(THREADS * 3)]
    for one in slow:
        one.sendall(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nstart")
    started = time.monotonic()
    assert status(f"http://{address}/healthz") == 503
    assert time.monotonic() - started < 5
    for one in slow:
        one.close()


def test_header_names_with_underscores_are_dropped(web: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _ = web
    # Were it not dropped, this host would be joined to the real one and refused.
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent_Length: 7\r\nX_A: b\r\nConnection: close\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 503")


def test_a_socket_from_a_foreign_page_is_refused(web: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _ = web
    with pytest.raises(InvalidStatus) as refusal, connect(f"ws://{address}/ws/live/", origin=FOREIGN):
        pass
    assert refusal.value.response.status_code == 403
