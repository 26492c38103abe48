"""What a package is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO


class PackageKind(StrEnum):
    """The three packages of OAIS (gói nộp lưu, gói lưu trữ, gói khai thác)."""

    SIP = "SIP"
    AIP = "AIP"
    DIP = "DIP"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in the package: who submits, who keeps. `code` is its identification code."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file to be preserved. `name` is its path below data/, ASCII; `sha256` (hexadecimal) is checked when given.

    `open` gives the content anew each time; the writer reads it once, in pieces, and closes it. `title` and `facts` are
    written beside its fixity; `signature` says what the check of its signatures found, empty when it bears none.
    """

    name: str
    media_type: str
    created_at: datetime
    open: Callable[[], BinaryIO]
    sha256: str = ""
    title: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class SideFile:
    """A small file about the package: documentation, a schema, descriptive metadata."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PreservationEvent:
    """Something that happened to the content (PREMIS event): `kind` in the words of the PREMIS vocabulary."""

    identifier: str
    kind: str
    at: datetime
    detail: str
    outcome: str = "success"
    note: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class PackageSpec:
    """A whole package. `identifier` is its folder and OBJID; `references` are (type, value) of other records.

    `replaces`: it takes the place of an earlier package under the same identifier.
    """

    kind: PackageKind
    identifier: str
    label: str
    created_at: datetime
    software: str
    software_version: str
    creator: Party
    archivist: Party
    descriptive: SideFile
    files: tuple[DataFile, ...]
    documentation: tuple[SideFile, ...]
    schemas: tuple[SideFile, ...]
    about_files: SideFile | None = None
    events: tuple[PreservationEvent, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    content_type: str = "tinhso-case"
    rights: str = ""
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class PreservedFile:
    """A data file as a package holds it; `path` is inside the package's folder."""

    path: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    title: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the preserved files with their fixity, and how many bytes of data they hold."""

    files: tuple[PreservedFile, ...] = field(default=())

    @property
    def data_bytes(self) -> int:
        return sum(file.size for file in self.files)
