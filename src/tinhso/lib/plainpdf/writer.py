"""Writing plain files: a new one, or a revision appended to one that is there; pictures: a page of one drawn in another."""

import hashlib
from dataclasses import dataclass

from tinhso.lib.plainpdf.reader import Document, NotPlain
from tinhso.lib.plainpdf.values import Name, Raw, Ref, Stream, Value, dump


class Objects:
    """Objects on their way into a file, by number."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._bodies: dict[int, bytes] = {}

    def reserve(self) -> Ref:
        """A free number whose object follows later."""
        self._next += 1
        return Ref(self._next - 1)

    def put(self, ref: Ref, value: "Value | Stream | bytes") -> Ref:
        """Set an object, a new one or another state of an old one. Bytes are written as they are."""
        if isinstance(value, Stream):
            head = {**value.head, "Length": Raw(b"%d" % len(value.body))}
            self._bodies[ref.number] = dump(head) + b"\nstream\n" + value.body + b"\nendstream"
        elif isinstance(value, bytes) and not isinstance(value, Raw):
            self._bodies[ref.number] = value
        else:
            self._bodies[ref.number] = dump(value)
        return ref

    def add(self, value: "Value | Stream | bytes") -> Ref:
        """A new object."""
        return self.put(self.reserve(), value)

    def draw(self, picture: "Picture") -> Ref:
        """Take in a picture; returns the form to be drawn."""
        first = self._next
        self._next += len(picture.parts)
        for index, pieces in enumerate(picture.parts):
            self._bodies[first + index] = b"".join(
                b"%d 0 R" % (first + piece) if isinstance(piece, int) else piece for piece in pieces
            )
        return Ref(first)

    def _write_objects(self, out: list[bytes], at: int) -> tuple[dict[int, int], int]:
        """Append every object; returns where each begins and where the next byte stands."""
        places: dict[int, int] = {}
        for key in sorted(self._bodies):
            places[key] = at
            piece = b"%d 0 obj\n%b\nendobj\n" % (key, self._bodies[key])
            out.append(piece)
            at += len(piece)
        return places, at


class NewFile(Objects):
    """A plain file from the first byte: one revision, a classic table, nothing compressed but the streams given."""

    def __init__(self) -> None:
        super().__init__(1)

    def write(self, root: Ref) -> bytes:
        """The file; the same objects give the same bytes."""
        out = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"]
        places, at = self._write_objects(out, len(out[0]))
        digest = Raw(f"<{hashlib.sha256(b''.join(out)).hexdigest()[:32]}>".encode())
        out.append(b"xref\n0 %d\n0000000000 65535 f \n" % self._next)
        out.extend(b"%010d 00000 n \n" % places[key] for key in range(1, self._next))
        trailer: dict[str, Value] = {"Size": Raw(b"%d" % self._next), "Root": root, "ID": [digest, digest]}
        out.append(b"trailer\n" + dump(trailer) + b"\nstartxref\n%d\n%%%%EOF\n" % at)
        return b"".join(out)


class Revision(Objects):
    """Objects changed and added after the last byte of a file; what stood there stays byte for byte."""

    def __init__(self, document: Document) -> None:
        super().__init__(document.size)
        self.document = document

    def write(self) -> bytes:
        """The file with the revision."""
        before = self.document.data
        out = [before, b"" if before.endswith(b"\n") else b"\n"]
        places, at = self._write_objects(out, len(before) + len(out[1]))
        out.append(b"xref\n")
        keys = list(places)
        start = 0
        for index in range(1, len(keys) + 1):
            if index == len(keys) or keys[index] != keys[index - 1] + 1:
                out.append(b"%d %d\n" % (keys[start], index - start))
                out.extend(b"%010d 00000 n \n" % places[key] for key in keys[start:index])
                start = index
        out.append(b"trailer\n" + dump(self._trailer(out)) + b"\nstartxref\n%d\n%%%%EOF\n" % at)
        return b"".join(out)

    def _trailer(self, out: list[bytes]) -> dict[str, Value]:
        old = self.document.trailer
        kept: dict[str, Value] = {key: old[key] for key in ("Root", "Info") if key in old}
        trailer: dict[str, Value] = {
            "Size": Raw(b"%d" % self._next), **kept, "Prev": Raw(b"%d" % self.document.start),
        }  # fmt: skip
        identity = self.document.get(old.get("ID"))
        if isinstance(identity, list) and len(identity) == 2:
            digest = hashlib.sha256(b"".join(out[1:])).hexdigest()[:32]
            trailer["ID"] = [identity[0], Raw(f"<{digest}>".encode())]
        return trailer


@dataclass(frozen=True, slots=True)
class Picture:
    """A page made into a form: its objects with the references among them left open, and its size in points.

    Part 0 is the form itself; a number inside a part stands for a reference to the part of that number.
    """

    parts: tuple[tuple[bytes | int, ...], ...]
    width: float
    height: float


def picture_of_page(pdf: bytes) -> Picture:
    """The only page of a plain file as a picture.

    Raises:
        NotPlain: the file has several pages, or a page whose content is not one stream.
    """
    pictures = pictures_of_pages(pdf)
    if len(pictures) != 1:
        raise NotPlain("a picture has one page")
    return pictures[0]


def pictures_of_pages(pdf: bytes) -> list[Picture]:
    """Every page of a plain file as a picture of its own.

    Raises:
        NotPlain: a page whose content is not one stream.
    """
    document = Document(pdf)
    return [_picture(document, page) for page in document.pages()]


def _picture(document: Document, ref: Ref) -> Picture:
    page = document.dictionary(ref)
    content = document.stream(page.get("Contents"))
    box = document.array(page.get("MediaBox"))
    left, bottom, right, top = (float(side) for side in box if isinstance(side, Raw))
    form: dict[str, Value] = {
        "Type": Name("XObject"), "Subtype": Name("Form"), "BBox": box,
        "Resources": page.get("Resources", {}),
        **({"Group": page["Group"]} if "Group" in page else {}),
        **({"Filter": content.head["Filter"]} if "Filter" in content.head else {}),
    }  # fmt: skip
    order: dict[int, int] = {}
    parts: list[tuple[bytes | int, ...]] = []
    waiting: list[Value | Stream] = [Stream(form, content.body)]
    while len(parts) < len(waiting):
        parts.append(tuple(_pieces(waiting[len(parts)], document, order, waiting)))
    return Picture(tuple(parts), right - left, top - bottom)


def _pieces(
    item: Value | Stream, document: Document, order: dict[int, int], waiting: list[Value | Stream]
) -> list[bytes | int]:
    """An object as bytes with references open; what it refers to joins those waiting."""
    body = b""
    if isinstance(item, Stream):
        body = b"\nstream\n" + item.body + b"\nendstream"
        item = {**item.head, "Length": Raw(b"%d" % len(item.body))}
    pieces: list[bytes | int] = []

    def walk(value: Value) -> None:
        if isinstance(value, Ref):
            if value.number not in order:
                order[value.number] = len(waiting)
                target = document.get(value)
                if target is None:
                    raise NotPlain("a reference to nothing")
                waiting.append(target)
            pieces.append(order[value.number])
        elif isinstance(value, dict):
            pieces.append(b"<<")
            for key, inner in value.items():
                pieces.append(b"/" + key.encode("latin-1") + b" ")
                walk(inner)
            pieces.append(b">>")
        elif isinstance(value, list):
            pieces.append(b"[")
            for inner in value:
                walk(inner)
                pieces.append(b" ")
            pieces.append(b"]")
        else:
            pieces.append(dump(value))

    walk(item)
    pieces.append(body)
    return pieces
