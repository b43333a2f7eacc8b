"""A second machine: static files of the release, and evidence that must be one store."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installation
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import Touchstone
from cases.copies import stored_path
from cases.evidence import add_evidence
from cases.models import Case
from config import release, storage
from tests.cast import NOW, World
from tests.config.test_server import database_url, free_port, status, wait_for
from tests.files import photo
from tests.journeys import submitted
from tests.web.pages import browser

EVIDENCE = Touchstone.Name.EVIDENCE


@pytest.fixture
def machine(settings: Any, tmp_path: Path) -> Any:
    """Move to another machine: one with evidence of its own."""

    def move(name: str) -> Path:
        place = tmp_path / name
        own = {"BACKEND": "config.storage.EvidenceStorage", "OPTIONS": {"location": str(place)}}
        settings.STORAGES = installation.STORAGES | {"default": own}
        return place

    return move


def health(client: Client) -> Any:
    return client.get("/healthz").json()["evidence"]


@pytest.mark.django_db
def test_evidence_that_is_not_the_same_store_is_not_well(machine: Any, client: Client) -> None:
    first = machine("first")
    assert health(client) == {"ok": True}  # nothing is known yet
    storage.keep_name()
    assert health(client) == {"ok": True}
    second = machine("second")
    assert health(client) == {"ok": False, "why": storage.OTHER_STORE}
    storage.keep_name()  # `prepare` on the second machine does not make it right
    assert health(client)["ok"] is False
    second.rmdir() if second.exists() else None
    second.symlink_to(first)  # now they share it
    assert health(client) == {"ok": True}
    machine("third").mkdir()
    default_storage.save(storage.NAME_FILE, (first / storage.NAME_FILE).open("rb"))  # a copy that was restored
    assert health(client) == {"ok": True}


@pytest.fixture
def case(world: World, machine: Any) -> Case:
    machine("first")
    storage.keep_name()
    case = submitted(world)
    add_evidence(case, photo(), by=world.resident, at=NOW)
    return case


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?original=1"])
def test_evidence_that_is_not_on_this_machine_is_said_in_words(
    world: World, case: Case, machine: Any, query: str
) -> None:
    page = f"/cases/{case.number}/evidence/1/{query}"
    assert browser(world.intake).get(page).status_code == 200
    machine("second")
    answer = browser(world.intake).get(page)
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "材料没有存放在这台服务器上" in answer.content.decode()


@pytest.mark.django_db
def test_a_store_that_was_moved_is_adopted_only_when_it_is_whole(case: Case, machine: Any, client: Client) -> None:
    row = case.evidence.get()
    machine("second")
    with pytest.raises(CommandError, match="1 of 1 files of evidence are missing"):
        call_command("adopt_evidence")
    assert health(client)["ok"] is False
    default_storage.save(stored_path(row.sha256), photo("x.jpg"))
    call_command("adopt_evidence", stdout=(said := StringIO()))
    assert "Taken as the store of this database" in said.getvalue()
    assert health(client) == {"ok": True}


# --- static files -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_static_files_are_collected_once_for_each_release(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert release.collect() is True
    assert release.collect() is False
    assert (tmp_path / "static" / "css" / "base.css").exists()
    (tmp_path / "static" / release.STAMP).write_text("an older release")
    assert release.collect() is True


def test_a_release_that_cannot_be_written_is_refused_with_the_way_on(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.STATIC_ROOT = tmp_path / "file" / "static"
    with pytest.raises(release.NotCollectedError, match="set STATIC_ROOT"):
        release.collect()


@pytest.fixture
def second_machine(tmp_path: Path) -> Iterator[str]:
    """A web process in production with a DATA_DIR of its own, on a machine where nobody ran `prepare`."""
    port = free_port()
    environment = {
        **os.environ,
        "PRODUCTION": "1",
        "SECRET_KEY": installation.SECRET_KEY,
        "FIELD_KEYS": ",".join(installation.FIELD_KEYS),
        "INDEX_KEY": installation.INDEX_KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path / "second"),
        "STATIC_ROOT": str(tmp_path / "release"),
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "config.server"], cwd=installation.BASE_DIR, env=environment)
    try:
        wait_for(f"127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_second_machine_with_its_own_data_shows_every_page_and_says_what_it_lacks(second_machine: str) -> None:
    with urllib.request.urlopen(f"{second_machine}/account/phone/") as answer:
        page = answer.read().decode()
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", sheet) for sheet in sheets)
    assert {status(second_machine + sheet) for sheet in sheets} == {200}
    Touchstone.objects.create(name=EVIDENCE, value="the store of the first machine")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{second_machine}/healthz")
    report = json.load(raised.value)
    assert (report["static"], report["evidence"]["ok"]) == ({"ok": True}, False)
