"""Pictures: whether they open and how large they are, and their likeness for a screen."""

import io
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from tinhso.lib.inspection import report as r
from tinhso.lib.inspection.report import Limits, Report

_QUALITY = 78
_FORMATS = ("PNG", "JPEG")


def inspect_picture(file: BinaryIO, media_type: str, limits: Limits) -> Report:
    """Only the head is decoded; what would unfold into too many pixels is told."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
            with Image.open(file, formats=_FORMATS) as picture:
                width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Report(media_type, r.UNREADABLE)
    if width * height > limits.pixels:
        return Report(media_type, r.TOO_MANY_PIXELS, detail=f"{width} × {height}")
    return Report(media_type, pages=1)


def likeness(file: BinaryIO, *, longest: int) -> tuple[bytes, int, int]:
    """The picture anew as JPEG, upright, no side longer than this, and without anything else that stood in the file."""
    Image.MAX_IMAGE_PIXELS = None  # measured before
    with Image.open(file, formats=_FORMATS) as picture:
        picture.draft("RGB", (longest, longest))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((longest, longest))
        return as_jpeg(upright)


def as_jpeg(picture: Image.Image) -> tuple[bytes, int, int]:
    """A picture as JPEG on white, with its width and height."""
    flat = Image.new("RGB", picture.size, "white")
    if picture.mode in {"RGBA", "LA", "P"}:
        with_alpha = picture.convert("RGBA")
        flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    else:
        flat.paste(picture.convert("RGB"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue(), flat.width, flat.height
