"""A process as a picture: lanes of units, boxes of steps and opinions, and the ways between them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """One unit of the process (làn): everything that is done there."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Node:
    """One box: a step, or an opinion asked while the step `asked_by` goes on.

    `lane` is the index of its lane, `row` its place in time; `hours` say the budget in words, one line for each limit
    that has its own. `when` is the condition of an optional one, in the package's own expression language.
    """

    key: str
    name: str
    kind: str
    lane: int
    row: int
    hours: tuple[str, ...] = ()
    role: str = ""
    when: str = ""
    counted: bool = True
    asked_by: str = ""
    optional: bool = False
    silence: str = ""
    duration: str = ""

    @property
    def is_opinion(self) -> bool:
        return bool(self.asked_by)


@dataclass(frozen=True, slots=True)
class Branch:
    """A way around optional steps: from the box `start` (empty: the beginning) to `end`, without the boxes between."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ProcessGraph:
    """The internal process of a procedure, laid out on a grid of lanes and rows (sơ đồ quy trình)."""

    code: str
    name: str
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    branches: tuple[Branch, ...] = ()

    @property
    def steps(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if not node.is_opinion)

    @property
    def rows(self) -> int:
        return max((node.row for node in self.nodes), default=-1) + 1

    def opinions_of(self, key: str) -> tuple[Node, ...]:
        """The opinions asked while a step goes on."""
        return tuple(node for node in self.nodes if node.asked_by == key)
