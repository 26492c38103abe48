"""Values of PDF objects: structure is read, numbers and strings stay the bytes they are."""

import re
from dataclasses import dataclass
from typing import TypeAlias


class NotPlain(ValueError):
    """The file is outside the strict subset, or damaged."""


class Name(str):
    """A name without its slash, as written (escapes are not resolved)."""

    __slots__ = ()


class Raw(bytes):
    """A number, a string or a keyword as it stands in the file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object by its number; generations other than 0 are refused."""

    number: int


@dataclass(slots=True)
class Stream:
    """A dictionary and the bytes behind it, still encoded."""

    head: "dict[str, Value]"
    body: bytes


Value: TypeAlias = Name | Raw | Ref | dict[str, "Value"] | list["Value"]

_TOKEN = re.compile(
    rb"(?:[\0\t\n\f\r ]|%[^\r\n]*)*"
    rb"(?:(?P<ref>(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R(?![A-Za-z0-9]))"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<raw>[+-]?(?:\d+\.?\d*|\.\d+)|true|false|null|<[0-9A-Fa-f\0\t\n\f\r ]*>)"
    rb"|(?P<mark><<|>>|\[|\]|\())"
)
_PIECE = re.compile(rb"(?:[^\\()]|\\.)*", re.DOTALL)
_DEPTH = 40


def parse(data: bytes, at: int, depth: int = 0) -> tuple[Value, int]:
    """The value that starts at a position and where it ends.

    Raises:
        NotPlain: no value stands there.
    """
    value, end = _next(data, at, depth)
    if isinstance(value, str) and not isinstance(value, Name):
        raise NotPlain(f"unexpected {value}")
    return value, end


def _next(data: bytes, at: int, depth: int) -> "tuple[Value | str, int]":
    match = _TOKEN.match(data, at)
    if match is None or depth > _DEPTH:
        raise NotPlain(f"no value at {at}")
    kind = match.lastgroup
    end = match.end()
    if kind == "name":
        return Name(match["name"].decode("latin-1")), end
    if kind == "raw":
        return Raw(match["raw"]), end
    if kind == "ref":
        if match[3] != b"0":
            raise NotPlain("a generation other than 0")
        return Ref(int(match[2])), end
    mark = match["mark"]
    if mark == b"<<":
        return _dictionary(data, end, depth)
    if mark == b"[":
        return _list(data, end, depth)
    if mark == b"(":
        return _string(data, end - 1)
    return mark.decode(), end


def _dictionary(data: bytes, at: int, depth: int) -> "tuple[dict[str, Value], int]":
    found: dict[str, Value] = {}
    while True:
        key, at = _next(data, at, depth + 1)
        if key == ">>" and not isinstance(key, Name):
            return found, at
        if not isinstance(key, Name) or key in found:
            raise NotPlain("a key that is no name, or stands twice")
        found[str(key)], at = parse(data, at, depth + 1)


def _list(data: bytes, at: int, depth: int) -> "tuple[list[Value], int]":
    found: list[Value] = []
    while True:
        value, at = _next(data, at, depth + 1)
        if isinstance(value, str) and not isinstance(value, Name):
            if value == "]":
                return found, at
            raise NotPlain("a list that does not end")
        found.append(value)


def _string(data: bytes, start: int) -> tuple[Raw, int]:
    at, open_ones = start, 0
    while at < len(data):
        if data[at] == 0x28:
            open_ones += 1
        elif data[at] == 0x29:
            open_ones -= 1
            if open_ones == 0:
                return Raw(data[start : at + 1]), at + 1
        match = _PIECE.match(data, at + 1)
        at = match.end() if match else at + 1
    raise NotPlain("a string that does not end")


def dump(value: Value) -> bytes:
    """A value as bytes."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, Name):
        return b"/" + value.encode("latin-1")
    if isinstance(value, Ref):
        return b"%d 0 R" % value.number
    if isinstance(value, dict):
        return b"<<" + b"".join(b"/" + key.encode("latin-1") + b" " + dump(item) for key, item in value.items()) + b">>"
    return b"[" + b" ".join(map(dump, value)) + b"]"


def text(words: str) -> Raw:
    """Words as a PDF text string."""
    if words.isascii():
        return Raw(b"(" + re.sub(rb"([\\()])", rb"\\\1", words.encode()) + b")")
    return Raw(b"<FEFF" + words.encode("utf-16-be").hex().upper().encode() + b">")


def unescaped(raw: Value) -> str:
    """The words of a literal string without escapes of octal digits; empty for anything else. For names of places."""
    if not isinstance(raw, Raw) or not raw.startswith(b"("):
        return ""
    return re.sub(rb"\\(.)", rb"\1", raw[1:-1]).decode("latin-1")
