"""The recount finds nothing in what the actions made, and every single thing that is changed behind their back."""

import pytest
from django.db import connection, transaction
from psycopg.types.json import JsonbLoader
from psycopg.types.string import TextLoader

from tests.factories.behind import without_triggers
from tests.factories.cases import EXTRACT, SUBMITTED_AT, CaseMaker
from tests.factories.world import world
from tinhso.apps.cases.actions import rate_service
from tinhso.apps.cases.models import Case
from tinhso.apps.payments import actions as payments
from tinhso.apps.payments.data import Money
from tinhso.apps.payments.enums import Provider
from tinhso.apps.payments.models import PaymentOrder
from tinhso.config.recount import cases, logs, money, ratings, registers
from tinhso.config.recount.findings import Tally
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.jobs import run_task, take_off, waiting_jobs

# What is done behind the actions' back, and as what it must be found.
TAMPERED = (
    ("UPDATE cases_case SET status = 'processing' WHERE status = 'delivered'", "trạng thái sai"),
    ("UPDATE cases_case SET due_at = due_at + interval '1 minute' WHERE status = 'delivered'", "đồng hồ sai"),
    ("UPDATE cases_case SET lateness = 'late' WHERE status = 'delivered'", "mức đúng hạn sai"),
    ("UPDATE cases_case SET delivered_at = delivered_at + interval '1 hour'", "thời điểm sai"),
    ("UPDATE cases_case SET code = 'H48.99-260302-9999' WHERE status = 'delivered'", "mã hồ sơ sai"),
    ("DELETE FROM cases_casestep WHERE id = (SELECT max(id) FROM cases_casestep)", "bước xử lý sai"),
    ("DELETE FROM cases_case WHERE status = 'withdrawn'", "hồ sơ mất"),
    (
        "DELETE FROM notifications_notice WHERE kind = 'result'",
        "người nộp không được báo",
    ),
    (
        "DELETE FROM notifications_notice WHERE id = (SELECT max(id) FROM notifications_notice)",
        "thông báo không đúng một lần",
    ),
    ("UPDATE cases_codecounter SET latest = latest + 1", "mã hồ sơ hở"),
    ("UPDATE documents_numberbook SET latest = latest + 1", "sổ số hở"),
    ("UPDATE documents_bookentry SET subject = 'case:0'", "kết quả không có số"),
    ("DELETE FROM cases_bookline", "kết quả không vào sổ"),
    ("UPDATE cases_result SET signed_at = NULL, status = 'cancelled'", "sổ kết quả thừa dòng"),
    ("UPDATE cases_bookline SET unit_id = unit_id + 1", "dòng sổ sai đơn vị"),
    ("UPDATE cases_bookline SET book_unit_id = unit_id + 1", "dòng sổ sai đơn vị"),
    (
        "UPDATE cases_case SET unit_id = intake_unit_id; UPDATE cases_bookline SET unit_id = seen_unit_ids[1]",
        "dòng sổ sai đơn vị",
    ),
    ("UPDATE cases_bookline SET seen_unit_ids = seen_unit_ids[2:]", "dòng sổ sai nơi được xem"),
    ("UPDATE cases_bookline SET seen_unit_ids = seen_unit_ids || 0::bigint", "dòng sổ sai nơi được xem"),
    ("UPDATE cases_bookline SET book = 'KHAC'", "dòng sổ khác kết quả"),
    ("UPDATE cases_bookline SET number = 'x'", "dòng sổ khác kết quả"),
    ("UPDATE documents_numberbook SET book = 'KHAC' || id", "dòng sổ khác kết quả"),
    ("DELETE FROM cases_rating", "đánh giá không như nhật ký"),
    ("UPDATE cases_rating SET satisfaction = 'satisfied'", "đánh giá không như nhật ký"),
    ("UPDATE cases_rating SET faults = '{}'", "đánh giá không như nhật ký"),
    ("DELETE FROM audit_entry WHERE type = 'case.rated'", "đánh giá không như nhật ký"),
    ("DELETE FROM cases_ratingsum WHERE field IS NULL", "tổng đánh giá sai"),
    ("UPDATE cases_ratingsum SET fault_time = 2 WHERE field IS NOT NULL", "tổng đánh giá sai"),
    ("UPDATE cases_ratingsum SET day = day + 1", "tổng đánh giá sai"),
    ("UPDATE cases_rating SET rated_at = rated_at - interval '1 day'", "tổng đánh giá sai"),
    ("DELETE FROM audit_entry WHERE type = 'case.received'", "luồng nhật ký hở"),
    ("DELETE FROM audit_entry WHERE type = 'payment.taken'", "tiền không vào nhật ký một lần"),
    ("DELETE FROM audit_entry WHERE type = 'payment.confirmed'", "xác nhận nộp không một lần"),
    ("UPDATE payments_paymentorder SET paid_vnd = paid_vnd + 1000", "khoản thu không khớp sổ"),
    ("UPDATE payments_paymentorder SET amount_vnd = amount_vnd + 1000", "khoản phải nộp sai số"),
    ("UPDATE payments_payment SET amount_vnd = 1", "khoản thu không khớp sổ"),
    ("UPDATE payments_ledgerposting SET amount_vnd = 7 WHERE amount_vnd > 0", "bút toán lệch"),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived() -> None:
    """A case delivered, one paid for on line, one waiting for papers; everybody told, everything sealed."""
    place = world()
    maker = CaseMaker(place)
    delivered = maker.at("delivered")
    rate_service(
        case_id=delivered.pk, satisfaction="dissatisfied", faults=["time", "fees"], comment="", actor=maker.person,
        at=delivered.delivered_at,
    )  # fmt: skip
    maker.at("supplement")
    maker.at("withdrawn")
    extract = CaseMaker(place, code=EXTRACT)
    case = extract.submitted()
    order = PaymentOrder.objects.get(subject=f"case:{case.pk}")
    attempt = payments.open_attempt(order_id=order.pk, provider=Provider.VIETQR, actor=extract.person, at=SUBMITTED_AT)
    payments.take_money(
        money=Money(
            provider=Provider.VIETQR, external_id="FT1", account=order.account, amount_vnd=order.amount_vnd,
            paid_at=SUBMITTED_AT, reference=attempt.reference,
        ),
        actor=SYSTEM, at=SUBMITTED_AT,
    )  # fmt: skip


def _recount() -> Tally:
    connection.ensure_connection()
    raw, tally = connection.connection, Tally()
    # Django reads JSON by itself; the recount reads it as any connection of its own would.
    raw.adapters.register_loader("jsonb", JsonbLoader)
    try:
        for part in (cases, registers, ratings, money, logs):
            part.check(raw, tally)
    finally:
        raw.adapters.register_loader("jsonb", TextLoader)
    return tally


def _tamper(statement: str) -> None:
    with without_triggers() as cursor:
        cursor.execute(statement)


def test_what_the_actions_made_is_right(lived: None) -> None:
    tally = _recount()
    assert tally.findings == []
    assert tally.counted["hồ sơ"] == Case.objects.count() == 4
    assert tally.counted["đồng hồ tính lại"] == 3
    assert tally.counted["dòng sổ kết quả"] == 1
    assert tally.counted["đánh giá"] == 1
    assert tally.counted["khoản tiền về"] == 1


def test_what_is_changed_behind_the_back_is_found(lived: None) -> None:
    told = [job for job in waiting_jobs() if "_notices" in job.arguments.get("handler", "")]
    for job in told:
        run_task(job.task, job.arguments)
    take_off([job.id for job in told])
    assert _recount().findings == []
    for statement, kind in TAMPERED:
        with transaction.atomic():
            _tamper(statement)
            assert kind in _recount().found, statement
            transaction.set_rollback(True)
    assert _recount().findings == []
