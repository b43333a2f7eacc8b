"""The committed charts of a case's life: a page with its states and actions, a picture, and the BPMN file."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from django.utils.translation import override

from cases.choices import STATUS_SENTENCES, Status
from charts.bpmn import bpmn_of_case, line_of, width_of
from charts.drawing import Box, Drawing, Line, draw
from charts.steps import LANGUAGE, Step, steps, timers

S = Status
GROUPS = {
    "intake": (S.DRAFT, S.SUBMITTED, S.RETURNED, S.ANSWERING, S.INVITING),
    "mediation": (S.ACCEPTED, S.ASSIGNED, S.MEDIATING, S.SUSPENDED, S.SIGNING),
    "after": (S.PERFORMING, S.FOLLOWUP),
    "ended": (S.CLOSED, S.ARCHIVED),
}
FILLS = {"intake": "#e7f0fa", "mediation": "#e6f4ea", "after": "#fdf1dd", "ended": "#ececec"}
STROKES = {
    S.SUBMITTED: "#1f5fa8",
    S.RETURNED: "#8a5a00",
    S.ANSWERING: "#7a3e9d",
    S.INVITING: "#0b7285",
    S.ACCEPTED: "#1b7f3b",
    S.ASSIGNED: "#a33b1f",
    S.MEDIATING: "#1b7f3b",
    S.SIGNING: "#1b7f3b",
    S.SUSPENDED: "#8a5a00",
    S.PERFORMING: "#b35900",
    S.FOLLOWUP: "#8c2f6b",
    S.CLOSED: "#555555",
    S.ARCHIVED: "#555555",
}
FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def charts() -> dict[str, str]:
    """Return the generated files by name."""
    return {"life-of-a-case.md": page(), "case.svg": picture(), "case.bpmn": bpmn_of_case()}


# --- the page ------------------------------------------------------------------------------------------------


def page() -> str:
    """Return the states, the actions and the clocks as Markdown."""
    with override(LANGUAGE):
        parts = [
            "# The life of a case: generated",
            "Written by `manage.py charts` from `cases/lifecycle.py`, `accounts/policy.py`, `workflows/papers/` and "
            "`workflows/flows.py`. Do not edit. How to read it: [life-of-a-case.md](../life-of-a-case.md).",
            "![The life of a case](case.svg)",
            f"## {len(Status)} states\n\n" + _states(),
            f"## {len({step.action for step in [*steps(), *_by_clock()]})} actions\n\n" + _mermaid(),
            _actions(),
            "止 a clock is met · 起 it starts · 停 it is paused · 续 it goes on · 全部停止 all clocks stop",
            "## Clocks that act by themselves\n\n" + _timers(),
        ]
        return "\n\n".join(parts) + "\n"


def _by_clock() -> list[Step]:
    return [timer.step for timer in timers()]


def _states() -> str:
    rows = [(f"`{s}`", str(s.label), str(STATUS_SENTENCES[s]), group_of(s)) for s in Status]
    return _table(("state", "名称", "what people read", "phase"), rows)


def _actions() -> str:
    heads = ("action", "from", "to", "who", "what it says when a condition fails", "clocks", "documents", "outcome")
    moves = [*steps(), *(step for step in _by_clock() if step.action == "lapse")]
    return _table(heads, [_row(step) for step in moves])


def _row(step: Step) -> tuple[str, ...]:
    names = (f"`{step.action}` {step.label}", str(step.source.label), str(step.target.label))
    words = ("、".join(step.who), "<br>".join(step.conditions), "；".join(step.clocks), "、".join(step.papers))
    return (*names, *words, step.outcome)


def _timers() -> str:
    rows = [
        (timer.label, str(timer.step.source.label), f"`{timer.step.action}` {timer.step.label}") for timer in timers()
    ]
    return _table(("clock", "in", "action"), rows)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def _mermaid() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    direction TB"]
    lines += [f'    state "{status.label}" as {status}' for status in Status]
    lines.append(f"    [*] --> {S.DRAFT}")
    lines += [f"    {source} --> {target}: {words}" for (source, target), words in _between().items()]
    lines.append(f"    {S.ARCHIVED} --> [*]")
    lines += [f"    classDef {group} fill:{fill},stroke:#555" for group, fill in FILLS.items()]
    lines += [f"    class {','.join(members)} {group}" for group, members in GROUPS.items()]
    return "\n".join([*lines, "```"])


def _between() -> dict[tuple[Status, Status], str]:
    """Return the labels of all actions between two states, in one line."""
    found: dict[tuple[Status, Status], list[str]] = {}
    for step in steps():
        found.setdefault((step.source, step.target), []).append(step.label)
    for step in _by_clock():
        found.setdefault((step.source, step.target), []).append(f"⏱{step.label}")
    return {ends: " · ".join(labels) for ends, labels in found.items()}


def group_of(status: Status) -> str:
    return next(group for group, members in GROUPS.items() if status in members)


# --- the picture ---------------------------------------------------------------------------------------------


def picture() -> str:
    """Return the process as SVG, standing as in the BPMN diagram; lines have the colour of the state they lead to."""
    drawing = draw()
    with override(LANGUAGE):
        parts = [_head(drawing), *_lines(drawing), *_shapes(drawing), *_words(drawing), "</svg>"]
        return "\n".join(parts) + "\n"


def _head(drawing: Drawing) -> str:
    width, height = drawing.width, drawing.height
    arrows = "".join(
        f'<marker id="to{colour[1:]}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for colour in sorted({*STROKES.values()})
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="12"><title>办案流程</title><defs>{arrows}</defs>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    )


def _lines(drawing: Drawing) -> list[str]:
    start, first = drawing.start, drawing.tasks[S.DRAFT]
    drawn = [_path(((start.middle[0], start.bottom), (first.middle[0], first.y)), "#555555")]
    for status, task in drawing.tasks.items():
        gateway = drawing.gateways[status]
        drawn.append(_path(((task.middle[0], task.bottom), (gateway.middle[0], gateway.y)), "#555555"))
    return drawn + [_path(line.points, STROKES[line.step.target], line.step.by_clock) for line in drawing.lines]


def _path(points: tuple[tuple[int, int], ...], colour: str, dashed: bool = False) -> str:
    way = "M" + " L".join(f"{x} {y}" for x, y in points)
    dashes = ' stroke-dasharray="6 3"' if dashed else ""
    return (
        f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="1.4"{dashes} marker-end="url(#to{colour[1:]})"/>'
    )


def _shapes(drawing: Drawing) -> list[str]:
    drawn = [_circle(drawing.start, 1.5), _circle(drawing.end, 4)]
    drawn += [_task(status, box) for status, box in drawing.tasks.items()]
    drawn += [_gateway(box) for box in drawing.gateways.values()]
    return drawn + [_clock(box) for _, box in drawing.timers.values()]


def _circle(box: Box, thick: float) -> str:
    x, y = box.middle
    return f'<circle cx="{x}" cy="{y}" r="{box.width // 2}" fill="#fff" stroke="#333" stroke-width="{thick}"/>'


def _task(status: Status, box: Box) -> str:
    x, y = box.middle
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="10" '
        f'fill="{FILLS[group_of(status)]}" stroke="#333" stroke-width="1.5"/>'
        + _text(x, y, str(status.label), size=18, anchor="middle", weight="bold")
        + _text(x, y + 22, str(status), size=11, anchor="middle", colour="#555")
    )


def _gateway(box: Box) -> str:
    x, y = box.middle
    half = box.width // 2
    return (
        f'<path d="M{x} {y - half}L{x + half} {y}L{x} {y + half}L{x - half} {y}z" fill="#fff" stroke="#333" '
        f'stroke-width="1.5"/><path d="M{x - 7} {y - 7}L{x + 7} {y + 7}M{x + 7} {y - 7}L{x - 7} {y + 7}" '
        'stroke="#333" stroke-width="3"/>'
    )


def _clock(box: Box) -> str:
    x, y = box.middle
    return (
        _circle(box, 1.5) + f'<circle cx="{x}" cy="{y}" r="{box.width // 2 - 4}" fill="none" stroke="#333"/>'
        f'<path d="M{x} {y - 9}L{x} {y}L{x + 7} {y + 3}" fill="none" stroke="#333" stroke-width="1.5"/>'
    )


def _words(drawing: Drawing) -> list[str]:
    x, y = drawing.end.middle
    ends = [_text(x, y + 38, str(S.ARCHIVED.label), size=15, anchor="middle", weight="bold")]
    ends += [_timer_words(line_of(drawing, timer), timer.label) for timer, _ in drawing.timers.values()]
    return ends + [_step_words(line) for line in drawing.lines]


def _timer_words(line: Line, words: str) -> str:
    x, y = line.label
    return _text(x, y + 19, words, size=10, anchor="end" if line.leftwards else "start", colour="#555")


def _step_words(line: Line) -> str:
    """The action's label, and small and grey who may take it: or the clock that does."""
    (x, y), step = line.label, line.step
    note = "到期自动" if step.by_clock else "、".join(step.who)
    gap = width_of(step.label) + 6
    anchor = "end" if line.leftwards else "start"
    colour = STROKES[step.target]
    return _text(x, y, step.label, anchor=anchor, colour=colour, weight="bold") + _text(
        x - gap if line.leftwards else x + gap, y, note, size=10, anchor=anchor, colour="#555"
    )


def _text(
    x: int, y: int, words: str, *, size: int = 12, anchor: str = "start", colour: str = "#111", weight: str = "normal"
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}" '
        f'stroke="#fff" stroke-width="3" paint-order="stroke">{escape(words)}</text>'
    )
