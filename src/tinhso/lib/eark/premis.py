"""Preservation metadata in PREMIS 3: objects with fixity, events, agents, rights."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from lxml import etree

from tinhso.lib.eark._xml import PREMIS, XSI, add, instant, parse, serialise
from tinhso.lib.eark.model import PackageSpec, PreservationEvent, PreservedFile

_LOCAL = "local"


def premis_of(spec: PackageSpec, files: Sequence[PreservedFile], events: Iterable[PreservationEvent]) -> bytes:
    """The record of one representation: what is kept, its digests, and what has happened to it."""
    root = etree.Element(f"{{{PREMIS}}}premis", {"version": "3.0"}, nsmap={"premis": PREMIS, "xsi": XSI})
    _entity(root, spec)
    for file in files:
        _file(root, file)
    for event in events:
        _event(root, event, spec)
    _agent(root, spec.software, "software", spec.software_version)
    _agent(root, spec.creator.name, "organization", spec.creator.code)
    if spec.archivist != spec.creator:
        _agent(root, spec.archivist.name, "organization", spec.archivist.code)
    if spec.rights:
        _rights(root, spec)
    return serialise(root)


def files_in(content: bytes) -> list[PreservedFile]:
    """The files a PREMIS record of ours names.

    Raises:
        ValueError: not well formed, or something is missing in it.
    """
    found = []
    for node in parse(content).iterfind(f"{{{PREMIS}}}object"):
        if not str(node.get(f"{{{XSI}}}type", "")).endswith(":file"):
            continue
        text = {key: node.findtext(f".//{{{PREMIS}}}{key}") or "" for key in _READ}
        found.append(
            PreservedFile(
                path=text["objectIdentifierValue"], media_type=text["formatName"], size=int(text["size"]),
                sha256=text["messageDigest"], created_at=datetime.fromisoformat(text["dateCreatedByApplication"]),
                title=text["originalName"], signature=text["signatureValidationRules"],
            )
        )  # fmt: skip
    return found


_READ = (
    "objectIdentifierValue", "formatName", "size", "messageDigest", "dateCreatedByApplication", "originalName",
    "signatureValidationRules",
)  # fmt: skip


def _entity(root: "etree._Element", spec: PackageSpec) -> None:
    node = add(root, "object", xsi__type="premis:intellectualEntity")
    _identifier(node, "object", spec.identifier)
    for kind, value in spec.references:
        related = add(node, "significantProperties")
        add(related, "significantPropertiesType", kind)
        add(related, "significantPropertiesValue", value)
    add(node, "originalName", spec.label)


def _file(root: "etree._Element", file: PreservedFile) -> None:
    node = add(root, "object", xsi__type="premis:file")
    _identifier(node, "object", file.path)
    traits = add(node, "objectCharacteristics")
    fixity = add(traits, "fixity")
    add(fixity, "messageDigestAlgorithm", "SHA-256")
    add(fixity, "messageDigest", file.sha256)
    add(traits, "size", str(file.size))
    designation = add(add(traits, "format"), "formatDesignation")
    add(designation, "formatName", file.media_type)
    add(add(traits, "creatingApplication"), "dateCreatedByApplication", instant(file.created_at))
    add(node, "originalName", file.title or file.path.rsplit("/", 1)[-1])
    if file.signature:
        signature = add(add(node, "signatureInformation"), "signature")
        add(signature, "signatureEncoding", "Base64")
        add(signature, "signatureMethod", "PAdES")
        # The signature itself stays inside the file; what is recorded here is the outcome of its check.
        add(signature, "signatureValue", "embedded")
        add(signature, "signatureValidationRules", file.signature)


def _event(root: "etree._Element", event: PreservationEvent, spec: PackageSpec) -> None:
    node = add(root, "event")
    _identifier(node, "event", event.identifier)
    add(node, "eventType", event.kind)
    add(node, "eventDateTime", instant(event.at))
    add(add(node, "eventDetailInformation"), "eventDetail", event.detail)
    outcome = add(node, "eventOutcomeInformation")
    add(outcome, "eventOutcome", event.outcome)
    if event.note:
        add(add(outcome, "eventOutcomeDetail"), "eventOutcomeDetailNote", event.note)
    link = add(node, "linkingAgentIdentifier")
    add(link, "linkingAgentIdentifierType", _LOCAL)
    add(link, "linkingAgentIdentifierValue", event.agent or spec.software)
    link = add(node, "linkingObjectIdentifier")
    add(link, "linkingObjectIdentifierType", _LOCAL)
    add(link, "linkingObjectIdentifierValue", spec.identifier)


def _agent(root: "etree._Element", called: str, kind: str, note: str) -> None:
    node = add(root, "agent")
    _identifier(node, "agent", called)
    add(node, "agentName", called)
    add(node, "agentType", kind)
    if kind == "software":
        add(node, "agentVersion", note)
    elif note:
        add(node, "agentNote", note)


def _rights(root: "etree._Element", spec: PackageSpec) -> None:
    statement = add(add(root, "rights"), "rightsStatement")
    _identifier(statement, "rightsStatement", "access")
    add(statement, "rightsBasis", "statute")
    information = add(statement, "statuteInformation")
    add(information, "statuteJurisdiction", "vn")
    add(information, "statuteCitation", spec.rights)


def _identifier(node: "etree._Element", what: str, value: str) -> None:
    found = add(node, f"{what}Identifier")
    add(found, f"{what}IdentifierType", _LOCAL)
    add(found, f"{what}IdentifierValue", value)
