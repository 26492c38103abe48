"""What two revisions of a file show, compared pixel by pixel.

The judgement of later changes reads structures; this looks at the page. Both must agree: a change that no structure tells
is seen here, and what is drawn alike cannot deceive a reader. To be run confined: it draws files of strangers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_PAGES = 50
_DPI = 72
# Below this difference (of 255) two shades are one: drawing the same page twice gives the same, so it may be small.
_SHADES = 8
Box = tuple[float, float, float, float]


class NotDrawn(ValueError):
    """The file could not be drawn."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pages (from 1) that show something else outside the allowed boxes, and how many pages were compared."""

    differing: tuple[int, ...]
    compared: int


def compare(before: bytes, after: bytes, *, allowed: Mapping[int, Sequence[Box]]) -> Comparison:
    """Whether the pages of two revisions look the same outside `allowed` (page index: boxes in points, from below left).

    The first 50 pages are compared; one page more or less is a difference of the first page that is missing.

    Raises:
        NotDrawn: one of the files cannot be drawn.
    """
    first, second = _open(before), _open(after)
    try:
        pages = min(len(first), len(second))
        compared = min(pages, MOST_PAGES)
        differing = [
            index + 1 for index in range(compared) if _differs(first[index], second[index], allowed.get(index, ()))
        ]
        if len(first) != len(second):
            differing.append(pages + 1)
        return Comparison(tuple(differing), compared)
    finally:
        first.close()
        second.close()


def ink_in(pdf: bytes, page: int, box: Box, *, free: Sequence[Box] = ()) -> bool:
    """Whether anything is drawn in a box of a page, apart from the places in `free`.

    Raises:
        NotDrawn: the file cannot be drawn.
    """
    from PIL import ImageChops

    document = _open(pdf)
    try:
        if not 0 <= page < len(document):
            return True
        drawn, height = _draw(document[page])
        for one in free:
            drawn.paste("white", _pixels(one, height, grow=1))
        part = drawn.crop(_pixels(box, height))
        if 0 in part.size:
            return False
        return _strongest(ImageChops.invert(part)) > _SHADES
    finally:
        document.close()


def _differs(first: Any, second: Any, allowed: Sequence[Box]) -> bool:
    from PIL import ImageChops

    one, height = _draw(first)
    other, _ = _draw(second)
    if one.size != other.size:
        return True
    difference = ImageChops.difference(one, other)
    for box in allowed:
        difference.paste("black", _pixels(box, height, grow=1))
    return _strongest(difference) > _SHADES


def _strongest(picture: Any) -> int:
    found = picture.getextrema()
    return max(int(high) for _, high in found)


def _draw(page: Any) -> tuple[Any, float]:
    """The page in colours, its annotations with it, and its height in points."""
    import pypdfium2

    try:
        width, height = page.get_size()
        if max(width, height) > 5_000 or min(width, height) <= 0:
            raise NotDrawn
        return page.render(scale=_DPI / 72).to_pil().convert("RGB"), float(height)
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise NotDrawn from error


def _open(pdf: bytes) -> Any:
    import pypdfium2  # a native library; only the confined process reads files of strangers

    try:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()  # without it the boxes of signatures are not drawn; this build runs no scripts
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise NotDrawn from error
    return document


def _pixels(box: Box, height: float, *, grow: int = 0) -> tuple[int, int, int, int]:
    scale = _DPI / 72
    left, bottom, right, top = box
    edges = (left * scale - grow, (height - top) * scale - grow, right * scale + grow, (height - bottom) * scale + grow)
    # A box outside the picture, or as large as any number, cannot cover more than the picture.
    return tuple(round(min(max(edge, 0.0), 20_000.0)) for edge in edges)  # type: ignore[return-value]  # four of them
