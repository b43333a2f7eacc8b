"""A journey that is repeated leaves what the journey left; anything written before makes it be taken."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from cases.choices import Status
from cases.models import Case
from tests import journeys
from tests.cast import World
from tests.fingerprint import fingerprint
from tests.journeys import case_in

pytestmark = pytest.mark.django_db


def left_by(world: World, status: str) -> dict[str, str]:
    """Bring a case there, say what the database holds, and go back."""
    with transaction.atomic():
        case = case_in(status, world)
        held = fingerprint()
        assert (case.pk, case.status, case.mediator) == (Case.objects.get().pk, status, world.mediator)
        transaction.set_rollback(True)
    return held


@pytest.fixture
def steps() -> Iterator[list[str]]:
    """The steps that were really taken; put down where the ground does not look for patches."""
    taken: list[str] = []

    def noted(step: Any) -> Any:
        def note(*given: Any) -> Case:
            taken.append(step.__name__)
            return step(*given)

        return note

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journeys, "MAIN", [(reached, noted(step)) for reached, step in journeys.MAIN])
        yield taken


@pytest.mark.parametrize("status", [Status.MEDIATING, Status.PERFORMING])
def test_the_same_rows_to_the_letter(world: World, status: str, steps: list[str]) -> None:
    first = left_by(world, status)
    steps.clear()
    assert left_by(world, status) == first
    assert steps == []


def test_after_anything_else_was_written_the_journey_is_taken(world: World, steps: list[str]) -> None:
    left_by(world, Status.MEDIATING)
    steps.clear()
    world.centre.save()
    left_by(world, Status.MEDIATING)
    assert steps == ["_invite", "_accept", "_assign", "_start"]
