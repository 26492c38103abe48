"""Small edXML packets of fictional agencies."""

from tinhso.lib.edxml import NAMESPACE


def document(sender: str, *receivers: str, number: int = 1) -> bytes:
    """A new document without attachments: enough for a hub, which reads the address alone."""
    to = "".join(f"<e:To><e:OrganId>{code}</e:OrganId></e:To>" for code in receivers)
    return _packet(
        f"<e:From><e:OrganId>{sender}</e:OrganId></e:From>{to}"
        f"<e:DocumentId>{sender},2026/10/01,{number}/TB</e:DocumentId>"
        f"<e:Code><e:CodeNumber>{number}</e:CodeNumber><e:CodeNotation>TB</e:CodeNotation></e:Code>"
        "<e:Subject>Thông báo thử</e:Subject>"
    )


def status(sender: str, receiver: str, code: str = "03", *, number: int = 1) -> bytes:
    """What became of a document, told to the agency that sent it."""
    return _packet(
        f"<e:From><e:OrganId>{sender}</e:OrganId></e:From><e:ResponseFor><e:OrganId>{receiver}</e:OrganId>"
        f"<e:DocumentId>{receiver},2026/10/01,{number}/TB</e:DocumentId></e:ResponseFor>"
        f"<e:StatusCode>{code}</e:StatusCode><e:Timestamp>2026/10/01 14:20:00</e:Timestamp>"
    )


def _packet(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="{NAMESPACE}" xmlns:e="{NAMESPACE}"><e:edXMLEnvelope>'
        f"<e:edXMLHeader><e:MessageHeader>{inner}</e:MessageHeader></e:edXMLHeader></e:edXMLEnvelope></edXML>"
    ).encode()
