"""The SOAP of the second provider: operations that answer with one string."""

from datetime import date, datetime
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tinhso.simulators.receipts.state import ZONE, Behaviour, Issued, Provider, State

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SPACE = "http://tempuri.org/"
_PLAIN: Any = {None: _SPACE}  # the stubs of the library know no default namespace
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


async def service(request: Request) -> Response:
    """`PublishService.asmx`, `PortalService.asmx`, `BusinessService.asmx`: the operation is the body's first element."""
    state: State = request.app.state.receipts
    provider = state.providers["vnpt"]
    if provider.behaviour is Behaviour.DOWN:
        return PlainTextResponse("Service Unavailable", 503)
    try:
        body = etree.fromstring(await request.body(), _PARSER).find(f"{{{_SOAP}}}Body")
    except etree.XMLSyntaxError:
        return PlainTextResponse("Bad Request", 400)
    if body is None or len(body) != 1:
        return PlainTextResponse("Bad Request", 400)
    operation = etree.QName(body[0]).localname
    given = {etree.QName(node).localname: node.text or "" for node in body[0]}
    if state.accounts.get(given.get("userName", "")) != given.get("userPass"):
        return _answer(operation, "ERR:1")
    said = _do(provider, operation, given)
    if provider.behaviour is Behaviour.LOST and operation == "ImportAndPublishInv":
        return PlainTextResponse("Gateway Timeout", 504)
    return _answer(operation, said)


def _do(provider: Provider, operation: str, given: dict[str, str]) -> str:
    if operation == "ImportAndPublishInv":
        return _publish(provider, given)
    if operation == "listInvByCusFkey":
        return _items([one for one in provider.issued if one.key == given.get("key")])
    if operation == "listInvByDate":
        return _items(provider.used(given.get("serial", ""), _day(given["fromDate"]), _day(given["toDate"])))
    if operation == "cancelInv":
        known = provider.find(given.get("fkey", ""))
        if known is None:
            return "ERR:2"
        if known.cancelled:
            return "ERR:9"
        known.cancelled = True
        return "OK:"
    return "ERR:3"


def _publish(provider: Provider, given: dict[str, str]) -> str:
    if provider.behaviour is Behaviour.REFUSE:
        return "ERR:20"
    try:
        document = etree.fromstring(given.get("xmlInvData", "").encode(), _PARSER)
        key, amount = document.findtext("Inv/key") or "", int(document.findtext("Inv/Invoice/Amount") or 0)
    except (etree.XMLSyntaxError, ValueError):
        return "ERR:3"
    one = provider.issue(key, given.get("serial", ""), amount)
    return f"OK:{given.get('pattern', '')};{one.series}-{key}_{one.number}"


def _items(found: list[Issued]) -> str:
    root = etree.Element("Data")
    for one in found:
        item = etree.SubElement(root, "Item")
        for name, value in (
            ("fkey", one.key), ("serial", one.series), ("invNum", str(one.number)), ("amount", str(one.amount)),
            ("status", "5" if one.cancelled else "1"),
        ):  # fmt: skip
            etree.SubElement(item, name).text = value
    return etree.tostring(root, encoding="unicode")


def _answer(operation: str, said: str) -> Response:
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soap": _SOAP})
    body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
    reply = etree.SubElement(body, f"{{{_SPACE}}}{operation}Response", nsmap=_PLAIN)
    etree.SubElement(reply, f"{{{_SPACE}}}{operation}Result").text = said
    return Response(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"), media_type="text/xml")


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=ZONE).date()
