"""Descriptive metadata of TT 05/2025/TT-BNV, names inside a package, and periods. Values in, values out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from lxml import etree

from tinhso.lib.text import fold

NAMESPACE = "urn:vn:tt-05-2025-bnv:ead"
_LANGUAGE = "01"  # tiếng Việt
_ENDINGS = {
    "application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "application/json": "json",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document as the metadata of the representation describes it."""

    path: str
    title: str
    issued_on: date
    number: str
    organ: str
    type_code: str
    pages: int
    signature: str
    note: str


def sip_identifier(uuid: str) -> str:
    """The folder and OBJID of a submission package: `uuid-` and the number in capitals."""
    return f"uuid-{uuid.upper()}"


def aip_identifier(uuid: str, *, fonds: str) -> str:
    """The folder and OBJID of an archival package: a URN of the fonds, colons written as underscores (mã phông)."""
    return f"urn:{fonds}:uuid:{{{uuid.upper()}}}".replace(":", "_")


def dip_identifier(uuid: str) -> str:
    """The folder and OBJID of a package for use."""
    return f"dip-{uuid.upper()}"


def data_name(position: int, title: str, media_type: str) -> str:
    """The ASCII name of a file inside a package: its place, then a few words of its title."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60].strip("-")
    return f"{position:03d}-{words or 'tep'}.{_ENDINGS.get(media_type, 'bin')}"


def keep_until(closed_on: date, years: int) -> date | None:
    """The last day a file is kept: the end of the year in which its period ends; None for ever.

    Periods are counted from the year after the file was closed (năm sau năm kết thúc hồ sơ).
    """
    return date(closed_on.year + years, 12, 31) if years else None


def signature_level(*, ok: bool, timestamped: bool, long_term: str = "") -> str:
    """The state of a signature as the archive writes it down: its level, and whether it held when it was packed."""
    level = long_term or ("B-T" if timestamped else "B-B")
    return f"PAdES {level}, {'hợp lệ' if ok else 'không hợp lệ'}"


def page_count(stream: BinaryIO) -> int:
    """How many pages a PDF has; 0 when it cannot be told (tổng số trang)."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        return int(PdfFileReader(stream, strict=False).root["/Pages"]["/Count"])
    except (PdfError, ValueError, KeyError, TypeError, OSError, RecursionError, AttributeError):
        return 0


def file_metadata(values: Mapping[str, str]) -> bytes:
    """EAD.xml: the description of the file (mô tả hồ sơ). Keys in the order of the circular."""
    root = etree.Element(f"{{{NAMESPACE}}}ead", nsmap={"ead": NAMESPACE})
    for key in FILE_KEYS:
        if values.get(key):
            etree.SubElement(root, f"{{{NAMESPACE}}}{key}").text = values[key]
    return _bytes(root)


def documents_metadata(lines: Sequence[DocumentLine], *, code: str, mode: str) -> bytes:
    """EAD_doc.xml: the description of each document of the file (mô tả tài liệu)."""
    root = etree.Element(f"{{{NAMESPACE}}}documents", nsmap={"ead": NAMESPACE})
    for number, line in enumerate(lines, 1):
        node = etree.SubElement(root, f"{{{NAMESPACE}}}document")
        values = {
            "docCode": f"{code}.{number:07d}", "path": line.path, "typeDoc": line.type_code, "codeNotation": line.number,
            "issuedDate": line.issued_on.isoformat(), "organName": line.organ[:200], "subject": line.title[:500],
            "language": _LANGUAGE, "numberOfPage": str(line.pages) if line.pages else "", "inforSign": line.signature,
            "mode": mode, "confidenceLevel": "01" if line.signature else "02", "description": line.note[:500],
        }  # fmt: skip
        for key, value in values.items():
            if value:
                etree.SubElement(node, f"{{{NAMESPACE}}}{key}").text = value
    return _bytes(root)


def with_signatures(described: bytes, states: Mapping[str, str]) -> bytes:
    """EAD_doc.xml with other states of signatures, by the path of the document; what else it says stays (inforSign)."""
    if not states:
        return described
    root = etree.fromstring(described)
    for node in root:
        path = node.findtext(f"{{{NAMESPACE}}}path") or ""
        told = node.find(f"{{{NAMESPACE}}}inforSign")
        if path in states and told is not None:
            told.text = states[path]
    return _bytes(root)


FILE_KEYS = (
    "fileCode", "title", "fonds", "organ", "maintenance", "maintenanceYears", "keepUntil", "mode", "language", "startDate",
    "endDate", "keyword", "totalDoc", "numberOfPaper", "numberOfPage", "format", "description",
)  # fmt: skip
_DOCUMENT_KEYS = (
    "docCode", "path", "typeDoc", "codeNotation", "issuedDate", "organName", "subject", "language", "numberOfPage",
    "inforSign", "mode", "confidenceLevel", "description",
)  # fmt: skip
_NEEDED = {"fileCode", "title", "maintenance", "mode", "language", "startDate", "endDate", "totalDoc"}
_NEEDED_OF_DOCUMENT = {"docCode", "path", "typeDoc", "issuedDate", "subject", "language"}


def schema() -> bytes:
    """The XML Schema of both descriptions, carried in every package so that it explains itself."""
    xs = "http://www.w3.org/2001/XMLSchema"
    root = etree.Element(
        f"{{{xs}}}schema", {"targetNamespace": NAMESPACE, "elementFormDefault": "qualified"}, nsmap={"xs": xs}
    )
    _sequence(_element(root, "ead", xs), FILE_KEYS, _NEEDED, xs)
    listing = etree.SubElement(
        etree.SubElement(_element(root, "documents", xs), f"{{{xs}}}complexType"), f"{{{xs}}}sequence"
    )
    document = etree.SubElement(
        listing, f"{{{xs}}}element", {"name": "document", "minOccurs": "0", "maxOccurs": "unbounded"}
    )
    _sequence(document, _DOCUMENT_KEYS, _NEEDED_OF_DOCUMENT, xs)
    return _bytes(root)


def table_of_contents(title: str, lines: Sequence[DocumentLine], on_paper: Sequence[str]) -> bytes:
    """The list of documents a person can read without any tool (mục lục văn bản)."""
    rows = [title, ""]
    for number, line in enumerate(lines, 1):
        number_text = f", số {line.number}" if line.number else ""
        note = f" ({line.note})" if line.note else ""
        rows.append(f"{number}. {line.title}{number_text}, {line.issued_on:%d/%m/%Y}{note}: {line.path}")
    if on_paper:
        rows += ["", "Thành phần chỉ có bản giấy hoặc xuất trình, không có tệp:", *(f"- {name}" for name in on_paper)]
    return ("\n".join(rows) + "\n").encode()


def _element(parent: "etree._Element", name: str, xs: str) -> "etree._Element":
    return etree.SubElement(parent, f"{{{xs}}}element", {"name": name})


def _sequence(parent: "etree._Element", keys: Sequence[str], needed: set[str], xs: str) -> None:
    sequence = etree.SubElement(etree.SubElement(parent, f"{{{xs}}}complexType"), f"{{{xs}}}sequence")
    for key in keys:
        kind = "xs:date" if key in {"startDate", "endDate", "issuedDate", "keepUntil"} else "xs:string"
        least = {} if key in needed else {"minOccurs": "0"}
        etree.SubElement(sequence, f"{{{xs}}}element", {"name": key, "type": kind, **least})


def _bytes(root: "etree._Element") -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
