"""Whom a question is about: where the number lies in it, told by content, and the keyed hash that stands for it in the log."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

from tinhso.apps.exchange.enums import SubjectAt, SubjectOf
from tinhso.lib.jsontext import read_json

_PERSON = re.compile(r"[0-9]{9}|[0-9]{12}")
_ORGANISATION = re.compile(r"[0-9]{10}(-?[0-9]{3})?")
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class SubjectPlace:
    """Where a question carries the number of whom it is about (vị trí số định danh trong câu hỏi).

    `name`: the path with braces around the number (`/people/{id}`), a query parameter, a header, a JSON pointer, or the local
    name of an XML element.
    """

    about: SubjectOf
    where: SubjectAt
    name: str


def found_subject(
    place: SubjectPlace, *, path: str, query: str, headers: Iterable[tuple[bytes, bytes]], body: bytes | None
) -> str:
    """The number in a question, without spaces and dots; empty where there is none that is well formed.

    `body` None: not read, or too large to hold.
    """
    match place.where:
        case SubjectAt.PATH:
            found = _in_path(place.name, path)
        case SubjectAt.QUERY:
            found = next(iter(parse_qs(query, max_num_fields=100).get(place.name, [])), "") if query else ""
        case SubjectAt.HEADER:
            wanted = place.name.lower().encode()
            found = next((value.decode("latin-1") for name, value in headers if name == wanted), "")
        case SubjectAt.BODY:
            found = _in_json(place.name, body)
        case SubjectAt.XML:
            found = _in_xml(place.name, body)
    return well_formed(place.about, found)


def well_formed(about: SubjectOf, text: str) -> str:
    """A personal id or tax code as it is compared, or nothing."""
    plain = re.sub(r"[\s.]", "", text)
    if about is SubjectOf.PERSON:
        return plain if _PERSON.fullmatch(plain) else ""
    return plain.replace("-", "") if _ORGANISATION.fullmatch(plain) else ""


def subject_mark(key: bytes, about: SubjectOf, number: str) -> bytes:
    """What stands in the log for a person or organisation: 16 bytes of HMAC-SHA256 under the installation's key.

    Without the key nobody can go through all numbers and tell whose line it is.
    """
    return hmac.digest(key, f"{about.value}:{number}".encode(), "sha256")[:_HASH_BYTES]


def _in_path(template: str, path: str) -> str:
    found = _template(template).fullmatch(path)
    return unquote(found.group(1)) if found and found.groups() else ""


@lru_cache(maxsize=1_000)
def _template(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\}|\*\*|\*)", pattern)
    told = {"*": "[^/]*", "**": ".*"}
    return re.compile(
        "".join("([^/]+)" if one[:1] + one[-1:] == "{}" else told.get(one, re.escape(one)) for one in parts)
    )


def _in_json(pointer: str, body: bytes | None) -> str:
    if not body:
        return ""
    try:
        value: Any = read_json(body)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return str(value) if isinstance(value, str | int) else ""


def _in_xml(name: str, body: bytes | None) -> str:
    found = _element(name).search(body) if body else None
    return found.group(1).decode("ascii", "ignore") if found else ""


@lru_cache(maxsize=1_000)
def _element(name: str) -> re.Pattern[bytes]:
    return re.compile(
        rb"<(?:[\w.-]{1,40}:)?" + re.escape(name.encode()) + rb"(?:\s[^<>]{0,200})?>\s*([0-9\s.-]{8,30})\s*</"
    )
