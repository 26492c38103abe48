"""The process as a picture: the grid, and BPMN 2.0 whose every reference leads somewhere."""

from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from tests.apps.procedures.test_workflow import OPINION, step, value_with
from tests.factories.procedures import CONTENT, package_value
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.content import check_package, load_package, package_folders
from tinhso.apps.procedures.data import Package, Place, ProcessGraph
from tinhso.apps.procedures.enums import StepUnit
from tinhso.lib.worktime import Limit

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
D = "{http://www.omg.org/spec/BPMN/20100524/DI}"
NODES = {"startEvent", "endEvent", "userTask", "serviceTask", "exclusiveGateway", "inclusiveGateway", "parallelGateway",
         "boundaryEvent"}  # fmt: skip


def graph_of(package: Package, **asked: Any) -> ProcessGraph:
    return rules.process_graph(package, {Place(StepUnit.ONE_STOP): "Trung tâm"}, **asked)


def every_graph() -> list[Any]:
    shipped = [pytest.param(graph_of(load_package(f, root=CONTENT)[1]), id=f.name) for f in package_folders(CONTENT)]
    silent = {**OPINION, "silence": "consent"}
    made = {
        "plain": package_value(),
        "chosen": value_with(parallel=[silent, {**OPINION, "key": "fire", "unit": {"department": "police"}}]),
        "always": value_with(parallel=[{**silent, "asked": "on_entry"}]),
        "optional": value_with(step("a", when="answers.kind == 'house'"), step("b", when="answers.pages > 3")),
    }
    return [*shipped, *(pytest.param(graph_of(check_package(value)), id=name) for name, value in made.items())]


def test_lanes_follow_the_order_of_the_work_and_rows_never_meet() -> None:
    graph = graph_of(check_package(value_with(parallel=[OPINION])))
    assert [lane.name for lane in graph.lanes] == [
        "Trung tâm", "Phòng chuyên môn", "Sở, ban, ngành (planning)", "UBND cấp xã",
    ]  # fmt: skip
    assert [node.row for node in graph.nodes] == list(range(graph.rows))
    assert [node.key for node in graph.steps] == ["reception", "appraisal", "approval", "handover"]
    assert [node.key for node in graph.opinions_of("appraisal")] == ["planning"]


def test_hours_are_those_of_the_limit_asked_for_or_of_all() -> None:
    package = check_package(package_value())
    assert graph_of(package).steps[1].hours == ("Nhà: 8 giờ", "Khác: 16 giờ")
    assert graph_of(package).steps[0].hours == ("4 giờ",)
    assert graph_of(package, limit_key="other").steps[1].hours == ("16 giờ",)
    assert graph_of(package).steps[-1].hours == ()


def test_steps_a_case_skips_are_not_drawn_and_ways_around_are() -> None:
    package = check_package(value_with(step("a", when="answers.kind == 'house'")))
    assert [(b.start, b.end) for b in graph_of(package).branches] == [("appraisal", "approval")]
    taken = rules.take_steps(package, {"answers": {"kind": "works"}})
    assert [node.key for node in graph_of(taken).steps] == ["reception", "appraisal", "approval", "handover"]


@pytest.mark.parametrize("graph", every_graph())
def test_bpmn_has_the_structure_of_the_standard(graph: ProcessGraph) -> None:
    root = fromstring(rules.bpmn_xml(graph))  # noqa: S314 - our own text
    assert root.tag == f"{B}definitions"
    assert [child.tag for child in root] == [f"{B}collaboration", f"{B}process", f"{D}BPMNDiagram"]
    process = root.find(f"{B}process")
    assert process is not None
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    nodes = {str(e.get("id")): e for e in process if e.tag.removeprefix(B) in NODES}
    flows = {str(e.get("id")): e for e in process.iter(f"{B}sequenceFlow")}
    assert next(e.tag for e in process) == f"{B}laneSet"
    assert sorted(ref.text or "" for ref in process.iter(f"{B}flowNodeRef")) == sorted(nodes)
    assert len(list(graph.nodes)) == len([e for e in nodes.values() if e.tag.endswith("Task")])
    for key, flow in flows.items():
        assert flow.get("sourceRef") in nodes
        assert flow.get("targetRef") in nodes
        assert key in _texts(nodes[str(flow.get("sourceRef"))], "outgoing")
        assert key in _texts(nodes[str(flow.get("targetRef"))], "incoming")
    _every_node_lies_on_a_way(nodes, flows)
    drawn = {e.get("bpmnElement") for e in root.iter() if e.tag in {f"{D}BPMNShape", f"{D}BPMNEdge"}}
    lanes = {lane.get("id") for lane in process.iter(f"{B}lane")}
    pool = root.find(f"{B}collaboration/{B}participant")
    assert pool is not None
    assert pool.get("processRef") == process.get("id")
    assert drawn == {*nodes, *flows, *lanes, pool.get("id")}


def _texts(element: Element, tag: str) -> list[str]:
    return [child.text or "" for child in element.findall(f"{B}{tag}")]


def _every_node_lies_on_a_way(nodes: dict[str, Element], flows: dict[str, Element]) -> None:
    following: dict[str, set[str]] = {key: set() for key in nodes}
    for flow in flows.values():
        following[str(flow.get("sourceRef"))].add(str(flow.get("targetRef")))
    for key, element in nodes.items():
        if element.tag == f"{B}boundaryEvent":
            following[str(element.get("attachedToRef"))].add(key)
    reached, waiting = set(), ["n_start"]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting.extend(following[current])
    assert reached == set(nodes)
    assert [key for key, after in following.items() if not after] == ["n_end"]


def test_opinions_stand_between_gateways_and_silence_is_a_timer() -> None:
    silent = {**OPINION, "silence": "consent", "limit": "12 calendar_day"}
    chosen = rules.bpmn_xml(graph_of(check_package(value_with(parallel=[silent])))).decode()
    assert chosen.count("<bpmn:inclusiveGateway") == 2
    assert 'attachedToRef="opinion_planning"' in chosen
    assert ">P12D<" in chosen
    always = rules.bpmn_xml(graph_of(check_package(value_with(parallel=[{**OPINION, "asked": "on_entry"}])))).decode()
    assert always.count("<bpmn:parallelGateway") == 2
    assert "boundaryEvent" not in always
    optional = rules.bpmn_xml(graph_of(check_package(value_with(step("a", when="answers.pages > 3"))))).decode()
    assert "answers.pages &gt; 3</bpmn:conditionExpression>" in optional


@pytest.mark.parametrize(
    ("limit", "written"),
    [("12 calendar_day", "P12D"), ("7.5 working_day", "P7.5D"), ("4 working_hour", "PT4H"), ("24 clock_hour", "PT24H"),
     ("2 month", "P2M"), ("1 year", "P1Y"), ("same_day", "P1D")],
)  # fmt: skip
def test_durations_in_the_words_of_the_standard(limit: str, written: str) -> None:
    assert rules.iso_duration(Limit.parse(limit)) == written
