"""Eight pictures of sixty million pixels looked at at once: `python -m bench.pictures`.

Works in a test database of its own, which it removes. The pictures lie in the storage as an earlier version left them,
without copies. Prints the most memory that the web process and the largest process beside it ever held, how long other
pages took meanwhile, and when all eight were there.
"""

import hashlib
import io
import os
import statistics
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

PICTURES = 8
SIDE = 7740
WITHIN = 240  # seconds


@dataclass
class Seen:
    """What was measured."""

    web: int = 0  # bytes
    beside: int = 0
    pages: list[float] = field(default_factory=list)  # seconds


def main() -> None:
    from django.conf import settings
    from django.db import connection
    from django.test.utils import override_settings

    from config import postgres

    os.environ.setdefault("DATABASE_URL", postgres.url(settings.DATA_DIR / "postgres"))
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        with TemporaryDirectory() as kept, override_settings(PASSWORD_HASHERS=HASHERS):
            measure(Path(kept))
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the tests, whose cast this is


def measure(directory: Path) -> None:
    """Look at all of them at once, and at other pages meanwhile."""
    from tests.live.servers import serve, sign_in

    urls, who = case_with_pictures(directory)
    with serve(directory) as site:
        cookie = f"sessionid={sign_in(who)}"
        seen, done = Seen(), threading.Event()
        others = [threading.Thread(target=watch, args=(site.process.pid, seen, done))]
        others.append(threading.Thread(target=read_pages, args=(f"{site.origin}/", cookie, seen, done)))
        for other in others:
            other.start()
        time.sleep(2)
        quiet, started = seen.web, time.monotonic()
        looks = [threading.Thread(target=look, args=(site.origin + url, cookie, started + WITHIN)) for url in urls]
        for one in looks:
            one.start()
        for one in looks:
            one.join()
        took = time.monotonic() - started
        done.set()
        for other in others:
            other.join()
    print(
        f"web process: {quiet >> 20} MB before, {seen.web >> 20} MB at most; beside it {seen.beside >> 20} MB at most"
    )
    print(f"other pages: {len(seen.pages)}, median {statistics.median(seen.pages):.2f} s, most {max(seen.pages):.2f} s")
    print(f"all {PICTURES} pictures shown after {took:.1f} s")


def case_with_pictures(directory: Path) -> tuple[list[str], Any]:
    """Keep the pictures where the server looks, without copies."""
    from PIL import Image

    from cases.copies import stored_path
    from cases.models import Evidence
    from tests.cast import NOW, make_world
    from tests.journeys import case_in

    world = make_world()
    case, urls = case_in("SUBMITTED", world), []
    for n in range(1, PICTURES + 1):
        out = io.BytesIO()
        Image.new("RGB", (SIDE, SIDE), (n * 20, 90, 120)).save(out, "PNG")
        body = out.getvalue()
        sha256 = hashlib.sha256(body).hexdigest()
        path = directory / "evidence" / stored_path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        row = {"case": case, "name": "图.png", "content_type": "image/png", "size": len(body), "sha256": sha256}
        number = 100 + n
        Evidence.objects.create(number=number, at=NOW, **row)
        urls.append(f"/cases/{case.number}/evidence/{number}/")
    return urls, world.intake


def look(url: str, cookie: str, until: float) -> None:
    """Look at a picture until it is there, as a page that refreshes itself does."""
    while time.monotonic() < until:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=60) as answer:
            if answer.headers["Content-Type"] == "image/jpeg":
                return
        time.sleep(1)
    raise SystemExit(f"{url} was not shown within {WITHIN} s")


def read_pages(url: str, cookie: str, seen: Seen, done: threading.Event) -> None:
    while not done.is_set():
        started = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=60) as answer:
            answer.read()
        seen.pages.append(time.monotonic() - started)
        time.sleep(0.2)


def watch(web: int, seen: Seen, done: threading.Event) -> None:
    """Follow the memory of the web process and of those that it starts."""
    while not done.is_set():
        seen.web = max(seen.web, most_memory(web))
        for child in children(web):
            seen.beside = max(seen.beside, most_memory(child))
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in task.read_text().split()]
        except OSError:
            continue
    return found


def most_memory(pid: int) -> int:
    """Return the most that a process has held so far, in bytes (VmHWM)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    main()
