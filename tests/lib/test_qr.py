"""QR codes: what is written is read back by another implementation: Zint and segno write, ZXing reads."""

import base64
import re
from io import BytesIO

import pytest
import segno
import zxingcpp
from lxml import etree
from PIL import Image, ImageDraw

from tinhso.lib.qr import QrError, qr_picture, qr_svg


def draw(svg: str, scale: int = 6) -> Image.Image:
    """The picture of an SVG made of one stroked path of horizontal runs."""
    root = etree.fromstring(svg.encode())
    side = int(root.get("viewBox").split()[2])
    picture = Image.new("L", (side * scale, side * scale), 255)
    pen = ImageDraw.Draw(picture)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", root.find("{*}path").get("d")):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            top = (y - 0.5) * scale
            pen.rectangle([x * scale, top, (x + values[0]) * scale - 1, top + scale - 1], fill=0)
            x += values[0]
    return picture


@pytest.mark.parametrize(
    "text",
    [
        "https://tinhso.example/kiem-tra/7F3K-Q2MD-9XWA",
        "Hồ sơ H48.12-261008-0007 của bà Đặng Thị Ví Dụ",
        "a",
        "x" * 1200,
    ],
)
def test_read_back_by_another_reader(text: str) -> None:
    found = zxingcpp.read_barcodes(draw(qr_svg(text)))
    assert [code.text for code in found] == [text]


def _dark(picture: Image.Image) -> list[list[bool]]:
    grey = picture.convert("L")
    return [[grey.getpixel((x, y)) < 128 for x in range(grey.width)] for y in range(grey.height)]


@pytest.mark.parametrize("text", ["https://tinhso.example/kiem-tra/7F3K-Q2MD-9XWA", "đường về", "x" * 300])
def test_the_picture_shows_the_same_modules(text: str) -> None:
    root = etree.fromstring(qr_picture(text).encode())
    data = root.find("{*}image").get("href").removeprefix("data:image/png;base64,")
    picture = Image.open(BytesIO(base64.b64decode(data)))
    assert picture.width == picture.height == int(root.get("viewBox").split()[2])
    assert _dark(picture) == _dark(draw(qr_svg(text), scale=1))


def test_same_text_same_bytes_and_nothing_that_acts() -> None:
    svg = qr_svg("https://tinhso.example/a?b=<c>&d")
    assert svg == qr_svg("https://tinhso.example/a?b=<c>&d")
    assert "script" not in svg
    assert "<c>" not in svg
    assert svg.startswith("<svg")


def test_border_is_a_quiet_zone() -> None:
    side = int(etree.fromstring(qr_svg("a", border=4).encode()).get("viewBox").split()[2])
    out = BytesIO()
    segno.make("a", micro=False).save(out, kind="png", scale=1, border=0)
    assert side == Image.open(out).width + 8


def test_too_long_is_a_sentence() -> None:
    with pytest.raises(QrError, match="quá dài"):
        qr_svg("đ" * 2000)
    with pytest.raises(QrError, match="quá dài"):
        qr_picture("a" * 2400)
