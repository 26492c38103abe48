"""Turns in the life of a case, posted from its page: hand over, stop, open again, correct, revoke (vòng đời hồ sơ)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import SupplementNeedsHead
from tinhso.apps.cases.enums import ClockAfter
from tinhso.interfaces.ui.forms_post import parse_post
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib import forms
from tinhso.lib.text import whole_number


class Sent(Protocol):
    """A posted act."""

    @property
    def request(self) -> HttpRequest: ...
    @property
    def case(self) -> Any: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def at(self) -> datetime: ...
    @property
    def step(self) -> str: ...
    def text(self, name: str) -> str: ...


def _supplement(sent: Sent) -> str:
    """Asked at once, or proposed to the head where the procedure lets only the head sign."""
    given: dict[str, Any] = {
        "case_id": sent.case.pk, "reason": sent.text("_reason"), "actor": sent.actor, "at": sent.at,
        "items": [line.strip(" -•\t") for line in sent.text("_items").splitlines()],
        "documents": sent.request.POST.getlist("_documents"), "fields": sent.request.POST.getlist("_fields"),
    }  # fmt: skip
    try:
        actions.request_supplement(**given)
    except SupplementNeedsHead:
        actions.propose_supplement(**given)
        return "Đã đề xuất yêu cầu bổ sung, chờ lãnh đạo phòng ký. Thời hạn vẫn chạy đến khi phiếu được ký."
    return "Đã yêu cầu bổ sung. Phiếu yêu cầu được lập và gửi người nộp."


def _decide_supplement(sent: Sent) -> str:
    accept = sent.text("_accept") == "1"
    actions.decide_supplement(
        case_id=sent.case.pk, accept=accept, note=sent.text("_note"), actor=sent.actor, at=sent.at
    )
    return "Đã ký, phiếu yêu cầu bổ sung được gửi người nộp." if accept else "Đã trả lại đề xuất bổ sung."


def _accept_handover(sent: Sent) -> str:
    case = actions.accept_handover(case_id=sent.case.pk, actor=sent.actor, at=sent.at)
    return f"Đã nhận hồ sơ chuyển đến, chuyển bước «{case.step_name}»."


def _decline_handover(sent: Sent) -> str:
    actions.decline_handover(case_id=sent.case.pk, reason=sent.text("_reason"), actor=sent.actor, at=sent.at)
    return "Đã trả hồ sơ về nơi chuyển."


def _transfer(sent: Sent) -> str:
    unit_id = whole_number(sent.text("_unit"))
    if unit_id is None:
        raise Invalid("Mời chọn cơ quan nhận hồ sơ.")
    actions.transfer_case(
        case_id=sent.case.pk, step=sent.step, to_unit_id=unit_id, kind=sent.text("_kind"),
        reason=sent.text("_reason"), basis=sent.text("_basis"), actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã chuyển hồ sơ, chờ cơ quan kia nhận."


def _stop(sent: Sent) -> str:
    actions.stop_case(
        case_id=sent.case.pk, reason=sent.text("_reason"), basis=sent.text("_basis"), fee_effect=sent.text("_fee"),
        actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã dừng giải quyết. Thông báo dừng (Mẫu 05) được lập và gửi người nộp."


def _withdraw(sent: Sent) -> str:
    if not sent.text("_reason"):
        raise Invalid("Mời ghi lý do người nộp rút hồ sơ.")
    actions.withdraw_case(
        case_id=sent.case.pk, reason=sent.text("_reason"), fee_effect=sent.text("_fee"), actor=sent.actor, at=sent.at
    )
    return "Đã rút hồ sơ. Thông báo dừng giải quyết được lập và gửi người nộp."


def _reopen(sent: Sent) -> str:
    case = actions.reopen_case(
        case_id=sent.case.pk, reason=sent.text("_reason"), basis=sent.text("_basis"),
        clock=sent.text("_clock") or ClockAfter.RESUME, actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return f"Đã mở lại hồ sơ, hiện «{case.get_status_display()}»."


def _correct(sent: Sent) -> str:
    form = queries.get_package(sent.case).draft
    fields: dict[str, Any] = {}
    if form is not None:
        context = queries.form_context(applicant=sent.case.applicant, channel=sent.case.channel, today=clock.today())
        checked = forms.validate(form, parse_post(form, sent.request.POST), context=context)
        if checked.errors:
            raise Invalid(errors=[FieldError(error.path, error.message) for error in checked.errors])
        fields = {key: value for key, value in checked.answers.items() if value not in (None, "")}
    actions.correct_result(
        case_id=sent.case.pk, reason=sent.text("_reason"), text=sent.text("_text"), fields=fields, actor=sent.actor,
        at=sent.at,
    )  # fmt: skip
    return "Đã trình bản đính chính. Kết quả đã ký vẫn có hiệu lực đến khi bản đính chính được ký."


def _approve_correction(sent: Sent) -> str:
    result = actions.approve_correction(case_id=sent.case.pk, actor=sent.actor, at=sent.at)
    return f"Đã phê duyệt bản đính chính, số {result.number}. Văn bản đang được ký số và đóng dấu."


def _drop_correction(sent: Sent) -> str:
    actions.drop_correction(case_id=sent.case.pk, reason=sent.text("_reason"), actor=sent.actor, at=sent.at)
    return "Đã bỏ bản đính chính; kết quả đã ký vẫn có hiệu lực."


def _revoke(sent: Sent) -> str:
    actions.revoke_result(
        case_id=sent.case.pk, reason=sent.text("_reason"), decision=sent.text("_decision"),
        fee_effect=sent.text("_fee"), actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã ghi nhận hủy bỏ, thu hồi kết quả. Trang kiểm tra giấy tờ báo hết hiệu lực từ lúc này."


HANDLERS: dict[str, Callable[[Any], str]] = {
    "supplement": _supplement,
    "decide-supplement": _decide_supplement,
    "accept-handover": _accept_handover,
    "decline-handover": _decline_handover,
    "transfer": _transfer,
    "stop": _stop,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "correct": _correct,
    "approve-correction": _approve_correction,
    "drop-correction": _drop_correction,
    "revoke": _revoke,
}
