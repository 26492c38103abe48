"""Scanned sheets bound into one PDF/A-2b, with a mark on the first of them and typeset pages behind the last.

The pictures go in byte for byte. Colours, fonts and places for signatures come from what the typesetter made: it has
proved its own conformance, and nothing is added here that PDF/A-2b does not allow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from tinhso.lib.plainpdf.reader import Document, NotPlain
from tinhso.lib.plainpdf.values import Name, Raw, Ref, Stream, Value, text
from tinhso.lib.plainpdf.writer import NewFile, Picture, pictures_of_pages

_A4 = (595.276, 841.89)
_SMALL = 400.0  # points: a card or a receipt lies on a page of its own instead of filling it
_EDGE = 17.0  # points from the edge of the page to the mark: 6 mm
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"><pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>vi</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True)
class Bound:
    """One scanned page: a JPEG in gray or RGB, its size in pixels, and how many of them make an inch."""

    jpeg: bytes
    width: int
    height: int
    dpi: int
    is_gray: bool


def bind(sheets: Sequence[Bound], *, mark: bytes, letter: bytes = b"", title: str, author: str, at: datetime) -> bytes:
    """The sheets as one file; the same values give the same bytes.

    Args:
        mark: one typeset page, drawn in the upper right corner of the first sheet; its signature places come along.
        letter: typeset pages that follow the sheets, with their signature places.
        at: the instant written into the file.

    Raises:
        NotPlain: no sheets, or the mark or the letter is not what the typesetter writes.
    """
    if not sheets:
        raise NotPlain("nothing to bind")
    file = NewFile()
    tree = file.reserve()
    pages: list[Ref] = []
    places: dict[str, list[Value]] = {}
    drawn = pictures_of_pages(mark)
    if len(drawn) != 1:
        raise NotPlain("a mark has one page")
    for number, sheet in enumerate(sheets):
        page = file.reserve()
        pages.append(page)
        box = _add_sheet(file, page, tree, sheet, drawn[0] if number == 0 else None)
        if number == 0:
            left, bottom = _corner(box, drawn[0])
            places.update(_places(Document(mark), [page], left=left, bottom=bottom))
    if letter:
        behind = [_add_page(file, tree, picture) for picture in pictures_of_pages(letter)]
        places.update(_places(Document(letter), behind, left=0, bottom=0))
        pages += behind
    file.put(tree, {"Type": Name("Pages"), "Kids": list(pages), "Count": Raw(b"%d" % len(pages))})
    packet = _XMP.format(title=escape(title), author=escape(author), at=at.isoformat(timespec="seconds")).encode()
    catalog: dict[str, Value] = {
        "Type": Name("Catalog"), "Pages": tree, "Lang": text("vi"),
        "Metadata": file.add(Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, packet)),
        "OutputIntents": [_intent(file, Document(mark))],
        "ViewerPreferences": {"DisplayDocTitle": Raw(b"true")},
    }  # fmt: skip
    if places:
        names: list[Value] = []
        for name in sorted(places):
            names += [text(name), places[name]]
        catalog["Names"] = {"Dests": {"Names": names}}
    return file.write(file.add(catalog))


def _add_sheet(file: NewFile, page: Ref, tree: Ref, sheet: Bound, mark: Picture | None) -> tuple[float, float]:
    """One page; returns its size in points."""
    width, height = sheet.width * 72 / sheet.dpi, sheet.height * 72 / sheet.dpi
    shrink = min(1.0, 14_000 / max(width, height))
    width, height = width * shrink, height * shrink
    box = _A4 if min(width, height) < _SMALL and width <= _A4[0] and height <= _A4[1] else (width, height)
    left, bottom = (box[0] - width) / 2, (box[1] - height) / 2
    picture: dict[str, Value] = {
        "Type": Name("XObject"), "Subtype": Name("Image"), "Width": Raw(b"%d" % sheet.width),
        "Height": Raw(b"%d" % sheet.height), "ColorSpace": Name("DeviceGray" if sheet.is_gray else "DeviceRGB"),
        "BitsPerComponent": Raw(b"8"), "Filter": Name("DCTDecode"), "Interpolate": Raw(b"false"),
    }  # fmt: skip
    drawn: dict[str, Value] = {"Sheet": file.add(Stream(picture, sheet.jpeg))}
    content = b"q %.3f 0 0 %.3f %.3f %.3f cm /Sheet Do Q" % (width, height, left, bottom)
    if mark is not None:
        drawn["Mark"] = file.draw(mark)
        content += b" q 1 0 0 1 %.3f %.3f cm /Mark Do Q" % _corner(box, mark)
    _put_page(file, page, tree, box, drawn, content)
    return box


def _add_page(file: NewFile, tree: Ref, picture: Picture) -> Ref:
    page = file.reserve()
    _put_page(file, page, tree, (picture.width, picture.height), {"Page": file.draw(picture)}, b"/Page Do")
    return page


def _put_page(
    file: NewFile, page: Ref, tree: Ref, box: tuple[float, float], drawn: dict[str, Value], content: bytes
) -> None:
    file.put(page, {
        "Type": Name("Page"), "Parent": tree, "MediaBox": [Raw(b"0"), Raw(b"0"), *(Raw(b"%.3f" % side) for side in box)],
        "Resources": {"XObject": drawn}, "Contents": file.add(Stream({}, content)),
    })  # fmt: skip


def _corner(box: tuple[float, float], mark: Picture) -> tuple[float, float]:
    """The lower left corner of a mark in the upper right one of a page."""
    return max(box[0] - mark.width - _EDGE, 0.0), box[1] - mark.height - _EDGE


def _places(source: Document, pages: Sequence[Ref], *, left: float, bottom: float) -> dict[str, list[Value]]:
    """Where signatures go, moved to where the page they were typeset on is drawn."""
    numbers = {ref.number: index for index, ref in enumerate(source.pages())}
    found: dict[str, list[Value]] = {}
    for name, target in source.destinations():
        if not name.startswith("signature:") or len(target) < 4:
            continue
        page, across, up = target[0], target[2], target[3]
        if not (isinstance(page, Ref) and isinstance(across, Raw) and isinstance(up, Raw)):
            raise NotPlain("a place for a signature without coordinates")
        spot = (Raw(b"%.3f" % (float(across) + left)), Raw(b"%.3f" % (float(up) + bottom)))
        found[name] = [pages[numbers[page.number]], Name("XYZ"), *spot, Raw(b"null")]
    return found


def _intent(file: NewFile, source: Document) -> Value:
    """The typesetter's own statement of what its colours mean."""
    intents = source.array(source.root.get("OutputIntents"))
    if not intents:
        raise NotPlain("no output intent")
    intent = dict(source.dictionary(intents[0]))
    profile = source.stream(intent["DestOutputProfile"])
    intent["DestOutputProfile"] = file.add(Stream(dict(profile.head), profile.body))
    return file.add(intent)
