"""One payment, one receipt; numbers without gaps; ended by two people, never erased."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.factories.payments import due_order
from tests.factories.receipts import PAID_AT, Cashier, cashier, request
from tests.factories.world import CONTENT
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.models import BookEntry
from tinhso.apps.documents.queries import read_file
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.actions import take_money
from tinhso.apps.payments.data import Money
from tinhso.apps.payments.events import PaymentConfirmed, RefundPaid
from tinhso.apps.receipts import actions, content, flows, jobs, queries, rules
from tinhso.apps.receipts.data import NotBySamePerson, ReceiptInvalid, ReceiptMoved, ReceiptRequest
from tinhso.apps.receipts.models import Receipt
from tinhso.apps.signatures.queries import verify_pdf, verify_upload
from tinhso.kernel import actions as kernel_actions
from tinhso.kernel import crash
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden

LATER = PAID_AT + timedelta(hours=2)
ROLES = ("one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "auditor")


@pytest.fixture
def desk(db: None) -> Cashier:
    return cashier()


def test_receipt_is_sealed_says_the_sum_in_words_and_its_xml_is_vouched_for(desk: Cashier) -> None:
    made = desk.issued()
    assert (made.status, queries.label(made)) == ("issued", "AA-27E 0000001")
    pdf = read_file(made.file_id or 0)
    verdict = verify_pdf(pdf, at=LATER)
    assert len(verdict.signatures) == 1
    assert verdict.ok, verdict.sentences
    printed = "".join((verify_upload(pdf, at=LATER).text or "").split())
    assert made.xml_sha256 in printed, "the seal answers for the XML too"
    told = etree.fromstring(made.xml.encode())
    words = {etree.QName(node).localname: node.text for node in told.iter() if isinstance(node.tag, str)}
    assert (words["SBLai"], words["TgTien"], words["TgTBChu"]) == ("0000001", "75000", "Bảy mươi lăm nghìn đồng")
    found = queries.check_receipt(made.check_code.upper())
    assert found is not None
    assert (found.valid, found.payer, found.number) == (True, "N••••• T•• Đào", "0000001")
    assert queries.find_receipt_by_digest(found.sha256) == found


def test_asked_again_and_again_it_is_one_receipt(desk: Cashier) -> None:
    first = desk.issued()
    for _ in range(3):
        assert desk.draft(at=LATER).pk == first.pk
        flows.issue_receipt(receipt_id=first.pk, at=LATER)
    assert Receipt.objects.count() == 1
    assert BookEntry.objects.filter(book__book__contains="AA-27E").count() == 1
    assert sum(entry.type == "receipt.issued" for entry in entries_of("case:7")) == 1


def test_before_the_first_day_of_the_rules_receipts_are_on_paper(desk: Cashier) -> None:
    early = PAID_AT.replace(year=2026, month=6)
    wanted = request(unit_id=desk.place.commune.id)
    assert actions.begin_receipt(request=wanted, actor=SYSTEM, at=early) is None
    assert not Receipt.objects.exists()


def test_duty_is_a_dated_setting_of_content() -> None:
    book = queries.rules_now()
    before, after = book.mode_on(date(2026, 12, 31)), book.mode_on(date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.paper, after.paper) == (True, False)
    assert content.check(CONTENT) == []


def test_a_receipt_has_a_payer_and_items(desk: Cashier) -> None:
    unit_id = desk.place.commune.id
    for wrong in (request(unit_id=unit_id, name=" "), request(unit_id=unit_id, amount=0)):
        with pytest.raises(ReceiptInvalid):
            actions.begin_receipt(request=wrong, actor=SYSTEM, at=PAID_AT)


def test_only_the_system_begins_a_receipt(desk: Cashier) -> None:
    with pytest.raises(Forbidden):
        actions.begin_receipt(request=request(unit_id=desk.place.commune.id), actor=desk.asking, at=PAID_AT)


def test_year_begins_its_own_series(desk: Cashier) -> None:
    desk.draft("order:1", at=PAID_AT - timedelta(days=30))
    made = [desk.draft(f"order:{number}") for number in (2, 3)]
    assert [queries.label(one) for one in made] == ["AA-27E 0000001", "AA-27E 0000002"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["pay", "issue", "cancel", "replace", "refund"])), max_size=12
    )
)
def test_any_order_of_acts_leaves_one_receipt_a_payment_and_no_gap(
    desk: Cashier, monkeypatch: pytest.MonkeyPatch, acts: list[tuple[int, str]]
) -> None:
    monkeypatch.setattr(flows, "_sealed", lambda *_: b"%PDF-1.7 a paper")
    start = Receipt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for position, (number, act) in enumerate(acts):
        key = f"order:{start}:{number}"
        if act == "pay":
            desk.draft(key)
            continue
        held = queries.receipt_of_payment(key)
        if held is None:
            continue
        if act == "issue":
            flows.issue_receipt(receipt_id=held.pk, at=PAID_AT)
        elif act == "refund":
            actions.cancel_refunded_receipt(payment_key=key, actor=SYSTEM, at=LATER)
        elif held.status == "issued":
            ending = desk.proposed(held, act, payer_name=f"Người nộp {position}")
            actions.approve_ending(ending_id=ending.pk, actor=desk.deciding, at=LATER)
    rows = Receipt.objects.all()
    assert rules.gaps(one.number or 0 for one in rows) == []
    for key in {one.payment_key for one in rows}:
        chain = rows.filter(payment_key=key)
        assert chain.filter(replaces__isnull=True).count() == 1
        assert chain.filter(status="issued").count() <= 1


@pytest.mark.django_db(transaction=True)
def test_counters_at_once_take_each_their_number() -> None:
    desk = cashier()
    unit_id = desk.place.commune.id

    def pay(number: int) -> None:
        try:
            for repeat in range(2):
                actions.begin_receipt(
                    request=request(f"order:{number}", unit_id=unit_id),
                    actor=SYSTEM,
                    at=PAID_AT + timedelta(seconds=repeat),
                )
        finally:
            connection.close()

    threads = [threading.Thread(target=pay, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Receipt.objects.values_list("number", flat=True)) == set(range(1, 7))
    assert Receipt.objects.count() == 6


def test_cancelled_by_two_people_and_marked_for_ever(desk: Cashier) -> None:
    made = desk.issued()
    ending = desk.proposed(made)
    with pytest.raises(ReceiptMoved):
        desk.proposed(made)
    actions.approve_ending(ending_id=ending.pk, actor=desk.deciding, at=LATER)
    with pytest.raises(ReceiptMoved):
        actions.approve_ending(ending_id=ending.pk, actor=desk.deciding, at=LATER)
    found = queries.check_receipt(made.check_code)
    assert found is not None
    assert (found.valid, found.status) == (False, "Đã hủy")
    assert "Ghi nhầm tên" in found.end_reason
    assert [e.type for e in entries_of("case:7")] == ["receipt.issued", "receipt.cancelled"]
    assert desk.draft("order:2").number == 2


def test_replacement_takes_the_place_and_names_the_old_one(desk: Cashier) -> None:
    made = desk.issued()
    ending = desk.proposed(made, "replace", payer_name="Nguyễn Thị Đáo")
    new = actions.approve_ending(ending_id=ending.pk, actor=desk.deciding, at=LATER)
    made.refresh_from_db()
    assert made.status == "issued", "the old one holds until the new one is made"
    new = flows.issue_receipt(receipt_id=new.pk, at=LATER)
    made.refresh_from_db()
    assert (made.status, new.status, new.payer_name, new.amount_vnd) == ("replaced", "issued", "Nguyễn Thị Đáo", 75_000)
    assert "<KHSBLai>AA-27E 0000001</KHSBLai>" in new.xml
    old, later = queries.check_receipt(made.check_code), queries.check_receipt(new.check_code)
    assert old is not None
    assert later is not None
    assert (old.replaced_by, later.replaces) == ("AA-27E 0000002", "AA-27E 0000001")


def test_replacement_keeps_the_sum_that_was_paid(desk: Cashier) -> None:
    made = desk.issued()
    for corrections in ({}, {"lines": [{"name": "Phí", "amount_vnd": 80_000, "kind": "fee"}]}):
        with pytest.raises(ReceiptInvalid):
            desk.proposed(made, "replace", **corrections)


def test_refused_proposal_leaves_the_receipt(desk: Cashier) -> None:
    made = desk.issued()
    ending = desk.proposed(made)
    with pytest.raises(ReceiptInvalid):
        actions.refuse_ending(ending_id=ending.pk, reason=" ", actor=desk.deciding, at=LATER)
    actions.refuse_ending(ending_id=ending.pk, reason="Tên ghi đúng", actor=desk.deciding, at=LATER)
    assert queries.get_receipt(actor=desk.deciding, receipt_id=made.pk).status == "issued"


def test_who_asks_does_not_decide_and_others_do_neither(desk: Cashier) -> None:
    made = desk.issued()
    for role in ROLES:
        person = desk.place.officer(role)
        with pytest.raises(Forbidden):
            actions.propose_ending(
                receipt_id=made.pk,
                kind="cancel",
                reason_code="other",
                reason="x",
                corrections={},
                actor=person,
                at=LATER,
            )
    ending = desk.proposed(made)
    for role in [*ROLES, "elsewhere"]:
        if role == "leader":
            continue
        person = (
            desk.place.officer("leader", desk.place.other_commune) if role == "elsewhere" else desk.place.officer(role)
        )
        with pytest.raises(Forbidden):
            actions.approve_ending(ending_id=ending.pk, actor=person, at=LATER)
    type(ending).objects.filter(pk=ending.pk).update(proposed_by_id=desk.deciding.account_id)
    with pytest.raises(NotBySamePerson):
        actions.approve_ending(ending_id=ending.pk, actor=desk.deciding, at=LATER)


def test_month_use_tells_from_to_and_what_became_of_them(desk: Cashier) -> None:
    first, *_ = [desk.issued(f"order:{number}") for number in range(1, 4)]
    actions.approve_ending(ending_id=desk.proposed(first).pk, actor=desk.deciding, at=LATER)
    desk.draft("order:9")
    (use,) = queries.month_use(actor=desk.asking, month=date(2027, 1, 1))
    assert (use.first, use.last, use.used, use.issued, use.cancelled, use.drafts) == ("0000001", "0000004", 4, 2, 1, 1)
    assert (use.amount_vnd, use.unused) == (150_000, ())
    told = queries.differences(actor=desk.asking, month=date(2027, 1, 1), now=LATER)
    assert [one.what[:24] for one in told if "khoản thu" not in one.what] == ["Biên lai AA-27E 0000004 "]
    assert sum("không có khoản thu tương ứng" in one.what for one in told) == 2, "receipts of orders nobody knows"
    assert queries.month_use(actor=desk.place.officer("leader", desk.place.other_commune), month=date(2027, 1, 1)) == []


def test_drafts_left_by_a_crash_are_finished_with_their_number(desk: Cashier) -> None:
    waiting = desk.draft()
    with travel(LATER):
        jobs.finish_receipts()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.number, waiting.begun_at) == ("issued", 1, PAID_AT)


@pytest.mark.parametrize("point", ["issue_receipt:after_store", "record_issued:before_commit"])
def test_killed_anywhere_it_is_finished_once_under_its_number(
    desk: Cashier, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        if name == point:
            raise Killed

    waiting = desk.draft()
    for module in (flows, kernel_actions):
        monkeypatch.setattr(module, "crash", die)
    with pytest.raises(Killed):
        flows.issue_receipt(receipt_id=waiting.pk, at=PAID_AT)
    for module in (flows, kernel_actions):
        monkeypatch.setattr(module, "crash", crash.crash)
    assert Receipt.objects.get().status == "draft"
    made = flows.issue_receipt(receipt_id=waiting.pk, at=LATER)
    assert (made.number, Receipt.objects.count()) == (1, 1)
    assert sum(entry.type == "receipt.issued" for entry in entries_of("case:7")) == 1


def test_money_told_twice_gives_the_order_of_a_case_one_receipt(desk: Cashier, drain_jobs: Callable[[], int]) -> None:
    order = due_order(desk.place)
    money = Money(
        provider="vietqr",
        external_id="PT-1",
        account=order.account,
        amount_vnd=order.amount_vnd,
        paid_at=PAID_AT,
        reference="",
        text=order.case_code,
    )
    with travel(PAID_AT):
        drain_jobs()
        for _ in range(2):
            take_money(money=money, actor=SYSTEM, at=PAID_AT)
            drain_jobs()
    made = Receipt.objects.get()
    month = PAID_AT.date()
    assert queries.differences(actor=desk.asking, month=month, now=LATER) == []
    type(order).objects.filter(pk=order.pk).update(paid_vnd=1)
    (less,) = queries.differences(actor=desk.asking, month=month, now=LATER)
    assert (less.receipt_id, less.what.endswith("sổ thu còn giữ 1 đồng.")) == (made.pk, True)
    Receipt.objects.update(payment_key="order:0")
    told = [one.what for one in queries.differences(actor=desk.asking, month=month, now=LATER)]
    assert [one.rpartition(" ")[0].split(" ")[-2:] for one in told] == [["có", "biên"], ["thu", "tương"]]
    Receipt.objects.update(payment_key=f"order:{order.pk}")
    assert (made.status, made.payment_key, made.subject) == ("issued", f"order:{order.pk}", order.subject)
    assert (made.amount_vnd, made.payer_name, made.method) == (
        order.amount_vnd,
        order.payer_name,
        "Chuyển khoản bằng mã QR",
    )


def test_paid_order_gets_its_receipt_and_a_refund_takes_it_back(
    desk: Cashier, drain_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: ReceiptRequest = request(unit_id=desk.place.commune.id)
    order = SimpleNamespace(
        id=5, unit_id=wanted.unit_id, payer_name="Nguyễn Thị Đào", payer_personal_id="", payer_address="", lines=wanted.lines,
        subject="case:7", case_code="", paid_vnd=75_000, refunded_vnd=0,
    )  # fmt: skip
    monkeypatch.setattr(payments, "get_order", lambda _: order)
    paid = PaymentConfirmed(5, "case:7", "fees", "cash", 75_000, PAID_AT)
    back = RefundPaid(1, 5, 75_000, "transfer", "FT1")
    with travel(PAID_AT):
        for _ in range(2):
            jobs.begin_receipt_of_order(event=paid, actor=SYSTEM, at=PAID_AT, entry_id=1)
        drain_jobs()
        jobs.cancel_receipt_of_refund(event=back, actor=SYSTEM, at=PAID_AT, entry_id=2)
        assert Receipt.objects.get().status == "issued", "not all of it went back"
        order.refunded_vnd = 75_000
        jobs.cancel_receipt_of_refund(event=back, actor=SYSTEM, at=PAID_AT, entry_id=2)
    assert Receipt.objects.get().status == "cancelled"
