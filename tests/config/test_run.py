"""`bin/run` from a clean clone: serves, stops without a trace, keeps its data, explains what is wrong."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.config.test_server import free_port

pytestmark = pytest.mark.slow

READY_WITHIN = 600  # seconds: installing from an empty cache and loading the demo included
STOPPED_WITHIN = 40


class Installation:
    """A clone with its own data directory and port."""

    def __init__(self, root: Path) -> None:
        self.clone, self.data, self.port = root / "clone", root / "data of ours", free_port()
        subprocess.run(["git", "clone", "--quiet", str(settings.BASE_DIR), str(self.clone)], check=True)
        inherited = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "VIRTUAL_ENV")}
        self.environment = {**inherited, "DATA_DIR": str(self.data), "PORT": str(self.port)}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [self.clone / "bin" / "run"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        self.running.append(process)
        self.wait_until_well(process)
        return process

    def wait_until_well(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                    assert json.load(answer)["ok"] is True
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError("bin/run did not get ready")

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.clone / "bin" / name, *arguments],
            env=self.environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def processes(self) -> list[str]:
        """List every process that came from the clone or works on its data."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.clone) in line or str(self.data) in line:
                found.append(line)
        return found


@pytest.fixture
def installation() -> Iterator[Installation]:
    if not (settings.BASE_DIR / ".git").exists():
        pytest.skip("a clean clone can only be made of a git repository")
    # Not in pytest's own directory: other sessions take away the database server's way through it.
    with tempfile.TemporaryDirectory(prefix="tiaochu-test-") as directory:
        made = Installation(Path(directory))
        yield made
        for process in made.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=STOPPED_WITHIN)


def test_from_clone_to_serving_and_back(installation: Installation) -> None:
    first = installation.start()
    made = installation.command(
        "manage", "shell", "-c", "from accounts.models import User; User(username='kept').save()"
    )
    assert made.returncode == 0, made.stderr
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=STOPPED_WITHIN) == 0
    assert installation.processes() == []

    second = installation.start()
    second.kill()
    second.wait()
    until = time.monotonic() + STOPPED_WITHIN
    while installation.processes() and time.monotonic() < until:
        time.sleep(0.1)
    assert installation.processes() == []

    # Beside no running site, bin/manage brings its own database and takes it away again.
    question = "from accounts.models import User; print('found', User.objects.filter(username='kept').count())"
    assert "found 1" in installation.command("manage", "shell", "-c", question).stdout
    assert installation.processes() == []

    with socket.socket() as somebody_else:
        somebody_else.bind(("127.0.0.1", 0))
        somebody_else.listen()
        taken = somebody_else.getsockname()[1]
        installation.environment["PORT"] = str(taken)
        refused = installation.command("run")
    assert refused.returncode == 1
    assert f"Port {taken} on 127.0.0.1 cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr

    installation.environment["PORT"] = "eighty"
    refused = installation.command("run")
    assert refused.returncode == 1
    assert "PORT must be a number" in refused.stderr
    assert installation.processes() == []
