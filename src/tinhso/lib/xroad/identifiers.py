"""Identifiers of members, subsystems and services; each part percent-encoded on its own."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

# Left as they are in a part (PR-REST): everything else is percent-encoded.
SAFE = "'()+,-.=?"
_LONGEST_PART = 255
_FORBIDDEN = re.compile(r"[/\\:;%\x00-\x1f\x7f-\x9f\u200b\ufeff]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class IdentifierError(ValueError):
    """An identifier has too few or too many parts, or a part that may not stand in one."""


@dataclass(frozen=True, slots=True)
class ClientId:
    """Who asks: a member, usually one of its subsystems."""

    instance: str
    member_class: str
    member_code: str
    subsystem: str = ""

    def __str__(self) -> str:
        parts = (self.instance, self.member_class, self.member_code, self.subsystem)
        return "/".join(encode(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class ServiceId:
    """What is asked of: a service of a subsystem."""

    instance: str
    member_class: str
    member_code: str
    subsystem: str
    service: str

    def __str__(self) -> str:
        parts = (self.instance, self.member_class, self.member_code, self.subsystem, self.service)
        return "/".join(encode(part) for part in parts)

    @property
    def provider(self) -> ClientId:
        """The subsystem that offers it."""
        return ClientId(self.instance, self.member_class, self.member_code, self.subsystem)


@dataclass(frozen=True, slots=True)
class Target:
    """A request's address: the service, and the path below it as it came (empty, or from its slash on)."""

    service: ServiceId
    path: str


@lru_cache(8_192)
def encode(part: str) -> str:
    """One part as it stands in a path or header."""
    return quote(part, safe=SAFE)


@lru_cache(8_192)
def decode(part: str) -> str:
    """One part as people read it.

    Raises:
        IdentifierError: empty, too long, not UTF-8, or with a character that could be taken for a border of parts.
    """
    if _BAD_ESCAPE.search(part):
        raise IdentifierError(f"«{part[:80]}»: mã hóa phần trăm không đúng")
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError as error:
        raise IdentifierError(f"«{part[:80]}» không phải UTF-8") from error
    if not text or len(text) > _LONGEST_PART or text in {".", ".."} or _FORBIDDEN.search(text):
        raise IdentifierError(f"«{text[:80]}» không dùng được trong một mã định danh")
    return text


@lru_cache(4_096)
def parse_client(text: str) -> ClientId:
    """`instance/class/member[/subsystem]`.

    Raises:
        IdentifierError: not three or four parts.
    """
    parts = text.strip(" \t").split("/")
    if len(parts) not in {3, 4}:
        raise IdentifierError(f"«{text[:200]}» không có dạng instance/class/member[/subsystem]")
    return ClientId(*[decode(part) for part in parts])


def parse_target(path: str) -> Target:
    """The path of a request after `/r1/`: five parts of a service, then the service's own path.

    Raises:
        IdentifierError: fewer parts, or a path that climbs (`..`), which would slip past the rights of an endpoint.
    """
    parts = path.split("/", 5)
    if len(parts) < 5:
        raise IdentifierError("địa chỉ dịch vụ thiếu phần: instance/class/member/subsystem/service")
    below = f"/{parts[5]}" if len(parts) == 6 else ""
    if any(unquote_to_bytes(segment) in {b".", b".."} for segment in below.split("/")) or "\\" in below:
        raise IdentifierError("đường dẫn không được có đoạn «.» hoặc «..»")
    return Target(ServiceId(*[decode(part) for part in parts[:5]]), below)


def path_matches(pattern: str, path: str) -> bool:
    """Whether an endpoint's pattern covers a path: `*` within one segment, `**` whatever follows."""
    return bool(_compiled(pattern).fullmatch(path or "/"))


def _compiled(pattern: str) -> re.Pattern[str]:
    known = _patterns.get(pattern)
    if known is None:
        pieces = re.split(r"(\*\*|\*)", pattern)
        known = re.compile("".join({"**": ".*", "*": "[^/]+"}.get(piece, re.escape(piece)) for piece in pieces))
        _patterns[pattern] = known
    return known


_patterns: dict[str, re.Pattern[str]] = {}
