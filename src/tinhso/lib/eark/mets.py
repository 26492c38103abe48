"""METS of a package and of a representation, by CSIP 2.1."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from tinhso.lib.eark._xml import CSIP, METS, SIP, XLINK, XSI, add, instant, serialise
from tinhso.lib.eark.model import PackageKind, PackageSpec

_PROFILES = {
    PackageKind.SIP: "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml",
    PackageKind.AIP: "https://earkaip.dilcis.eu/profile/E-ARK-AIP.xml",
    PackageKind.DIP: "https://earkdip.dilcis.eu/profile/E-ARK-DIP.xml",
}
_CSIP_PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
_OTHER = {"csip__CONTENTINFORMATIONTYPE": "OTHER"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as METS names it: path below the METS file, type, size, SHA-256."""

    path: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime

    @property
    def id(self) -> str:
        """An XML identifier that is the same for the same path."""
        return f"ID-{hashlib.sha256(self.path.encode()).hexdigest()[:24]}"


def entry_of(path: str, media_type: str, content: bytes, created_at: datetime) -> Entry:
    """The entry of a small file."""
    return Entry(path, media_type, len(content), hashlib.sha256(content).hexdigest(), created_at)


def representation_mets(
    spec: PackageSpec, key: str, *, descriptive: Entry | None, preservation: Entry, data: Sequence[Entry]
) -> bytes:
    """METS.xml of one representation: its metadata and its data."""
    root = _root(spec, key, f"{spec.label} ({key})", profile=_CSIP_PROFILE)
    _metadata(root, [descriptive] if descriptive else [], [preservation], spec)
    section = add(root, "fileSec", ID=f"filesec-{key}")
    _group(section, "Data", f"group-data-{key}", data, spec)
    top = _struct_map(root, key)
    _metadata_div(top, [descriptive] if descriptive else [], [preservation], key)
    _file_div(top, "Data", f"div-data-{key}", data)
    return serialise(root)


def package_mets(
    spec: PackageSpec, *, descriptive: Entry, preservation: Entry, documentation: Sequence[Entry],
    schemas: Sequence[Entry], representations: Sequence[tuple[str, Entry]],
) -> bytes:  # fmt: skip
    """METS.xml at the root of a package: its metadata, and one METS for each representation."""
    root = _root(spec, spec.identifier, spec.label, profile=_PROFILES[spec.kind])
    _metadata(root, [descriptive], [preservation], spec)
    section = add(root, "fileSec", ID="filesec-root")
    _group(section, "Documentation", "group-documentation", documentation, spec)
    _group(section, "Schemas", "group-schemas", schemas, spec)
    for key, entry in representations:
        _group(section, f"Representations/{key}", f"group-{key}", [entry], spec)
    top = _struct_map(root, spec.identifier)
    _metadata_div(top, [descriptive], [preservation], "root")
    _file_div(top, "Documentation", "div-documentation", documentation)
    _file_div(top, "Schemas", "div-schemas", schemas)
    holder = add(top, "div", ID="div-representations", LABEL="Representations")
    for key, _entry in representations:
        add(holder, "fptr", FILEID=f"group-{key}")
    for key, entry in representations:
        div = add(holder, "div", ID=f"div-{key}", LABEL=f"Representations/{key}")
        link = {"xlink__href": entry.path, "xlink__type": "simple", "xlink__title": f"group-{key}"}
        add(div, "mptr", LOCTYPE="URL", **link)
    return serialise(root)


def _root(spec: PackageSpec, identifier: str, label: str, *, profile: str) -> "etree._Element":
    spaces = {"mets": METS, "csip": CSIP, "sip": SIP, "xlink": XLINK, "xsi": XSI}
    # A case holds typeset papers, scans, forms and the log: several kinds under one content type of our own.
    attributes = {
        "OBJID": identifier, "LABEL": label, "PROFILE": profile, "TYPE": "Mixed",
        f"{{{CSIP}}}CONTENTINFORMATIONTYPE": "OTHER", f"{{{CSIP}}}OTHERCONTENTINFORMATIONTYPE": spec.content_type,
    }  # fmt: skip
    root = etree.Element(f"{{{METS}}}mets", attributes, nsmap=spaces)
    _header(root, spec)
    return root


def _header(root: "etree._Element", spec: PackageSpec) -> None:
    at = instant(spec.created_at)
    status = "REPLACEMENT" if spec.replaces else "NEW"
    header = add(
        root, "metsHdr", CREATEDATE=at, LASTMODDATE=at, RECORDSTATUS=status, csip__OAISPACKAGETYPE=spec.kind.value
    )
    software = add(header, "agent", ROLE="CREATOR", TYPE="OTHER", OTHERTYPE="SOFTWARE")
    add(software, "name", spec.software)
    add(software, "note", spec.software_version, csip__NOTETYPE="SOFTWARE VERSION")
    # CSIP keeps the role CREATOR for software: who submits is named as CUSTODIAN of the records, who keeps as ARCHIVIST.
    for role, party in (("CUSTODIAN", spec.creator), ("ARCHIVIST", spec.archivist)):
        agent = add(header, "agent", ROLE=role, TYPE="ORGANIZATION")
        add(agent, "name", party.name)
        add(agent, "note", party.code, csip__NOTETYPE="IDENTIFICATIONCODE")
    for kind, value in spec.references:
        add(header, "altRecordID", value, TYPE=kind)


def _metadata(
    root: "etree._Element", descriptive: Iterable[Entry], preservation: Iterable[Entry], spec: PackageSpec
) -> None:
    for entry in descriptive:
        section = add(root, "dmdSec", ID=f"dmd-{entry.id}", CREATED=instant(entry.created_at), STATUS="CURRENT")
        _reference(section, entry, MDTYPE="OTHER", OTHERMDTYPE="TT05-2025-EAD")
    section = add(root, "amdSec", ID="amd")
    for entry in preservation:
        record = add(section, "digiprovMD", ID=f"amd-{entry.id}", STATUS="CURRENT")
        _reference(record, entry, MDTYPE="PREMIS", MDTYPEVERSION="3.0")


def _reference(parent: "etree._Element", entry: Entry, **kind: str) -> None:
    add(
        parent, "mdRef", LOCTYPE="URL", xlink__type="simple", xlink__href=entry.path, MIMETYPE=entry.media_type,
        SIZE=str(entry.size), CREATED=instant(entry.created_at), CHECKSUM=entry.sha256, CHECKSUMTYPE="SHA-256", **kind,
    )  # fmt: skip


def _group(section: "etree._Element", use: str, identifier: str, entries: Sequence[Entry], spec: PackageSpec) -> None:
    kind = {**_OTHER, "csip__OTHERCONTENTINFORMATIONTYPE": spec.content_type}
    group = add(section, "fileGrp", ID=identifier, USE=use, **kind)
    for entry in entries:
        file = add(
            group, "file", ID=entry.id, MIMETYPE=entry.media_type, SIZE=str(entry.size), CREATED=instant(entry.created_at),
            CHECKSUM=entry.sha256, CHECKSUMTYPE="SHA-256",
        )  # fmt: skip
        add(file, "FLocat", LOCTYPE="URL", xlink__type="simple", xlink__href=entry.path)


def _struct_map(root: "etree._Element", label: str) -> "etree._Element":
    plan = add(root, "structMap", ID="structmap", TYPE="PHYSICAL", LABEL="CSIP")
    return add(plan, "div", ID="div-top", LABEL=label)


def _metadata_div(top: "etree._Element", descriptive: Iterable[Entry], preservation: Iterable[Entry], key: str) -> None:
    told = " ".join(f"dmd-{entry.id}" for entry in descriptive)
    kept = " ".join(f"amd-{entry.id}" for entry in preservation)
    attributes = {"ID": f"div-metadata-{key}", "LABEL": "Metadata", "ADMID": kept, **({"DMDID": told} if told else {})}
    add(top, "div", **attributes)


def _file_div(top: "etree._Element", label: str, identifier: str, entries: Sequence[Entry]) -> None:
    div = add(top, "div", ID=identifier, LABEL=label)
    for entry in entries:
        add(div, "fptr", FILEID=entry.id)
