"""Plain PDF files: values, tables, revisions, pictures; and everything outside the subset refused."""

import contextlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from tests.factories.papers import letter
from tinhso.lib.plainpdf import Document, Name, NotPlain, Raw, Ref, Revision, Stream, dump, picture_of_page, text
from tinhso.lib.plainpdf.values import parse, unescaped


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (b"/Name", Name("Name")),
        (b" -12.5 ", Raw(b"-12.5")),
        (b"12 0 R", Ref(12)),
        (b"12 0 Rx", Raw(b"12")),
        (b"(a\\)b(c)d)", Raw(b"(a\\)b(c)d)")),
        (b"<4 8>", Raw(b"<4 8>")),
        (b"[1 2 0 R/X(y)]", [Raw(b"1"), Ref(2), Name("X"), Raw(b"(y)")]),
        (b"<</A<</B 1>>/C[]/D null>>", {"A": {"B": Raw(b"1")}, "C": [], "D": Raw(b"null")}),
        (b"% note\n true", Raw(b"true")),
    ],
)
def test_values_read_and_written(source: bytes, value: object) -> None:
    found, _ = parse(source, 0)
    assert found == value
    assert parse(dump(found), 0)[0] == value


@pytest.mark.parametrize(
    "source", [b"", b"]", b">>", b"<</A>>", b"<<1 2>>", b"[1", b"(a", b"<</A 1/A 2>>", b"1 5 R", b"[" * 60]
)
def test_values_refused(source: bytes) -> None:
    with pytest.raises(NotPlain):
        parse(source, 0)


def test_words() -> None:
    assert text("a(b)\\") == b"(a\\(b\\)\\\\)"
    assert text("Ký") == b"<FEFF004B00FD>"
    assert unescaped(Raw(b"(signature\\:x)")) == "signature:x"
    assert unescaped(Name("x")) == ""


def test_a_revision_leaves_what_was_and_is_read_by_the_library() -> None:
    document = Document(letter())
    revision = Revision(document)
    root = dict(document.root) | {"Test": revision.add(Stream({}, b"words"))}
    target = document.trailer["Root"]
    assert isinstance(target, Ref)
    revision.put(target, root)
    written = revision.write()
    assert written.startswith(letter())
    assert PdfFileReader(BytesIO(written)).root["/Test"].data == b"words"
    again = Document(written)
    assert len(again.trailers) == 2
    assert again.stream(again.root["Test"]).body == b"words"
    assert len(again.pages()) == len(document.pages())


def test_a_page_becomes_a_picture() -> None:
    picture = picture_of_page(letter())
    assert (round(picture.width), round(picture.height)) == (595, 842)
    assert len(picture.parts) > 10


class TestRefused:
    def test_streams_of_references_and_locks(self) -> None:
        reader = PdfFileReader(BytesIO(letter()))
        with_streams, locked = BytesIO(), BytesIO()
        copy_into_new_writer(reader, writer_kwargs={"stream_xrefs": True}).write(with_streams)
        writer = copy_into_new_writer(PdfFileReader(BytesIO(letter())))
        writer.encrypt(owner_pass="a", user_pass="")
        writer.write(locked)
        for pdf in (with_streams.getvalue(), locked.getvalue()):
            with pytest.raises(NotPlain):
                Document(pdf)

    @pytest.mark.parametrize("pdf", [b"", b"hello", letter()[:3000], letter() + b"junk" * 60])
    def test_what_is_no_file(self, pdf: bytes) -> None:
        with pytest.raises(NotPlain):
            Document(pdf)

    def test_tables_that_lie(self) -> None:
        pdf = letter()
        start = pdf.rindex(b"\nxref\n")
        line = pdf.index(b" 00000 n", start) - 10
        with pytest.raises(NotPlain):
            _walk(pdf[:line] + b"0000000011" + pdf[line + 10 :])

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_damage_is_refused_or_read_never_an_error(self, data: st.DataObject) -> None:
        whole = letter()
        start = data.draw(st.integers(0, len(whole)))
        damaged = whole[:start] + data.draw(st.binary(max_size=30)) + whole[start + data.draw(st.integers(0, 40)) :]
        with contextlib.suppress(NotPlain):
            _walk(damaged)


def _walk(pdf: bytes) -> None:
    document = Document(pdf)
    for page in document.pages():
        document.dictionary(page)
    list(document.destinations())
    for index in range(1, document.size):
        document.get(Ref(index))
