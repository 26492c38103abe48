"""Words across every page of a paper that is shown, not handed over (dấu chìm trên bản chia sẻ)."""

import json
import tempfile
from io import BytesIO
from pathlib import Path

import typst

from tinhso.lib.typesetting.compiler import FONT_PACKAGE, TypesettingError

MOST_PAGES = 60
# Media types that can be shown this way, with the ending the typesetter knows them by.
MARKABLE = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
_TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set page(margin: 0pt, width: auto, height: auto)
#set text(font: "Tinos", lang: "vi")
#let words = block(width: 90%, align(center, text(size: 26pt, weight: "bold", fill: rgb(176, 0, 32, 70), data.text)))
#let foot = block(fill: rgb(255, 255, 255, 215), inset: 4pt, text(size: 8pt, fill: rgb(120, 0, 20), data.text))
#for number in range(1, data.pages + 1) {
  if number > 1 { pagebreak() }
  let file = "source." + data.ending
  let picture = if data.ending == "pdf" { image(file, page: number) } else { image(file, width: 595pt) }
  block(spacing: 0pt, clip: true, [
    #picture
    #place(center + horizon, dy: -22%, rotate(-30deg, words))
    #place(center + horizon, dy: 22%, rotate(-30deg, words))
    #place(bottom + left, foot)
  ])
}
"""


def mark_pages(content: bytes, *, media_type: str, text: str, fonts_beside: Path) -> bytes:
    """The pages of a PDF or a picture with `text` across each of them, as a new PDF; the given bytes stay untouched.

    The copy is for looking at: signatures do not survive in it, and are not meant to. `fonts_beside` is the folder that
    holds `node_modules`.

    Raises:
        TypesettingError: not a type that can be shown, more than sixty pages, or unreadable.
    """
    ending = MARKABLE.get(media_type)
    if ending is None:
        raise TypesettingError("Loại tệp này không dựng được bản xem.")
    data = {"text": text, "ending": ending, "pages": _pages(content) if ending == "pdf" else 1}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / f"source.{ending}").write_bytes(content)
        (root / "mark.typ").write_text(_TEMPLATE, encoding="utf-8")
        try:
            made = typst.compile(
                str(root / "mark.typ"), root=folder, font_paths=[str(fonts_beside / FONT_PACKAGE)],
                ignore_system_fonts=True, format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            )  # fmt: skip
        except typst.TypstError as error:
            raise TypesettingError("Tệp này không dựng được bản xem.", details=str(error)) from error
    if not isinstance(made, bytes):
        raise TypesettingError("Tệp này không dựng được bản xem.")
    return made


def _pages(content: bytes) -> int:
    # Slow to import, and every process knows of marking while few do it.
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        count = int(PdfFileReader(BytesIO(content), strict=False).root["/Pages"]["/Count"])
    except (PdfError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise TypesettingError("Tệp PDF này không đọc được.") from error
    if not 1 <= count <= MOST_PAGES:
        raise TypesettingError(f"Bản xem chỉ dựng được từ 1 đến {MOST_PAGES} trang, tệp này có {count}.")
    return count
