"""The address on an edXML packet (QCVN 102:2016/BTTTT): who sends, to whom, what. Read by namespace and name, never by prefix.

The rest of the packet is the receiver's; a hub needs no more.
"""

from dataclasses import dataclass

from lxml import etree

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_ACCEPTED = {NAMESPACE, "http://www.go.vn/eDoc", ""}  # the second was used by one project and dropped; some write none
MOST_BYTES = 100 * 1_048_576


class PacketError(ValueError):
    """Gói edXML không đọc được."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The address of a packet. `status` is the code of a status message (`03`), empty for a document."""

    sender: str
    receivers: tuple[str, ...]
    document_id: str
    subject: str
    notation: str
    status: str

    @property
    def is_status(self) -> bool:
        """Whether it is a status of a document sent before (trạng thái văn bản)."""
        return bool(self.status)


def read_envelope(content: bytes) -> Envelope:
    """The address of a packet.

    Raises:
        PacketError: not well-formed, with a DTD, of another namespace, without a sender or a receiver.
    """
    if len(content) > MOST_BYTES:
        raise PacketError("the packet is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise PacketError(f"not well-formed: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise PacketError("a document type is not accepted")
    header = next((one for one in root.iter("{*}MessageHeader")), None)
    if header is None or (etree.QName(header).namespace or "") not in _ACCEPTED:
        raise PacketError("no MessageHeader of edXML")
    status = _text(root, "StatusCode")
    sender = _of(header, "From")
    receivers = _of(root, "ResponseFor")[:1] if status else _of(header, "To")
    if not sender or not receivers:
        raise PacketError("From or To without OrganId")
    holder = next(root.iter("{*}ResponseFor"), header) if status else header
    return Envelope(
        sender=sender[0], receivers=tuple(dict.fromkeys(receivers)), document_id=_text(holder, "DocumentId"),
        subject=_text(header, "Subject"), notation=_text(header, "CodeNotation"), status=status,
    )  # fmt: skip


def _of(holder: "etree._Element", name: str) -> list[str]:
    return [organ for one in holder.iter(f"{{*}}{name}") if (organ := _text(one, "OrganId"))]


def _text(holder: "etree._Element", name: str) -> str:
    found = next(holder.iter(f"{{*}}{name}"), None)
    return (found.text or "").strip() if found is not None else ""
