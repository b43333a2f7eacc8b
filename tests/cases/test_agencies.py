"""Who speaks for a party, and how far: one rule, asked by every service that lets an agent act."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from cases.choices import AgentScope, Side, Status
from cases.models import Agent, Party
from tests.cast import TODAY, World
from tests.journeys import case_in, party

ROOT = Path(settings.BASE_DIR)
FLOORS = ("cases", "mediation", "workflows", "web", "live", "reports")


def agency(world: World, *scopes: str, ended: bool = False) -> Party:
    row = party(case_in(Status.SUBMITTED, world), Side.APPLICANT)
    until = TODAY if ended else None
    Agent.objects.create(
        principal=row,
        name="王代理",
        user=world.neighbour,
        scope=list(scopes),
        from_date=TODAY - timedelta(9),
        until=until,
    )
    return Party.objects.get(pk=row.pk)


@pytest.mark.parametrize("wanted", [[], ["DISPOSE"], ["SIGN"], ["DISPOSE", "SIGN"], ["CHOOSE"]], ids=str)
@pytest.mark.parametrize("held", [[], ["DISPOSE"], ["SIGN"], ["DISPOSE", "SIGN"]], ids=str)
def test_an_agent_may_what_the_power_of_attorney_says(world: World, held: list[str], wanted: list[str]) -> None:
    row = agency(world, *held)
    assert row.lets(world.neighbour, *wanted) == (set(wanted) <= set(held))
    assert row.lets(world.resident, *wanted)  # the party itself needs no power


def test_an_agency_that_ended_is_none(world: World) -> None:
    row = agency(world, AgentScope.SIGN, ended=True)
    assert row.agency_of(world.neighbour) is None
    assert row.acting_agents == []
    assert row.case.parties_of(world.neighbour) == []


def test_whoever_is_the_party_and_its_agent_acts_as_the_party(world: World) -> None:
    row = agency(world)
    row.agents.update(user=world.resident)
    assert row.agency_of(world.resident) is None
    assert row.lets(world.resident, AgentScope.DISPOSE)


def test_the_rule_stands_in_one_place() -> None:
    """Nowhere else is an agent found by its user, or its scope compared with what is wanted."""
    elsewhere = {
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if path != ROOT / "cases/models/parties.py" and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and _asks_for_power(ast.unparse(node))
    }
    assert elsewhere == {"mediation/checks/who.py"}  # a check of the text says what the paper lacks


def _asks_for_power(asked: str) -> bool:
    return "agency.scope" in asked or "agent.scope" in asked or "agent.user_id ==" in asked
