"""Receipts in the dialect of VNPT: SOAP operations whose answers are strings, "OK:…" or "ERR:n".

`fkey` is our receipt's uuid. Texts inside the SOAP body are XML of their own, escaped.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from lxml import etree

from tinhso.apps.receipts.data import (
    ProviderAnswer,
    ProviderRefused,
    ReceiptFacts,
    ReceiptProviderUnavailable,
    UsedNumber,
)
from tinhso.kernel.outbound import trusted

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SPACE = "http://tempuri.org/"
_PLAIN: Any = {None: _SPACE}  # the stubs of the library know no default namespace
_OK = re.compile(r"^OK:(?P<pattern>[^;]*);(?P<series>[^-]*-[^-]*)-(?P<key>.+)_(?P<number>\d+)$")
_SAID = {
    "ERR:1": "Tài khoản với nhà cung cấp không đúng.",
    "ERR:3": "Nhà cung cấp không đọc được dữ liệu biên lai.",
    "ERR:5": "Nhà cung cấp không phát hành được biên lai.",
    "ERR:6": "Dải số của ký hiệu này đã hết.",
    "ERR:13": "Biên lai của khoản này đã được lập.",
    "ERR:20": "Mẫu, ký hiệu biên lai không có ở nhà cung cấp.",
}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, slots=True)
class VnptReceipts:
    """One account with the provider."""

    url: str
    username: str
    password: str
    tax_code: str
    series: str
    timeout: float

    def issue(self, facts: ReceiptFacts) -> ProviderAnswer:
        """`ImportAndPublishInv`. See `port.Provider`."""
        said = self._call(
            "PublishService.asmx", "ImportAndPublishInv", xmlInvData=_document(facts), pattern=facts.template_code,
            serial=self.series, convert="0",
        )  # fmt: skip
        found = _OK.match(said)
        if found is None:
            raise ProviderRefused(_SAID.get(said, f"Nhà cung cấp trả lời “{said[:60]}”."))
        return ProviderAnswer(found["series"], int(found["number"]), said[3:], amount_vnd=None)

    def find(self, uuid: str) -> ProviderAnswer | None:
        """`listInvByCusFkey`. See `port.Provider`."""
        for one in self._list("PortalService.asmx", "listInvByCusFkey", key=uuid):
            if one.key == uuid and not one.cancelled:
                return ProviderAnswer(
                    one.series, one.number, f"{one.series}-{uuid}_{one.number}", amount_vnd=one.amount_vnd
                )
        return None

    def cancel(self, answer: ProviderAnswer, *, uuid: str, reason: str) -> None:
        """`cancelInv`. See `port.Provider`."""
        said = self._call("BusinessService.asmx", "cancelInv", fkey=uuid)
        if not said.startswith("OK:") and said != "ERR:9":  # 9: cancelled already
            raise ProviderRefused(_SAID.get(said, f"Nhà cung cấp trả lời “{said[:60]}”."))

    def list_used(self, start: date, end: date) -> list[UsedNumber]:
        """`listInvByDate`. See `port.Provider`."""
        return self._list(
            "PortalService.asmx",
            "listInvByDate",
            serial=self.series,
            fromDate=f"{start:%d/%m/%Y}",
            toDate=f"{end:%d/%m/%Y}",
        )

    def _list(self, service: str, operation: str, **arguments: str) -> list[UsedNumber]:
        said = self._call(service, operation, **arguments)
        if said.startswith("ERR:"):
            raise ProviderRefused(_SAID.get(said, f"Nhà cung cấp trả lời “{said[:60]}”."))
        try:
            root = etree.fromstring(said.encode(), _PARSER)
            return [
                UsedNumber(
                    item.findtext("fkey") or "", item.findtext("serial") or "", int(item.findtext("invNum") or 0),
                    int(item.findtext("amount") or 0), item.findtext("status") == "5",
                )
                for item in root.iterfind("Item")
            ]  # fmt: skip
        except (etree.XMLSyntaxError, ValueError) as error:
            raise ReceiptProviderUnavailable("Nhà cung cấp trả lời không đọc được.") from error

    def _call(self, service: str, operation: str, **arguments: str) -> str:
        envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soap": _SOAP})
        body = etree.SubElement(
            etree.SubElement(envelope, f"{{{_SOAP}}}Body"), f"{{{_SPACE}}}{operation}", nsmap=_PLAIN
        )
        for name, value in {"userName": self.username, "userPass": self.password, **arguments}.items():
            etree.SubElement(body, f"{{{_SPACE}}}{name}").text = value
        content = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{_SPACE}{operation}"'}
        try:
            with httpx.Client(base_url=self.url, timeout=self.timeout, trust_env=False, verify=trusted()) as client:
                answer = client.post(f"/{service}", content=content, headers=headers)
                answer.raise_for_status()
                found = etree.fromstring(answer.content, _PARSER).findtext(f".//{{{_SPACE}}}{operation}Result")
        except (httpx.HTTPError, etree.XMLSyntaxError) as error:
            raise ReceiptProviderUnavailable from error
        if found is None:
            raise ReceiptProviderUnavailable("Nhà cung cấp trả lời không đọc được.")
        return found


def _document(facts: ReceiptFacts) -> str:
    root = etree.Element("Invoices")
    entry = etree.SubElement(root, "Inv")
    etree.SubElement(entry, "key").text = facts.uuid
    invoice = etree.SubElement(entry, "Invoice")
    for name, value in (
        ("CusName", facts.payer_name), ("CusAddress", facts.payer_address), ("CusIdentity", facts.payer_id),
        ("PaymentMethod", facts.method), ("KindOfService", facts.case_code), ("ArisingDate", f"{facts.issued_on:%d/%m/%Y}"),
    ):  # fmt: skip
        etree.SubElement(invoice, name).text = value
    products = etree.SubElement(invoice, "Products")
    for line in facts.lines:
        product = etree.SubElement(products, "Product")
        etree.SubElement(product, "ProdName").text = line.name
        etree.SubElement(product, "Amount").text = str(line.amount_vnd)
    for name, value in (
        ("Total", str(facts.amount_vnd)),
        ("Amount", str(facts.amount_vnd)),
        ("AmountInWords", facts.amount_words),
    ):
        etree.SubElement(invoice, name).text = value
    return etree.tostring(root, encoding="unicode")
