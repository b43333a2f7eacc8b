"""The charts in docs/generated/ say what the code says, and other tools can read them."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.choices import Outcome, Status
from charts.bpmn import BPMN, BPMNDI, bpmn_of_case
from charts.drawing import Line, Point, draw
from charts.pages import charts
from charts.steps import steps, timers
from workflows.actions import ACTIONS
from workflows.flows import TIMERS

FILES = charts()
ROOT = ET.fromstring(bpmn_of_case())
PROCESS = ROOT.find(f"{{{BPMN}}}process") or ET.Element("nothing")


def ids(tag: str) -> list[str]:
    return [node.attrib["id"] for node in PROCESS.iter(f"{{{BPMN}}}{tag}")]


@pytest.mark.parametrize("name", FILES)
def test_the_committed_chart_is_fresh(name: str) -> None:
    committed = Path(settings.BASE_DIR) / "docs" / "generated" / name
    assert committed.read_text(encoding="utf-8") == FILES[name], "run `bin/manage charts` and commit docs/generated/"


def test_the_steps_are_all_actions_between_all_states() -> None:
    everything = [*steps(), *(timer.step for timer in timers())]
    assert {step.action for step in everything} == set(ACTIONS)
    assert {status for step in everything for status in (step.source, step.target)} == set(Status)
    assert {timer.step.action for timer in timers()} == set(TIMERS)


def test_every_outcome_is_written_by_some_action() -> None:
    assert {step.outcome for step in (*steps(), *(timer.step for timer in timers()))} - {""} == {
        str(outcome.label) for outcome in Outcome
    }


def test_bpmn_has_a_task_and_a_gateway_for_every_open_or_closed_state() -> None:
    assert ids("userTask") == [f"Task_{status}" for status in draw().tasks]
    assert set(ids("userTask")) == {f"Task_{status}" for status in Status if status != Status.ARCHIVED}
    assert len(ids("exclusiveGateway")) == len(Status) - 1
    assert len(ids("boundaryEvent")) == len(TIMERS)
    assert (ids("startEvent"), ids("endEvent")) == (["Start"], ["End"])


def test_every_bpmn_id_is_unique_and_every_reference_resolves() -> None:
    known = [node.attrib["id"] for node in ROOT.iter() if "id" in node.attrib]
    references = [
        node.attrib[name]
        for node in ROOT.iter()
        for name in ("sourceRef", "targetRef", "attachedToRef", "bpmnElement")
        if name in node.attrib
    ]
    references += [str(node.text) for tag in ("incoming", "outgoing") for node in PROCESS.iter(f"{{{BPMN}}}{tag}")]
    assert len(known) == len(set(known))
    assert set(references) <= set(known)


def test_every_bpmn_element_is_drawn_once() -> None:
    drawn = [
        node.attrib["bpmnElement"] for tag in ("BPMNShape", "BPMNEdge") for node in ROOT.iter(f"{{{BPMNDI}}}{tag}")
    ]
    inside = [node.attrib["id"] for node in PROCESS if "id" in node.attrib]
    assert sorted(drawn) == sorted(inside)


def test_lines_to_different_states_never_lie_on_each_other() -> None:
    lying = [
        (one.step.name, other.step.name)
        for one, other in combinations(draw().lines, 2)
        if one.step.target != other.step.target
        if any(overlap(a, b) for a in own_parts(one) for b in own_parts(other))
    ]
    assert lying == []


def own_parts(line: Line) -> list[tuple[Point, Point]]:
    """All straight parts but the short trunk at the gateway, which its rows share."""
    trunk = 12
    parts = list(zip(line.points, line.points[1:], strict=False))
    return [(a, b) for number, (a, b) in enumerate(parts) if not (number < 2 and near(a, line.points[0], trunk))]


def near(point: Point, start: Point, distance: int) -> bool:
    return abs(point[0] - start[0]) <= distance and point[1] == start[1]


def overlap(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Say whether two straight parts run along each other, nearer than a reader can tell apart."""
    for along, across in ((0, 1), (1, 0)):
        if one[0][across] == one[1][across] and other[0][across] == other[1][across]:
            low = max(min(one[0][along], one[1][along]), min(other[0][along], other[1][along]))
            high = min(max(one[0][along], one[1][along]), max(other[0][along], other[1][along]))
            if high - low > 2 and abs(one[0][across] - other[0][across]) < 8:
                return True
    return False


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    call_command("bpmn", str(tmp_path / "case.bpmn"))
    assert (tmp_path / "case.bpmn").read_text(encoding="utf-8") == FILES["case.bpmn"]
