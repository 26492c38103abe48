"""Putting PAdES signatures (B-B, ETSI.CAdES.detached) on a paper: a person's first, the agency's seal last.

Three steps, because the key may be far away: `prepare_*` appends the revision with room for the signature and gives what
the key has to sign, somebody signs, `finish` writes the signature into the room. Everything between may take days and
survive in a database.

The seal is an approval signature whose field locks all fields with P=1: after it no further signature and no change is
accepted. (A certification signature would have to be the first one, so it cannot serve here.)
"""

import asyncio
import hashlib
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from tinhso.apps.signatures.data import Identity
from tinhso.apps.signatures.rules import cms, paper
from tinhso.apps.signatures.rules.paper import PaperError, Place
from tinhso.lib import plainpdf
from tinhso.lib.plainpdf import Document, Name, NotPlain, Picture, Raw, Ref, Revision, Stream, Value

T = TypeVar("T")

PERSON = "person"
AGENCY = "agency"
# Room for the CMS object in bytes of the file (two hexadecimal digits a byte): ours takes about 2.5 KB; chains of state
# authorities with RSA-4096 take 8 KB, a time stamp added later with its own chain as much again.
ROOM = 32_768
_RANGE_ROOM = 40
_LABELS = {PERSON: "Chữ ký của người có thẩm quyền", AGENCY: "Dấu của cơ quan"}


class LocalKey(Protocol):
    """A key that signs at once."""

    @property
    def identity(self) -> Identity:
        """Its certificates."""
        ...

    def sign(self, attributes: bytes) -> bytes:
        """The signature value over the attributes."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """What a signature shows and says: the one-page PDF drawn in its box, and the plain texts of its dictionary."""

    picture: bytes
    reason: str
    location: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paper whose signature is still open. `attributes` is what the key signs; both survive in a store."""

    pdf: bytes
    attributes: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the attributes: what remote services get."""
        return hashlib.sha256(self.attributes).digest()


def prepare_first(pdf: bytes, *, identity: Identity, mark: Mark, name: str, at: datetime) -> Prepared:
    """Create the signature fields of a freshly typeset paper and open the person's one.

    Raises:
        PaperError: the file is not a plain, freshly typeset paper with a place for a person.
    """
    document, places = _fresh(pdf)
    if PERSON not in places:
        raise PaperError(["văn bản không chừa chỗ cho người ký"])
    revision = Revision(document)
    widgets = {role: (revision.reserve(), _widget(revision, place)) for role, place in sorted(places.items())}
    _place_fields(revision, places, {role: ref for role, (ref, _) in widgets.items()})
    for role, (ref, widget) in widgets.items():
        if role != PERSON:
            revision.put(ref, widget)
    ref, widget = widgets[PERSON]
    return _open(revision, PERSON, ref, widget, identity=identity, mark=mark, name=name, at=at)


def with_fields(pdf: bytes) -> bytes:
    """The paper with its empty signature fields, for a program that takes files and signs by itself.

    Raises:
        PaperError: as `prepare_first`.
    """
    document, places = _fresh(pdf)
    if PERSON not in places:
        raise PaperError(["văn bản không chừa chỗ cho người ký"])
    revision = Revision(document)
    widgets = {role: (revision.reserve(), _widget(revision, place)) for role, place in sorted(places.items())}
    _place_fields(revision, places, {role: ref for role, (ref, _) in widgets.items()})
    for role, (ref, widget) in widgets.items():
        left, bottom, right, top = places[role].box
        widget.setdefault("AP", {"N": revision.add(_appearance(right - left, top - bottom, {}, b""))})
        revision.put(ref, widget)
    return revision.write()


def prepare_seal(pdf: bytes, *, identity: Identity, mark: Mark, name: str, at: datetime) -> Prepared:
    """Open the agency's field, whose signature locks the whole file.

    A freshly typeset paper that leaves a place for the agency and none for a person is the agency's alone: a receipt.

    Raises:
        PaperError: no empty field for the agency: never signed by a person, or sealed already.
    """
    alone = _agency_alone(pdf)
    if alone is not None:
        revision, reserved, widget = alone
        return _open(revision, AGENCY, reserved, widget, identity=identity, mark=mark, name=name, at=at)
    try:
        document = Document(pdf)
        found = _fields(document)
    except (NotPlain, ValueError, KeyError) as error:
        raise PaperError(_why_not_sealable(pdf)) from error
    signed = {role for role, (_, field) in found.items() if "V" in field}
    # A program that signs files by itself may have signed in a field of its own instead of ours.
    if not signed or AGENCY not in found or AGENCY in signed or not _is_inert(pdf):
        raise PaperError(_why_not_sealable(pdf))
    ref, field = found[AGENCY]
    return _open(Revision(document), AGENCY, ref, dict(field), identity=identity, mark=mark, name=name, at=at)


def finish(prepared: Prepared, signature: bytes, *, identity: Identity) -> bytes:
    """Write the signature into its room.

    Raises:
        PaperError: the signature is not one over this paper by this certificate.
    """
    if not cms.check_signature(prepared.attributes, signature, identity.certificate):
        raise PaperError(["chữ ký nhận về không đúng với văn bản hoặc chứng thư"])
    content = cms.assemble(prepared.attributes, signature, identity)
    return embed(prepared.pdf, content)


def embed(pdf: bytes, content: bytes) -> bytes:
    """Put a CMS object into the room of the last signature, in place of what stands there.

    Raises:
        PaperError: it does not fit.
    """
    start, stop = room_of(pdf)
    digits = content.hex().encode()
    if len(digits) > stop - start:
        raise PaperError(["chỗ dành cho chữ ký không đủ"])
    return b"".join((pdf[:start], digits.ljust(stop - start, b"0"), pdf[stop:]))


def sign_first(pdf: bytes, *, signer: LocalKey, mark: Mark, at: datetime, name: str = "") -> bytes:
    """`prepare_first` and `finish` with a key at hand."""
    opened = prepare_first(pdf, identity=signer.identity, mark=mark, name=name, at=at)
    return finish(opened, signer.sign(opened.attributes), identity=signer.identity)


def seal_last(pdf: bytes, *, signer: LocalKey, mark: Mark, at: datetime, name: str = "") -> bytes:
    """`prepare_seal` and `finish` with a key at hand."""
    opened = prepare_seal(pdf, identity=signer.identity, mark=mark, name=name, at=at)
    return finish(opened, signer.sign(opened.attributes), identity=signer.identity)


_LAST_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")


def room_of(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of the last signature stand.

    Raises:
        PaperError: there is no signature of ours.
    """
    found = _LAST_RANGE.match(pdf, max(pdf.rfind(b"/ByteRange"), 0))
    if found is None:
        raise PaperError(["tệp không có chỗ cho chữ ký"])
    start, stop = int(found[1]) + 1, int(found[2]) - 1
    if pdf[start - 1 : start] != b"<" or pdf[stop : stop + 1] != b">":
        raise PaperError(["chỗ dành cho chữ ký bị hỏng"])
    return start, stop


def _fresh(pdf: bytes) -> tuple[Document, dict[str, Place]]:
    """A paper to be signed first, and its places.

    One revision and nothing that could later change what it shows; a file for which the bytes alone do not show that is
    read through by the full library, which says why not.
    """
    if not paper.is_plainly_inert(pdf):
        paper.check_signable(pdf)
    try:
        document = Document(pdf)
        plain = len(document.trailers) == 1 and "AcroForm" not in document.root
        places = paper.plain_places(document) if plain else {}
    except (NotPlain, ValueError, KeyError, IndexError) as error:
        paper.check_signable(pdf)
        raise PaperError(["tệp chưa ở dạng cuối để ký"]) from error
    if not places:
        paper.check_signable(pdf)
        raise PaperError(["tệp chưa ở dạng cuối để ký"])
    return document, places


def _agency_alone(pdf: bytes) -> tuple[Revision, Ref, dict[str, Value]] | None:
    """The agency's new field on a fresh paper that no person is to sign; None for every other paper."""
    try:
        document = Document(pdf)
        fresh = len(document.trailers) == 1 and "AcroForm" not in document.root
        places = paper.plain_places(document) if fresh else {}
    except (NotPlain, ValueError, KeyError, IndexError):
        return None
    if set(places) != {AGENCY} or not _is_inert(pdf):
        return None
    revision = Revision(document)
    ref = revision.reserve()
    widget = _widget(revision, places[AGENCY])
    _place_fields(revision, places, {AGENCY: ref})
    return revision, ref, widget


def _is_inert(pdf: bytes) -> bool:
    """Whether nothing in the file can act: shown by its bytes, or, where they look alike by chance, by reading it all."""
    if paper.is_plainly_inert(pdf):
        return True
    reader = paper.open_paper(pdf)
    with paper.reading():
        return not paper.find_active_content(reader, pdf)


def _why_not_sealable(pdf: bytes) -> list[str]:
    from pyhanko.sign import fields

    reader = paper.open_paper(pdf)
    with paper.reading():
        reasons = paper.find_active_content(reader, pdf)
        found = {name: value for name, value, _ in fields.enumerate_sig_fields(reader)}
    if found.get(AGENCY) is not None:
        reasons.append("văn bản đã được đóng dấu")
    elif AGENCY not in found:
        reasons.append("văn bản không chừa chỗ đóng dấu")
    if not any(value is not None for name, value in found.items() if name != AGENCY):
        reasons.append("văn bản chưa có chữ ký của người có thẩm quyền")
    return reasons or ["tệp không do hệ thống này lập"]


def _fields(document: Document) -> dict[str, tuple[Ref, dict[str, Value]]]:
    found: dict[str, tuple[Ref, dict[str, Value]]] = {}
    form = document.dictionary(document.root.get("AcroForm"))
    for ref in document.array(form.get("Fields")):
        if not isinstance(ref, Ref):
            raise NotPlain("a field inside the list")
        field = document.dictionary(ref)
        if field.get("FT") != "Sig":
            raise NotPlain("a field that is no signature")
        name = field.get("T")
        found[name[1:-1].decode("latin-1") if isinstance(name, Raw) else ""] = (ref, field)
    return found


def _widget(revision: Revision, place: Place) -> dict[str, Value]:
    left, bottom, right, top = place.box
    page = revision.document.pages()[place.page]
    widget: dict[str, Value] = {
        "FT": Name("Sig"), "T": plainpdf.text(place.role), "Type": Name("Annot"), "Subtype": Name("Widget"),
        "F": Raw(b"132"), "Rect": _numbers(left, bottom, right, top), "P": page,
        "TU": plainpdf.text(_LABELS.get(place.role, place.role)),
    }  # fmt: skip
    if place.role == AGENCY:
        lock: dict[str, Value] = {"Type": Name("SigFieldLock"), "Action": Name("All"), "P": Raw(b"1")}
        widget["Lock"] = revision.add(lock)
    if place.role != PERSON:
        widget["AP"] = {"N": revision.add(_appearance(right - left, top - bottom, {}, b""))}
    return widget


def _appearance(width: float, height: float, resources: dict[str, Value], content: bytes) -> Stream:
    head: dict[str, Value] = {
        "Type": Name("XObject"), "Subtype": Name("Form"), "BBox": _numbers(0, 0, width, height), "Resources": resources,
    }  # fmt: skip
    return Stream(head, content)


def _place_fields(revision: Revision, places: dict[str, Place], refs: dict[str, Ref]) -> None:
    """The form in the catalog and the widgets on their pages."""
    document = revision.document
    pages = document.pages()
    for index in sorted({place.page for place in places.values()}):
        page = dict(document.dictionary(pages[index]))
        own: list[Value] = [refs[role] for role in refs if places[role].page == index]
        page["Annots"] = [*document.array(page.get("Annots")), *own]
        revision.put(pages[index], page)
    root = dict(document.root)
    root["AcroForm"] = {"Fields": list(refs.values()), "SigFlags": Raw(b"3")}
    root["Extensions"] = {
        "ESIC": {"Type": Name("DeveloperExtensions"), "BaseVersion": Name("1.7"), "ExtensionLevel": Raw(b"5")}
    }
    catalog = document.trailer["Root"]
    assert isinstance(catalog, Ref)  # noqa: S101 - the table led to it
    revision.put(catalog, root)


@lru_cache(maxsize=256)
def _picture(pdf: bytes) -> Picture:
    """Marks are the same on every paper of a signer, so they are taken apart once."""
    return plainpdf.picture_of_page(pdf)


def _open(
    revision: Revision, role: str, ref: Ref, widget: dict[str, Value], *, identity: Identity, mark: Mark, name: str,
    at: datetime,
) -> Prepared:  # fmt: skip
    rect = [float(side) for side in widget["Rect"] if isinstance(side, Raw)] if isinstance(widget["Rect"], list) else []
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    picture = _picture(mark.picture)
    scale = min(width / picture.width, height / picture.height)
    left, bottom = (width - picture.width * scale) / 2, (height - picture.height * scale) / 2
    content = b"q %.5f 0 0 %.5f %.3f %.3f cm /Mark Do Q" % (scale, scale, left, bottom)
    shown = _appearance(width, height, {"XObject": {"Mark": revision.draw(picture)}}, content)
    widget["AP"] = {"N": revision.add(shown)}
    signature = revision.reserve()
    widget["V"] = signature
    revision.put(ref, widget)
    revision.put(signature, _dictionary(revision, role, mark=mark, name=name or _common_name(identity), at=at))
    return _measured(revision.write(), identity)


def _dictionary(revision: Revision, role: str, *, mark: Mark, name: str, at: datetime) -> bytes:
    head: dict[str, Value] = {
        "Type": Name("Sig"), "Filter": Name("Adobe.PPKLite"), "SubFilter": Name("ETSI.CAdES.detached"),
        "M": Raw(_pdf_time(at)), "Name": plainpdf.text(name),
    }  # fmt: skip
    if mark.location:
        head["Location"] = plainpdf.text(mark.location)
    if mark.reason:
        head["Reason"] = plainpdf.text(mark.reason)
    if role == AGENCY:
        lock: dict[str, Value] = {
            "Type": Name("TransformParams"), "V": Name("1.2"), "Action": Name("All"), "P": Raw(b"1"),
        }  # fmt: skip
        reference: dict[str, Value] = {
            "Type": Name("SigRef"), "TransformMethod": Name("FieldMDP"), "TransformParams": lock,
            "Data": revision.document.trailer["Root"],
        }  # fmt: skip
        head["Reference"] = [reference]
    room = b"/ByteRange [" + b" " * _RANGE_ROOM + b"]\n/Contents <" + b"0" * ROOM + b">"
    return plainpdf.dump(head)[:-2] + b"\n" + room + b"\n>>"


def _measured(pdf: bytes, identity: Identity) -> Prepared:
    """Fill in the byte range, and say what is to be signed."""
    at = pdf.rindex(b"/ByteRange [" + b" " * _RANGE_ROOM)
    start = pdf.index(b"/Contents <", at) + 10
    stop = start + ROOM + 2
    words = b"/ByteRange [0 %d %d %d]" % (start, stop, len(pdf) - stop)
    length = 12 + _RANGE_ROOM + 1
    whole = b"".join((pdf[:at], words.ljust(length), pdf[at + length :]))
    digest = hashlib.sha256(memoryview(whole)[:start])
    digest.update(memoryview(whole)[stop:])
    return Prepared(whole, cms.attributes_to_sign(digest.digest(), identity))


@lru_cache(maxsize=1024)
def _common_name(identity: Identity) -> str:
    from asn1crypto import x509  # type: ignore[import-untyped]  # the library ships no types

    native = x509.Certificate.load(identity.certificate).subject.native
    return str(native.get("common_name", ""))


def _pdf_time(at: datetime) -> bytes:
    offset = at.strftime("%z") or "+0000"
    return f"(D:{at:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}')".encode()


def _numbers(*values: float) -> list[Value]:
    return [Raw(b"%d" % value if value == int(value) else b"%.3f" % value) for value in values]


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """Run the library's coroutine to its end, also where an event loop is already running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()
