"""The port every way to pay on line stands behind: begin, be asked, report a day."""

from datetime import date, datetime
from typing import Protocol

from tinhso.apps.payments.data import Answer, CollectingAccount, ReportLine, StartRequest


class PaymentProvider(Protocol):
    """Somebody who takes money for us. What he does not answer raises `ProviderUnavailable`; asking again is safe."""

    def start(self, request: StartRequest, *, at: datetime) -> str:
        """Begin a payment under our reference; the address of the page where the payer pays, empty when there is none."""
        ...

    def ask(self, reference: str, account: CollectingAccount, *, at: datetime) -> Answer:
        """What became of the payment with this reference."""
        ...

    def report(self, account: CollectingAccount, day: date) -> list[ReportLine]:
        """Every paid transaction of a day."""
        ...

    def bill(self, reference: str, account: CollectingAccount, *, at: datetime) -> bytes:
        """The provider's own paper (PDF) about a payment, empty where it gives none."""
        ...
