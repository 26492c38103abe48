"""A way to pay that always works and moves no money: for demonstrations without any other system."""

from datetime import date, datetime

from tinhso.apps.payments.data import Answer, CollectingAccount, ReportLine, StartRequest
from tinhso.apps.payments.enums import AnswerState


class DemoProvider:
    """Says of every reference that it is paid, under a number made of the reference."""

    def start(self, request: StartRequest, *, at: datetime) -> str:
        """No page: the payer comes straight back to ours."""
        return request.return_url

    def ask(self, reference: str, account: CollectingAccount, *, at: datetime) -> Answer:
        """Paid."""
        return Answer(AnswerState.PAID, external_id=f"DEMO-{reference}", paid_at=at)

    def report(self, account: CollectingAccount, day: date) -> list[ReportLine]:
        """Nothing to compare: no money moves."""
        return []

    def bill(self, reference: str, account: CollectingAccount, *, at: datetime) -> bytes:
        """No paper: no money moved."""
        return b""
