"""The process of a case as BPMN 2.0 with its diagram, for other tools to read and to show."""

from xml.etree import ElementTree as ET

from django.utils.translation import override

from cases.choices import STATUS_SENTENCES, Status
from charts.drawing import Box, Drawing, Line, Point, draw
from charts.steps import LANGUAGE, Step, Timer, clock_words, steps

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
FORMAL = {f"{{{XSI}}}type": "bpmn:tFormalExpression"}
LABEL_HEIGHT = 14


def bpmn_of_case() -> str:
    """Return the BPMN 2.0 XML of a case's procedure, the same text as long as nothing about the procedure changes."""
    for prefix, address in PREFIXES.items():
        ET.register_namespace(prefix, address)
    drawing = draw()
    root = ET.Element(
        f"{{{BPMN}}}definitions",
        {"id": "Tiaochu", "targetNamespace": "urn:tiaochu:case", "exporter": "manage.py bpmn", "name": "调处"},
    )
    with override(LANGUAGE):
        _process(root, drawing)
    _diagram(root, drawing)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


# --- what happens ------------------------------------------------------------------------------------------


def _process(root: ET.Element, drawing: Drawing) -> None:
    process = _add(root, "process", id="Case", name="办案流程", isExecutable="false")
    flows = _Flows(drawing)
    _node(process, flows, "startEvent", "Start", "开始")
    for status in drawing.tasks:
        task = _node(process, flows, "userTask", f"Task_{status}", str(status.label), about=_about(status))
        assert task is not None
        _node(process, flows, "exclusiveGateway", f"Gateway_{status}", "")
    for timer, _ in drawing.timers.values():
        _timer(process, flows, timer)
    _node(process, flows, "endEvent", "End", str(Status.ARCHIVED.label), about=str(STATUS_SENTENCES[Status.ARCHIVED]))
    for flow in flows.plain:
        _add(process, "sequenceFlow", id=flow[0], sourceRef=flow[1], targetRef=flow[2])
    for line in drawing.lines:
        _sequence_flow(process, line.step)


class _Flows:
    """Which flows enter and leave each element."""

    def __init__(self, drawing: Drawing) -> None:
        self.plain = [("Flow_start", "Start", f"Task_{Status.DRAFT}")]
        self.plain += [(f"Flow_{status}", f"Task_{status}", f"Gateway_{status}") for status in drawing.tasks]
        steps_drawn = [line.step for line in drawing.lines]
        self.all = self.plain + [(f"Flow_{s.name}", source_of(s), target_of(s)) for s in steps_drawn]

    def into(self, element: str) -> list[str]:
        return [name for name, _, target in self.all if target == element]

    def out_of(self, element: str) -> list[str]:
        return [name for name, source, _ in self.all if source == element]


def source_of(step: Step) -> str:
    return f"Timer_{step.name}" if step.by_clock else f"Gateway_{step.source}"


def target_of(step: Step) -> str:
    return "End" if step.target == Status.ARCHIVED else f"Task_{step.target}"


def _node(
    process: ET.Element, flows: _Flows, tag: str, name: str, label: str, *, about: str = "", attached: str = ""
) -> ET.Element:
    attributes = {"id": name} | ({"name": label} if label else {}) | ({"attachedToRef": attached} if attached else {})
    node = _add(process, tag, **attributes)
    if about:
        _add(node, "documentation").text = about
    for flow in flows.into(name):
        _add(node, "incoming").text = flow
    for flow in flows.out_of(name):
        _add(node, "outgoing").text = flow
    return node


def _about(status: Status) -> str:
    leaving = [step for step in steps() if step.source == status]
    who = list(dict.fromkeys(role for step in leaving for role in step.who))
    arriving = [step for step in steps() if step.target == status != step.source]
    started = sorted(
        {key for step in arriving for words in step.clocks if words[0] == "起" for key in words[2:].split()}
    )
    clocks = "；".join(clock_words(key) for key in started)
    return "\n".join(
        [str(STATUS_SENTENCES[status]), f"办理人：{'、'.join(who)}", *([f"期限：{clocks}"] if clocks else [])]
    )


def _timer(process: ET.Element, flows: _Flows, timer: Timer) -> None:
    step = timer.step
    about = f"{timer.label}届满，系统自动“{step.label}”。"
    event = _node(
        process, flows, "boundaryEvent", source_of(step), timer.label, about=about, attached=f"Task_{step.source}"
    )
    definition = _add(event, "timerEventDefinition", id=f"Due_{step.name}")
    ET.SubElement(definition, f"{{{BPMN}}}timeDate", FORMAL).text = f"end of the day on which {timer.clock} is due"


def _sequence_flow(process: ET.Element, step: Step) -> None:
    name = f"Flow_{step.name}"
    flow = _add(process, "sequenceFlow", id=name, name=step.label, sourceRef=source_of(step), targetRef=target_of(step))
    _add(flow, "documentation").text = _about_step(step)
    if not step.by_clock:
        ET.SubElement(flow, f"{{{BPMN}}}conditionExpression", FORMAL).text = step.action


def _about_step(step: Step) -> str:
    lines = [("办理人", "、".join(step.who)), ("条件（不满足时的提示）", "".join(step.conditions))]
    lines += [("期限", "；".join(step.clocks)), ("文书", "、".join(step.papers)), ("结果", step.outcome)]
    return "\n".join(f"{name}：{words}" for name, words in lines if words)


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)


# --- how it looks ------------------------------------------------------------------------------------------


def _diagram(root: ET.Element, drawing: Drawing) -> None:
    diagram = ET.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": "Diagram"})
    plane = ET.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", {"id": "Plane", "bpmnElement": "Case"})
    _shape(plane, "Start", drawing.start, label=_beside(drawing.start, "开始"))
    for status, box in drawing.tasks.items():
        _shape(plane, f"Task_{status}", box)
        _shape(plane, f"Gateway_{status}", drawing.gateways[status])
    for timer, box in drawing.timers.values():
        _shape(plane, source_of(timer.step), box, label=timer_label_box(line_of(drawing, timer), timer.label))
    _shape(plane, "End", drawing.end, label=_under(drawing.end, "已归档"))
    _plain_edges(plane, drawing)
    for line in drawing.lines:
        _edge(plane, f"Flow_{line.step.name}", line.points, label_box(line))


def _plain_edges(plane: ET.Element, drawing: Drawing) -> None:
    x, top = drawing.start.middle[0], drawing.tasks[Status.DRAFT].y
    _edge(plane, "Flow_start", ((x, drawing.start.bottom), (x, top)))
    for status, task in drawing.tasks.items():
        x = task.middle[0]
        _edge(plane, f"Flow_{status}", ((x, task.bottom), (x, drawing.gateways[status].y)))


def _shape(plane: ET.Element, element: str, box: Box, *, label: Box | None = None) -> None:
    marker = {"isMarkerVisible": "true"} if element.startswith("Gateway") else {}
    shape = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"{element}_di", "bpmnElement": element, **marker})
    _bounds(shape, box)
    _label(shape, label)


def _edge(plane: ET.Element, element: str, points: tuple[Point, ...], label: Box | None = None) -> None:
    edge = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{element}_di", "bpmnElement": element})
    for x, y in points:
        ET.SubElement(edge, f"{{{DI}}}waypoint", {"x": str(x), "y": str(y)})
    _label(edge, label)


def _label(parent: ET.Element, box: Box | None) -> None:
    if box is not None:
        _bounds(ET.SubElement(parent, f"{{{BPMNDI}}}BPMNLabel"), box)


def _bounds(parent: ET.Element, box: Box) -> None:
    sides = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    ET.SubElement(parent, f"{{{DC}}}Bounds", {name: str(value) for name, value in sides.items()})


def label_box(line: Line) -> Box:
    """Return the bounds of a step's words."""
    x, y = line.label
    width = width_of(line.step.label)
    return Box(x - width if line.leftwards else x, y - LABEL_HEIGHT + 2, width, LABEL_HEIGHT)


def width_of(words: str, size: int = 12) -> int:
    """Estimate how wide words are set: full-width signs a square, others about half."""
    return sum(size if ord(sign) > 0x2E80 else size * 6 // 10 for sign in words) + 2


def timer_label_box(line: Line, words: str) -> Box:
    """Return the bounds of a timer's words: below its line, as the step's are above."""
    x, y = line.label
    width = width_of(words)
    return Box(x - width if line.leftwards else x, y + 8, width, LABEL_HEIGHT)


def line_of(drawing: Drawing, timer: Timer) -> Line:
    return next(line for line in drawing.lines if line.step == timer.step)


def _beside(box: Box, words: str) -> Box:
    return Box(box.right + 6, box.middle[1] - LABEL_HEIGHT // 2, width_of(words), LABEL_HEIGHT)


def _under(box: Box, words: str) -> Box:
    width = width_of(words)
    return Box(box.middle[0] - width // 2, box.bottom + 4, width, LABEL_HEIGHT)
