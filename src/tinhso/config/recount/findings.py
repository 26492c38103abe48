"""What the recount counts and what it finds wrong."""

from collections import Counter
from dataclasses import dataclass, field

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: of which kind, where, in words."""

    kind: str
    where: str
    words: str


@dataclass
class Tally:
    """What was counted, and the findings; of a kind only the first are kept in words, all are counted."""

    counted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """So many more of it were looked at."""
        self.counted[what] += number

    def wrong(self, kind: str, where: object, words: str) -> None:
        """Something is not as it must be."""
        self.found[kind] += 1
        if self.found[kind] <= _MOST_SHOWN:
            self.findings.append(Finding(kind, str(where), words))

    @property
    def is_right(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.found
