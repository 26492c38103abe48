"""QR codes as SVG, for papers and pages."""

from io import BytesIO

# Trying all eight masks takes most of the time of a large code. What is long is signed or packed, thus without patterns
# that one mask would hide better than another.
_LONG, _MASK = 200, 3


class QrError(ValueError):
    """Nội dung quá dài cho một mã QR."""


def qr_svg(text: str, *, border: int = 2) -> str:
    """The QR code of a text as an `<svg>` element, one unit a module, error correction M, a quiet zone of `border`.

    The same text gives the same bytes.

    Raises:
        QrError: the text does not fit in the largest QR code (about 2,300 bytes).
    """
    import segno  # its writers are slow to import, and few processes draw codes

    try:
        code = segno.make(
            text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=_MASK if len(text) > _LONG else None
        )
    except segno.DataOverflowError as error:
        raise QrError("Nội dung quá dài cho một mã QR.") from error
    out = BytesIO()
    code.save(out, kind="svg", border=border, xmldecl=False, nl=False, svgns=True, omitsize=True)
    return out.getvalue().decode()
