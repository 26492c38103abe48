"""Outside providers on the wire: down, silent, twice, wrong; whatever happens, a payment has one receipt."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from tests.factories.forks import dies_here
from tests.factories.receipts import PAID_AT, Cashier, cashier
from tests.simulators.serving import serve
from tinhso.apps.receipts import actions, flows, queries, rules
from tinhso.apps.receipts.data import Issuer, ProviderAnswer, ProviderRefused, ReceiptProviderUnavailable, UsedNumber
from tinhso.apps.receipts.models import Receipt
from tinhso.apps.receipts.providers.registry import connect
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import today
from tinhso.kernel.errors import DomainError
from tinhso.simulators import receipts as simulator

PROVIDERS = ("sinvoice", "vnpt")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(simulator.create_app()) as found:
        yield found


@pytest.fixture
def desk(
    db: None, request: pytest.FixtureRequest, address: str, monkeypatch: pytest.MonkeyPatch, settings: object
) -> Cashier:  # fmt: skip
    """A commune whose receipts come from the provider named by the test."""
    name: str = request.getfixturevalue("provider")
    made = cashier()
    settings.RECEIPT_PROVIDERS = {  # type: ignore[attr-defined]  # the fixture's settings take any name
        name: {"url": f"{address}/{name}", "username": "tinhso-demo", "password": "demo-secret-not-for-production",
               "tax_code": "0100109106-990", "series": "QN-27E", "timeout": 5}
    }  # fmt: skip
    book = replace(queries.rules_now(), default_issuer=Issuer(name, "0100109106-990", "QN"))
    monkeypatch.setattr(queries, "rules_now", lambda: book)
    monkeypatch.setattr(flows, "_sealed", lambda *_: b"%PDF-1.7 a paper")
    behave(address, name, "")
    return made


def behave(address: str, name: str, behaviour: str) -> None:
    answer = httpx.post(f"{address}/admin", data={"provider": name, "behaviour": behaviour})
    assert answer.status_code == 303, answer.text


def issue(receipt: Receipt) -> Receipt:
    with contextlib.suppress(DomainError):
        flows.issue_receipt(receipt_id=receipt.pk, at=PAID_AT)
    return Receipt.objects.get(pk=receipt.pk)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_number_comes_from_the_provider_and_cancelling_goes_back_to_it(
    desk: Cashier, address: str, provider: str
) -> None:
    made = issue(desk.draft())
    assert made.status == "issued"
    assert made.series == "QN-27E"
    cancelled = actions.cancel_refunded_receipt(payment_key="order:1", actor=SYSTEM, at=PAID_AT)
    assert cancelled is not None
    for _ in range(2):
        flows.tell_provider_cancelled(receipt_id=made.pk)
    day = today()
    (theirs,) = [
        one for one in connect(provider).list_used(day, day.replace(year=day.year + 1)) if one.key == str(made.uuid)
    ]
    assert theirs == UsedNumber(str(made.uuid), "QN-27E", made.number or 0, 75_000, cancelled=True)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["down", "lost", "refuse"])
def test_fault_leaves_a_draft_that_is_finished_later_with_one_number(
    desk: Cashier, address: str, provider: str, fault: str
) -> None:
    behave(address, provider, fault)
    waiting = issue(desk.draft())
    assert (waiting.status, waiting.number) == ("draft", None)
    assert waiting.failure
    behave(address, provider, "")
    made = issue(waiting)
    assert made.status == "issued"
    day = today()
    theirs = connect(provider).list_used(day, day.replace(year=day.year + 1))
    assert [one.number for one in theirs if one.key == str(made.uuid)] == [made.number]


@pytest.mark.parametrize("provider", ["sinvoice"])
def test_killed_before_the_number_is_kept_the_provider_gives_the_same_one(
    desk: Cashier, address: str, provider: str
) -> None:
    behave(address, provider, "")
    waiting = desk.draft()
    dies_here("issue_receipt:after_provider", lambda: issue(waiting))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.number) == ("draft", None)
    made = issue(waiting)
    day = today()
    theirs = [
        one for one in connect(provider).list_used(day, day.replace(year=day.year + 1)) if one.key == str(made.uuid)
    ]
    assert [one.number for one in theirs] == [made.number], "one number there, and it is ours"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_number_of_another_receipt_is_not_taken(desk: Cashier, address: str, provider: str) -> None:
    behave(address, provider, "")
    first = issue(desk.draft("order:1"))
    Receipt.objects.filter(pk=first.pk).update(number=1)
    behave(address, provider, "wrong")
    second = issue(desk.draft("order:2"))
    assert (second.status, second.number) == ("draft", None)
    assert "đã dùng cho biên lai khác" in second.failure


@pytest.mark.parametrize("provider", ["sinvoice"])
def test_another_sum_is_not_taken(desk: Cashier, provider: str) -> None:
    made = desk.draft()
    with pytest.raises(ProviderRefused):
        actions.record_provider_number(
            receipt_id=made.pk, answer=ProviderAnswer("QN-27E", 5, "x", amount_vnd=1), actor=SYSTEM, at=PAID_AT
        )


@pytest.mark.parametrize("provider", ["sinvoice"])
def test_reconciliation_tells_what_the_provider_has_and_we_do_not(desk: Cashier, address: str, provider: str) -> None:
    made = desk.draft()
    issue(made)
    (told,) = flows.reconcile_month(month=PAID_AT.date(), at=PAID_AT).values()
    assert any("nhà cung cấp không có" in sentence for sentence in told), "issued today there, in January here"
    behave(address, provider, "down")
    assert list(flows.reconcile_month(month=PAID_AT.date(), at=PAID_AT).values()) == [
        [ReceiptProviderUnavailable().message]
    ]


def test_differences_are_sentences() -> None:
    ours = [UsedNumber(key, "A", number, 10, cancelled=False) for number, key in enumerate("abcde", 1)]
    theirs = [
        ours[0], replace(ours[1], amount_vnd=11), replace(ours[2], cancelled=True), replace(ours[3], number=9),
        UsedNumber("z", "A", 7, 5, cancelled=False),
    ]  # fmt: skip
    told = rules.compare(ours, theirs)
    assert [
        ("A số 2" in told[0]),
        ("đã hủy" in told[1]),
        ("A số 9" in told[2]),
        ("không có." in told[3]),
        ("A số 7" in told[4]),
    ] == [True] * 5
    assert rules.compare(ours, ours) == []
