"""No file is longer than one can hold in mind: 400 lines; the few that are read whole are named, with why."""

from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CEILING = 400
ROOMS = (
    *("accounts", "audit", "calendars", "cases", "charts", "config", "demo", "documents", "live", "mediation"),
    *("members", "notifications", "reports", "tables", "web", "workflows"),
)
# Longer on purpose. Nothing of `web/` is here, and nothing new comes here without a reason.
READ_WHOLE = {
    "cases/lifecycle.py": "what can happen to a case, who may do it and what must hold: on one screen, read whole",
    "cases/recognition_rules.py": "a table: one rule a line",
    "cases/services.py": "what is written of a case without moving it",
    "demo/histories.py": "how far each case of the demo goes, stage after stage, each a few calls of the services",
    "workflows/messages.py": "how messages of other places become cases, from reading to writing in batches",
    "workflows/turns/rules.py": "whose word is awaited, for every situation: one pure answer, read whole",
    "documents/wording/filing.py": "the wording of one family of papers, one function a paper, read beside the law",
}


def lengths() -> dict[str, int]:
    """Return the files of the product with their lines; migrations are Django's."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    return {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def test_no_file_is_longer_than_the_ceiling_but_those_that_are_read_whole() -> None:
    assert {name for name, lines in lengths().items() if lines > CEILING} == set(READ_WHOLE)


def test_no_page_is_excepted() -> None:
    assert not [name for name in READ_WHOLE if name.startswith("web/")]


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_measured(room: str) -> None:
    assert any(name.startswith(f"{room}/") for name in lengths())
