"""`bin/run`: database, web and worker as children of one supervisor, stopped together."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.postgres import PostgresError, Server, die_with_parent, url

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 120.0  # seconds
STOP_WITHIN = 20.0
TOO_SOON = 5.0  # a child that ends sooner did not start
ATTEMPTS = 5


class LaunchError(Exception):
    """The site cannot be served; the message says why and what to do."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


@dataclass
class Child:
    """One process of the site, started again when it ends by itself."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0

    def start(self) -> None:
        self.started = time.monotonic()
        # A session of its own: Ctrl-C reaches the supervisor only, which stops everything in order.
        self.process = subprocess.Popen(
            [sys.executable, *self.arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def keep_running(self) -> None:
        """Start the process again if it ended; give up on one that never gets going."""
        if self.process is None or self.process.poll() is None:
            return
        soon = time.monotonic() - self.started < TOO_SOON
        self.failures = self.failures + 1 if soon else 0
        if self.failures >= ATTEMPTS:
            raise LaunchError(
                f"{self.name} 无法启动，原因见上面的记录。 {self.name} does not start: see the lines above."
            )
        say(f"{self.name} 意外退出，正在重启。 {self.name} ended by itself; starting it again.")
        time.sleep(0.5)
        self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Site:
    """What is served: where its data is, where it listens, and its processes."""

    directory: Path
    host: str
    port: int
    stopping: threading.Event = field(default_factory=threading.Event)
    database: Server | None = None
    children: list[Child] = field(default_factory=list)

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}/"

    def serve(self) -> None:
        """Start everything, say where it is, and keep it running until told to stop."""
        require_free_port(self.host, self.port)
        self.start_database()
        if not self.prepare():
            return
        web, worker = ("-m", "config.server"), ("manage.py", "worker")
        self.children += [Child("web", web), Child("worker", worker)]
        for child in self.children:
            child.start()
        self.wait_until_well()
        self.greet()
        while not self.stopping.wait(0.5):
            self.keep_running()

    def start_database(self) -> None:
        if "DATABASE_URL" in os.environ:
            return
        say("正在启动内置数据库…… Starting the embedded PostgreSQL …")
        self.database = Server(self.directory / "postgres")
        self.database.start()
        os.environ["DATABASE_URL"] = url(self.database.directory)

    def prepare(self) -> bool:
        """Migrate and load what is missing, in a process that ends and frees its memory."""
        if self.stopping.is_set():
            return False
        say("正在准备数据…… Preparing the data …")
        preparing = Child("prepare", ("manage.py", "prepare"))
        preparing.start()
        assert preparing.process is not None
        while preparing.process.poll() is None:
            if self.stopping.wait(0.1):
                preparing.ask_to_stop()
                preparing.wait(time.monotonic() + STOP_WITHIN)
                return False
        if preparing.process.returncode:
            raise LaunchError("准备数据失败，原因见上面的记录。 Preparing the data failed: see the lines above.")
        return True

    def wait_until_well(self) -> None:
        """Wait for /healthz; a site that is not quite well is served all the same, and says so."""
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and not self.stopping.wait(0.2):
            self.keep_running()
            if self.is_well():
                return
        if self.stopping.is_set():
            return
        say(f"网站尚未完全就绪，请看 {self.address}healthz 。 The site is not quite well: see {self.address}healthz")

    def is_well(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def keep_running(self) -> None:
        if self.database is not None and self.database.process is not None and self.database.process.poll() is not None:
            say("内置数据库意外退出，正在重启。 The embedded PostgreSQL ended by itself; starting it again.")
            self.database.start()
        for child in self.children:
            child.keep_running()

    def greet(self) -> None:
        if self.stopping.is_set():
            return
        say(f"\n调处已就绪 · Tiaochu is ready:  {self.address}")
        if not is_production():
            say(f"演示账号 · Demo accounts:        {self.address}demo/")
        say("按 Ctrl-C 停止。 Ctrl-C stops it.\n")

    def stop(self) -> None:
        """Stop pages and timers first, the database last."""
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_WITHIN
        for child in self.children:
            child.wait(until)
        if self.database is not None:
            self.database.stop()


def require_free_port(host: str, port: int) -> None:
    """Raise LaunchError when something listens on the port already, or the host is not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise LaunchError(
            f"{host} 的端口 {port} 不能用（{error.strerror}）。请换一个端口，例如 PORT={port + 1} bin/run 。 "
            f"Port {port} on {host} cannot be used ({error.strerror}). Try PORT={port + 1} bin/run"
        ) from error


@contextmanager
def sole_use(directory: Path) -> Iterator[bool]:
    """Hold the data directory; answers False when another process holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "evidence").mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):  # a release that cannot be written was shipped with its static files
        (ROOT / "staticfiles").mkdir(exist_ok=True)
    with (directory / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def is_production() -> bool:
    return os.environ.get("PRODUCTION", "").lower() in ("1", "true", "yes", "on", "y", "ok", "t")


def data_directory() -> Path:
    return Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()


def port_number() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise LaunchError(
            f"PORT 应是 1 到 65535 之间的数字，现在是“{text}”。 PORT must be a number from 1 to 65535, not “{text}”."
        )
    return int(text)


def run() -> None:
    """Serve the site until a signal ends it."""
    site = Site(data_directory(), os.environ.get("HOST") or "127.0.0.1", port_number())

    def stop(_signal: int, _frame: FrameType | None) -> None:
        site.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with sole_use(site.directory) as ours:
        if not ours:
            raise LaunchError(
                f"{site.directory} 正被另一个 bin/run 或 bin/manage 使用，请先停止它，或换一个 DATA_DIR。 "
                f"Another bin/run or bin/manage uses {site.directory}: stop it first, or set another DATA_DIR."
            )
        try:
            site.serve()
        finally:
            say("正在停止…… Stopping …")
            site.stop()


def manage(arguments: list[str]) -> int:
    """Run one management command, with the embedded database started for it when nobody runs it yet."""
    with sole_use(data_directory()) as ours:
        database = Server(data_directory() / "postgres") if ours and "DATABASE_URL" not in os.environ else None
        try:
            if database is not None:
                database.start()
            return subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments]).returncode
        except KeyboardInterrupt:
            return 130
        finally:
            if database is not None:
                database.stop()


def main() -> int:
    try:
        os.environ["DATA_DIR"] = str(data_directory())
        if sys.argv[1:2] == ["manage"]:
            return manage(sys.argv[2:])
        run()
    except (LaunchError, PostgresError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
