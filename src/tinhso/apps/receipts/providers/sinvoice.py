"""Receipts in the dialect of Viettel SInvoice: JSON over HTTP, a token by user name and password.

`transactionUuid` is our receipt's uuid: sent again, the provider is to give the first answer again; we ask first all the
same. The address and the account come from settings; what the contract of 2026 names otherwise is changed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tinhso.apps.receipts.data import (
    ProviderAnswer,
    ProviderRefused,
    ReceiptFacts,
    ReceiptProviderUnavailable,
    UsedNumber,
)
from tinhso.kernel.outbound import trusted
from tinhso.lib.text import whole_number

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_SERVICE = "/InvoiceAPI"


@dataclass(frozen=True, slots=True)
class SInvoice:
    """One account with the provider."""

    url: str
    username: str
    password: str
    tax_code: str
    series: str
    timeout: float

    def issue(self, facts: ReceiptFacts) -> ProviderAnswer:
        """`createInvoice`. See `port.Provider`."""
        found = self._call("POST", f"{_SERVICE}/InvoiceWS/createInvoice/{self.tax_code}", body=self._document(facts))
        return _answer(_result(found), facts.amount_vnd)

    def find(self, uuid: str) -> ProviderAnswer | None:
        """`searchInvoiceByTransactionUuid`. See `port.Provider`."""
        form = {"supplierTaxCode": self.tax_code, "transactionUuid": uuid}
        found = self._call("POST", f"{_SERVICE}/InvoiceWS/searchInvoiceByTransactionUuid", form=form)
        result = found.get("result")
        if isinstance(result, list):
            result = result[0] if result else None
        return _answer(result, None) if isinstance(result, Mapping) else None

    def cancel(self, answer: ProviderAnswer, *, uuid: str, reason: str) -> None:
        """`cancelTransactionInvoice`. See `port.Provider`."""
        form = {
            "supplierTaxCode": self.tax_code, "invoiceNo": answer.reference, "transactionUuid": uuid,
            "additionalReferenceDesc": reason,
        }  # fmt: skip
        self._call("POST", f"{_SERVICE}/InvoiceWS/cancelTransactionInvoice", form=form)

    def list_used(self, start: date, end: date) -> list[UsedNumber]:
        """`getInvoices`. See `port.Provider`."""
        body = {"startDate": start.isoformat(), "endDate": end.isoformat(), "invoiceSeri": self.series}
        found = self._call("POST", f"{_SERVICE}/InvoiceUtilsWS/getInvoices/{self.tax_code}", body=body)
        return [
            UsedNumber(
                str(row["transactionUuid"]), self.series, _number(str(row["invoiceNo"]), self.series), int(row["total"]),
                bool(row.get("cancelled")),
            )
            for row in found.get("invoices", [])
        ]  # fmt: skip

    def _document(self, facts: ReceiptFacts) -> dict[str, Any]:
        items = [
            {
                "lineNumber": number, "itemName": line.name, "itemTotalAmountWithoutTax": line.amount_vnd,
                "itemTotalAmountWithTax": line.amount_vnd, "taxPercentage": -2,
            }
            for number, line in enumerate(facts.lines, 1)
        ]  # fmt: skip
        issued = datetime(facts.issued_on.year, facts.issued_on.month, facts.issued_on.day, tzinfo=_ZONE)
        return {
            "generalInvoiceInfo": {
                "invoiceType": "5", "templateCode": facts.template_code, "invoiceSeries": self.series,
                "invoiceIssuedDate": int(issued.timestamp() * 1000), "currencyCode": "VND", "adjustmentType": "1",
                "paymentStatus": True, "transactionUuid": facts.uuid,
                "originalInvoiceId": facts.replaces, "additionalReferenceDesc": facts.reason,
            },
            "buyerInfo": {
                "buyerName": facts.payer_name, "buyerIdNo": facts.payer_id, "buyerAddressLine": facts.payer_address,
            },
            "sellerInfo": {"sellerLegalName": facts.agency, "sellerTaxCode": self.tax_code},
            "payments": [{"paymentMethodName": facts.method}],
            "itemInfo": items,
            "taxBreakdowns": [],
            "summarizeInfo": {
                "sumOfTotalLineAmountWithoutTax": facts.amount_vnd, "totalAmountWithTax": facts.amount_vnd,
                "totalAmountWithTaxInWords": facts.amount_words,
            },
        }  # fmt: skip

    def _call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            with httpx.Client(base_url=self.url, timeout=self.timeout, trust_env=False, verify=trusted()) as client:
                token = client.post("/auth/login", json={"username": self.username, "password": self.password})
                token.raise_for_status()
                headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
                answer = client.request(method, path, json=body, data=form, headers=headers)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise ReceiptProviderUnavailable from error
        if not isinstance(found, dict):
            raise ReceiptProviderUnavailable
        if found.get("errorCode"):
            raise ProviderRefused(str(found.get("description") or found["errorCode"])[:300])
        return found


def _result(found: Mapping[str, Any]) -> Mapping[str, Any]:
    result = found.get("result")
    if not isinstance(result, Mapping) or not result.get("invoiceNo"):
        raise ReceiptProviderUnavailable("Nhà cung cấp trả lời không có số biên lai.")
    return result


def _answer(result: Mapping[str, Any], asked: int | None) -> ProviderAnswer:
    text = str(result["invoiceNo"])
    digits = len(text) - len(text.rstrip("0123456789"))
    series = text[: len(text) - digits] if digits else text
    total = result.get("totalAmountWithTax", asked)
    try:
        return ProviderAnswer(
            series, int(text[-digits:]) if digits else 0, text, str(result.get("codeOfTax") or ""),
            None if total is None else int(total),
        )  # fmt: skip
    except ValueError as error:
        raise ProviderRefused(f"Nhà cung cấp trả số biên lai không đọc được: {text[:40]}") from error


def _number(text: str, series: str) -> int:
    return whole_number(text.removeprefix(series)) or 0
