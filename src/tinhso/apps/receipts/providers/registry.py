"""The providers an installation has a contract with, by the name content/receipts uses."""

from django.conf import settings

from tinhso.apps.receipts.data import ProviderRefused
from tinhso.apps.receipts.providers.port import Provider
from tinhso.apps.receipts.providers.sinvoice import SInvoice
from tinhso.apps.receipts.providers.vnpt import VnptReceipts

_DIALECTS: dict[str, type[SInvoice] | type[VnptReceipts]] = {"sinvoice": SInvoice, "vnpt": VnptReceipts}


def connect(name: str) -> Provider:
    """The adapter of a provider.

    Raises:
        ProviderRefused: no such provider has been set up.
    """
    known = settings.RECEIPT_PROVIDERS.get(name)
    dialect = _DIALECTS.get(name)
    if known is None or dialect is None:
        raise ProviderRefused(f"Chưa khai báo kết nối với nhà cung cấp biên lai “{name}”.")
    return dialect(
        url=known["url"], username=known["username"], password=known["password"], tax_code=known["tax_code"],
        series=known["series"], timeout=known["timeout"],
    )  # fmt: skip
