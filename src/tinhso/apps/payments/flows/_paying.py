"""Beginning a payment and asking what became of it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import actions, queries
from tinhso.apps.payments.data import Answer, OrderNotFound, ProviderUnavailable, StartRequest
from tinhso.apps.payments.enums import AnswerState, AttemptStatus, Provider, Verdict
from tinhso.apps.payments.models import PaymentAttempt, PaymentOrder, ProviderMessage
from tinhso.apps.payments.providers import provider_of
from tinhso.apps.payments.providers.platform import read_stamp, stamp
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow
from tinhso.lib.jsontext import read_json
from tinhso.lib.paymentplatform import OK, is_authentic, with_code
from tinhso.lib.text import whole_number

# A provider is asked about a try from this age on, and given up after the other.
FROM, UNTIL = timedelta(minutes=30), timedelta(days=3)
_AGAIN = timedelta(minutes=30)
_AT_ONCE = 200
_KEPT_FOR = timedelta(minutes=5)
# What the platform reads in our answer; the published text names only the success.
_CODES = {
    Verdict.ACCEPTED: (OK, "Thanh cong"), Verdict.REPEATED: (OK, "Da ghi nhan"),
    Verdict.UNKNOWN_REFERENCE: ("01", "Khong tim thay ma tham chieu"), Verdict.WRONG_SUM: ("04", "Sai so tien"),
    Verdict.DISAGREES: ("05", "Trai voi ket qua da ghi nhan"), Verdict.MALFORMED: ("06", "Ban tin khong hop le"),
    Verdict.WRONG_CHECKSUM: ("97", "Sai ma xac thuc"),
}  # fmt: skip


@flow
def start_payment(
    *, order_id: int, provider: str, ip: str, part_vnd: int | None = None, return_path: str = "", actor: Actor, at: datetime
) -> str:  # fmt: skip
    """Bắt đầu thanh toán trực tuyến: the address to send the payer to; empty for a transfer, whose code our page shows.

    A try that is taken up again is asked about first: what the provider has forgotten or refused gives way to a new try
    at once, and what it calls paid is booked and not paid again (empty: our page says so). `return_path`: where the
    browser comes back to, with `?ma=` and the reference; the payer's page of a case where it is not given.

    Raises:
        ProviderUnavailable: the provider does not answer; the try stays and is asked about later.
    """
    attempt = actions.open_attempt(order_id=order_id, provider=provider, part_vnd=part_vnd, actor=actor, at=at)
    if provider == Provider.VIETQR:
        return ""
    if attempt.pay_url:
        status = _look_again(attempt, at=at)
        if status in {AttemptStatus.INTENDED, AttemptStatus.PENDING}:
            return attempt.pay_url
        if status == AttemptStatus.CONFIRMED:
            return ""
        attempt = actions.open_attempt(order_id=order_id, provider=provider, part_vnd=part_vnd, actor=actor, at=at)
    crash("start_payment:before_call")
    url = provider_of(provider).start(_request(attempt, ip=ip, return_path=return_path or "/thanh-toan/tro-ve"), at=at)
    crash("start_payment:after_call")
    actions.record_started(attempt_id=attempt.pk, pay_url=url, actor=actor, at=at)
    return url


def _look_again(attempt: PaymentAttempt, *, at: datetime) -> str:
    """What has become of a try whose page the payer wants to open again; silence leaves it as it was."""
    try:
        answer = provider_of(attempt.provider).ask(attempt.reference, queries.get_account(attempt.order.account), at=at)
    except ProviderUnavailable:
        return attempt.status
    if answer.state == AnswerState.PENDING:
        return attempt.status
    return actions.record_answer(attempt_id=attempt.pk, answer=answer, last=True, actor=SYSTEM, at=at)


@flow
def fetch_bill(*, order_id: int, attempt_id: int, at: datetime) -> bytes:
    """Lấy chứng từ của bên thanh toán (GET_BILL) về một lượt đã trả: PDF. The caller has checked the right to the order.

    Raises:
        OrderNotFound: no such try of this order that was paid.
        ProviderUnavailable: the provider does not answer, or gives no paper.
    """
    attempt = PaymentAttempt.objects.select_related("order").filter(
        pk=attempt_id, order_id=order_id, status=AttemptStatus.CONFIRMED
    ).first()  # fmt: skip
    if attempt is None:
        raise OrderNotFound
    account = queries.get_account(attempt.order.account)
    paper = provider_of(attempt.provider).bill(attempt.reference, account, at=at)
    if not paper:
        raise ProviderUnavailable("Cách thanh toán này không có chứng từ riêng; biên lai của cơ quan ở trang hồ sơ.")
    return paper


@flow
def ask_provider(*, attempt_id: int, at: datetime) -> str:
    """Hỏi lại bên thanh toán về một lượt; returns the status of the try. Unanswered, nothing changes."""
    attempt = PaymentAttempt.objects.select_related("order").get(pk=attempt_id)
    if attempt.provider == Provider.VIETQR:
        answer = Answer(AnswerState.PENDING)
    else:
        answer = provider_of(attempt.provider).ask(attempt.reference, queries.get_account(attempt.order.account), at=at)
    crash("ask_provider:answered")
    last = at - attempt.opened_at > UNTIL
    return actions.record_answer(attempt_id=attempt.pk, answer=answer, last=last, actor=SYSTEM, at=at)


@flow
def ask_waiting(*, at: datetime) -> int:
    """Hỏi lại những lượt thanh toán chờ từ 30 phút đến 3 ngày; returns how many were asked. One silence stops the round."""
    waiting = PaymentAttempt.objects.filter(
        status__in=[AttemptStatus.INTENDED, AttemptStatus.PENDING], opened_at__lte=at - FROM
    ).exclude(asked_at__gt=at - _AGAIN)
    asked = 0
    for attempt_id in list(waiting.order_by("opened_at").values_list("pk", flat=True)[:_AT_ONCE]):
        try:
            ask_provider(attempt_id=attempt_id, at=at)
        except ProviderUnavailable:
            break
        asked += 1
    return asked


@flow
def take_platform_notice(*, raw: bytes, at: datetime) -> dict[str, Any]:
    """Nhận NOTIFY của nền tảng thanh toán quốc gia; returns our answer, which carries a check code of its own.

    An authentic message is kept as it came before anything is decided; `decide_kept` finishes what a crash has left.
    """
    message, secret = _read(raw), settings.PAYMENT_PLATFORM["secret"]
    authentic = is_authentic("NOTIFY", message, secret) and _is_for_us(message)
    if authentic:
        told = {key: _told(message)[key] for key in ("reference", "external_id", "amount_vnd")}
        actions.keep_notice(provider=Provider.PLATFORM, kind="NOTIFY", **told, raw=raw, actor=SYSTEM, at=at)
    crash("take_platform_notice:kept")
    code, words = _CODES[_decide(message, raw, authentic=authentic, at=at)]
    answer = {
        "MaLoi": code, "MoTaLoi": words, "MaDoiTac": str(message.get("MaDoiTac") or ""),
        "MaThamChieu": str(message.get("MaThamChieu") or ""), "ThoiGianGD": stamp(at),
    }  # fmt: skip
    return with_code("NOTIFY_REPLY", answer, secret)


@flow
def decide_kept(*, at: datetime) -> int:
    """Kết luận những bản tin đã giữ mà chưa kết luận, sau năm phút; returns how many. Decided twice, nothing happens twice."""
    kept = ProviderMessage.objects.filter(
        verdict=Verdict.RECEIVED, provider=Provider.PLATFORM, at__lte=at - _KEPT_FOR, at__gt=at - UNTIL
    )
    decided = ProviderMessage.objects.filter(digest=OuterRef("digest")).exclude(verdict=Verdict.RECEIVED)
    waiting = list(kept.filter(~Exists(decided)).order_by("pk").values_list("raw", flat=True)[:_AT_ONCE])
    for raw in waiting:
        _decide(_read(raw.encode()), raw.encode(), authentic=True, at=at)
    return len(waiting)


def _read(raw: bytes) -> dict[str, Any]:
    try:
        message = read_json(raw)
    except ValueError:
        message = None
    return message if isinstance(message, dict) else {}


def _told(message: dict[str, Any]) -> dict[str, Any]:
    """What a NOTIFY says, as our own values."""
    amount = str(message.get("SoTien") or "")
    return {
        "reference": str(message.get("MaThamChieu") or ""), "external_id": str(message.get("MaGiaoDich") or ""),
        "amount_vnd": whole_number(amount, digits=15),
    }  # fmt: skip


def _decide(message: dict[str, Any], raw: bytes, *, authentic: bool, at: datetime) -> Verdict:
    verdict = actions.take_notice(
        provider=Provider.PLATFORM, kind="NOTIFY", **_told(message), currency=str(message.get("MaTienTe") or ""),
        success=str(message.get("MaLoi")) == OK, paid_at=read_stamp(message.get("ThoiGianGD")) or at,
        authentic=authentic, raw=raw, actor=SYSTEM, at=at,
    )  # fmt: skip
    return Verdict(verdict)


def _is_for_us(message: dict[str, Any]) -> bool:
    return any(account.partner == message.get("MaDoiTac") for account in queries.collecting_accounts())


def _request(attempt: PaymentAttempt, *, ip: str, return_path: str) -> StartRequest:
    order: PaymentOrder = attempt.order
    unit = directory.get_unit(order.unit_id)
    known = queries.get_order(order.pk)
    return StartRequest(
        reference=attempt.reference, amount_vnd=attempt.amount_vnd, case_code=order.case_code,
        procedure_code=order.procedure_code, procedure_name=order.procedure_name,
        unit_code=directory.code_prefix(unit.id, attempt.opened_at.date()), unit_name=unit.name,
        account=queries.get_account(order.account), lines=known.lines, payer_name=order.payer_name,
        payer_personal_id=order.payer_personal_id, payer_address=order.payer_address, ip=ip,
        return_url=f"{settings.BASE_URL}{return_path}?ma={attempt.reference}",
    )  # fmt: skip
