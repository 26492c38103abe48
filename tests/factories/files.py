"""Small real files of each type, and hostile ones; all made here, none fetched."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image


def pdf(*more: bytes, pages: int = 1, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """A PDF of empty pages with a right table of objects; `more` are objects from number 3 + pages on."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        *[b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 595 842]%s>>" % page] * pages,
        *more,
    ]
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
    return bytes(out)


PDF = pdf()


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


def odt() -> bytes:
    """What makes a file an OpenDocument text."""
    return archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<document/>"})


def stream(content: bytes, head: bytes = b"") -> bytes:
    """A PDF stream object."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), head, content)


# The signature of the test scanner's own database and the standard test string every scanner knows, put together here so
# that no file of the project carries either.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!" + b"$H+H*"


def infected_pdf(mark: bytes = b"") -> bytes:
    """A PDF that is a PDF, with the test string in a stream of it."""
    return pdf(stream(EICAR + mark))


def scripted_pdf() -> bytes:
    """A script that runs when the file is opened; the name of the key is written with escapes, as hiding ones do."""
    return pdf(catalog=b"/OpenAction<</S/J#61vaScript/JS(app.alert\\(1\\))>>")


def launching_pdf() -> bytes:
    """A page that starts a program when it is shown."""
    return pdf(page=b"/AA<</O<</S/Launch/F(cmd.exe)>>>>")


def carrying_pdf() -> bytes:
    """A PDF with another file inside."""
    return pdf(
        b"<</Type/Filespec/F(a.xml)/EF<</F 5 0 R>>>>", stream(b"<a/>", b"/Type/EmbeddedFile"),
        catalog=b"/Names<</EmbeddedFiles<</Names[(a.xml) 4 0 R]>>>>",
    )  # fmt: skip


def xfa_pdf() -> bytes:
    """A PDF with a dynamic form."""
    return pdf(stream(b"<xdp/>"), catalog=b"/AcroForm<</Fields[]/XFA 4 0 R>>")


def encrypted_pdf(*, user: str = "bi-mat") -> bytes:
    """A PDF that asks for a password; with none, one that only forbids printing."""
    out = BytesIO()
    with pikepdf.open(BytesIO(PDF)) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="chu", user=user, R=6))
    return out.getvalue()


def pdf_bomb(megabytes: int = 3_000) -> bytes:
    """A PDF whose list of objects unfolds into gigabytes."""
    packer, zeros = zlib.compressobj(9), bytes(1_048_576)
    head = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing looks back: the next piece may stand there any number of times.
    piece = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    total = megabytes * len(zeros)
    packed = head + piece * (megabytes - 1) + b"\x03\x00" + struct.pack(">I", total % 65_521 << 16 | 1)
    twice = zlib.compress(packed, 9)
    body = (
        b"%%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 2/W[1 8 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n"
        % len(twice)
    )
    return body + twice + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


def zip_bomb(megabytes: int = 900) -> bytes:
    """A Word file with a part that unfolds into much more than it weighs."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        made.writestr("[Content_Types].xml", b"<Types/>")
        with made.open("word/document.xml", "w", force_zip64=True) as part:
            zeros = bytes(1_048_576)
            for _ in range(megabytes):
                part.write(zeros)
    return out.getvalue()


def overlapping_zip(parts: int = 200) -> bytes:
    """A Word file whose list of contents names the same bytes many times over."""
    data = zlib.compress(bytes(1_000_000), 9)[2:-4]
    crc = zlib.crc32(bytes(1_000_000))
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, crc, len(data), 1_000_000, 1, 0) + b"a" + data
    names = [b"[Content_Types].xml", b"word/document.xml", *(b"p%d" % number for number in range(parts))]
    listing = b"".join(
        struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, crc, len(data), 10**6, len(name), 0, 0, 0, 0, 0, 0)
        + name
        for name in names
    )  # fmt: skip
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(names), len(names), len(listing), len(local), 0)
    return local + listing + end


def nested_zip(depth: int = 4) -> bytes:
    """A Word file with archives inside archives."""
    inner = archive({"a": b"a" * 100})
    for number in range(depth):
        inner = archive({f"{number}.zip": inner})
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<d/>", "word/embeddings/a.zip": inner})


def pdf_that_is_an_archive() -> bytes:
    """Readers of PDF see a PDF, unpackers an archive."""
    return PDF + archive({"run.exe": b"MZ"})


def picture_that_is_a_page() -> bytes:
    """A picture with a page of the web behind its end."""
    return png() + b"<script>alert(1)</script>"


def picture_that_is_a_pdf() -> bytes:
    """A picture with a PDF behind its end."""
    return jpeg() + PDF


def signed_by_others() -> bytes:
    """A PDF as another office's program left it: an old version, later revisions, and words after its end."""
    first = pdf()
    later = b"5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<%s>>>\nendobj\n" % (
        b"00" * 200
    )
    at = len(first)
    table = b"xref\n5 1\n%010d 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\r\n" % (
        at, first.rindex(b"xref\n0 "), at + len(later),
    )  # fmt: skip
    return first + later + table


def _paper(more: str = "") -> pikepdf.Pdf:
    """A page of one line of writing, to be made into what is no plain scan."""
    made = pikepdf.Pdf.open(BytesIO(PDF))
    made.pages[0].Contents = made.make_stream(b"BT /F1 24 Tf 72 700 Td (Paper) Tj ET " + more.encode())
    face = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    made.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=made.make_indirect(face)))
    return made


def _saved(made: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _box(made: pikepdf.Pdf) -> pikepdf.Object:
    """What an annotation shows: a black bar."""
    return made.make_stream(
        b"0 0 200 40 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 200, 40]
    )


def filled_form_pdf() -> bytes:
    """A form with one field, filled in: what stands in the field is no part of the page's own content."""
    made = _paper()
    field = made.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="ten", V="Bui Thi Vi Du", F=4,
            Rect=[72, 500, 272, 540], AP=pikepdf.Dictionary(N=_box(made)), DA="/F1 12 Tf 0 g",
        )
    )  # fmt: skip
    made.pages[0].Annots = made.make_indirect(pikepdf.Array([field]))
    made.Root.AcroForm = pikepdf.Dictionary(Fields=[field])
    return _saved(made)


def annotated_pdf(scan: bytes = b"") -> bytes:
    """A page with a stamp laid over it; over the page of a scanner where one is given."""
    made = pikepdf.Pdf.open(BytesIO(scan)) if scan else _paper()
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4, Rect=[72, 500, 272, 540],
        AP=pikepdf.Dictionary(N=_box(made)),
    )  # fmt: skip
    made.pages[0].Annots = made.make_indirect(pikepdf.Array([made.make_indirect(stamp)]))
    return _saved(made)


def layered_pdf() -> bytes:
    """A page with a black bar on a layer that is switched off."""
    made = _paper("/OC /L1 BDC 72 500 200 40 re f EMC")
    layer = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="An"))
    made.pages[0].Resources.Properties = pikepdf.Dictionary(L1=layer)
    made.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer]))
    return _saved(made)


def lies_plain(sha256: str, content: bytes, folder: Path) -> Path:
    """Let the only content lie in the store as it did before files were sealed; where."""
    from tinhso.apps.documents.models import Content  # the fuzzers use what is above without a database

    path = folder / sha256[:2] / sha256[2:4] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (old,) = Content.objects.all()
    (folder / old.blob).unlink()
    Content.objects.update(blob=path.relative_to(folder).as_posix(), wrapped_key=None, key_id="")
    return path
