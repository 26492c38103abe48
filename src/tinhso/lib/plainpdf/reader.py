"""Reading a plain file: its revisions, its catalog, one object at a time."""

import re
from collections.abc import Iterator
from functools import cached_property

from tinhso.lib.plainpdf.values import Name, NotPlain, Raw, Ref, Stream, Value, parse, unescaped

__all__ = ["Document", "NotPlain"]

_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_SECTION = re.compile(rb"(\d{1,10}) (\d{1,10})[ \r\n]+")
_HEAD = re.compile(rb"(\d{1,10}) 0 obj\b")
_LINE = 20
_MOST_REVISIONS = 64
_MOST_PAGES = 2_000


class Document:
    """A plain PDF in memory. Objects are read when asked for.

    Raises:
        NotPlain: outside the subset (cross-reference streams, encryption) or damaged.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        found = _END.search(data, max(len(data) - 200, 0))
        if found is None or not data.startswith(b"%PDF-"):
            raise NotPlain("no end of file")
        self.start = int(found[1])
        self._sections: list[tuple[int, int, int]] = []
        self.trailers = [self._table(self.start)]
        while (previous := self.trailers[-1].get("Prev")) is not None:
            if len(self.trailers) >= _MOST_REVISIONS or not isinstance(previous, Raw):
                raise NotPlain("too many revisions")
            self.trailers.append(self._table(int(previous)))
        self._known: dict[int, Value | Stream] = {}

    @property
    def trailer(self) -> dict[str, Value]:
        """The newest trailer."""
        return self.trailers[0]

    @property
    def size(self) -> int:
        """The first free object number."""
        return number(self.trailer.get("Size"))

    @cached_property
    def root(self) -> dict[str, Value]:
        """The catalog."""
        return self.dictionary(self.trailer.get("Root"))

    def get(self, ref: Value | None) -> Value | Stream | None:
        """What a value refers to; a value that is no reference is given back."""
        if not isinstance(ref, Ref):
            return ref
        if ref.number not in self._known:
            self._known[ref.number] = self._read(ref.number)
        return self._known[ref.number]

    def dictionary(self, ref: Value | None) -> dict[str, Value]:
        """The dictionary a value is or refers to; that of a stream too.

        Raises:
            NotPlain: it is something else.
        """
        found = self.get(ref)
        if isinstance(found, Stream):
            return found.head
        if not isinstance(found, dict):
            raise NotPlain("a dictionary was expected")
        return found

    def array(self, ref: Value | None) -> list[Value]:
        """The array a value is or refers to; empty when there is none."""
        found = self.get(ref)
        if found is None:
            return []
        if not isinstance(found, list):
            raise NotPlain("an array was expected")
        return found

    def stream(self, ref: Value | None) -> Stream:
        """The stream a value refers to."""
        found = self.get(ref)
        if not isinstance(found, Stream):
            raise NotPlain("a stream was expected")
        return found

    def pages(self) -> list[Ref]:
        """References to the pages in order."""
        found: list[Ref] = []
        stack = [self.root.get("Pages")]
        seen: set[int] = set()
        while stack:
            ref = stack.pop()
            if not isinstance(ref, Ref) or ref.number in seen or len(found) > _MOST_PAGES:
                raise NotPlain("a page tree that is none")
            seen.add(ref.number)
            node = self.dictionary(ref)
            if node.get("Type") == "Page":
                found.append(ref)
            else:
                stack.extend(reversed(self.array(node.get("Kids"))))
        return found

    def destinations(self) -> Iterator[tuple[str, list[Value]]]:
        """Names and targets of the tree of named destinations."""
        if "Names" not in self.root:
            return
        names = self.dictionary(self.root["Names"])
        stack = [names["Dests"]] if "Dests" in names else []
        while stack:
            node = self.dictionary(stack.pop())
            pairs = self.array(node.get("Names"))
            for key, target in zip(pairs[::2], pairs[1::2], strict=False):
                held = self.get(target)
                yield unescaped(key), self.array(held["D"]) if isinstance(held, dict) else self.array(target)
            stack.extend(self.array(node.get("Kids")))

    def _table(self, at: int) -> dict[str, Value]:
        data = self.data
        if not 0 < at < len(data) or data[at : at + 4] != b"xref":
            raise NotPlain("no cross-reference table")
        at += 4
        while data[at : at + 1] in (b"\r", b"\n", b" "):
            at += 1
        while (found := _SECTION.match(data, at)) is not None:
            first, count, at = int(found[1]), int(found[2]), found.end()
            self._sections.append((first, count, at))
            at += count * _LINE
        if data[at : at + 7] != b"trailer":
            raise NotPlain("no trailer")
        trailer, _ = parse(data, at + 7)
        if not isinstance(trailer, dict) or "Encrypt" in trailer or "XRefStm" in trailer:
            raise NotPlain("encrypted, or with two tables")
        return trailer

    def _read(self, wanted: int) -> Value | Stream:
        data = self.data
        for first, count, start in self._sections:
            if not first <= wanted < first + count:
                continue
            line = data[start + (wanted - first) * _LINE : start + (wanted - first + 1) * _LINE]
            if len(line) != _LINE or line[17:18] != b"n" or not line[:10].isdigit():
                raise NotPlain(f"object {wanted} is free")
            head = _HEAD.match(data, int(line[:10]))
            if head is None or int(head[1]) != wanted:
                raise NotPlain(f"object {wanted} is not where the table says")
            value, end = parse(data, head.end())
            return self._with_body(value, end)
        raise NotPlain(f"object {wanted} is nowhere")

    def _with_body(self, value: Value, end: int) -> Value | Stream:
        tail = self.data[end : end + 20].lstrip(b"\0\t\n\f\r ")
        if not tail.startswith(b"stream"):
            if not tail.startswith(b"endobj"):
                raise NotPlain("an object that does not end")
            return value
        if not isinstance(value, dict):
            raise NotPlain("a stream without a dictionary")
        start = self.data.index(b"stream", end) + 6
        start += 2 if self.data[start : start + 2] == b"\r\n" else 1
        stop = start + number(self.get(value.get("Length")))
        if not self.data[stop : stop + 20].lstrip(b"\r\n").startswith(b"endstream"):
            raise NotPlain("a stream whose length is wrong")
        return Stream(value, self.data[start:stop])


def number(value: Value | Stream | None) -> int:
    """A whole number.

    Raises:
        NotPlain: it is something else.
    """
    if not isinstance(value, Raw) or not value.isdigit():
        raise NotPlain("a number was expected")
    return int(value)


def is_name(value: Value | Stream | None, wanted: str) -> bool:
    """Whether a value is that name."""
    return isinstance(value, Name) and value == wanted
