"""Scanned sheets: every page as it was scanned, and what a careful officer would see of it at a glance.

Measured with Pillow alone: how light the paper is, how far the ink stands out, how much of it there is, how far the lines
of writing lean. A page takes some thirty milliseconds. The words for these figures are not made here.
"""

import io
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError
from pypdfium2 import raw as pdfium

from tinhso.lib.inspection.sheet import Sheet

_DRAWN_AT = 250  # dots to the inch for pages that are not one picture
_COARSEST, _FINEST = 100, 300  # a picture that covers its page is drawn as fine as it is, within these
_MOST_PIXELS = 40_000_000
_QUALITY = 90
_LOOKED_AT = 640  # pixels of the longer side
_MARGIN = 0.03  # of each side: shadows of the lid and of the edge of the sheet are no writing
_WIDEST = 12  # degrees to each side in which a lean is looked for
_A4_LONG, _A4_SHORT = 11.69, 8.27  # inches


class NotASheet(ValueError):
    """The file holds no page that can be read."""


def sheets_of(file: BinaryIO, media_type: str, *, most: int) -> Iterator[Sheet]:
    """The pages of a scanned file, one after the other.

    Raises:
        NotASheet: neither a PDF nor a picture, or a damaged one.
    """
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if media_type == "application/pdf":
                yield from _of_pdf(file, most)
            else:
                yield _of_picture(file.read(), told=0)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotASheet(str(error)) from error
    except pypdfium2.PdfiumError as error:
        raise NotASheet(str(error)) from error


def _of_pdf(file: BinaryIO, most: int) -> Iterator[Sheet]:
    document = pypdfium2.PdfDocument(file)
    document.init_forms()  # or what was filled in is not drawn; this build runs no scripts
    try:
        for number in range(min(most, len(document))):
            page = document[number]
            blob, dpi = _only_picture(page)
            if blob and not pdfium.FPDFPage_GetAnnotCount(page):
                yield _of_picture(blob, told=dpi)
            else:
                width, height = page.get_size()
                finest = min(max(dpi, _COARSEST), _FINEST) if dpi else _DRAWN_AT
                scale = min(finest / 72, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
                drawn = page.render(scale=scale).to_pil().convert("RGB")
                yield _sheet(_as_jpeg(drawn), drawn, round(scale * 72))
            page.close()
    finally:
        document.close()


def _only_picture(page: Any) -> tuple[bytes, int]:
    """The JPEG a scanner laid over the whole page, upright, and its dots to the inch; no bytes where there is more.

    Where another kind of picture covers the page, its dots are told all the same: drawing it finer adds nothing.
    """
    objects = list(page.get_objects())
    pictures = [one for one in objects if one.type == pdfium.FPDF_PAGEOBJ_IMAGE]
    if len(pictures) != 1:
        return b"", 0
    left, bottom, right, top = pictures[0].get_bounds()
    width, height = page.get_size()
    if (right - left) * (top - bottom) < 0.9 * width * height:
        return b"", 0
    across, _ = pictures[0].get_px_size()
    dpi = round(across / max((right - left) / 72, 0.01))
    matrix = pictures[0].get_matrix()
    plain = (
        len(objects) == 1 and page.get_rotation() == 0 and not matrix.b and not matrix.c and min(matrix.a, matrix.d) > 0
    )
    if not plain or list(pictures[0].get_filters()) != ["DCTDecode"]:
        return b"", dpi
    return bytes(pictures[0].get_data()), dpi


def _of_picture(blob: bytes, *, told: int) -> Sheet:
    with Image.open(io.BytesIO(blob), formats=("PNG", "JPEG")) as picture:
        dpi = told or round(float(picture.info.get("dpi", (0, 0))[0]))
        turned = picture.getexif().get(0x0112, 1) != 1
        if picture.format == "JPEG" and picture.mode in {"L", "RGB"} and not turned:
            return _sheet(_without_notes(blob), picture, dpi)
        upright = _flat(ImageOps.exif_transpose(picture))
        return _sheet(_as_jpeg(upright), upright, dpi)


def _sheet(jpeg: bytes, picture: Image.Image, dpi: int) -> Sheet:
    width, height = picture.size
    if dpi < 36:  # no scanner says so: nothing was said, so the sheet is taken for an A4 one
        dpi = round(min(max(width, height) / _A4_LONG, min(width, height) / _A4_SHORT))
    light, contrast, ink, lean = measure(picture)
    return Sheet(jpeg, width, height, max(dpi, 36), picture.mode == "L", light, contrast, ink, lean)


def measure(picture: Image.Image) -> tuple[int, int, float, float]:
    """Light of the paper, contrast, share of ink, lean in degrees."""
    gray = picture.reduce(max(1, round(max(picture.size) / _LOOKED_AT))).convert("L")
    side, height = round(gray.width * _MARGIN), round(gray.height * _MARGIN)
    inner = gray.crop((side, height, max(gray.width - side, side + 1), max(gray.height - height, height + 1)))
    counts = inner.histogram()
    paper, darkest = _level(counts, 0.75), _level(counts, 0.002)
    contrast = paper - darkest
    threshold = paper - max(24, contrast // 3)
    written = sum(counts[: max(threshold, 0)]) / max(sum(counts), 1)
    is_written = contrast >= 32 and 0.004 <= written <= 0.6
    lean = _lean(inner.point([255 if level < threshold else 0 for level in range(256)])) if is_written else 0.0
    return paper, contrast, round(written, 5), lean


def _level(counts: list[int], share: float) -> int:
    """The brightness below which this share of the page lies."""
    wanted, seen = share * sum(counts), 0
    for level, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return level
    return 255


def _lean(ink: Image.Image) -> float:
    """The angle at which lines of writing and the gaps between them part best, in degrees, positive clockwise."""

    def parting(angle: float) -> float:
        turned = ink.rotate(angle, Image.Resampling.NEAREST, fillcolor=0)
        rows = turned.resize((1, turned.height), Image.Resampling.BOX).tobytes()
        return sum((rows[row] - rows[row - 1]) ** 2 for row in range(1, len(rows)))

    straight = parting(0)
    coarse = max(range(-_WIDEST, _WIDEST + 1), key=parting)
    best = max((coarse + step / 4 for step in range(-3, 4)), key=parting)
    return float(best) if parting(best) > 1.15 * straight else 0.0


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency, on white; gray stays gray."""
    if picture.mode in {"L", "1", "I", "I;16"}:
        return picture.convert("L")
    if picture.mode in {"RGBA", "LA", "P", "PA"}:
        clear = picture.convert("RGBA")
        white = Image.new("RGB", picture.size, "white")
        white.paste(clear, mask=clear.getchannel("A"))
        return white
    return picture.convert("RGB")


def _as_jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _without_notes(jpeg: bytes) -> bytes:
    """The same picture without what cameras write beside it (place, owner, a smaller likeness); not one pixel changes."""
    out, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        kind = jpeg[at + 1]
        length = int.from_bytes(jpeg[at + 2 : at + 4])
        if kind == 0xDA:  # from here on it is the picture itself
            break
        if not (0xE1 <= kind <= 0xED or kind in {0xEF, 0xFE}):
            out.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return b"".join([*out, jpeg[at:]])
