"""What is found in a file, as values that travel between two processes."""

from dataclasses import asdict, dataclass, field
from typing import Any

# Why a file is not taken. The sentence a person reads is made of it by the app that refuses.
UNREADABLE, ENCRYPTED, TOO_MANY_PAGES, BOMB, MACRO, POLYGLOT, TOO_MANY_PIXELS, NO_PAGES, TOO_LONG = (
    "unreadable", "encrypted", "too_many_pages", "bomb", "macro", "polyglot", "too_many_pixels", "no_pages", "too_long",
)  # fmt: skip
# What is told of a PDF that is taken, and may be refused by setting.
SCRIPT, LAUNCH, EMBEDDED, FORM_XFA, DAMAGED, RESTRICTED = "script", "launch", "embedded", "xfa", "damaged", "restricted"
# What a reader shows of such a file is not its pages alone, or not all there is; never refused, told where it matters.
FORM, LAYERS, MARKUP, SIGNED = "form", "layers", "markup", "signed"
NOTES = (SCRIPT, LAUNCH, EMBEDDED, FORM_XFA, DAMAGED, RESTRICTED, FORM, LAYERS, MARKUP, SIGNED)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything is looked at."""

    pages: int = 10_000
    pixels: int = 120_000_000
    parts: int = 5_000
    unpacked: int = 500_000_000
    ratio: int = 200
    depth: int = 2

    def asdict(self) -> dict[str, int]:
        """For the way to the child."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Report:
    """One file. `problem` is one of the reasons above or ""; `detail` is a number for its sentence."""

    media_type: str = ""
    problem: str = ""
    detail: str = ""
    pages: int | None = None
    notes: list[str] = field(default_factory=list)

    def asdict(self) -> dict[str, Any]:
        """For the way back."""
        return asdict(self)
