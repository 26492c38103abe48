"""Small real files of each type."""

import zipfile
from io import BytesIO

from PIL import Image

PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def png(width: int = 8, height: int = 8) -> bytes:
    """A white picture."""
    out = BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    """A white picture."""
    out = BytesIO()
    Image.new("L", (8, 8), 255).save(out, "JPEG")
    return out.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    """A ZIP archive of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    """What makes a file a Word file."""
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def xlsx() -> bytes:
    """What makes a file an Excel file."""
    return archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
