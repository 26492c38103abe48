"""Half a year of a province's payments: `python -m bench.payments`.

4,700 payments of 4.2 billion đồng, as Vĩnh Phúc reported for six months, three of five on the platform and two by
transfer. Of the platform's notices 5 % come twice, 3 % never, 1 % with a wrong sum; bank messages suffer the same. Then
the statement and the report are taken and every day is reconciled. One process; the outside's answers are made on the spot.

Beside each rate stands a floor: what four bare ORM statements in one transaction cost in the same process and database.
Rates are of processor time, that of this process and of its backend in the database added, so that a busy machine does
not change them.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

PAYMENTS, TOTAL_VND, DAYS = 4_700, 4_200_000_000, 126
FLOOR = 2_000
BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SECRET = "bench-secret"  # noqa: S105 - of this measurement alone


@dataclass(frozen=True)
class Deal:
    """One payment as platform or bank have it."""

    order_id: int
    code: str
    reference: str
    number: str
    amount: int
    at: datetime
    way: str


@contextmanager
def installation() -> Iterator[None]:
    """A database on disk, migrated, with a small directory."""
    folder = Path(tempfile.mkdtemp(prefix="tinhso-bench-", dir="/var/lib" if os.geteuid() == 0 else None))
    folder.chmod(0o755)
    os.environ |= {"TINHSO_DATA_DIR": str(folder), "TINHSO_PAYMENT_SECRET": SECRET, "TINHSO_BANK_SECRET": SECRET}
    from tinhso.config import embedded

    cluster = embedded.Cluster(folder / "postgres")
    server = embedded.start(cluster)
    try:
        subprocess.run([sys.executable, "-m", "tinhso.config.cli", "migrate"], check=True, stdout=subprocess.DEVNULL)
        from tinhso.config.bootstrap import setup

        setup()
        from bench.floor import TABLES

        with psycopg.connect(cluster.url(embedded.SUPERUSER)) as owner:  # the application itself makes no tables
            owner.execute(TABLES)
        yield
    finally:
        embedded.stop(cluster)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def measure() -> dict[str, Any]:
    """Raise, pay, tell, reconcile; the figures."""
    from tests.factories import directory as units

    from tinhso.kernel.jobs import held

    units.small_directory()
    unit_id = units.commune(units.CAM_THANH).id
    dice = random.Random(2026)
    figures: dict[str, Any] = {}
    with held():
        figures["floor_per_cpu_s"] = _floor()
        started = _spent()
        orders = _raise(unit_id, dice)
        figures["orders_raised_per_cpu_s"] = round(PAYMENTS / (_spent() - started))
        started = _spent()
        deals = _start(orders, dice)
        figures["attempts_per_cpu_s"] = round(PAYMENTS / (_spent() - started))
        started = _spent()
        told = _tell(deals, dice)
        heard = told["told"] + told["told_twice"]
        figures |= told | {"messages_per_cpu_s": round(heard / (_spent() - started))}
        figures["paid_before_reconciliation"] = _paid()
        started = _spent()
        days = _reconcile(deals)
        figures |= {"days": days, "reconciled_cpu_s": round(_spent() - started, 1)}
    return figures | _proof(deals)


def _spent() -> float:
    """Processor time of this process and of its backend in the database, in seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _floor() -> int:
    """How many transactions of four bare ORM statements a second of processor time gives, here and now."""
    from django.db import transaction

    from bench.floor import Case, Entry, Key

    started = _spent()
    for number in range(FLOOR):
        with transaction.atomic():
            case = Case.objects.create(code=f"F-{number}", status="due", answers={"amount": number})
            Entry.objects.create(case_id=case.pk, payload={"number": number})
            Key.objects.create(key=f"floor-{number}")
            Case.objects.filter(pk=case.pk).update(status="paid")
    return round(FLOOR / (_spent() - started))


def _raise(unit_id: int, dice: random.Random) -> list[tuple[int, str, int, datetime]]:
    from tinhso.apps.payments.actions import raise_order
    from tinhso.apps.payments.data import OrderLine
    from tinhso.kernel.actions import action, registry
    from tinhso.kernel.actor import SYSTEM, Actor

    @action
    def raise_one(*, code: str, amount: int, actor: Actor, at: datetime) -> int | None:
        return raise_order(
            subject=f"bench:{code}", case_code=code, occasion="fees", unit_id=unit_id, desk_id=None, number=1,
            lines=[OrderLine("Phí", amount)], payer_name="Người nộp", actor=actor, at=at,
        )  # fmt: skip

    registry.popitem()
    weights = [dice.lognormvariate(0, 1.4) for _ in range(PAYMENTS)]
    amounts = [max(round(TOTAL_VND * one / sum(weights) / 1000) * 1000, 1000) for one in weights]
    amounts[0] += TOTAL_VND - sum(amounts)
    found = []
    for number, amount in enumerate(amounts):
        at = BEGIN + timedelta(days=number % DAYS, seconds=number // DAYS * 300)
        code = f"H48.12-{at:%y%m%d}-{number:04d}"
        order_id = raise_one(code=code, amount=amount, actor=SYSTEM, at=at)
        found.append((order_id or 0, code, amount, at))
    return found


def _start(orders: list[tuple[int, str, int, datetime]], dice: random.Random) -> list[Deal]:
    from tinhso.apps.payments.actions import open_attempt
    from tinhso.kernel.actor import SYSTEM

    deals = []
    for number, (order_id, code, amount, at) in enumerate(orders):
        way = "platform" if dice.random() < 0.6 else "vietqr"
        reference = open_attempt(order_id=order_id, provider=way, actor=SYSTEM, at=at).reference
        paid_at = at + timedelta(minutes=3)
        deals.append(Deal(order_id, code, reference, f"{way[:1].upper()}{number:07d}", amount, paid_at, way))
    return deals


def _tell(deals: list[Deal], dice: random.Random) -> dict[str, int]:
    from tinhso.apps.payments import flows
    from tinhso.apps.payments.providers.platform import stamp

    counts = {"told": 0, "told_twice": 0, "lost": 0, "wrong_sums": 0}
    late = deals.copy()
    dice.shuffle(late)  # they come in any order
    for deal in late:
        fate = dice.random()
        times, amount = 1, deal.amount
        if fate < 0.05:
            times, counts["told_twice"] = 2, counts["told_twice"] + 1
        elif fate < 0.08:
            counts["lost"] += 1
            continue
        elif fate < 0.09:
            amount, counts["wrong_sums"] = amount + 1000, counts["wrong_sums"] + 1
        for _ in range(times):
            at = deal.at + timedelta(minutes=1)
            if deal.way == "platform":
                flows.take_platform_notice(raw=_notice(deal, amount, stamp(deal.at)), at=at)
            else:
                flows.take_bank_message(**_message(deal, deal.amount), at=at)
        counts["told"] += 1
    return counts


def _notice(deal: Deal, amount: int, stamp: str) -> bytes:
    from tinhso.lib.paymentplatform import with_code

    message = {
        "LoaiBanTin": "NOTIFY", "MaLoi": "00", "MaDoiTac": "TINHSO", "MaThamChieu": deal.reference, "SoTien": str(amount),
        "MaTienTe": "VND", "MaGiaoDich": deal.number, "MaNganHang": "B", "ThoiGianGD": stamp, "ThongTinGiaoDich": "x",
    }  # fmt: skip
    return json.dumps(with_code("NOTIFY", message, SECRET)).encode()


def _message(deal: Deal, amount: int) -> dict[str, Any]:
    import hmac

    told = {
        "id": deal.number, "account": "0510000000001", "amount": amount, "content": f"CT {deal.code.replace('.', '')}",
        "at": deal.at.isoformat(),
    }  # fmt: skip
    raw = json.dumps(told).encode()
    return {"raw": raw, "signature": hmac.new(SECRET.encode(), raw, "sha256").hexdigest()}


def _paid() -> int:
    from tinhso.apps.payments.models import PaymentOrder

    return PaymentOrder.objects.filter(status="paid").count()


def _reconcile(deals: list[Deal]) -> int:
    from tinhso.apps.payments import flows, queries
    from tinhso.apps.payments.data import ReportLine, StatementLine
    from tinhso.apps.payments.rules import civil_date

    account, by_day = queries.get_account("treasury"), {}
    for deal in deals:
        by_day.setdefault(civil_date(deal.at), []).append(deal)
    for day, of_day in sorted(by_day.items()):
        at = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        lines = [
            StatementLine(one.number, one.at, one.amount, f"CT {one.code}") for one in of_day if one.way == "vietqr"
        ]
        owed = sum(one.amount for one in of_day if one.way == "platform")
        lines.append(StatementLine(f"QT{day:%Y%m%d}", at, owed, f"QUYET TOAN NGAY {day:%Y%m%d}"))
        flows.take_statement(account=account, lines=[one for one in lines if one.amount_vnd], at=at)
        report = [ReportLine(one.number, one.reference, one.amount, one.at) for one in of_day if one.way == "platform"]
        flows.reconcile(account_key=account.key, day=day, report=report, at=at)
    return len(by_day)


def _proof(deals: list[Deal]) -> dict[str, Any]:
    from django.db.models import Sum

    from tinhso.apps.payments import queries
    from tinhso.apps.payments.models import Difference, Payment, PaymentOrder

    balances = queries.account_balances()
    return {
        "orders": PaymentOrder.objects.count(), "paid": _paid(),
        "off_by_vnd": sum(deal.amount for deal in deals)
        - (PaymentOrder.objects.aggregate(total=Sum("paid_vnd"))["total"] or 0),
        "payments": Payment.objects.count(), "book_sum_vnd": sum(balances.values()),
        "bank_vnd": balances.get("bank:treasury", 0), "platform_left_vnd": balances.get("platform:treasury", 0),
        "differences_mended": Difference.objects.filter(status="mended").count(),
        "differences_left": Difference.objects.exclude(status="mended").count(),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    with installation():
        began = time.process_time()
        figures = measure()
        figures["cpu_s"] = round(time.process_time() - began, 1)
        print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
