"""Writing a package as one zip file, piece by piece: no file of it ever stands whole in memory."""

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import UTC
from typing import BinaryIO

from tinhso.lib.eark import mets, premis
from tinhso.lib.eark.mets import Entry, entry_of
from tinhso.lib.eark.model import DataFile, PackageSpec, PreservedFile, SideFile, Written

METS_NAME = "METS.xml"
REPRESENTATION = "rep1"
_BASE = f"representations/{REPRESENTATION}/"
_XML = "application/xml"
_CHUNK = 262_144
_COMPRESSED = frozenset({"application/xml", "application/json", "text/plain", "text/xml"})


class PackageError(ValueError):
    """A package cannot be written or read; the message says why."""


def write_package(target: BinaryIO, spec: PackageSpec) -> Written:
    """Write the package to a seekable stream: data first, with their digests taken on the way, metadata after.

    The same spec gives the same bytes. What the data files say of themselves is checked while they are read.

    Raises:
        PackageError: no data, a name that cannot stand in a package, or a file that is not what its digest says.
    """
    _check(spec)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        files = tuple(_copy(archive, spec, file) for file in spec.files)
        data = [Entry(f.path.removeprefix(_BASE), f.media_type, f.size, f.sha256, f.created_at) for f in files]
        about = None
        if spec.about_files is not None:
            about = _small(archive, spec, _BASE, f"metadata/descriptive/{spec.about_files.name}", spec.about_files)
        record = premis.premis_of(spec, files, spec.events)
        kept = _small(archive, spec, _BASE, "metadata/preservation/premis.xml", SideFile("premis.xml", _XML, record))
        inner = mets.representation_mets(spec, REPRESENTATION, descriptive=about, preservation=kept, data=data)
        _root_files(archive, spec, entry_of(f"{_BASE}{METS_NAME}", _XML, inner, spec.created_at), inner)
    return Written(files)


def read_preserved(package: zipfile.ZipFile, identifier: str) -> list[PreservedFile]:
    """The preserved files of a package of ours, as its PREMIS record names them.

    Raises:
        PackageError: there is no record, or it cannot be read.
    """
    path = f"{identifier}/{_BASE}metadata/preservation/premis.xml"
    try:
        return premis.files_in(package.read(path))
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise PackageError(f"không đọc được siêu dữ liệu bảo quản: {error}") from error


def _root_files(archive: zipfile.ZipFile, spec: PackageSpec, inner: Entry, inner_mets: bytes) -> None:
    _put(archive, spec, inner.path, inner_mets, _XML)
    told = _small(archive, spec, "", f"metadata/descriptive/{spec.descriptive.name}", spec.descriptive)
    record = premis.premis_of(spec, (), spec.events)
    kept = _small(archive, spec, "", "metadata/preservation/premis.xml", SideFile("premis.xml", _XML, record))
    documentation = [_small(archive, spec, "", f"documentation/{file.name}", file) for file in spec.documentation]
    schemas = [_small(archive, spec, "", f"schemas/{file.name}", file) for file in spec.schemas]
    root = mets.package_mets(
        spec, descriptive=told, preservation=kept, documentation=documentation, schemas=schemas,
        representations=[(REPRESENTATION, inner)],
    )  # fmt: skip
    _put(archive, spec, METS_NAME, root, _XML)


def _check(spec: PackageSpec) -> None:
    if not spec.files:
        raise PackageError("gói không có tệp nào để lưu")
    if not spec.documentation or not spec.schemas:
        raise PackageError("gói cần có mục lục và lược đồ")
    names = [file.name for file in spec.files]
    if len(set(names)) != len(names):
        raise PackageError("hai tệp trong gói cùng tên")
    wrong = [
        name for name in names if not name.isascii() or name.startswith("/") or ".." in name.split("/") or not name
    ]
    if wrong:
        raise PackageError(f"tên tệp không dùng được trong gói: {', '.join(wrong)}")


def _copy(archive: zipfile.ZipFile, spec: PackageSpec, file: DataFile) -> PreservedFile:
    path = f"{_BASE}data/{file.name}"
    digest, size = hashlib.sha256(), 0
    with file.open() as source, archive.open(_info(spec, path, file.media_type), "w", force_zip64=True) as out:
        for piece in _pieces(source):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    found = digest.hexdigest()
    if file.sha256 and found != file.sha256:
        raise PackageError(f"tệp “{file.title or file.name}” không còn nguyên vẹn so với khi lưu")
    return PreservedFile(path, file.media_type, size, found, file.created_at, file.title, file.signature)


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(_CHUNK):
        yield piece


def _small(archive: zipfile.ZipFile, spec: PackageSpec, base: str, path: str, file: SideFile) -> Entry:
    _put(archive, spec, f"{base}{path}", file.content, file.media_type)
    return entry_of(path, file.media_type, file.content, spec.created_at)


def _put(archive: zipfile.ZipFile, spec: PackageSpec, path: str, content: bytes, media_type: str) -> None:
    archive.writestr(_info(spec, path, media_type), content)


def _info(spec: PackageSpec, path: str, media_type: str) -> zipfile.ZipInfo:
    at = spec.created_at.astimezone(UTC)
    info = zipfile.ZipInfo(
        f"{spec.identifier}/{path}", date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second)
    )
    info.compress_type = zipfile.ZIP_DEFLATED if media_type in _COMPRESSED else zipfile.ZIP_STORED
    info.external_attr = 0o644 << 16
    return info
