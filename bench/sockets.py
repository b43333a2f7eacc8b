"""Live updates to 1,000 sockets of one process, beside a bare broadcast: `python -m bench.sockets [SOCKETS]`.

Works in a test database of its own and on loopback only; removes both and stops by itself within five minutes. The
two servers take turns under the same clients, and only the ratios count: absolute times drift on shared machines.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import django

SECONDS = 300
ROUNDS = 15
PER_PERSON = 20
TOPICS = 20  # as many as one page may follow
PAUSE = 0.3  # seconds of quiet between rounds


class Crowd:
    """Browsers that count what reaches them."""

    def __init__(self) -> None:
        self.pages: list[Any] = []
        self.readers: list[asyncio.Task[None]] = []
        self.expected = self.arrived = 0
        self.all_there = asyncio.Event()

    async def open(self, url: str, cookies: list[str], *, hello: str = "") -> None:
        """Open one socket per cookie, a few at a time; say hello and take the answer."""
        from websockets.asyncio.client import connect
        from websockets.typing import Origin

        gate = asyncio.Semaphore(20)

        async def one(cookie: str) -> None:
            async with gate:
                page = await connect(
                    url,
                    origin=Origin("http://127.0.0.1"),
                    additional_headers={"Cookie": f"sessionid={cookie}"},
                    compression=None,
                    ping_interval=None,
                    open_timeout=60,
                    proxy=None,
                )
                if hello:
                    await page.send(hello)
                    answer = json.loads(await page.recv())
                    assert len(answer["joined"]) == TOPICS, answer
                self.pages.append(page)

        await asyncio.gather(*(one(cookie) for cookie in cookies))
        await asyncio.sleep(1)
        self.readers = [asyncio.create_task(self._read(page)) for page in self.pages]
        await asyncio.sleep(1)

    async def _read(self, page: Any) -> None:
        async for _ in page:
            self.arrived += 1
            if self.arrived == self.expected:
                self.all_there.set()

    async def time(self, frames: int, trigger: Callable[[], Coroutine[Any, Any, None]]) -> float:
        """Return the seconds from the trigger to the last frame at the last browser."""
        self.arrived, self.expected = 0, frames * len(self.pages)
        self.all_there.clear()
        started = time.perf_counter()
        await trigger()
        await asyncio.wait_for(self.all_there.wait(), 30)
        taken = time.perf_counter() - started
        await asyncio.sleep(PAUSE)
        return taken

    async def close(self) -> None:
        for reader in self.readers:
            reader.cancel()
        for page in self.pages:
            page.transport.abort()


def make_people(sockets: int) -> tuple[list[str], list[str]]:
    """Make directors of one centre with cases; return a session cookie per socket and the topics they follow."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import Centre, Membership, Region, User
    from accounts.roles import Role
    from cases.choices import Status
    from cases.models import Case

    Region.objects.get_or_create(code="340000", defaults={"name": "安徽省"})
    centre = Centre.objects.create(code="BN", name="中心", region_id="340000", number_prefix="皖物调", phone="1")
    now = timezone.now()
    cases = [
        Case.objects.create(
            status=Status.SUBMITTED,
            number=f"BN-2026-{number:05d}",
            centre=centre,
            region_id="340000",
            created_at=now,
            filed_at=now,
        )
        for number in range(TOPICS)
    ]
    cookies: list[str] = []
    for number in range(-(-sockets // PER_PERSON)):
        user = User.objects.create(username=f"director{number}")
        Membership.objects.create(user=user, role=Role.DIRECTOR, centre=centre)
        client = Client()
        client.force_login(user)
        cookies += [client.cookies["sessionid"].value] * PER_PERSON
    return cookies[:sockets], [case.topic for case in cases]


async def compare(bare: str, live: str, cookies: list[str], topics: list[str]) -> None:
    from asgiref.sync import sync_to_async
    from django.db import connections

    crowds = {"bare": Crowd(), "live": Crowd()}
    try:
        await crowds["bare"].open(bare, cookies)
        await crowds["live"].open(
            live, cookies, hello=json.dumps({"join": [{"topic": topic, "version": 0} for topic in topics]})
        )
        await take_turns(crowds, topics)
    finally:
        for crowd in crowds.values():
            await crowd.close()
        await sync_to_async(connections.close_all)()


async def take_turns(crowds: dict[str, Crowd], topics: list[str]) -> None:
    from asgiref.sync import sync_to_async
    from django.db import transaction

    from audit.live import announce

    def announce_all(chosen: list[str], version: int) -> None:
        with transaction.atomic():
            for topic in chosen:
                announce(topic, version)

    version = 0

    async def change(count: int) -> None:
        nonlocal version
        version += 1
        await sync_to_async(announce_all)(topics[:count], version)

    triggers: dict[str, Callable[[int], Coroutine[Any, Any, None]]] = {
        "bare": lambda count: crowds["bare"].pages[0].send(str(count)),
        "live": change,
    }
    for label, frames in (("one hint", 1), (f"burst of {TOPICS}", TOPICS)):
        times: dict[str, list[float]] = {"bare": [], "live": []}
        for _ in range(ROUNDS):
            for kind, crowd in crowds.items():
                times[kind].append(await crowd.time(frames, partial(triggers[kind], frames)))
        report(
            label, frames * len(crowds["live"].pages), {kind: statistics.median(taken) for kind, taken in times.items()}
        )


def report(label: str, messages: int, middle: dict[str, float]) -> None:
    for kind, taken in middle.items():
        print(
            f"{label:12} {kind}: last client after {taken * 1000:7.1f} ms, {messages / taken:9,.0f} messages a second"
        )
    print(f"{label:12} live / bare: {middle['live'] / middle['bare']:.2f} × the time")


def memory(pid: int) -> int:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def main() -> None:
    from django.db import connection

    signal.alarm(SECONDS)
    sockets = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        with ExitStack() as open_things:
            measure(sockets, open_things)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure(sockets: int, open_things: ExitStack) -> None:
    from tests.live.servers import free_port, serve, wait_for_port

    cookies, topics = make_people(sockets)
    directory = open_things.enter_context(tempfile.TemporaryDirectory())
    live = open_things.enter_context(serve(Path(directory)))
    port = free_port()
    bare = subprocess.Popen([sys.executable, "-m", "bench.bare_sockets", str(port)])
    open_things.callback(bare.wait, 10)
    open_things.callback(bare.terminate)
    wait_for_port(port, bare)
    idle = memory(live.process.pid)
    asyncio.run(compare(f"ws://127.0.0.1:{port}/", f"ws://127.0.0.1:{live.port}/ws/live/", cookies, topics))
    print(f"memory of the live process: {idle} MB before, {memory(live.process.pid)} MB with {sockets} sockets served")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main()
