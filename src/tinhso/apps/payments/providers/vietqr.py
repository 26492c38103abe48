"""Transfers with a QR code: the bank tells us by a message or a statement; nobody can be asked about one payment."""

from datetime import date, datetime

from tinhso.apps.payments.data import Answer, CollectingAccount, ReportLine, StartRequest
from tinhso.apps.payments.enums import AnswerState


class Transfers:
    """The code on the page is the whole beginning of it."""

    def start(self, request: StartRequest, *, at: datetime) -> str:
        """No page of anybody else's."""
        return ""

    def ask(self, reference: str, account: CollectingAccount, *, at: datetime) -> Answer:
        """Only the bank's message or statement knows."""
        return Answer(AnswerState.PENDING)

    def report(self, account: CollectingAccount, day: date) -> list[ReportLine]:
        """The bank's statement is the report."""
        return []

    def bill(self, reference: str, account: CollectingAccount, *, at: datetime) -> bytes:
        """The bank gives no paper about one transfer."""
        return b""
