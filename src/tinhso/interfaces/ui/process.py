"""A process drawn on the server: lanes of units side by side, steps from top to bottom (sơ đồ quy trình).

The list beside the drawing says the same in words; on a narrow screen it stands alone.
"""

from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from tinhso.apps.procedures.data import Node, ProcessGraph

_LANE, _ROW, _HEAD = 190, 96, 70
_BOX = (170, 74)
_LINE, _LETTERS, _HEAD_LETTERS = 15, 23, 23


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text at its place."""

    x: int
    y: int
    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the drawing; `state` is `done`, `now`, `todo`, or empty where no case goes through."""

    x: int
    y: int
    width: int
    height: int
    state: str
    is_opinion: bool
    is_optional: bool
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the list: the same box in words, with the opinions asked meanwhile."""

    name: str
    unit: str
    hours: tuple[str, ...]
    state: str
    is_optional: bool
    counted: bool
    opinions: tuple["Item", ...] = ()
    silence: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process ready for the template."""

    width: int
    height: int
    lanes: tuple[tuple[int, int, int], ...]  # x, width, height of every lane
    heads: tuple[Text, ...]
    boxes: tuple[Box, ...]
    ways: tuple[tuple[str, str], ...]  # path and kind: step, opinion, around
    items: tuple[Item, ...]


def draw(graph: ProcessGraph, *, current: str = "", is_over: bool = False) -> Drawing | None:
    """The drawing of a process; `current` is the step at which a case stands. None where there is no process."""
    if not graph.nodes:
        return None
    states = _states(graph, current, is_over=is_over)
    placed = {_name(node): (_left(node), _top(node)) for node in graph.nodes}
    height = _HEAD + graph.rows * _ROW + 8
    return Drawing(
        width=len(graph.lanes) * _LANE, height=height,
        lanes=tuple((position * _LANE, _LANE, height) for position in range(len(graph.lanes))),
        heads=tuple(
            Text(position * _LANE + _LANE // 2, 22 + number * _LINE, line)
            for position, lane in enumerate(graph.lanes)
            for number, line in enumerate(_lines(lane.name, _HEAD_LETTERS, 3))
        ),
        boxes=tuple(_box(node, states[_name(node)]) for node in graph.nodes),
        ways=tuple(_ways(graph, placed)),
        items=tuple(_item(graph, step, states) for step in graph.steps),
    )  # fmt: skip


def _states(graph: ProcessGraph, current: str, *, is_over: bool) -> dict[str, str]:
    """Where a case stands among the boxes: what is done, where it is now, what is to come."""
    keys = [step.key for step in graph.steps]
    here = keys.index(current) if current in keys else None
    found = {}
    for node in graph.nodes:
        position = keys.index(node.asked_by or node.key)
        if is_over or (here is not None and position < here):
            state = "done"
        elif here is None:
            state = ""
        else:
            state = "now" if position == here and not node.is_opinion else "todo"
        found[_name(node)] = state
    return found


def _name(node: Node) -> str:
    return f"?{node.key}" if node.is_opinion else node.key


def _left(node: Node) -> int:
    return node.lane * _LANE + (_LANE - _BOX[0]) // 2


def _top(node: Node) -> int:
    return _HEAD + node.row * _ROW + (_ROW - _BOX[1]) // 2


def _box(node: Node, state: str) -> Box:
    x, y = _left(node), _top(node)
    hours = "; ".join(node.hours) or ("" if node.counted else "không tính thời hạn")
    # Several limits would not fit into a box; the list tells them all.
    hours = hours if len(hours) <= _LETTERS + 2 else "thời gian theo loại hồ sơ"
    names = _lines(node.name, _LETTERS, 3 if hours else 4)
    start = y + (_BOX[1] - (len(names) + bool(hours)) * _LINE) // 2 + 12
    texts = [Text(x + _BOX[0] // 2, start + n * _LINE, line, "name") for n, line in enumerate(names)]
    if hours:
        texts.append(Text(x + _BOX[0] // 2, start + len(names) * _LINE, hours, "hours"))
    return Box(x, y, *_BOX, state, node.is_opinion, node.optional, tuple(texts))


def _lines(text: str, letters: int, most: int) -> list[str]:
    found = wrap(text, letters, break_long_words=False)
    return found if len(found) <= most else [*found[: most - 1], f"{found[most - 1][: letters - 1].rstrip(' ,;')}…"]


def _ways(graph: ProcessGraph, placed: dict[str, tuple[int, int]]) -> list[tuple[str, str]]:
    steps = graph.steps
    found = [(_way(placed[one.key], placed[two.key]), "step") for one, two in pairwise(steps)]
    asked = [node for node in graph.nodes if node.is_opinion]
    found += [(_way(placed[node.asked_by], placed[_name(node)]), "opinion") for node in asked]
    for branch in graph.branches:
        if branch.start and branch.start in placed and branch.end in placed:
            (x1, y1), (x2, y2) = placed[branch.start], placed[branch.end]
            side = min(x1, x2) - 6
            path = f"M{x1} {y1 + _BOX[1] // 2} H{side} V{y2 + _BOX[1] // 2} H{x2}"
            found.append((path, "around"))
    return found


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the bottom of one box to the top of another, at right angles; beside each other, down the box's own lane."""
    x1, y1 = start[0] + _BOX[0] // 2, start[1] + _BOX[1]
    x2, y2 = end[0] + _BOX[0] // 2, end[1]
    if x1 == x2:
        # Opinions of other units lie between two steps of one lane: the way passes them at the same place.
        return f"M{x1} {y1} V{y2}"
    middle = y2 - (_ROW - _BOX[1]) // 2
    return f"M{x1} {y1} V{middle} H{x2} V{y2}"


def _item(graph: ProcessGraph, node: Node, states: dict[str, str]) -> Item:
    opinions = () if node.is_opinion else graph.opinions_of(node.key)
    return Item(
        node.name, graph.lanes[node.lane].name, node.hours, states[_name(node)], node.optional, node.counted,
        tuple(_item(graph, opinion, states) for opinion in opinions), node.silence,
    )  # fmt: skip
