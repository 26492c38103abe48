"""What a paper must be before it is signed, and where its signatures stand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.errors import SignatureValidationError

from tinhso.apps.signatures.rules import quick
from tinhso.lib.plainpdf import Document, Raw, Ref

quick.install()

POINTS_PER_MM = 72 / 25.4
# "signature:person:52x24": the name under which content/letters/common.typ leaves a place for a signature
_PLACE_NAME = re.compile(r"^signature:([a-z][a-z0-9_]{0,30}):(\d{1,3})x(\d{1,3})$")
_ACTIVE_ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/Rendition", "/Movie",
    "/Sound", "/Hide", "/SetOCGState", "/Trans", "/RichMediaExecute",
}  # fmt: skip
# Names without which nothing in a PDF can act, attach or hide; see `is_plainly_inert`.
_TELLING = re.compile(
    rb"/(?:JavaScript|JS|AA|Launch|SubmitForm|ImportData|ResetForm|GoTo[RE]|Rendition|Movie|Sound|Hide|SetOCGState|Trans"
    rb"|RichMedia\w*|EF|EmbeddedFiles|FileAttachment|Screen|3D|OCProperties|XFA|Encrypt|ObjStm)(?![A-Za-z0-9])"
    # One of these spelled with escapes begins with letters and digits, or with the escape: more would match packed data.
    rb"|/[A-Za-z0-9]*#[0-9A-Fa-f]{2}"
)
_MOST_OBJECTS = 200_000
_MOST_PAGES = 2_000
# What the parser raises at files that are not what they say.
BROKEN = (
    PdfError, SignatureValidationError, SigningError, ValueError, KeyError, TypeError, AttributeError, IndexError,
    OverflowError, RecursionError, NotImplementedError, MemoryError,
)  # fmt: skip


class PaperError(ValueError):
    """Tệp này không phải văn bản do hệ thống vừa dựng nên không thể ký."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one signature stands: page index and a rectangle in PDF points from the lower left corner."""

    role: str
    page: int
    box: tuple[int, int, int, int]
    width_mm: int
    height_mm: int


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever the parser meets in a broken or locked file into one refusal."""
    try:
        yield
    except PaperError:
        raise
    except BROKEN as error:
        raise PaperError(["tệp không phải PDF hoặc đã hỏng"]) from error


def open_paper(pdf: bytes) -> PdfFileReader:
    """The parsed file.

    Raises:
        PaperError: not a PDF, one that cannot be read, or an encrypted one.
    """
    with reading():
        reader = PdfFileReader(BytesIO(pdf))
        _ = reader.root
        if reader.encrypted:
            raise PaperError(["tệp bị mã hóa"])
    return reader


def check_signable(pdf: bytes) -> dict[str, Place]:
    """The signature places of a freshly typeset paper, by role.

    A paper to be signed first has one revision and nothing that could later change what it shows: no form, no script,
    no attachment, no layers (a signature over a form field can be judged valid after the field's value is changed).

    Raises:
        PaperError: with every reason found.
    """
    reader = open_paper(pdf)
    with reading():
        reasons = find_active_content(reader, pdf)
        if reader.total_revisions != 1:
            reasons.append("tệp đã bị sửa thêm sau khi dựng")
        if "/AcroForm" in reader.root:
            reasons.append("tệp có biểu mẫu điền được hoặc đã được ký")
        found = places(reader)
    if not found:
        reasons.append("văn bản không chừa chỗ ký")
    if reasons:
        raise PaperError(reasons)
    return found


def places(reader: PdfFileReader) -> dict[str, Place]:
    """Every signature place named in the file, by role; the first of a role wins."""
    pages = page_numbers(reader)
    found: dict[str, Place] = {}
    for name, destination in _destinations(reader.root):
        match = _PLACE_NAME.match(name)
        if not match or match[1] in found:
            continue
        target = _resolved(destination)
        if isinstance(target, generic.DictionaryObject):
            target = target["/D"]
        page = pages.get(target.raw_get(0).idnum)
        if page is None:
            continue
        found[match[1]] = _place(match, page, float(target[2]), float(target[3]))
    return found


def plain_places(document: Document) -> dict[str, Place]:
    """`places` of a plain file, without the full library."""
    pages = {ref.number: index for index, ref in enumerate(document.pages())}
    found: dict[str, Place] = {}
    for name, target in document.destinations():
        match = _PLACE_NAME.match(name)
        if not match or match[1] in found or len(target) < 4 or not isinstance(target[0], Ref):
            continue
        page = pages.get(target[0].number)
        left, top = target[2], target[3]
        if page is None or not isinstance(left, Raw) or not isinstance(top, Raw):
            continue
        found[match[1]] = _place(match, page, float(left), float(top))
    return found


def _place(match: re.Match[str], page: int, left: float, top: float) -> Place:
    width, height = int(match[2]), int(match[3])
    box = (
        round(left), round(top - height * POINTS_PER_MM), round(left + width * POINTS_PER_MM), round(top),
    )  # fmt: skip
    return Place(role=match[1], page=page, box=box, width_mm=width, height_mm=height)


def find_active_content(reader: PdfFileReader, pdf: bytes) -> list[str]:
    """Sentences for everything in the file that could act or change what is shown; empty when it is plain paper."""
    findings: set[str] = set()
    root = reader.root
    form = _at(root, "/AcroForm")
    if form is not None and any(kind != "/Sig" for kind in _field_kinds(form)):
        findings.add("tệp có ô điền được")
    if is_plainly_inert(pdf):
        return sorted(findings)
    if "/OCProperties" in root:
        findings.add("tệp có lớp nội dung ẩn, hiện")
    if form is not None and "/XFA" in form:
        findings.add("tệp có biểu mẫu động XFA")
    for dictionary in _dictionaries(root):
        if _at(dictionary, "/S") in _ACTIVE_ACTIONS:
            findings.add("tệp có mã lệnh hoặc hành động tự chạy")
        if "/JS" in dictionary or "/AA" in dictionary:
            findings.add("tệp có mã lệnh hoặc hành động tự chạy")
        if "/EF" in dictionary or "/EmbeddedFiles" in dictionary or _at(dictionary, "/Subtype") == "/FileAttachment":
            findings.add("tệp có tệp khác đính bên trong")
        if _at(dictionary, "/Subtype") in ("/RichMedia", "/Movie", "/Sound", "/3D", "/Screen"):
            findings.add("tệp có phim, âm thanh hoặc nội dung động")
    return sorted(findings)


def is_plainly_inert(pdf: bytes) -> bool:
    """Whether the bytes alone show that nothing can act, which spares reading every object.

    Outside object streams every name stands in the file as it is or with `#` escapes: where none of the telling names, no
    escape and no object stream occurs, none can be meant. A match inside compressed data only costs the full reading.
    """
    return _TELLING.search(pdf) is None


def page_numbers(reader: PdfFileReader) -> dict[int, int]:
    """Page index by the object number of the page."""
    count = min(int(reader.root["/Pages"]["/Count"]), _MOST_PAGES)
    return {
        reader.find_page_for_modification(index)[0].idnum: index  # type: ignore[no-untyped-call]  # the library's gap
        for index in range(count)
    }


def _field_kinds(form: generic.DictionaryObject) -> Iterator[str]:
    """The types of all terminal fields of a form."""
    stack = [(field, None) for field in _at(form, "/Fields") or ()]
    seen = 0
    while stack and seen < _MOST_OBJECTS:
        field, inherited = stack.pop()
        field = _resolved(field)
        seen += 1
        kind = _at(field, "/FT") or inherited
        kids = [kid for kid in _at(field, "/Kids") or () if "/T" in _resolved(kid)]
        if kids:
            stack.extend((kid, kind) for kid in kids)
        else:
            yield str(kind)


def _destinations(root: generic.DictionaryObject) -> Iterator[tuple[str, Any]]:
    """Names and targets of the destination tree."""
    tree = _at(_at(root, "/Names"), "/Dests")
    stack = [tree] if tree is not None else []
    while stack:
        node = _resolved(stack.pop())
        names: Any = _at(node, "/Names") or ()
        for position in range(0, len(names) - 1, 2):
            yield str(names[position]), names.raw_get(position + 1)
        stack.extend(_at(node, "/Kids") or ())


def _dictionaries(root: generic.DictionaryObject) -> Iterator[generic.DictionaryObject]:
    """Every dictionary reachable from the root, streams' dictionaries included, each once."""
    stack: list[Any] = [root]
    seen: set[tuple[int, int]] = set()
    while stack:
        item = stack.pop()
        if isinstance(item, generic.IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > _MOST_OBJECTS:
                raise PaperError(["tệp có quá nhiều thành phần"])
            item = _resolved(item)
        if isinstance(item, generic.DictionaryObject):
            yield item
            stack.extend(item.raw_get(key) for key in item)
        elif isinstance(item, generic.ArrayObject):
            stack.extend(item.raw_get(position) for position in range(len(item)))


def _at(dictionary: Any, key: str) -> Any:
    """The value under a key with references followed; None when absent or when there is no dictionary."""
    if not isinstance(dictionary, generic.DictionaryObject) or key not in dictionary:
        return None
    return dictionary[key]


def _resolved(item: Any) -> Any:
    if isinstance(item, generic.IndirectObject):
        return item.get_object()  # type: ignore[no-untyped-call]  # the library's gap
    return item
