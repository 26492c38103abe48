"""The process dies by SIGKILL between INIT, NOTIFY, QUERY, the job and the receipt, and messages come in any order, twice
or never: in the end each order is paid exactly as the bank says, has one receipt, has moved its case once, in balance.

What dies is a process of its own (`tests/factories/forks.py`); platform and bank are another, whose log is the truth
(`tests/factories/bank.py`). What is printed is printed before, for the typesetter has threads and a fork has none.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.factories import bank as outside
from tests.factories import payments as made
from tests.factories.bank import Bank, faults
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.forks import forked
from tests.factories.receipts import PAID_AT
from tests.factories.world import citizen, world
from tinhso.apps.cases import actions as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import actions, flows
from tinhso.apps.payments.models import PaymentAttempt, PaymentOrder, Refund
from tinhso.apps.receipts import queries as receipts
from tinhso.apps.signatures import flows as signatures
from tinhso.kernel import clock
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import DomainError
from tinhso.kernel.jobs import run_waiting

pytestmark = pytest.mark.django_db(transaction=True)

AT = PAID_AT  # receipts are electronic by then
Deed = Callable[[], object]

# Where it dies, by what is being done.
POINTS = {
    "start": (
        "open_attempt:before_commit", "open_attempt:after_commit", "start_payment:before_call", "start_payment:after_call",
        "record_started:before_commit", "record_started:after_commit",
    ),
    "notice": (
        "keep_notice:before_commit", "keep_notice:after_commit", "take_platform_notice:kept", "take_notice:before_commit",
        "take_notice:after_commit",
    ),
    "back": ("note_return:before_commit", "note_return:after_commit"),
    "ask": ("ask_provider:answered", "record_answer:before_commit", "record_answer:after_commit"),
    "work": (
        "take_payment_word:before_commit", "take_payment_word:after_commit", "begin_receipt:before_commit",
        "begin_receipt:after_commit", "issue_receipt:after_store", "record_issued:before_commit", "record_issued:after_commit",
    ),
    "transfer": ("take_bank_line:before_commit", "take_bank_line:after_commit"),
    "reconcile": (
        "mend_from_report:before_commit", "mend_from_report:after_commit", "reconcile_day:before_commit",
        "reconcile_day:after_commit",
    ),
    "refund": (
        "check_refund:before_commit", "check_refund:after_commit", "approve_refund:before_commit",
        "approve_refund:after_commit", "pay_refund:before_commit", "pay_refund:after_commit",
    ),
}  # fmt: skip
ALL = [(deed, point) for deed, points in POINTS.items() for point in points]


class Town:
    """A province whose people pay, officers who work, and the network between it and the bank."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.maker = bank, CaseMaker(world())
        self.keeper, self.leader = made.accountant(self.maker.place), self.maker.officer("leader")
        link = connection.settings_dict
        names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
        self.where = {name: link[key] for name, key in names.items() if link[key]}

    def owed(self) -> PaymentOrder:
        """A case in work that waits for a financial duty of a fresh sum."""
        case = self.maker.at("appraisal")
        at = RECEIVED_AT + timedelta(hours=4)
        cases.begin_financial_duty(
            case_id=case.pk,
            basis="Điều 1",
            note="",
            amount_vnd=1_500_000,
            actor=self.maker.officer("specialist"),
            at=at,
        )
        with psycopg.connect(**self.where) as link:  # what the filing alone would print is no part of this
            link.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
        return PaymentOrder.objects.latest("pk")

    def faults(self) -> list[str]:
        return faults(self.bank.log, self.where)

    def work(self) -> None:
        with travel(AT + timedelta(hours=1)):
            run_waiting()

    def take_up_jobs(self) -> None:
        """Jobs of a dead worker are taken up again, as the supervisor of workers does."""
        with psycopg.connect(**self.where) as link:
            link.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")


class Story:
    """One order's life, in which a process is killed once at the point; what it did is then done again, now or later."""

    def __init__(self, town: Town, order: PaymentOrder, point: str) -> None:
        self.town, self.order, self.point, self.was_killed = town, order, point, False
        self.dice = random.Random(point)  # noqa: S311 - repeatable on purpose
        self.refund_id = 0

    def do(self, deed: Deed, *, again: bool = True) -> None:
        if not self.was_killed:
            ended = forked(lambda: _calmly(deed), TINHSO_CRASH=self.point, TINHSO_CRASH_ENABLED="1")
            assert ended.returncode in {0, -9}, ended.stderr
            self.was_killed = ended.returncode == -9
            self.town.take_up_jobs()
            if not (self.was_killed and again):
                return
        _calmly(deed)

    def start(self) -> None:
        begin = lambda: flows.start_payment(order_id=self.order.pk, provider="platform", ip="", actor=citizen(), at=AT)  # noqa: E731
        for _ in range(3):
            self.do(begin)
        attempt = PaymentAttempt.objects.get(order=self.order)
        self.town.bank.pay(attempt.pay_url)
        self.notice, _ = self.town.bank.last_told()
        self.reference = attempt.reference

    def deeds(self) -> dict[str, Deed]:
        account, day = self.order.account, clock.today()
        return {
            "notice": lambda: flows.take_platform_notice(raw=self.notice, at=AT),
            "back": lambda: actions.note_return(reference=self.reference, actor=citizen(), at=AT),
            "ask": lambda: flows.ask_waiting(at=AT + timedelta(minutes=40)),
            "work": self.town.work,
            "reconcile": lambda: flows.reconcile(account_key=account, day=day, at=AT + timedelta(days=1)),
        }

    def middle(self, about: str) -> None:
        """What comes in between: its order and number are the dice's, nothing of it need come."""
        names = [name for name in ("notice", "back", "ask", "work") for _ in range(self.dice.choice((0, 1, 1, 2)))]
        self.dice.shuffle(names)
        if about == "reconcile":
            names = ["reconcile"]
        elif about in {"notice", "back", "ask"}:
            names.insert(0, about)
        elif about == "work":
            names = ["notice", "work", *names]
        deeds = self.deeds()
        for name in names:
            self.do(deeds[name], again=self.dice.random() < 0.5)

    def over_pay(self) -> None:
        self.town.bank.transfer("0510000000001", 70_000, self.order.case_code)
        raw, headers = self.town.bank.last_told()
        told = lambda: flows.take_bank_message(raw=raw, signature=headers["X-Signature"], at=AT)  # noqa: E731
        self.do(told)
        told()

    def give_back(self) -> None:
        keeper, leader = self.town.keeper, self.town.leader
        given: dict[str, Any] = {"refund_id": Refund.objects.get(order=self.order).pk, "at": AT}
        self.do(lambda: actions.check_refund(actor=keeper, **given))
        self.do(lambda: actions.approve_refund(actor=leader, **given))
        self.do(lambda: actions.pay_refund(method="bank", reference=f"FT-{self.order.pk}", actor=keeper, **given))

    def settle(self) -> None:
        """A day later: the worker has worked, the platform was asked, what was kept is decided, the day is reconciled."""
        deeds = self.deeds()
        for name in ("work", "ask", "reconcile", "work"):
            self.do(deeds[name])
        flows.decide_kept(at=AT + timedelta(hours=1))
        self.town.work()

    def live(self, about: str) -> None:
        self.start()
        self.middle(about)
        if about in {"transfer", "refund"}:
            _calmly(self.deeds()["notice"])
            self.over_pay()
            self.give_back()
        self.settle()


def _calmly(deed: Deed) -> None:
    """A person who does something again may be told that it is done."""
    with suppress(DomainError):
        deed()


@pytest.fixture
def town(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Everything that runs; one order was paid already, and what that printed is what later receipts look like."""
    with outside.bank(tmp_path / "bank.jsonl") as bank:
        settings.PAYMENT_PLATFORM = {**settings.PAYMENT_PLATFORM, "url": bank.address}
        place = Town(bank)
        printed: list[bytes] = []
        real = receipts.receipt_pdf
        with monkeypatch.context() as patched:
            patched.setattr(
                receipts, "receipt_pdf", lambda *given, **more: printed.append(real(*given, **more)) or printed[-1]
            )
            first = Story(place, place.owed(), "")
            first.was_killed = True  # it lives here, where what it prints is kept
            first.live("notice")
        monkeypatch.setattr(receipts, "receipt_pdf", lambda *given, **more: printed[0])
        unit = directory.get_unit(place.maker.place.commune.id)
        signatures.mark_picture("agency", unit.agency_name, "", b"")
        assert place.faults() == []
        yield place


def dies_and_comes_right(town: Town, points: list[tuple[str, str]]) -> None:
    for about, point in points:
        story = Story(town, town.owed(), point)
        story.live(about)
        assert story.was_killed, f"{point} was not reached"
        assert town.faults() == [], point


def test_the_platform_gets_no_reply_and_the_worker_dies(town: Town) -> None:
    dies_and_comes_right(town, [("notice", "take_notice:after_commit"), ("work", "record_issued:before_commit")])


@pytest.mark.sweep
def test_wherever_it_dies(town: Town) -> None:
    dies_and_comes_right(town, ALL)


@pytest.mark.sweep
def test_the_judge_sees_what_is_lost_doubled_or_off_balance(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same stories, each with one promise of the product broken, must be found."""
    lost = Story(town, town.owed(), "take_notice:before_commit")
    lost.start()
    lost.do(lost.deeds()["notice"], again=False)  # answered before it was kept, the platform would not tell again
    assert any("the bank says 1500000" in fault for fault in town.faults())
    lost.settle()
    assert town.faults() == []
    doubled = Story(town, town.owed(), "nowhere:at_all")
    doubled.start()
    take, count = actions.take_notice, iter("ab")
    monkeypatch.setattr(
        actions, "take_notice", lambda **given: take(**{**given, "external_id": given["external_id"] + next(count)})
    )
    for _ in range(2):
        doubled.deeds()["notice"]()
    assert any("the bank says 1500000" in fault for fault in town.faults())
    assert any("too many" in fault for fault in town.faults())
