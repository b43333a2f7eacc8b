"""What somebody typed is kept whole or refused with a sentence, never cut off."""

import re
from pathlib import Path

import pytest

from accounts.words import TooLongError, within

ROOT = Path(__file__).resolve().parents[2]
CUT = re.compile(r"\.strip\(\)\[ ?:|<textarea[^>]*\bmaxlength")
FLOORS = ["cases", "documents", "mediation", "members", "notifications", "workflows"]


def test_text_is_returned_whole_up_to_its_limit() -> None:
    assert within("  电梯停了三天\n", 6) == "电梯停了三天"
    assert within(" ", 6) == ""


def test_text_beyond_its_limit_is_refused_with_both_numbers() -> None:
    with pytest.raises(TooLongError) as refused:
        within("电梯停了三天，没有人来修", 6)
    assert str(refused.value) == "“电梯停了三天，没有人……”最多写6个字，现在有12个字，请写短一些。"


def test_no_service_cuts_off_what_was_typed_and_no_page_lets_a_browser_do_it() -> None:
    """A search word may be cut; words that are kept may not."""
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    pages = list((ROOT / "templates").rglob("*.html"))
    assert len(files) > 100
    assert len(pages) > 100
    assert [str(path) for path in [*files, *pages] if CUT.search(path.read_text(encoding="utf-8"))] == []
