"""The known ways of attacking a signed PDF, as files: made once a run on a paper small enough to judge in milliseconds.

Families: incremental updates, overlays and certification attacks, shadow files (hide, replace, hide and replace), wrapped
signatures, universal forgeries (empty or zero signatures, senseless ranges), bytes after the end, flipped bytes.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.factories import signatures as made
from tests.factories.signatures import AT, World, changed, sign_with_library
from tinhso.apps.signatures.rules import signing

Change = Callable[[IncrementalPdfFileWriter], None]
_REAL, _FALSE = b"Tien phai nop: 100.000 dong", b"Tien phai nop: 9 dong"


def objects_to_pdf(objects: list[bytes], *, root: int = 1, info: bytes = b"") -> bytes:
    """A file of one revision with a plain table."""
    out, places = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"], []
    for number, body in enumerate(objects, start=1):
        places.append(sum(map(len, out)))
        out.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = sum(map(len, out))
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.extend(b"%010d 00000 n \n" % place for place in places)
    out.append(b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, info, start))
    return b"".join(out)


def _stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(data), data)


def _shown(words: bytes) -> bytes:
    return _stream(b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % words)


@cache
def small_paper() -> bytes:
    """A paper of one page with places for both signatures; objects 7 and 8 are a second page nobody shows (shadow)."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    places = b"(signature:agency:34x34)[3 0 R/XYZ 300 300 null](signature:person:52x24)[3 0 R/XYZ 360 300 null]"
    return objects_to_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/Names<</Dests<</Names[%s]>>>>>>" % places,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page % 4,
            _shown(_REAL),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Title(Giay phep)>>",
            page % 8,
            _shown(_FALSE),
        ],
        info=b"/Info 6 0 R",
    )


@cache
def _mark() -> signing.Mark:
    picture = objects_to_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 50 50]/Contents 4 0 R/Resources<<>>>>", _stream(b"0 0 50 50 re S"),
        ]
    )  # fmt: skip
    return signing.Mark(picture, "Ký", "")


def signed(world: World, key: Any = None, paper: bytes | None = None) -> bytes:
    """The small paper signed by a person."""
    return signing.sign_first(paper or small_paper(), signer=key or world.person, mark=_mark(), at=AT)


def sealed(world: World, key: Any = None, paper: bytes | None = None) -> bytes:
    """Signed and sealed."""
    return signing.seal_last(signed(world, paper=paper), signer=key or world.agency, mark=_mark(), at=AT)


def foreign(world: World) -> bytes:
    """Signed by another program, in its own field."""
    return sign_with_library(small_paper(), world.person, field="Signature1")


def _d(**entries: Any) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def _a(*items: Any) -> generic.ArrayObject:
    return generic.ArrayObject(items)


def _numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(value) for value in values)


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def _content(words: bytes) -> generic.StreamObject:
    return generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 650 Td (%s) Tj ET" % words)


def _annotation(kind: str, **more: Any) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        drawn = _content(_FALSE)
        drawn.update(_d(Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"), BBox=_numbers(0, 0, 300, 100)))
        note = _d(
            Type=pdf_name("/Annot"), Subtype=pdf_name(f"/{kind}"), Rect=_numbers(60, 640, 400, 720), F=generic.NumberObject(4),
            Contents=pdf_string("9 dong"), AP=_d(N=writer.add_object(drawn)), **more,
        )  # fmt: skip
        known = list(page.get("/Annots", ()))
        page["/Annots"] = _a(*known, writer.add_object(note))
        writer.update_container(page)

    change.__name__ = f"annotation_{kind}"
    return change


def _on_root(name: str, value: Callable[[IncrementalPdfFileWriter], Any]) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name(f"/{name}")] = value(writer)
        writer.update_root()

    change.__name__ = f"root_{name}"
    return change


def _on_page(name: str, value: Callable[[IncrementalPdfFileWriter], Any]) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page[pdf_name(f"/{name}")] = value(writer)
        writer.update_container(page)

    change.__name__ = f"page_{name}"
    return change


def _in_place(number: int, value: Callable[[], Any]) -> Change:
    """Object `number` written anew under its old number."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.objects[(0, number)] = value()

    change.__name__ = f"object_{number}"
    return change


def _show_the_shadow(writer: IncrementalPdfFileWriter) -> None:
    """Hide and replace: the page list leads to the other page, which was signed, too, but shown to nobody."""
    pages = writer.root["/Pages"]
    pages["/Kids"] = _a(generic.IndirectObject(7, 0, writer))
    writer.update_container(pages)


def _shadow_content(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page["/Contents"] = generic.IndirectObject(8, 0, writer)
    writer.update_container(page)


def _no_page(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"], pages["/Count"] = _a(), generic.NumberObject(0)
    writer.update_container(pages)


def _font(writer: IncrementalPdfFileWriter) -> None:
    font = _page(writer)["/Resources"]["/Font"]["/F1"]
    font["/BaseFont"] = pdf_name("/Symbol")
    font["/Encoding"] = _d(Differences=_a(generic.NumberObject(49), pdf_name("/nine")))
    writer.update_container(font)


def _fields(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/AcroForm"]["/Fields"]


def _move_signature_box(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[-1].get_object()
    field["/Rect"] = _numbers(60, 640, 400, 720)
    writer.update_container(field)


def _new_signature_picture(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[-1].get_object()
    drawn = _content(_FALSE)
    drawn.update(_d(Subtype=pdf_name("/Form"), BBox=_numbers(0, 0, 300, 100)))
    field["/AP"] = _d(N=writer.add_object(drawn))
    writer.update_container(field)


def _empty_box(visible: bool) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref = writer.root["/Pages"]["/Kids"].raw_get(0)
        drawn = _content(_FALSE)
        drawn.update(_d(Subtype=pdf_name("/Form"), BBox=_numbers(0, 0, 300, 100)))
        rect = _numbers(60, 640, 400, 720) if visible else _numbers(0, 0, 0, 0)
        field = _d(
            FT=pdf_name("/Sig"), T=pdf_string("agency2"), Type=pdf_name("/Annot"), Subtype=pdf_name("/Widget"), Rect=rect,
            F=generic.NumberObject(132), P=page_ref, AP=_d(N=writer.add_object(drawn)),
        )  # fmt: skip
        reference = writer.add_object(field)
        form = writer.root["/AcroForm"]
        form["/Fields"] = _a(*[form["/Fields"].raw_get(i) for i in range(len(form["/Fields"]))], reference)
        writer.update_container(form)
        page = page_ref.get_object()
        notes = page.get("/Annots", _a())
        page["/Annots"] = _a(*[notes.raw_get(i) for i in range(len(notes))], reference)
        writer.update_container(page)

    change.__name__ = f"empty_box_{visible}"
    return change


def _forget_signature(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[-1].get_object()
    signature = field["/V"]
    copy = _d(**{key[1:]: signature.raw_get(key) for key in signature})
    copy["/Reason"] = pdf_string("Khac")
    field["/V"] = writer.add_object(copy)
    writer.update_container(field)


def _no_form(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/AcroForm"]
    writer.update_root()


def _store_and_more(writer: IncrementalPdfFileWriter) -> None:
    """A change hidden in a revision that looks like stored evidence."""
    writer.root["/DSS"] = writer.add_object(_d(Certs=_a()))
    writer.update_root()
    made.replace_page_content(writer)


def _store_with_strange_entry(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"] = writer.add_object(_d(Certs=_a(), AA=writer.add_object(_content(_FALSE))))
    writer.update_root()


def _action(kind: str) -> Callable[[IncrementalPdfFileWriter], Any]:
    return lambda _: _d(S=pdf_name(f"/{kind}"), JS=pdf_string("this.pageNum=1"), URI=pdf_string("http://x.example"))


UPDATES: tuple[Change, ...] = (
    made.change_title, made.cover_with_text, made.replace_page_content, made.add_page, made.run_script_on_opening,
    made.attach_file, made.add_layers, made.add_film, _show_the_shadow, _shadow_content, _no_page, _font,
    _move_signature_box, _new_signature_picture, _empty_box(True), _empty_box(False), _forget_signature, _no_form,
    _store_and_more, _store_with_strange_entry,
    *(_annotation(kind) for kind in (
        "FreeText", "Stamp", "Square", "Ink", "Highlight", "Link", "Text", "Redact", "Watermark", "Popup", "Line",
        "FileAttachment", "Screen", "Widget", "Caret", "Circle",
    )),
    _on_root("OpenAction", _action("JavaScript")), _on_root("OpenAction", _action("Launch")),
    _on_root("AA", lambda w: _d(WC=_action("JavaScript")(w))), _on_root("Metadata", lambda w: w.add_object(_content(_FALSE))),
    _on_root("Outlines", lambda w: w.add_object(_d(Count=generic.NumberObject(0)))),
    _on_root("ViewerPreferences", lambda _: _d(Direction=pdf_name("/R2L"))),
    _on_root("PageLabels", lambda _: _d(Nums=_a())), _on_root("Lang", lambda _: pdf_string("en")),
    _on_root("URI", lambda _: _d(Base=pdf_string("http://x.example"))),
    _on_root("Perms", lambda w: _d(DocMDP=w.add_object(_d(Type=pdf_name("/Sig"))))),
    _on_root("StructTreeRoot", lambda w: w.add_object(_d(Type=pdf_name("/StructTreeRoot")))),
    _on_root("Collection", lambda _: _d(View=pdf_name("/D"))), _on_root("Threads", lambda w: w.add_object(_a())),
    _on_page("Rotate", lambda _: generic.NumberObject(180)), _on_page("MediaBox", lambda _: _numbers(0, 0, 10, 10)),
    _on_page("CropBox", lambda _: _numbers(0, 0, 595, 600)), _on_page("UserUnit", lambda _: generic.NumberObject(9)),
    _on_page("Contents", lambda w: _a(generic.IndirectObject(4, 0, w), w.add_object(_content(_FALSE)))),
    _on_page("Resources", lambda _: _d(Font=_d(F1=_d(Type=pdf_name("/Font"), BaseFont=pdf_name("/Symbol"))))),
    _on_page("AA", lambda w: _d(O=_action("JavaScript")(w))), _on_page("Group", lambda _: _d(S=pdf_name("/Transparency"))),
    _on_page("Metadata", lambda w: w.add_object(_content(_FALSE))), _on_page("Tabs", lambda _: pdf_name("/R")),
    _in_place(4, lambda: _content(_FALSE)), _in_place(3, lambda: _d(Type=pdf_name("/Page"))),
    _in_place(5, lambda: _d(Type=pdf_name("/Font"), Subtype=pdf_name("/Type1"), BaseFont=pdf_name("/Symbol"))),
)  # fmt: skip

TAILS = (
    b"\n", b"%% hello\n", b"\0" * 64, b"\n9 0 obj\n<<>>\nendobj\n", b"%%EOF\n", b"startxref\n0\n%%EOF\n", b"%PDF-1.7\n",
    b"\nxref\n0 0\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n", b" ", b"\r\n%%EOF\r\n",
)  # fmt: skip


def _forgeries(pdf: bytes) -> Iterator[tuple[str, bytes]]:
    """Signatures with nothing in them, and ranges that say nothing, each in the room the true one had."""
    start, stop = signing.room_of(pdf)
    for name, digits in (("empty", b""), ("zeros", b"0" * (stop - start)), ("one", b"00"), ("null", b"30800000")):
        yield f"contents_{name}", pdf[:start] + digits.ljust(stop - start, b" ") + pdf[stop:]
        yield f"contents_{name}_cut", pdf[:start] + digits + pdf[stop:]
    found = re.compile(rb"/ByteRange \[[^\]]*\] *").search(pdf, pdf.rfind(b"/ByteRange ["))
    assert found is not None
    whole = len(pdf)
    for name, words in (
        ("none", b""), ("zero", b"/ByteRange [0 0 0 0]"), ("empty", b"/ByteRange []"), ("two", b"/ByteRange [0 10]"),
        ("negative", b"/ByteRange [0 -1 0 -1]"), ("huge", b"/ByteRange [0 99999999 0 1]"), ("null", b"/ByteRange null"),
        ("words", b"/ByteRange [/a /b /c /d]"), ("whole", b"/ByteRange [0 %d %d 0]" % (whole, whole)),
        ("late", b"/ByteRange [9 10 20 30]"), ("six", b"/ByteRange [0 1 2 3 4 5]"),
        ("first", b"/ByteRange [0 %d %d 0]" % (start - 1, stop + 1)),
    ):  # fmt: skip
        yield f"range_{name}", pdf[: found.start()] + words.ljust(len(found[0])) + pdf[found.end() :]
    content = bytes.fromhex(pdf[start:stop].decode())
    for name, old in (
        ("digest", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"),
        ("data", b"\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
    ):
        forged = content.replace(old, old[:-1] + b"\x7f").hex().encode()
        yield f"contents_without_{name}", pdf[:start] + forged + pdf[stop:]


def _wrapped(pdf: bytes) -> Iterator[tuple[str, bytes]]:
    """The signed bytes stay whole, but other objects stand between their two halves (signature wrapping)."""
    start, stop = signing.room_of(pdf)
    first, room, second = pdf[: start - 1], pdf[start - 1 : stop + 1], pdf[stop + 1 :]
    table = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    false = b"\n4 0 obj\n" + _shown(_FALSE) + b"\nendobj\n"
    for name, evil in (("objects", false), ("spaces", b" " * 500), ("comment", b"\n%" + b"x" * 300 + b"\n")):
        yield f"wrapped_{name}", first + room + evil + second
        yield f"wrapped_before_{name}", first + evil + room + second
        moved = first + room + evil
        if table < len(moved):
            continue
        own = b"\nxref\n0 1\n0000000000 65535 f \n4 1\n%010d 00000 n \n" % (len(first + room) + 1)
        yield f"wrapped_table_{name}", moved.ljust(table) + own + second
    longer = pdf.replace(
        b"/ByteRange [0 %d %d " % (start - 1, stop + 1), b"/ByteRange [0 %d %d " % (start - 1, stop + 9)
    )
    yield "range_shifted", longer
    yield "two_files", pdf + pdf
    yield "file_before", small_paper() + pdf
    yield "halves_turned", second + room + first
    for offset in (1, 2, 64):
        room_moved = first + room[:-1] + b"0" * offset + b">" + second
        yield f"room_longer_{offset}", room_moved


def corpus(world: World) -> dict[str, bytes]:
    """Every attacked file by name."""
    files: dict[str, bytes] = {}
    bases = {"signed": signed(world), "sealed": sealed(world), "foreign": foreign(world)}
    for state, pdf in bases.items():
        for number, change in enumerate(UPDATES[:: 2 if state == "signed" else 1]):
            files[f"{state}-{number}-{change.__name__}"] = changed(pdf, change)
        for number, tail in enumerate(TAILS if state != "foreign" else ()):
            files[f"{state}-tail-{number}"] = pdf + tail
    for state in ("signed", "sealed"):
        pdf = bases[state]
        for name, forged in (*_forgeries(pdf), *_wrapped(pdf)):
            files[f"{state}-{name}"] = forged
        step = len(pdf) // 12
        for position in range(step, len(pdf), step):
            files[f"{state}-flip-{position}"] = pdf[:position] + bytes([pdf[position] ^ 0x41]) + pdf[position + 1 :]
    return files
