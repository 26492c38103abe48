"""What is in a PDF: whether it opens, how many pages, and what would act by itself."""

from typing import Any, BinaryIO

import pikepdf

from tinhso.lib.inspection import report as r
from tinhso.lib.inspection.report import Limits, Report

_TYPE = "application/pdf"
_ACTIONS = {
    "/JavaScript": r.SCRIPT, "/Launch": r.LAUNCH, "/SubmitForm": r.SCRIPT, "/ImportData": r.LAUNCH,
    "/RichMediaExecute": r.SCRIPT,
}  # fmt: skip
# Annotations that add to what a page shows; links and the boxes of fields are not among them.
_MARKUP = {
    "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
    "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Redact",
}  # fmt: skip
_FIELDS = {"/Tx", "/Btn", "/Ch"}
_KEYS = {
    "/JS": r.SCRIPT, "/EF": r.EMBEDDED, "/EmbeddedFiles": r.EMBEDDED, "/XFA": r.FORM_XFA, "/RichMedia": r.SCRIPT,
    "/OCGs": r.LAYERS, "/ByteRange": r.SIGNED,
}  # fmt: skip
_DEEPEST = 30
_MOST_OBJECTS = 2_000_000


def inspect_pdf(file: BinaryIO, limits: Limits) -> Report:
    """Open it as strictly as a reader does; its pictures and texts are not unpacked."""
    try:
        with pikepdf.open(file, suppress_warnings=True) as pdf:
            return _inspect(pdf, limits, is_damaged=bool(pdf.get_warnings()))
    except pikepdf.PasswordError:
        return Report(_TYPE, r.ENCRYPTED)
    except (
        pikepdf.PdfError,
        pikepdf.ForeignObjectError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return Report(_TYPE, r.UNREADABLE)


def _inspect(pdf: pikepdf.Pdf, limits: Limits, *, is_damaged: bool) -> Report:
    declared = pdf.Root.get("/Pages", pikepdf.Dictionary()).get("/Count", 0)
    if isinstance(declared, int) and declared > limits.pages:
        return Report(_TYPE, r.TOO_MANY_PAGES, detail=str(declared))
    pages = len(pdf.pages)
    if pages > limits.pages:
        return Report(_TYPE, r.TOO_MANY_PAGES, detail=str(pages))
    if pages == 0:
        return Report(_TYPE, r.NO_PAGES)
    notes: set[str] = set()
    for number, found in enumerate(pdf.objects):
        if number > _MOST_OBJECTS:
            return Report(_TYPE, r.TOO_LONG)
        _look(found, notes, 0)
    _look(pdf.trailer, notes, 0)
    if pdf.is_encrypted:
        notes.add(r.RESTRICTED)
    if is_damaged:  # told at opening: no right table of objects, or a wrong end
        notes.add(r.DAMAGED)
    return Report(_TYPE, pages=pages, notes=sorted(notes))


def _look(found: Any, notes: set[str], depth: int) -> None:
    """Note what acts; only what stands directly inside, for indirect objects come by themselves."""
    if depth > _DEEPEST:
        return
    if isinstance(found, pikepdf.Array):
        for item in found:
            if isinstance(item, pikepdf.Object) and not item.is_indirect:
                _look(item, notes, depth + 1)
        return
    if not isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        return
    for key, value in found.items():
        if key in _KEYS and value is not None:
            notes.add(_KEYS[key])
        elif key == "/S" and isinstance(value, pikepdf.Name) and str(value) in _ACTIONS:
            notes.add(_ACTIONS[str(value)])
        elif key == "/Subtype" and isinstance(value, pikepdf.Name) and str(value) == "/RichMedia":
            notes.add(r.SCRIPT)
        elif isinstance(value, pikepdf.Name):
            _look_at_name(key, str(value), found, notes)
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _look(value, notes, depth + 1)


def _look_at_name(key: str, value: str, found: pikepdf.Object, notes: set[str]) -> None:
    if key == "/FT" and value in _FIELDS:
        notes.add(r.FORM)
    elif key == "/Subtype" and value in _MARKUP and "/Rect" in found:
        notes.add(r.MARKUP)
    elif key == "/Type" and value in {"/Sig", "/DocTimeStamp"} and "/Contents" in found:
        notes.add(r.SIGNED)
