"""Collection lists: all lines or none, an order each, the payer's code and fact, money followed to the đồng."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from pypdfium2 import PdfDocument

from tests.factories.collections import AT, HEAD, PAYER, ROWS, School, school
from tests.factories.forks import dies_here
from tests.factories.payments import Platform
from tests.factories.world import citizen
from tinhso.apps.collections import actions, flows, queries, rules
from tinhso.apps.collections.data import CollectionInvalid, CollectionMoved, CollectionNotFound, NoSuchBill
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.models import CollectionLine
from tinhso.apps.notifications.models import Notice
from tinhso.apps.payments import actions as payments
from tinhso.apps.payments import providers
from tinhso.apps.payments import queries as orders
from tinhso.apps.payments.data import Money, ShiftNotOpen
from tinhso.apps.payments.models import LedgerPosting, PaymentOrder, Refund
from tinhso.apps.receipts.models import Receipt
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden


@pytest.fixture
def desk(db: None) -> School:
    return school()


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    stand_in = Platform()
    monkeypatch.setitem(providers._PROVIDERS, "platform", lambda: stand_in)
    return stand_in


def pdf_words(content: bytes) -> str:
    with PdfDocument(content) as paper:
        return " ".join(page.get_textpage().get_text_range() for page in paper)


def test_a_file_is_taken_whole_or_not_at_all(desk: School) -> None:
    found = desk.draft()
    flows.import_file(list_id=found.pk, content="\n".join([HEAD, ROWS[0]]).encode(), actor=desk.keeps, at=AT)
    bad = [
        HEAD, ROWS[0], "An,31/02/2020,,Lá,Học phí,1000,,,", "Bình,,,Lá,Học phí,1000,,,", "Chi,01/01/2020,,Lá,Học phí,0,,,",
        "Dung,01/01/2020,,Lá,Học phí,1000,giam_70,,", "Em,01/01/2020,,Lá,Học phí,1000,bhyt_80,x,", ROWS[0],
        "Giang,01/01/2020,,Lá,Học phí,1000,,,123",
    ]  # fmt: skip
    with pytest.raises(CollectionInvalid) as refusal:
        flows.import_file(list_id=found.pk, content="\n".join(bad).encode(), actor=desk.keeps, at=AT)
    told = [one.message for one in refusal.value.errors]
    assert [one.split(":")[0] for one in told] == [f"Dòng {number}" for number in range(3, 10)]
    assert "trùng người và nội dung với dòng 2" in told[5]
    assert CollectionLine.objects.filter(list=found).count() == 1, "what was there stays"
    with pytest.raises(CollectionInvalid, match="UTF-8"):
        flows.import_file(list_id=found.pk, content="Trần".encode("utf-16"), actor=desk.keeps, at=AT)


def test_a_spreadsheet_says_the_same_as_text(desk: School) -> None:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, rules.HEADER)
    sheet.write_row(1, 0, ["Trần Bé Minh Họa"])
    sheet.write_datetime(1, 1, datetime(2021, 9, 5), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_row(1, 2, ["HS-001", "Lá 1", "Học phí tháng 12/2026", 1_200_000])
    book.close()
    found = desk.draft()
    assert flows.import_file(list_id=found.pk, content=out.getvalue(), actor=desk.keeps, at=AT) == 1
    line = CollectionLine.objects.get(list=found)
    assert (line.full_name, line.birth_date, line.due_vnd) == ("Trần Bé Minh Họa", date(2021, 9, 5), 1_200_000)
    with pytest.raises(CollectionInvalid, match="XLSX"):
        flows.import_file(list_id=found.pk, content=b"PK\x03\x04 broken", actor=desk.keeps, at=AT)


def test_opening_raises_one_order_a_line_and_goes_on_where_it_stopped(
    desk: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = desk.draft()
    flows.import_file(list_id=found.pk, content="\n".join([HEAD, *ROWS]).encode(), actor=desk.keeps, at=AT)
    with pytest.raises(Forbidden):
        actions.open_list(list_id=found.pk, actor=desk.keeps, at=AT)
    actions.open_list(list_id=found.pk, actor=desk.opens, at=AT)
    monkeypatch.setattr("tinhso.apps.collections.actions._work.PORTION", 2)
    dies_here("work_list:between", lambda: flows.work_list(list_id=found.pk, at=AT))
    assert CollectionLine.objects.filter(list=found, status=LineStatus.DUE).count() == 2
    assert flows.work_left_over(at=AT) == 1
    lines = list(CollectionLine.objects.filter(list=found).order_by("number"))
    assert [line.status for line in lines] == [LineStatus.DUE, LineStatus.DUE, LineStatus.DUE, LineStatus.EXEMPT]
    assert [line.due_vnd for line in lines] == [1_200_000, 360_000, 1_200_000, 0]
    raised = PaymentOrder.objects.filter(occasion="collection").order_by("pk")
    assert [one.amount_vnd for one in raised] == [1_200_000, 360_000, 1_200_000]
    assert sum(LedgerPosting.objects.values_list("amount_vnd", flat=True)) == 0
    with pytest.raises(CollectionMoved):
        flows.import_file(list_id=found.pk, content="\n".join([HEAD, ROWS[0]]).encode(), actor=desk.keeps, at=AT)


def test_only_code_and_fact_open_a_bill_and_all_refusals_sound_alike(desk: School) -> None:
    line = desk.opened()[0]
    for fact in ("05/09/2021", "2021-09-05", "hs-001"):
        assert queries.bill_of(queries.find_bill(code=line.code.replace("-", "").lower(), fact=fact)) == line
    hidden = CollectionLine.objects.get(pk=actions.add_line(
        list_id=desk.draft().pk, said=dict(zip(rules.HEADER, ROWS[0].split(","), strict=True)), actor=desk.keeps, at=AT,
    ).pk)  # fmt: skip
    wrong_digit = line.code[:-1] + str((int(line.code[-1]) + 1) % 10)
    tries = [(line.code, "06/09/2021"), (line.code, ""), (wrong_digit, "HS-001"), (hidden.code, "HS-001"), ("", "")]
    said = set()
    for code, fact in tries:
        with pytest.raises(NoSuchBill) as refusal:
            queries.find_bill(code=code, fact=fact)
        said.add(refusal.value.message)
    assert len(said) == 1
    with pytest.raises(NoSuchBill):
        queries.bill_of("x:y:z")


def test_parts_transfers_and_the_platform_end_at_zero(
    desk: School, platform: Platform, drain_jobs: Callable[[], int]
) -> None:
    line = desk.opened()[0]
    token = queries.find_bill(code=line.code, fact="HS-001")
    with pytest.raises(CollectionInvalid, match="ít nhất"):
        flows.start_payment(token=token, provider="vietqr", part_vnd=99_999, ip="", at=AT)
    assert not flows.start_payment(token=token, provider="vietqr", part_vnd=500_000, ip="", at=AT)
    (bill,) = orders.bills_of(queries.subject_of(line))
    assert bill.transfer is not None
    assert (bill.transfer.amount_vnd, bill.transfer.text) == (500_000, line.code)
    money = Money(
        "vietqr", "FT1", "treasury", 500_000, AT, text=f"NGUYEN VAN A chuyen {line.code.replace('-', '')} GD 1"
    )
    payments.take_money(money=money, actor=SYSTEM, at=AT)
    payments.take_money(money=money, actor=SYSTEM, at=AT)
    drain_jobs()
    line.refresh_from_db()
    assert (line.status, line.paid_vnd) == (LineStatus.PARTLY_PAID, 500_000)
    assert flows.start_payment(token=token, provider="platform", part_vnd=None, ip="", at=AT).startswith("https://pay.")
    request = platform.started[0]
    assert (request.amount_vnd, request.return_url.split("?")[0].endswith("/tro-ve")) == (700_000, True)
    platform.pay(request.reference, 700_000, AT)
    with pytest.raises(NoSuchBill):
        flows.come_back(token=token, reference="H48.12-261008-0007-01", at=AT)
    flows.come_back(token=token, reference=request.reference, at=AT)
    drain_jobs()
    line.refresh_from_db()
    assert (line.status, line.paid_vnd) == (LineStatus.PAID, 1_200_000)
    assert sorted(one.provider for one in queries.money_of(line)) == ["platform", "vietqr"]
    with pytest.raises(CollectionMoved):
        flows.start_payment(token=token, provider="vietqr", part_vnd=None, ip="", at=AT)
    assert orders.balance_of(f"receivable:{line.list.unit_id}") == 360_000 + 1_200_000


def test_cash_in_parts_at_the_counter_ends_in_one_receipt(desk: School, drain_jobs: Callable[[], int]) -> None:
    line = desk.opened()[0]
    given: dict[str, Any] = {"line_id": line.pk, "method": "cash", "slip": "", "actor": desk.keeps}
    with pytest.raises(ShiftNotOpen):
        actions.collect_line(amount_vnd=500_000, key="a", **given, at=AT)
    shift = payments.open_shift(unit_id=desk.place.commune.id, float_vnd=0, actor=desk.keeps, at=AT)
    for wrong in (99_999, 0, -1, 1_200_001):
        with pytest.raises(CollectionInvalid, match="ít nhất"):
            actions.collect_line(amount_vnd=wrong, key="b", **given, at=AT)
    assert actions.collect_line(amount_vnd=500_000, key="a", **given, at=AT).verdict == "accepted"
    assert actions.collect_line(amount_vnd=500_000, key="a", **given, at=AT).verdict == "repeated"
    drain_jobs()
    line.refresh_from_db()
    assert (line.status, line.paid_vnd) == (LineStatus.PARTLY_PAID, 500_000)
    assert not Receipt.objects.exists(), "a receipt is of the whole"
    with pytest.raises(Forbidden):
        actions.collect_line(amount_vnd=700_000, key="c", **{**given, "actor": desk.place.officer("clerk")}, at=AT)
    actions.collect_line(amount_vnd=700_000, key="c", **given, at=AT)
    drain_jobs()
    line.refresh_from_db()
    assert (line.status, line.paid_vnd) == (LineStatus.PAID, 1_200_000)
    receipt = Receipt.objects.get()
    assert (receipt.subject, receipt.amount_vnd) == (queries.subject_of(line), 1_200_000)
    sheet = orders.shift_sheet(actor=desk.keeps, shift_id=shift)
    assert (sheet.cash_vnd, len(sheet.payments)) == (1_200_000, 2)
    exempt = CollectionLine.objects.get(list_id=line.list_id, status=LineStatus.EXEMPT)
    with pytest.raises(CollectionMoved):
        actions.collect_line(amount_vnd=1, key="d", **{**given, "line_id": exempt.pk}, at=AT)


def test_slips_are_of_who_still_has_to_pay(desk: School, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = desk.opened()
    monkeypatch.setattr(queries, "SLIPS", 2)
    found = lines[0].list
    assert list(queries.slip_portions(queries.sums_of([found.pk])[found.pk])) == [1, 2], "three of four owe something"
    first, second = (queries.slips_pdf(found, portion=number, at=AT) for number in (1, 2))
    words = pdf_words(first)
    assert lines[0].code in words
    assert "1.200.000 đồng" in words
    assert lines[2].code not in words
    assert lines[2].code in pdf_words(second)
    with pytest.raises(CollectionNotFound):
        queries.slips_pdf(found, portion=3, at=AT)


def test_a_reduction_later_and_money_that_goes_back(desk: School, drain_jobs: Callable[[], int]) -> None:
    first, _, third, _ = desk.opened()
    with pytest.raises(CollectionInvalid, match="minh chứng"):
        actions.exempt_line(line_id=first.pk, exemption="giam_50", evidence=" ", actor=desk.opens, at=AT)
    actions.exempt_line(line_id=first.pk, exemption="giam_50", evidence="Giấy số 12", actor=desk.opens, at=AT)
    first.refresh_from_db()
    assert (first.due_vnd, first.orders_raised) == (600_000, 2)
    paid = Money("vietqr", "FT2", "treasury", 600_000, AT, text=first.code)
    payments.take_money(money=paid, actor=SYSTEM, at=AT)
    drain_jobs()
    first.refresh_from_db()
    assert first.status == LineStatus.PAID, "the smaller order is the one that waited"
    with pytest.raises(CollectionMoved):
        actions.exempt_line(line_id=first.pk, exemption="giam_70", evidence="x", actor=desk.opens, at=AT)
    actions.cancel_line(line_id=first.pk, reason="Thôi học", actor=desk.opens, at=AT)
    (refund,) = Refund.objects.all()
    assert (refund.amount_vnd, refund.status) == (600_000, "checked"), "the accountant has looked already"
    actions.cancel_line(line_id=third.pk, reason="Ghi nhầm", actor=desk.opens, at=AT)
    third.refresh_from_db()
    assert (third.status, orders.get_order(third.order_id or 0).status) == (LineStatus.CANCELLED, "cancelled")


def test_reminded_once_a_day_and_only_who_has_an_account(desk: School) -> None:
    lines = desk.opened()
    parent = citizen(PAYER, "Phạm Văn Phụ Huynh")
    found = lines[0].list
    assert actions.remind(list_id=found.pk, actor=desk.opens, at=AT) == 1
    assert actions.remind(list_id=found.pk, actor=desk.opens, at=AT + timedelta(hours=1)) == 0
    notice = Notice.objects.get(account_id=parent.account_id or 0)
    assert (notice.code, notice.kind) == (lines[2].code, "payment")
    assert "Bé" not in notice.words
    assert flows.remind_due(at=AT + timedelta(days=12)) == 1, "seven days before the last day"
    assert flows.remind_due(at=AT + timedelta(days=13)) == 0


def test_closing_cancels_what_is_open_and_the_share_is_counted(desk: School, drain_jobs: Callable[[], int]) -> None:
    first, second, third, _ = desk.opened()
    payments.take_money(money=Money("vietqr", "FT3", "treasury", 360_000, AT, text=second.code), actor=SYSTEM, at=AT)
    shift = payments.open_shift(unit_id=desk.place.commune.id, float_vnd=0, actor=desk.keeps, at=AT)
    payments.collect_at_counter(
        order_id=third.order_id or 0, method="cash", amount_vnd=1_200_000, slip="", key="k", actor=desk.keeps, at=AT
    )
    with travel(AT):
        drain_jobs()
    (figure,) = queries.cashless_figures(actor=desk.opens, since=date(2026, 12, 1), until=date(2027, 1, 1))
    assert (figure.payments, figure.total_vnd, figure.cashless_vnd, figure.share) == (2, 1_560_000, 360_000, 23)
    assert queries.cashless_figures(actor=desk.opens, since=date(2026, 11, 1), until=date(2026, 12, 1)) == []
    actions.close_list(list_id=first.list_id, reason="Hết kỳ", actor=desk.opens, at=AT)
    closed = flows.work_list(list_id=first.list_id, at=AT)
    first.refresh_from_db()
    assert (closed.status, first.status) == (ListStatus.CLOSED, LineStatus.CANCELLED)
    assert queries.sums_of([first.list_id])[first.list_id].paid_vnd == 1_560_000
    assert orders.balance_of(f"cash:{shift}") == 1_200_000


def test_codes_read_back_and_refuse_a_wrong_digit() -> None:
    codes = {rules.new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert rules.read_code(f" {code.lower()} ") == code
        digit = (int(code[3]) + 5) % 10
        assert rules.read_code(f"{code[:3]}{digit}{code[4:]}") == ""


@pytest.mark.parametrize(("typed", "found"), [("44444", date(2021, 9, 5)), ("5/9/2021", date(2021, 9, 5)), ("x", None)])
def test_days_as_people_and_sheets_write_them(typed: str, found: Any) -> None:
    assert rules._day(typed) == found
