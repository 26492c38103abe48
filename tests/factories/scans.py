"""Pages as a scanner gives them: straight, leaning, blank, dark, coarse."""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFont

_FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "@expo-google-fonts" / "tinos"


@cache
def sheet(
    *, lean: float = 0.0, dark: bool = False, blank: bool = False, pale: bool = False, dpi: int = 200,
    words: str = "Ban sao giay chung nhan", gray: bool = False,
) -> bytes:  # fmt: skip
    """An A4 page as JPEG with lines of writing on it."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new("RGB", (width, height), "white")
    if not blank:
        draw = ImageDraw.Draw(page)
        step = height // 40
        ink = (208, 208, 208) if pale else (20, 20, 20)
        for line in range(4, 36):
            for word in range(8):
                left = width // 10 + word * width // 10
                length = width // 14 - (line * 7 + word * 13) % (width // 40)
                draw.rectangle((left, line * step, left + length, line * step + step // 3), fill=ink)
        draw.text((width // 10, step), words, fill=ink, font_size=step)
    if lean:
        page = page.rotate(-lean, Image.Resampling.BICUBIC, fillcolor="white")
    if dark:
        page = ImageEnhance.Brightness(page).enhance(0.35)
    out = io.BytesIO()
    (page.convert("L") if gray else page).save(out, "JPEG", quality=80, dpi=(dpi, dpi))
    return out.getvalue()


@cache
def written(*lines: str) -> bytes:
    """A strip of a page on which a person can read these lines, and so can a program."""
    face = ImageFont.truetype(str(_FONTS / "400Regular" / "Tinos_400Regular.ttf"), 44)
    page = Image.new("L", (1000, 80 + 70 * len(lines)), 255)
    ImageDraw.Draw(page).multiline_text((40, 40), "\n".join(lines), font=face, fill=20, spacing=24)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=85, dpi=(200, 200))
    return out.getvalue()


def scanned_pdf(*pages: bytes, dpi: int = 200) -> bytes:
    """The PDF a scanner makes: one picture a page, without anything else."""
    pictures = [Image.open(io.BytesIO(page)) for page in pages]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=pictures[1:])
    return out.getvalue()
