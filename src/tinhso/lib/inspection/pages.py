"""Likenesses of the pages of a PDF, one after the other."""

from collections.abc import Iterator
from typing import BinaryIO

import pypdfium2

from tinhso.lib.inspection.pictures import as_jpeg

_DENSEST = 2.0  # pixels a point: 144 to the inch
_MOST_PIXELS = 12_000_000


def render_pages(file: BinaryIO, *, first: int, count: int, longest: int) -> Iterator[tuple[bytes, int, int]]:
    """Pages from `first` (0 is the first one) as (JPEG, width, height). Forms are drawn as they stand, nothing is run."""
    document = pypdfium2.PdfDocument(file)
    document.init_forms()  # or what was filled in is not drawn; this build runs no scripts
    try:
        for number in range(first, min(first + count, len(document))):
            page = document[number]
            width, height = page.get_size()
            scale = min(longest / max(width, height, 1), _DENSEST, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
            yield as_jpeg(page.render(scale=scale).to_pil())
            page.close()
    finally:
        document.close()
