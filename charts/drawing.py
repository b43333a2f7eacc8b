"""Where everything stands in the picture of a case: one geometry for BPMN and SVG. Pure arithmetic over the steps.

The main path runs down the middle. Every task has a gateway below it; an action leaves the gateway to the side on a
row of its own and joins the lane of the status it leads to. Lanes run beside the columns, one a status.
"""

from dataclasses import dataclass, field

from cases.choices import Status
from charts.steps import Step, Timer, steps, timers

S = Status
Point = tuple[int, int]

MAIN = [
    S.DRAFT,
    S.SUBMITTED,
    S.INVITING,
    S.ACCEPTED,
    S.ASSIGNED,
    S.MEDIATING,
    S.SIGNING,
    S.PERFORMING,
    S.FOLLOWUP,
    S.CLOSED,
    S.ARCHIVED,
]
# The side states: beside which main state, and how much lower.
BESIDE = {S.RETURNED: (S.SUBMITTED, -89), S.ANSWERING: (S.SUBMITTED, 192), S.SUSPENDED: (S.ASSIGNED, 60)}

MAIN_X, SIDE_X = 1010, 390
TASK_WIDTH, TASK_HEIGHT = 160, 80
GATEWAY, EVENT = 50, 36
ROW, GAP = 28, 54
LANES_LEFT = {S.CLOSED: 40, S.FOLLOWUP: 68}
LANES_BETWEEN = {
    S.RETURNED: 600,
    S.SUSPENDED: 600,
    S.ANSWERING: 628,
    S.SUBMITTED: 656,
    S.INVITING: 684,
    S.MEDIATING: 712,
    S.ASSIGNED: 740,
    S.PERFORMING: 740,
}
LANES_RIGHT = {S.ACCEPTED: 1320, S.PERFORMING: 1320, S.FOLLOWUP: 1348, S.CLOSED: 1376}


@dataclass(frozen=True)
class Box:
    """A rectangle: the bounds of a shape."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """A step as it is drawn: its waypoints, the place of its words, and whether these end at the line's beginning."""

    step: Step
    points: tuple[Point, ...]
    label: Point
    leftwards: bool = False


@dataclass
class Drawing:
    """All shapes and lines."""

    tasks: dict[Status, Box] = field(default_factory=dict)
    gateways: dict[Status, Box] = field(default_factory=dict)
    timers: dict[str, tuple[Timer, Box]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    start: Box = Box(MAIN_X - EVENT // 2, 30, EVENT, EVENT)
    end: Box = Box(0, 0, 0, 0)
    width: int = 1420
    height: int = 0


def draw() -> Drawing:
    """Place every status, gateway, timer and step."""
    drawing, moves = Drawing(), steps()
    _place_main(drawing, moves)
    for status, (neighbour, lower) in BESIDE.items():
        _place(drawing, status, SIDE_X, drawing.tasks[neighbour].y + lower)
    for status in drawing.gateways:
        drawing.lines += _lines_from(drawing, status, [step for step in moves if step.source == status])
    for timer in timers():
        _hang(drawing, timer)
    return drawing


def _place_main(drawing: Drawing, moves: list[Step]) -> None:
    y = drawing.start.bottom + 40
    for status in MAIN[:-1]:
        _place(drawing, status, MAIN_X, y)
        rows = [[_side(step) for step in moves if step.source == status].count(side) for side in ("left", "right")]
        y = drawing.gateways[status].middle[1] + max(25, ROW * (max(rows) - 1)) + GAP
    drawing.end = Box(MAIN_X - EVENT // 2, y, EVENT, EVENT)
    drawing.height = y + EVENT + 50


def _place(drawing: Drawing, status: Status, x: int, y: int) -> None:
    drawing.tasks[status] = Box(x - TASK_WIDTH // 2, y, TASK_WIDTH, TASK_HEIGHT)
    drawing.gateways[status] = Box(x - GATEWAY // 2, y + TASK_HEIGHT + 24, GATEWAY, GATEWAY)


def _side(step: Step) -> str:
    """Say on which side of the gateway a step leaves: ahead goes down, jumps ahead right, the rest left."""
    if step.source in BESIDE:
        return "left" if step.target in LANES_LEFT else "right"
    here, there = MAIN.index(step.source), MAIN.index(step.target) if step.target in MAIN else -1
    if there == here + 1 and step.source != S.DRAFT or (step.source, step.target) == (S.DRAFT, S.SUBMITTED):
        return "down"
    return "right" if there > here else "left"


def _lines_from(drawing: Drawing, status: Status, moves: list[Step]) -> list[Line]:
    lines = [_line_down(drawing, step) for step in moves if _side(step) == "down"]
    for side in ("left", "right"):
        leaving = sorted((step for step in moves if _side(step) == side), key=lambda step: -_near(step, side))
        lines += [_line_aside(drawing, step, side, number) for number, step in enumerate(leaving)]
    return lines


def _near(step: Step, side: str) -> int:
    """Order rows so that the lane farthest from the gateway leaves first where it goes up, last where it goes down."""
    lane = _lane(step, side)
    return -lane if side == "right" else lane


def _lane(step: Step, side: str) -> int:
    if step.source in BESIDE:
        return (LANES_LEFT if side == "left" else LANES_BETWEEN)[step.target]
    return (LANES_RIGHT if side == "right" else LANES_BETWEEN)[step.target]


def _line_down(drawing: Drawing, step: Step) -> Line:
    gateway = drawing.gateways[step.source]
    below = drawing.end if step.target == S.ARCHIVED else drawing.tasks[step.target]
    x = gateway.middle[0]
    return Line(step, ((x, gateway.bottom), (x, below.y)), (x + 8, below.y - 22))


def _line_aside(drawing: Drawing, step: Step, side: str, number: int) -> Line:
    gateway, lane = drawing.gateways[step.source], _lane(step, side)
    corner = gateway.right if side == "right" else gateway.x
    trunk = corner + (12 if side == "right" else -12)
    middle = gateway.middle[1]
    row = middle + ROW * number
    start: tuple[Point, ...] = ((corner, middle),) if number == 0 else ((corner, middle), (trunk, middle), (trunk, row))
    label = (trunk + (8 if side == "right" else -8), row - 5)
    return Line(step, _without_repeats((*start, *_to_target(drawing, step, lane, row))), label, side == "left")


def _to_target(drawing: Drawing, step: Step, lane: int, row: int) -> tuple[Point, ...]:
    target = drawing.tasks[step.target]
    enter = target.middle[1]
    edge = target.x if lane < target.x else target.right
    return (lane, row), (lane, enter), (edge, enter)


def _hang(drawing: Drawing, timer: Timer) -> None:
    """Hang a timer on the lower corner of its task and lead it into the lane."""
    step, task = timer.step, drawing.tasks[timer.step.source]
    side = "right" if step.source == S.DRAFT or step.target not in LANES_LEFT else "left"
    x = task.right if side == "right" else task.x
    y = task.bottom - 10
    box = Box(x - EVENT // 2, y - EVENT // 2, EVENT, EVENT)
    drawing.timers[step.name] = (timer, box)
    corner = box.right if side == "right" else box.x
    label = (corner + (8 if side == "right" else -8), y - 5)
    points = ((corner, y), *_to_target(drawing, step, _lane(step, side), y))
    drawing.lines.append(Line(step, points, label, side == "left"))


def _without_repeats(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return tuple(point for number, point in enumerate(points) if number == 0 or point != points[number - 1])
