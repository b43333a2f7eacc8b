"""A real server process on the test database, and browsers that speak to its sockets."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.models import User

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Site:
    """One server process."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket(self, cookie: str, *, origin: str | None = None, path: str = "/ws/live/") -> ClientConnection:
        """Open a socket as a browser with this session cookie would."""
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=Origin(origin or self.origin),
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
            proxy=None,
            close_timeout=1,
            legacy=True,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def serve(directory: Path, **environment: str) -> Iterator[Site]:
    """Run `config.server` on the test database until the block ends."""
    port = free_port()
    env = os.environ | {"DATABASE_URL": database_url(), "PORT": str(port), "DATA_DIR": str(directory)} | environment
    log = directory / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.server"], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for_port(port, process)
            yield Site(port, process, log)
        finally:
            process.terminate()
            process.wait(timeout=15)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not open its port")


def sign_in(user: User) -> str:
    """Return the session cookie of somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def join(page: ClientConnection, **topics: int) -> dict[str, Any]:
    """Join topics (`case_12=3` for case:12 at version 3) and return the answer."""
    asked = [{"topic": name.replace("_", ":"), "version": version} for name, version in topics.items()]
    page.send(json.dumps({"join": asked}))
    return receive(page, "joined")


def receive(page: ClientConnection, name: str, *, within: float = 5) -> dict[str, Any]:
    """Return the next message that has this key; others before it are passed over."""
    until = time.monotonic() + within
    while True:
        message: dict[str, Any] = json.loads(page.recv(timeout=max(0.01, until - time.monotonic())))
        if name in message:
            return message


def silence(page: ClientConnection, *, during: float = 0.5) -> bool:
    """Say whether nothing at all arrives for so long."""
    try:
        page.recv(timeout=during)
    except TimeoutError:
        return True
    return False


def closing_code(page: ClientConnection, *, within: float = 5) -> int | None:
    """Read on until the server closes the socket; return its code."""
    until = time.monotonic() + within
    try:
        while True:
            page.recv(timeout=max(0.01, until - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def get_json(url: str, cookie: str) -> Any:
    request = urllib.request.Request(url, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)
