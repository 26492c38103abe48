"""The picture of a hand signature or of a seal, made fit for a paper: `python -m tinhso.apps.signatures.rules.picture`.

NĐ 30/2020/NĐ-CP, Phụ lục I asks for PNG with a transparent ground, a person's signature blue, a seal red. What is brought (a
photograph of ink on paper, or a PNG) is drawn anew: the ink's darkness becomes how much of the one colour is seen, paper
becomes nothing, empty edges go. No byte of the brought file lives on. Reads one line (the role), then the file.
"""

import sys
from io import BytesIO
from typing import Any, BinaryIO

_LARGEST_SIDE, _SMALLEST_SIDE = 6_000, 60
_WIDTH, _HEIGHT = 720, 720
_COLOURS = {"person": (18, 55, 165), "agency": (200, 16, 46)}
_FAINT = 40
# Of the ink's box: a picture that is all ink is no signature on paper.
_MOST_INK = 0.75


class PictureRefused(ValueError):
    """Ảnh chữ ký không dùng được."""


def redrawn(content: bytes, *, role: str) -> bytes:
    """The picture as PNG in the role's colour on nothing, no larger than 720 x 720.

    Raises:
        PictureRefused: not PNG or JPEG, too large or small, without ink, or all ink.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as found:
            if max(found.size) > _LARGEST_SIDE or min(found.size) < _SMALLEST_SIDE:
                raise PictureRefused("ảnh phải rộng và cao từ 60 đến 6000 điểm")
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused("tệp không phải ảnh PNG hoặc JPEG") from error
    upright.thumbnail((_WIDTH * 2, _HEIGHT * 2))
    ground = Image.new("RGBA", upright.size, "white")
    ground.alpha_composite(upright)
    # Red ink is dark in its green part, blue ink in its red one; paper is light in all of them.
    ink = _darkest(ground)
    box = ink.point([255 if level > _FAINT else 0 for level in range(256)]).getbbox()
    if box is None:
        raise PictureRefused("ảnh không có nét chữ ký nào")
    ink = ink.crop(box)
    if min(ink.size) < _SMALLEST_SIDE // 4:
        raise PictureRefused("nét chữ ký quá nhỏ")
    covered = sum(ink.histogram()[128:]) / (ink.size[0] * ink.size[1])
    if covered > _MOST_INK:
        raise PictureRefused("ảnh không có nền trắng hoặc trong suốt")
    ink.thumbnail((_WIDTH, _HEIGHT))
    drawn = Image.new("RGBA", ink.size, (*_COLOURS[role], 0))
    drawn.putalpha(ink)
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def _darkest(picture: Any) -> Any:
    """How dark each point is in its darkest part (0 paper, 255 ink), the paper's own shade taken off."""
    from PIL import ImageChops, ImageOps

    red, green, blue, _ = picture.split()
    dark = ImageOps.invert(ImageChops.darker(ImageChops.darker(red, green), blue))
    paper = _median(dark.histogram())
    lifted = [max(0, level - paper - 8) for level in range(256)]
    most = max((level for level, count in enumerate(dark.histogram()) if count), default=0)
    scale = 255 / max(lifted[most], 1)
    return dark.point([min(255, round(level * scale)) for level in lifted])


def _median(histogram: list[int]) -> int:
    """The shade at least half of the points do not exceed: of ink on paper, the paper's."""
    half, seen = sum(histogram) / 2, 0
    for level, count in enumerate(histogram):
        seen += count
        if seen >= half:
            return level
    return 255


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Draw one picture anew: `1` and the PNG, or `0` and the reason."""
    role = source.readline().decode().strip()
    try:
        told = b"1" + redrawn(source.read(), role=role)
    except PictureRefused as error:
        told = b"0" + str(error).encode()
    target.write(told)
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
