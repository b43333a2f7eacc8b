"""What an action may ask of the database: a pinned table, so that nobody makes every action dearer unnoticed."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import changes
from cases.choices import Status
from cases.models import Case
from documents.models import Document
from tests import journeys
from tests.cast import NOW, World
from workflows.actions import perform

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# With whose turn it is settled, which takes six of them at most; each paper that is issued in the step adds to it.
MOST = {
    "submit": 37, "return_for_supplement": 34, "forward_to_company": 38, "invite": 37, "accept": 38,
    "start_mediation": 56, "suspend": 30, "resume": 40, "draft_agreement": 56, "take_effect": 56,
    "finish_performance": 32, "close": 37, "archive": 325,
}  # fmt: skip
SETTLING, PAPER = 6, 6
FRAME = re.compile(r"(SAVEPOINT|RELEASE|ROLLBACK)")


class Counted:
    """What each action of a walk asked of the database, what of it for settling, and how many papers it issued."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settling = 0
        self.found: dict[str, tuple[int, int, int]] = {}
        self.settlers = list(changes._settlers)
        monkeypatch.setattr(changes, "_settlers", [self.settle])
        monkeypatch.setattr("tests.journeys.perform", self.perform)

    def settle(self, *given: Any) -> None:
        with CaptureQueriesContext(connection) as asked:
            for settler in self.settlers:
                settler(*given)
        self.settling += real(asked)

    def perform(self, case: Case, action: str, **given: Any) -> Case:
        self.settling, before = 0, issued()
        with CaptureQueriesContext(connection) as asked:
            moved = perform(case, action, **given)
        self.found[action] = (real(asked) - self.settling, self.settling, issued() - before)
        return moved

    def too_dear(self) -> dict[str, tuple[int, int, int]]:
        """Name the actions that cost more than they may."""
        return {
            action: found
            for action, found in self.found.items()
            if sum(found[:2]) > MOST[action] + PAPER * found[2] or found[1] > SETTLING
        }


def real(asked: CaptureQueriesContext) -> int:
    return sum(not FRAME.match(query["sql"]) for query in asked)


def issued() -> int:
    return Document.objects.filter(issued_at__isnull=False).count()


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.SUSPENDED, Status.ANSWERING, Status.RETURNED])
def test_no_action_costs_more_than_it_may(world: World, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    counted = Counted(monkeypatch)
    case = journeys.case_in(status, world)
    if status == Status.SUSPENDED:
        counted.perform(case, "resume", by=world.mediator, at=NOW, reason="检测已出结果")
    print(counted.found)
    assert counted.found.keys() <= MOST.keys()
    assert counted.too_dear() == {}
