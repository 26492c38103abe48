"""The process as BPMN 2.0 XML (OMG formal/2011-01-03), with the diagram: what any modelling tool opens.

Flow: reception starts it; an optional step stands between two exclusive gateways; a step with opinions stands beside
them between two gateways, parallel where all are always asked, inclusive where the officer chooses. Silence that means
consent is a timer on the opinion's task.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from tinhso.apps.procedures.data import Node, ProcessGraph
from tinhso.apps.procedures.enums import StepKind
from tinhso.lib.worktime import Limit, LimitUnit

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
for _prefix, _uri in (("bpmn", MODEL), ("bpmndi", BPMNDI), ("dc", DC), ("di", DI), ("xsi", XSI)):
    register_namespace(_prefix, _uri)

_TASKS = {StepKind.RECEPTION: "userTask", StepKind.DELIVERY: "userTask", StepKind.ISSUE: "serviceTask"}
_LANE, _COLUMN, _HEAD = 130, 180, 30  # heights and widths of the drawing, in its own pixels
_TASK, _GATE, _EVENT = (130, 84), (40, 40), (36, 36)
_DURATIONS = {
    LimitUnit.CALENDAR_DAY: "P{}D",
    LimitUnit.WORKING_DAY: "P{}D",
    LimitUnit.MONTH: "P{}M",
    LimitUnit.YEAR: "P{}Y",
    LimitUnit.WORKING_HOUR: "PT{}H",
    LimitUnit.CLOCK_HOUR: "PT{}H",
    LimitUnit.SAME_DAY: "P1D",
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """One thing of the flow with its place in the drawing."""

    id: str
    tag: str
    name: str
    lane: int
    x: float
    y: float
    size: tuple[int, int]
    node: Node | None = None
    on: str = ""  # the task a timer sits on

    @property
    def right(self) -> tuple[float, float]:
        return self.x + self.size[0], self.y + self.size[1] / 2

    @property
    def left(self) -> tuple[float, float]:
        return self.x, self.y + self.size[1] / 2


@dataclass(frozen=True, slots=True)
class _Flow:
    """One arrow; with a condition, of the language of the package."""

    id: str
    source: _Shape
    target: _Shape
    condition: str = ""


class _Drawing:
    """The flow of a graph, laid out from left to right."""

    def __init__(self, graph: ProcessGraph) -> None:
        self.graph = graph
        self.shapes: list[_Shape] = []
        self.flows: list[_Flow] = []
        self.column = 0
        self._build()

    def _build(self) -> None:
        steps = self.graph.steps
        ends = [self._add("start", "startEvent", "Nộp hồ sơ", steps[0].lane, _EVENT)]
        position = 0
        while position < len(steps):
            if steps[position].optional:
                run = [step for step in steps[position:] if step.optional]
                run = run[: next((n for n, step in enumerate(steps[position:]) if not step.optional), len(run))]
                ends = self._optional(run, ends)
                position += len(run)
            else:
                ends = self._step(steps[position], ends)
                position += 1
        self._join(ends, self._add("end", "endEvent", "Hoàn thành", steps[-1].lane, _EVENT))

    def _optional(self, run: list[Node], ends: list[_Shape]) -> list[_Shape]:
        """Optional steps, each behind a gateway that may lead around it."""
        for step in run:
            gate = self._add(f"if_{step.key}", "exclusiveGateway", f"Có {step.name}?", step.lane, _GATE)
            self._join(ends, gate)
            after = self._step(step, [gate], condition=step.when)
            merge = self._add(f"end_if_{step.key}", "exclusiveGateway", "", step.lane, _GATE)
            self._join(after, merge)
            self._flow(gate, merge)
            ends = [merge]
        return ends

    def _step(self, step: Node, ends: list[_Shape], condition: str = "") -> list[_Shape]:
        opinions = self.graph.opinions_of(step.key)
        if not opinions:
            task = self._task(step)
            self._join(ends, task, condition)
            return [task]
        kind = "inclusiveGateway" if any(opinion.optional for opinion in opinions) else "parallelGateway"
        split = self._add(f"ask_{step.key}", kind, "Lấy ý kiến", step.lane, _GATE)
        self._join(ends, split, condition)
        column = self.column
        tasks: list[_Shape] = []
        for node in (step, *opinions):
            self.column = column if all(shape.lane != node.lane for shape in tasks) else self.column
            tasks.append(self._task(node))
            self._flow(split, tasks[-1], node.when if node.is_opinion and kind == "inclusiveGateway" else "")
        merge = self._add(f"heard_{step.key}", kind, "Đủ ý kiến", step.lane, _GATE)
        self._join(tasks, merge)
        for task in tasks:
            if task.node and task.node.silence:
                self._timer(task, merge)
        return [merge]

    def _timer(self, task: _Shape, merge: _Shape) -> None:
        node = task.node
        assert node is not None  # noqa: S101 - timers sit on opinions
        spot = (task.x + task.size[0] - 18, task.y + task.size[1] - 18)
        timer = _Shape(
            f"silence_{node.key}", "boundaryEvent", "Hết hạn: coi như đồng ý", task.lane, *spot, _EVENT, node, task.id
        )
        self.shapes.append(timer)
        self._flow(timer, merge)

    def _task(self, node: Node) -> _Shape:
        tag = "userTask" if node.is_opinion else _TASKS.get(StepKind(node.kind), "userTask")
        return self._add(node.key, tag, node.name, node.lane, _TASK, node)

    def _add(self, key: str, tag: str, name: str, lane: int, size: tuple[int, int], node: Node | None = None) -> _Shape:
        x = _HEAD * 2 + 20 + self.column * _COLUMN + (_TASK[0] - size[0]) / 2
        y = lane * _LANE + (_LANE - size[1]) / 2
        shape = _Shape(f"{'opinion' if node and node.is_opinion else 'n'}_{key}", tag, name, lane, x, y, size, node)
        self.shapes.append(shape)
        self.column += 1
        return shape

    def _join(self, ends: list[_Shape], target: _Shape, condition: str = "") -> None:
        for end in ends:
            self._flow(end, target, condition)

    def _flow(self, source: _Shape, target: _Shape, condition: str = "") -> None:
        self.flows.append(_Flow(f"flow_{len(self.flows) + 1}", source, target, condition))


def bpmn_xml(graph: ProcessGraph) -> bytes:
    """The process as a BPMN 2.0 document in UTF-8 (kết xuất quy trình điện tử)."""
    drawing = _Drawing(graph)
    name = graph.code.replace(".", "_")
    root = Element(
        f"{{{MODEL}}}definitions",
        {"id": f"definitions_{name}", "name": graph.name, "targetNamespace": "urn:tinhso:quy-trinh",
         "exporter": "Tỉnh Số", "expressionLanguage": "https://github.com/google/cel-spec"},
    )  # fmt: skip
    together = SubElement(root, f"{{{MODEL}}}collaboration", {"id": f"collaboration_{name}"})
    SubElement(
        together, f"{{{MODEL}}}participant",
        {"id": f"pool_{name}", "name": graph.name, "processRef": f"process_{name}"},
    )  # fmt: skip
    _process(root, drawing, name)
    _diagram(root, drawing, name)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _process(root: Element, drawing: _Drawing, name: str) -> None:
    process = SubElement(
        root, f"{{{MODEL}}}process",
        {"id": f"process_{name}", "name": f"{drawing.graph.code} {drawing.graph.name}", "isExecutable": "false"},
    )  # fmt: skip
    lanes = SubElement(process, f"{{{MODEL}}}laneSet", {"id": f"lanes_{name}"})
    for position, lane in enumerate(drawing.graph.lanes):
        row = SubElement(lanes, f"{{{MODEL}}}lane", {"id": lane.key, "name": lane.name})
        for shape in drawing.shapes:
            if shape.lane == position:
                SubElement(row, f"{{{MODEL}}}flowNodeRef").text = shape.id
    for shape in drawing.shapes:
        _element(process, shape, drawing.flows)
    for flow in drawing.flows:
        arrow = SubElement(
            process, f"{{{MODEL}}}sequenceFlow",
            {"id": flow.id, "sourceRef": flow.source.id, "targetRef": flow.target.id},
        )  # fmt: skip
        if flow.condition:
            condition = SubElement(
                arrow, f"{{{MODEL}}}conditionExpression", {f"{{{XSI}}}type": "bpmn:tFormalExpression"}
            )
            condition.text = flow.condition


def _element(process: Element, shape: _Shape, flows: list[_Flow]) -> None:
    given = {"id": shape.id, "name": shape.name}
    if shape.on:
        given |= {"attachedToRef": shape.on, "cancelActivity": "true"}
    element = SubElement(process, f"{{{MODEL}}}{shape.tag}", given)
    if shape.node is not None and not shape.on:
        SubElement(element, f"{{{MODEL}}}documentation").text = _documentation(shape.node)
    for tag, end in (("incoming", "target"), ("outgoing", "source")):
        for flow in flows:
            if getattr(flow, end) is shape:
                SubElement(element, f"{{{MODEL}}}{tag}").text = flow.id
    if shape.on and shape.node is not None:
        timer = SubElement(element, f"{{{MODEL}}}timerEventDefinition", {"id": f"timer_{shape.node.key}"})
        duration = SubElement(timer, f"{{{MODEL}}}timeDuration", {f"{{{XSI}}}type": "bpmn:tFormalExpression"})
        duration.text = iso_duration(Limit.parse(shape.node.duration))


def _documentation(node: Node) -> str:
    parts = ["; ".join(node.hours) or "Không tính vào thời hạn", f"vai trò: {node.role}" if node.role else ""]
    return "; ".join(part for part in (*parts, node.silence, f"khi {node.when}" if node.when else "") if part)


def iso_duration(limit: Limit) -> str:
    """A limit as ISO 8601 tells durations, which know no working time: `P12D`, `PT4H`."""
    return _DURATIONS[limit.unit].format(f"{limit.amount.normalize():f}")


def _diagram(root: Element, drawing: _Drawing, name: str) -> None:
    diagram = SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": f"diagram_{name}"})
    plane = SubElement(
        diagram, f"{{{BPMNDI}}}BPMNPlane", {"id": f"plane_{name}", "bpmnElement": f"collaboration_{name}"}
    )
    width = _HEAD * 2 + 40 + drawing.column * _COLUMN
    height = _LANE * len(drawing.graph.lanes)
    _box(plane, f"pool_{name}", 0, 0, width, height, horizontal=True)
    for position, lane in enumerate(drawing.graph.lanes):
        _box(plane, lane.key, _HEAD, position * _LANE, width - _HEAD, _LANE, horizontal=True)
    for shape in drawing.shapes:
        _box(plane, shape.id, shape.x, shape.y, *shape.size)
    for flow in drawing.flows:
        edge = SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"{flow.id}_di", "bpmnElement": flow.id})
        for x, y in _way(flow):
            SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def _box(
    plane: Element, about: str, x: float, y: float, width: float, height: float, *, horizontal: bool = False
) -> None:
    given = {"id": f"{about}_di", "bpmnElement": about} | ({"isHorizontal": "true"} if horizontal else {})
    shape = SubElement(plane, f"{{{BPMNDI}}}BPMNShape", given)
    size = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
    SubElement(shape, f"{{{DC}}}Bounds", size)


def _way(flow: _Flow) -> list[tuple[float, float]]:
    """From side to side at right angles; a way around a step runs below it."""
    (x1, y1), (x2, y2) = flow.source.right, flow.target.left
    around = flow.source.tag == "exclusiveGateway" and flow.target.tag == "exclusiveGateway"
    if around:
        low = flow.source.lane * _LANE + _LANE - 10
        return [(x1 - 20, y1 + 20), (x1 - 20, low), (x2 + 20, low), (x2 + 20, y2 + 20)]
    if y1 == y2:
        return [(x1, y1), (x2, y2)]
    middle = x2 - 20
    return [(x1, y1), (middle, y1), (middle, y2), (x2, y2)]
