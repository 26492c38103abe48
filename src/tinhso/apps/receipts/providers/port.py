"""What an outside provider of receipts does for us; one adapter a dialect. Every call names the receipt by its uuid."""

from datetime import date
from typing import Protocol

from tinhso.apps.receipts.data import ProviderAnswer, ReceiptFacts, UsedNumber


class Provider(Protocol):
    """A provider under contract (tổ chức cung cấp dịch vụ hóa đơn, biên lai điện tử)."""

    def issue(self, facts: ReceiptFacts) -> ProviderAnswer:
        """Issue a receipt.

        Raises:
            ReceiptProviderUnavailable: no answer; it may or may not have been issued: `find` tells.
            ProviderRefused: it will not, with its own sentence.
        """
        ...

    def find(self, uuid: str) -> ProviderAnswer | None:
        """What was issued for our receipt, or None. Raises as `issue`."""
        ...

    def cancel(self, answer: ProviderAnswer, *, uuid: str, reason: str) -> None:
        """Cancel what was issued; told twice, it happens once. Raises as `issue`."""
        ...

    def list_used(self, start: date, end: date) -> list[UsedNumber]:
        """Every number used from `start` up to before `end`. Raises as `issue`."""
        ...
