"""Platform and bank as a process of their own with a log of what really happened, and a judge who believes only that log.

The judge reads the log and the database's tables by plain SQL: nothing of the product's code.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

_NOBODY = "http://127.0.0.1:9"  # the network is the test's: what the platform tells is taken from its log


@dataclass(frozen=True, slots=True)
class Bank:
    """The running process."""

    address: str
    log: Path

    def pay(self, url: str) -> None:
        """The payer presses the button on the platform's page."""
        assert httpx.post(url, data={"do": "pay"}, trust_env=False).status_code == 303

    def transfer(self, account: str, amount: int, text: str) -> None:
        """Somebody transfers money from a bank app."""
        given = {"account": account, "amount": str(amount), "text": text}
        assert httpx.post(f"{self.address}/bank", data=given, trust_env=False).status_code == 200

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """What happened, of one kind, in order."""
        return lines_of(self.log, kind)

    def last_told(self) -> tuple[bytes, dict[str, str]]:
        """The latest message to us, as it was sent: body and headers."""
        line = self.lines("told")[-1]
        return line["body"].encode(), line["headers"]


@contextmanager
def bank(log: Path) -> Iterator[Bank]:
    """Start the process, end it with the block."""
    words = [sys.executable, "-c", "from tests.factories.bank import main; main()", str(log)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Bank(process.stdout.readline().strip(), log)
        process.kill()


def main() -> None:
    """The process: serves until its input ends."""
    from tests.simulators.serving import serve
    from tinhso.simulators.payment import create_app

    with serve(create_app(home=_NOBODY, log=Path(sys.argv[1]))) as address:
        sys.stdout.write(address + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def lines_of(log: Path, kind: str) -> list[dict[str, Any]]:
    """The lines of one kind in a log, in order."""
    found = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [line for line in found if line["kind"] == kind]


def faults(log: Path, where: dict[str, Any]) -> list[str]:
    """Everything in which the database differs from the bank's log, or from itself; empty when all is right."""
    with psycopg.connect(**where) as link:
        attempts = dict(link.execute("SELECT reference, order_id FROM payments_paymentattempt").fetchall())
        orders = link.execute(
            "SELECT id, match_code, amount_vnd, paid_vnd, refunded_vnd, status, subject, occasion FROM payments_paymentorder"
        ).fetchall()
        truth: Counter[int] = Counter()
        numbers: Counter[tuple[str, str]] = Counter()
        for line in lines_of(log, "paid"):
            truth[attempts[line["reference"]]] += line["amount"]
            numbers["platform", line["number"]] += 1
        codes = {row[1]: row[0] for row in orders}
        for line in lines_of(log, "transfer"):
            truth[next(pk for code, pk in codes.items() if code in line["text"])] += line["amount"]
            numbers["vietqr", line["number"]] += 1
        booked = Counter(link.execute("SELECT provider, external_id FROM payments_payment").fetchall())
        said = [] if booked == numbers else [f"payments {booked - numbers} too many, {numbers - booked} missing"]
        for row in orders:
            said += _of_order(link, row, truth[row[0]])
        return said + _of_book(link) + _of_receipts(link)


def _of_order(link: psycopg.Connection[Any], row: tuple[Any, ...], bank_vnd: int) -> list[str]:
    pk, _, amount, paid, refunded, status, subject, occasion = row
    full = bank_vnd >= amount
    owed = max(amount - bank_vnd, 0)
    checks = {
        f"paid {paid}, the bank says {bank_vnd}": paid == bank_vnd,
        f"status {status}": status == ("paid" if full else "partly_paid" if bank_vnd else "due"),
        "not confirmed once": _count(
            link, "audit_entry WHERE type = 'payment.confirmed' AND stream = %s", f"paymentorder:{pk}"
        ) == full,
        "not one receipt": _count(
            link, "receipts_receipt WHERE status = 'issued' AND payment_key = %s", f"order:{pk}"
        ) == full,
        "owed in the book": _sum(
            link, "payments_ledgerposting WHERE account LIKE 'receivable:%%' AND order_id = %s", pk
        ) == owed,
        "the case not moved once": occasion != "duty"
        or _count(link, "audit_entry WHERE type = 'case.financial_duty_ended' AND stream = %s", subject) == full,
        "refunds": refunded == _sum(link, "payments_refund WHERE status IN ('approved', 'paid') AND order_id = %s", pk),
        "given back": _sum(link, "payments_refund WHERE order_id = %s", pk) == max(bank_vnd - amount, 0),
    }  # fmt: skip
    return [f"order {pk}: {what}" for what, right in checks.items() if not right]


def _of_book(link: psycopg.Connection[Any]) -> list[str]:
    sums = link.execute(
        "SELECT entry_id FROM payments_ledgerposting GROUP BY entry_id HAVING sum(amount_vnd) <> 0"
    ).fetchall()
    twice = link.execute("SELECT key FROM payments_ledgerentry GROUP BY key HAVING count(*) > 1").fetchall()
    left = _sum(link, "payments_ledgerposting WHERE account LIKE %s", "refund-due:%")
    return [*(f"entry {row[0]} off balance" for row in sums), *(f"booked twice: {row[0]}" for row in twice)] + (
        ["refunds not paid"] if left else []
    )


def _of_receipts(link: psycopg.Connection[Any]) -> list[str]:
    rows = link.execute(
        "SELECT array_agg(number ORDER BY number) FROM receipts_receipt GROUP BY unit_id, series"
    ).fetchall()
    return [f"receipt numbers {row[0]}" for row in rows if row[0] != list(range(1, len(row[0]) + 1))]


def _count(link: psycopg.Connection[Any], rest: str, value: object) -> int:
    return int(link.execute(f"SELECT count(*) FROM {rest}", [value]).fetchone()[0])  # type: ignore[index]  # noqa: S608


def _sum(link: psycopg.Connection[Any], rest: str, value: object) -> int:
    row = link.execute(f"SELECT coalesce(sum(amount_vnd), 0) FROM {rest}", [value]).fetchone()  # noqa: S608
    return int(row[0])  # type: ignore[index]
