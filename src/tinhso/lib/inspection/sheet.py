"""One scanned page as it goes from the helper process to whoever asked."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: `jpeg` as it goes into the paper, its size in pixels, dots to the inch, and what was measured.

    `light`: how bright the paper is, 0 to 255. `contrast`: how far the darkest ink stands from the paper. `ink`: share of
    the page that is written on. `lean`: degrees by which lines lean, positive clockwise; 0 where no lines were found.
    """

    jpeg: bytes
    width: int
    height: int
    dpi: int
    is_gray: bool
    light: int
    contrast: int
    ink: float
    lean: float

    def figures(self) -> dict[str, Any]:
        """Everything but the picture."""
        return {key: value for key, value in asdict(self).items() if key != "jpeg"}
