"""The archive of a mailbox: one ZIP with every message as it came, a list for `sha256sum -c`, an inventory.

    thu/<folder>/<uid>.eml   the message, byte for byte as the server gives it
    messages.jsonl           of each message: folder, number, when it came, size, flags
    inventory.json           whose box, which unit, dates, counts per folder
    SHA256SUMS               the digest of every other file

It is written in one pass to a stream that cannot be sought, message by message in portions, so nothing of it stands whole in
memory; what is held is a line for each message. The same messages in the same order give the same bytes.
"""

import hashlib
import json
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Protocol, Self, cast

from tinhso.lib.canonical import canonical_json

LIST, INVENTORY, MESSAGES, TOP = "SHA256SUMS", "inventory.json", "messages.jsonl", "thu"
FORM = "tinhso-mailbox-archive/1"
_PORTION = 262_144
_LONGEST_PART = 120  # bytes; file systems take 255
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNFIT = frozenset('<>:"/\\|?*')
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(1, 10))})
_EARLIEST, _LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)  # what ZIP can say


class ArchiveError(ValueError):
    """An archive cannot be written, or is not what its own list says; the message says why, in words for people."""


class Out(Protocol):
    """Where an archive is written to: it need not be sought."""

    def write(self, portion: bytes, /) -> int:
        """Take all of a portion."""

    def flush(self) -> None:
        """Let go of what is held back."""


class Key(NamedTuple):
    """What names one message of a server for ever: its folder, that folder's numbering, its number."""

    folder: str
    validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a mailbox. `raw`: its name as the server writes it; `parts`: as people read it, from the top down."""

    raw: str
    parts: tuple[str, ...]
    validity: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the server lists it."""

    folder: Folder
    uid: int
    size: int
    received: datetime
    flags: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What names it."""
        return Key(self.folder.raw, self.folder.validity, self.uid)


@dataclass(frozen=True, slots=True)
class Kept:
    """One message in an archive."""

    path: str
    sha256: str
    size: int


class ArchiveWriter:
    """Writes an archive; a context manager. Left without `finish`, what was written is no archive."""

    def __init__(self, out: Out) -> None:
        self._zip = zipfile.ZipFile(cast("BinaryIO", out), "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._paths: dict[str, str] = {}
        self._taken: set[str] = set()
        self._lines: list[bytes] = []
        self._folders: dict[str, dict[str, Any]] = {}
        self._sums: list[tuple[str, str]] = []
        self.kept: dict[Key, Kept] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, message: Message, portions: Iterable[bytes]) -> None:
        """Take a message, portion by portion.

        Raises:
            ArchiveError: it is not as long as the server said.
        """
        line = {
            "folder": list(message.folder.parts), "imap_name": message.folder.raw,
            "uid_validity": message.folder.validity, "uid": message.uid,
            "received": message.received.astimezone(UTC).isoformat(), "size": message.size, "flags": sorted(message.flags),
        }  # fmt: skip
        self._take(line, message.folder, portions)

    def carry(self, source: BinaryIO) -> None:
        """Take every message of an earlier archive of the same box.

        Raises:
            ArchiveError: the earlier one is damaged.
        """
        with _opened(source) as earlier:
            for line in _lines(earlier):
                folder = Folder(line["imap_name"], tuple(line["folder"]), line["uid_validity"])
                self._take({key: line[key] for key in line if key != "path"}, folder, _content(earlier, line["path"]))

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write what describes the messages; `about`: whose box it is."""
        folders = [{**one, "flags": dict(sorted(one["flags"].items()))} for one in self._folders.values()]
        told = {
            "form": FORM, **about, "messages": len(self._lines), "bytes": sum(one["bytes"] for one in folders),
            "folders": folders,
        }  # fmt: skip
        self._write(MESSAGES, self._lines, _EARLIEST)
        self._write(
            INVENTORY, [json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode(), b"\n"], _EARLIEST
        )
        sums = "".join(f"{digest}  {path}\n" for path, digest in self._sums)
        self._write(LIST, [sums.encode()], _EARLIEST)

    def _take(self, line: dict[str, Any], folder: Folder, portions: Iterable[bytes]) -> None:
        key = Key(folder.raw, folder.validity, line["uid"])
        path = self._path(folder, line["uid"])
        digest, size = self._write(path, portions, datetime.fromisoformat(line["received"]))
        if size != line["size"]:
            raise ArchiveError(f"Thư {path}: máy chủ báo {line['size']} byte, đọc được {size} byte.")
        self._lines.append(canonical_json({"path": path, **line}) + b"\n")
        self.kept[key] = Kept(path, digest, size)
        place = path.rpartition("/")[0]
        counted = self._folders.setdefault(
            place, {"name": line["folder"], "path": place, "messages": 0, "bytes": 0, "flags": Counter()}
        )
        counted["messages"] += 1
        counted["bytes"] += size
        counted["flags"].update(line["flags"])

    def _path(self, folder: Folder, uid: int) -> str:
        """Where a message lies; a folder that was numbered anew meanwhile has two messages of one number."""
        place = self._paths.get(folder.raw)
        if place is None:
            wanted = "/".join([TOP, *(file_part(part) for part in folder.parts)])
            tried = (wanted if number == 1 else f"{wanted} ({number})" for number in range(1, len(self._paths) + 2))
            used = {known.casefold() for known in self._paths.values()}
            place = self._paths[folder.raw] = next(one for one in tried if one.casefold() not in used)
        path = f"{place}/{uid}.eml"
        if path in self._taken:
            path = f"{place}/{uid}-{folder.validity}.eml"
        self._taken.add(path)
        return path

    def _write(self, path: str, portions: Iterable[bytes], when: datetime) -> tuple[str, int]:
        moment = min(max(when.astimezone(UTC), _EARLIEST), _LATEST)
        entry = zipfile.ZipInfo(path, moment.timetuple()[:6])
        entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w") as member:
            for portion in portions:
                digest.update(portion)
                size += len(portion)
                member.write(portion)
        if path != LIST:
            self._sums.append((path, digest.hexdigest()))
        return digest.hexdigest(), size


def read_archive(source: BinaryIO) -> dict[Key, Kept]:
    """The messages of an archive, once every file in it was read whole and is what its list says.

    Raises:
        ArchiveError: a file is missing, too many, cut off or changed.
    """
    with _opened(source) as archive:
        listed = _listed(archive)
        names = archive.namelist()
        if len(names) != len(set(names)) or set(names) != {*listed, LIST}:
            raise ArchiveError("Tệp lưu trữ không gồm đúng các tệp mà danh sách SHA256SUMS nêu.")
        for path, digest in listed.items():
            if digest_of(_content(archive, path)) != digest:
                raise ArchiveError(f"Tệp lưu trữ: {path} không đúng với mã băm trong danh sách SHA256SUMS.")
        found = {
            Key(line["imap_name"], line["uid_validity"], line["uid"]): Kept(
                line["path"], listed[line["path"]], line["size"]
            )
            for line in _lines(archive)
        }
        told = json.loads(archive.read(INVENTORY))
    mail = {path for path in listed if path.startswith(f"{TOP}/")}
    if {one.path for one in found.values()} != mail or told["messages"] != len(found):
        raise ArchiveError("Tệp lưu trữ: số thư không khớp bảng kê.")
    return found


def digest_of(portions: Iterable[bytes]) -> str:
    """SHA-256 of a stream of portions."""
    digest = hashlib.sha256()
    for portion in portions:
        digest.update(portion)
    return digest.hexdigest()


def file_part(name: str) -> str:
    """A folder's name as a file's: what systems take, what no list of digests has to escape, and never a message's name."""
    composed = unicodedata.normalize("NFC", name)
    fit = "".join("_" if one in _UNFIT or unicodedata.category(one) in _UNSEEN else one for one in composed)
    short = fit.encode()[:_LONGEST_PART].decode(errors="ignore").strip(" .")
    if not short or short.casefold().partition(".")[0] in _DEVICES or short.casefold().endswith(".eml"):
        return f"{short}_"
    return short


class _opened:  # noqa: N801 - reads as a block
    """An archive opened for reading; what is wrong with its bytes is told in words."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def __enter__(self) -> zipfile.ZipFile:
        try:
            self._zip = zipfile.ZipFile(self._source)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
            raise ArchiveError("Tệp lưu trữ hỏng: không mở được.") from error
        return self._zip

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        broken = (zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, NotImplementedError, UnicodeError)
        if isinstance(error, (*broken, json.JSONDecodeError)):
            raise ArchiveError("Tệp lưu trữ hỏng: có phần không đọc được.") from error


def _content(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    with archive.open(path) as member:
        while portion := member.read(_PORTION):
            yield portion


def _lines(archive: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    with archive.open(MESSAGES) as member:
        for line in member:
            yield cast("dict[str, Any]", json.loads(line))


def _listed(archive: zipfile.ZipFile) -> dict[str, str]:
    """The list of digests: path to digest."""
    found: dict[str, str] = {}
    for line in archive.read(LIST).decode().split("\n")[:-1]:
        digest, _, path = line.partition("  ")
        found[path] = digest
    return found
