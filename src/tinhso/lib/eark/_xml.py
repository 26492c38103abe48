"""Names and small helpers shared by METS and PREMIS."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree

METS = "http://www.loc.gov/METS/"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
SIP = "https://DILCIS.eu/XML/METS/SIPExtensionMETS"
XLINK = "http://www.w3.org/1999/xlink"
PREMIS = "http://www.loc.gov/premis/v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def instant(at: datetime) -> str:
    """An instant as both standards want it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add(parent: "etree._Element", tag: str, text: str = "", /, **attributes: str) -> "etree._Element":
    """A child in the parent's namespace; `csip__NAME` and `xlink__name` name attributes of those namespaces."""
    namespace = etree.QName(parent).namespace
    child = etree.SubElement(parent, f"{{{namespace}}}{tag}", {name(key): value for key, value in attributes.items()})
    if text:
        child.text = clean(text)
    return child


def name(key: str) -> str:
    """The name of an attribute from how Python can spell it."""
    prefix, found, local = key.partition("__")
    known = {"csip": CSIP, "sip": SIP, "xlink": XLINK, "xsi": XSI}
    return f"{{{known[prefix]}}}{local}" if found else key


def clean(text: str) -> str:
    """Text without the characters XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def serialise(root: "etree._Element") -> bytes:
    """The document as bytes, the same for the same content."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def parse(content: bytes) -> Any:
    """A document of ours or of a stranger: no entities, no network, no huge trees.

    Raises:
        ValueError: not well formed, or it declares a document type.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if b"<!DOCTYPE" in content:
        raise ValueError("có khai báo DOCTYPE")
    return root
