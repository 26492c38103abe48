"""Our own check of a package: everything it names is there, whole, and nothing else is.

A second opinion of another maker is taken in the tests; this one runs wherever a package is made, taken in or listed.
"""

import hashlib
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from tinhso.lib.eark._xml import CSIP, METS, PREMIS, XLINK, parse

_CHUNK = 262_144
_MOST_ENTRIES, _MOST_METADATA = 20_000, 50_000_000
_MOST_RATIO = 200
_MANDATORY = ("fileCode", "title", "maintenance", "language", "startDate", "endDate")
_FOLDERS = ("metadata/", "representations/")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found: `problems` in sentences, empty when the package holds; `files` counts the data."""

    identifier: str
    kind: str
    problems: tuple[str, ...]
    files: int = 0
    data_bytes: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems


def check_package(stream: BinaryIO) -> CheckReport:
    """Check a zipped package: folders, METS, digests and sizes of every file, mandatory metadata, nothing unnamed.

    Never raises on hostile content; reads each file once, in pieces.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            return _Check(archive).run()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, IndexError, RuntimeError) as error:
        return CheckReport("", "", (f"Không mở được gói: {error}",))


class _Check:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.problems: list[str] = []
        self.entries = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        self.named: dict[str, tuple[int, str]] = {}
        self.kind = ""
        self.identifier = ""

    def run(self) -> CheckReport:
        if not self._looks_sound():
            return self._report()
        root = self._xml("METS.xml")
        if root is None:
            return self._report()
        header = root.find(f"{{{METS}}}metsHdr")
        self.kind = str(header.get(f"{{{CSIP}}}OAISPACKAGETYPE") or "") if header is not None else ""
        if self.kind not in {"SIP", "AIP", "DIP"}:
            self.problems.append("METS không nói gói thuộc loại nào (SIP, AIP, DIP)")
        if root.get("OBJID") != self.identifier:
            self.problems.append("OBJID của METS khác tên thư mục của gói")
        self._follow(root, "")
        for link in root.iterfind(f".//{{{METS}}}mptr"):
            path = _path_of(link)
            inner = self._xml(path)
            if inner is not None:
                self._follow(inner, posixpath.dirname(path) + "/")
        self._contents()
        self._descriptive()
        self._preservation()
        return self._report()

    def _report(self) -> CheckReport:
        data = [info for name, info in self.entries.items() if "/data/" in name]
        size = sum(info.file_size for info in data)
        return CheckReport(self.identifier, self.kind, tuple(self.problems), len(data), size)

    def _looks_sound(self) -> bool:
        names = [info.filename for info in self.archive.infolist()]
        tops = {name.split("/", 1)[0] for name in names}
        if len(tops) != 1 or not all("/" in name for name in names):
            self.problems.append("Gói phải nằm trong đúng một thư mục")
            return False
        self.identifier = tops.pop()
        if len(names) > _MOST_ENTRIES or len(set(names)) != len(names):
            self.problems.append("Gói có quá nhiều tệp hoặc có hai tệp trùng tên")
            return False
        if any(".." in name.split("/") or "\\" in name for name in names):
            self.problems.append("Gói có đường dẫn trỏ ra ngoài")
            return False
        if any(info.file_size > _MOST_RATIO * max(info.compress_size, 5_000) for info in self.entries.values()):
            self.problems.append("Gói có tệp bung ra quá lớn")
            return False
        for folder in _FOLDERS:
            if not any(name.startswith(f"{self.identifier}/{folder}") for name in names):
                self.problems.append(f"Gói thiếu thư mục {folder}")
        return True

    def _xml(self, path: str) -> "etree._Element | None":
        info = self.entries.get(f"{self.identifier}/{path}")
        if info is None:
            self.problems.append(f"Gói thiếu tệp {path}")
            return None
        if info.file_size > _MOST_METADATA:
            self.problems.append(f"{path} quá lớn")
            return None
        try:
            root: etree._Element = parse(self.archive.read(info))
        except (ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            self.problems.append(f"{path} không phải XML đúng dạng: {error}")
            return None
        if path.endswith("METS.xml") and (root.tag != f"{{{METS}}}mets" or root.find(f"{{{METS}}}metsHdr") is None):
            self.problems.append(f"{path} không phải METS")
            return None
        return root

    def _follow(self, root: "etree._Element", base: str) -> None:
        """Take down every file a METS names, with the size and digest it gives."""
        for node in root.iter(f"{{{METS}}}mdRef"):
            self._name(base + _path_of(node), node)
        for node in root.iter(f"{{{METS}}}file"):
            for place in node.iterfind(f"{{{METS}}}FLocat"):
                self._name(base + _path_of(place), node)

    def _name(self, path: str, node: "etree._Element") -> None:
        if node.get("CHECKSUMTYPE") != "SHA-256":
            self.problems.append(f"{path}: mã băm không phải SHA-256")
            return
        size = str(node.get("SIZE") or "")
        self.named[posixpath.normpath(path)] = (
            int(size) if size.isdecimal() else -1,
            str(node.get("CHECKSUM")).lower(),
        )

    def _contents(self) -> None:
        for path, (size, digest) in self.named.items():
            info = self.entries.get(f"{self.identifier}/{path}")
            if info is None:
                self.problems.append(f"METS nêu {path} nhưng gói không có")
                continue
            found_size, found = self._digest(info)
            if found_size != size:
                self.problems.append(f"{path}: METS ghi {size} byte, tệp có {found_size} byte")
            if found != digest:
                self.problems.append(f"{path}: nội dung không khớp mã băm, tệp đã bị thay đổi")
        known = {f"{self.identifier}/{path}" for path in self.named} | {f"{self.identifier}/METS.xml"}
        for name in sorted(self.entries.keys() - known):
            self.problems.append(f"{name.split('/', 1)[1]} không được METS nêu")

    def _digest(self, info: zipfile.ZipInfo) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        try:
            with self.archive.open(info) as file:
                while piece := file.read(_CHUNK):
                    digest.update(piece)
                    size += len(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            self.problems.append(f"{info.filename}: {error}")
        return size, digest.hexdigest()

    def _descriptive(self) -> None:
        found = [path for path in self.named if path.startswith("metadata/descriptive/")]
        if not found:
            self.problems.append("Gói không có siêu dữ liệu mô tả")
            return
        root = self._xml(found[0])
        if root is None:
            return
        told = {
            etree.QName(node).localname: (node.text or "").strip() for node in root.iter() if isinstance(node.tag, str)
        }
        for key in _MANDATORY:
            if not told.get(key):
                self.problems.append(
                    f"Siêu dữ liệu mô tả thiếu {key}" + (" (thời hạn lưu trữ)" * (key == "maintenance"))
                )

    def _preservation(self) -> None:
        """The digests PREMIS keeps are those METS keeps."""
        for path in [name for name in self.named if name.endswith("/metadata/preservation/premis.xml")]:
            root = self._xml(path)
            if root is None:
                continue
            data = {name for name in self.named if "/data/" in name}
            seen = set()
            for node in root.iterfind(f"{{{PREMIS}}}object"):
                value = node.findtext(f".//{{{PREMIS}}}objectIdentifierValue") or ""
                digest = node.findtext(f".//{{{PREMIS}}}messageDigest")
                if digest is None:
                    continue
                seen.add(value)
                if self.named.get(value, (0, ""))[1] != digest:
                    self.problems.append(f"{value}: mã băm trong PREMIS khác trong METS")
            self.problems.extend(f"{name}: không có trong PREMIS" for name in sorted(data - seen))


def _path_of(node: "etree._Element") -> str:
    return posixpath.normpath(unquote(str(node.get(f"{{{XLINK}}}href") or "")))
