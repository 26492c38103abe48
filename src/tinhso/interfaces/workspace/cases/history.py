"""The history of a case in Vietnamese sentences, from the events of its log (nhật ký hồ sơ)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.enums import (
    Channel,
    LateCause,
    LegStatus,
    PaperKind,
    PauseReason,
    ReminderKind,
    ResultOutcome,
    Reuse,
    Satisfaction,
    SourceSettlement,
    StepOutcome,
)
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.vault.enums import DocumentState
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.interfaces.workspace.cases import history_consultations
from tinhso.kernel.errors import NotFound
from tinhso.lib.amounts import dong

_LATENESS = {"early": "trước hạn của bước", "on_time": "đúng hạn của bước", "late": "quá hạn của bước"}
_METHODS = {"counter": "tại quầy", "postal": "qua bưu chính", "online": "trực tuyến"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of the history, as the timeline draws it."""

    title: str
    detail: str
    at: datetime
    state: str = "done"


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences look names up in."""

    steps: Mapping[str, str]
    names: Mapping[int, str]

    def step(self, key: str) -> str:
        return self.steps.get(key, key)

    def unit(self, unit_id: int) -> str:
        try:
            return directory.get_unit(unit_id).name
        except NotFound:
            return ""


_Payload = dict[str, Any]
_Teller = Callable[[_Payload, _Words], tuple[str, str]]


def tell(entries: Sequence[EntryData], *, steps: Mapping[str, str]) -> list[Sentence]:
    """The events as sentences, oldest first; `steps` gives the names of steps by key.

    Drafts' keystrokes and removed files are left out: they are in the log, and say nothing about the work.
    """
    people = {entry.payload["assignee_id"] for entry in entries if entry.payload.get("assignee_id")}
    words = _Words(steps, accounts.account_names(people) if people else {})
    told = []
    for entry in entries:
        teller = _TELLERS.get(entry.type)
        if teller is None:
            continue
        title, detail = teller(entry.payload, words)
        if title:
            told.append(Sentence(title, _by(entry, detail), entry.at, _STATES.get(entry.type, "done")))
    return told


def first_of(entries: Sequence[EntryData], kind: str) -> EntryData | None:
    """The first event of a type."""
    return next((entry for entry in entries if entry.type == kind), None)


def _by(entry: EntryData, detail: str) -> str:
    return " · ".join(part for part in (entry.actor_name, detail) if part)


def _submitted(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Nộp hồ sơ", Channel(payload["channel"]).label.lower()


def _received(payload: _Payload, words: _Words) -> tuple[str, str]:
    if payload["due_at"] is None:
        return "Tiếp nhận hồ sơ", "thời hạn tính từ khi cơ quan có thẩm quyền nhận hồ sơ"
    return "Tiếp nhận hồ sơ", f"hẹn trả {_when(payload['due_at'])}"


def _when(text: str) -> str:
    return format_datetime(datetime.fromisoformat(text))


def _stopped(payload: _Payload, words: _Words) -> tuple[str, str]:
    parts = [PauseReason(payload["reason"]).label.lower(), payload["note"], payload["basis"]]
    return "Dừng tính thời hạn", "; ".join(part for part in parts if part)


def _extended(payload: _Payload, words: _Words) -> tuple[str, str]:
    return (
        "Xin lỗi và hẹn lại",
        f"từ {_when(payload['old_due_at'])} sang {_when(payload['new_due_at'])}; {payload['reason']}",
    )


def _recomputed(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Tính lại ngày hẹn theo lịch mới", f"từ {_when(payload['before_at'])} sang {_when(payload['after_at'])}"


def _supplement(payload: _Payload, words: _Words) -> tuple[str, str]:
    stopped = "đồng hồ dừng; " if payload["stage"] == "appraisal" else ""
    return "Yêu cầu bổ sung", f"{stopped}{payload['reason']} ({'; '.join(payload['items'])})"


def _answered(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Đã bổ sung", "đồng hồ chạy tiếp" if payload["stage"] == "appraisal" else "chờ tiếp nhận"


def _entered(payload: _Payload, words: _Words) -> tuple[str, str]:
    whom = words.names.get(payload.get("assignee_id") or 0, "")
    place = ", ".join(part for part in (words.unit(payload["unit_id"]), f"giao {whom}" if whom else "") if part)
    return f"Chuyển đến bước «{words.step(payload['step'])}»", place


def _left(payload: _Payload, words: _Words) -> tuple[str, str]:
    outcome = StepOutcome(payload["outcome"]).label.lower()
    parts = [outcome, _LATENESS.get(payload["lateness"], ""), payload["note"]]
    return f"Xong bước «{words.step(payload['step'])}»", "; ".join(part for part in parts if part)


def _assigned(payload: _Payload, words: _Words) -> tuple[str, str]:
    whom = words.names.get(payload["assignee_id"] or 0, "")
    if not whom:
        return "Bỏ phân công riêng", "cả đơn vị cùng xử lý"
    reason = payload.get("reason", "assigned")
    said = {"claimed": f"{whom} nhận việc", "stood_in": f"{whom} nhận thay người vắng", "by_rule": f"Giao cho {whom}"}
    return said.get(reason, f"Phân công cho {whom}"), "theo quy tắc của tổ" if reason == "by_rule" else ""


def _proposed(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Trình dự thảo kết quả", ResultOutcome(payload["outcome"]).label.lower()


def _delivered(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Trả kết quả", f"cho {payload['to_name']}, {_METHODS.get(payload['method'], payload['method'])}"


def _attached(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Thêm giấy tờ", ""


def _handed_on(payload: _Payload, words: _Words) -> tuple[str, str]:
    return f"Chuyển đến {words.unit(payload['to_unit_id'])}", payload["reason"]


def _handed_over(payload: _Payload, words: _Words) -> tuple[str, str]:
    counts = "thời hạn tính từ lúc này" if payload["restarts_clock"] else ""
    return f"{words.unit(payload['unit_id'])} nhận hồ sơ chuyển đến", counts


def _reopened(payload: _Payload, words: _Words) -> tuple[str, str]:
    counts = "thời hạn tính lại từ đầu" if payload["clock"] == "restart" else "thời hạn tính tiếp"
    return "Mở lại hồ sơ", f"{payload['reason']} ({payload['basis']}); {counts}"


def _revoked(payload: _Payload, words: _Words) -> tuple[str, str]:
    return "Hủy bỏ, thu hồi kết quả", f"số {payload['number']}, theo {payload['decision']}: {payload['reason']}"


_TELLERS: dict[str, _Teller] = {
    **history_consultations.TELLERS,
    "case.leg_started": lambda p, w: (f"Chuyển bước «{p['leg']}»", p["child_code"]),
    "case.leg_taken": lambda p, w: (f"Cơ quan nhận bước «{p['leg']}»", ""),
    "case.leg_held": lambda p, w: (f"Chưa chuyển được bước «{p['leg']}»", p["reason"]),
    "case.leg_sent": lambda p, w: (f"Đã gửi bước «{p['leg']}» sang hệ thống của bộ", p["external_code"]),
    "case.leg_reported": lambda p, w: (
        f"Hệ thống của bộ báo về bước «{p['leg']}»",
        f"mã trạng thái {p['national_status']}",
    ),
    "case.leg_finished": lambda p, w: (
        f"Kết thúc bước «{p['leg']}»: {LegStatus(p['status']).label.lower()}",
        p["result_number"] or p["reason"],
    ),
    "case.leg_correction_asked": lambda p, w: (f"Đề nghị đính chính kết quả bước «{p['leg']}»", p["reason"]),
    "case.leg_corrected": lambda p, w: (f"Đã đính chính kết quả bước «{p['leg']}»", p["result_number"]),
    "case.leg_unacknowledged": lambda p, w: (f"Cảnh báo: cơ quan chưa nhận bước «{p['leg']}»", ""),
    "case.submitted": _submitted,
    "case.received": _received,
    "reception.case_taken_offline": lambda p, w: (
        f"Nhận khi mất mạng, phiếu {p['slip']}",
        f"{p['taken_by']} ghi phiếu {_when(p['taken_at'])}, đồng bộ {_when(p['synced_at'])}",
    ),
    "national.case_taken": lambda p, w: (
        "Nhận hồ sơ nộp trên Cổng Dịch vụ công quốc gia",
        f"thấy trên cổng {_when(p['seen_at'])}",
    ),
    "case.intake_refused": lambda p, w: ("Từ chối tiếp nhận", p["reason"]),
    "case.supplement_requested": _supplement,
    "case.supplement_answered": _answered,
    "case.document_attached": _attached,
    "case.component_reused": lambda p, w: (
        "Dùng lại giấy tờ trong kho" if p["vault_document_id"] else "Nhận kết quả của bước liên thông trước",
        Reuse(p["reuse"]).label.lower(),
    ),
    "case.component_digitised": lambda p, w: ("Số hóa thành phần hồ sơ", ""),
    "case.source_ended": lambda p, w: (
        f"«{p['name']}» đang dùng {DocumentState(p['how']).label.lower()}",
        p["reason"],
    ),
    "case.lookup_answered": lambda p, w: (f"Hỏi dữ liệu: {Outcome(p['outcome']).label.lower()}", p["source_name"]),
    "case.source_settled": lambda p, w: (SourceSettlement(p["settlement"]).label, p["note"]),
    "case.step_entered": _entered,
    "case.step_left": _left,
    "case.assigned": _assigned,
    "case.message_sent": lambda p, w: (
        ("Người nộp nhắn" if p["side"] == "applicant" else "Cơ quan nhắn người nộp"),
        "",
    ),
    "case.labelled": lambda p, w: (f"Gắn nhãn «{p['name']}»", ""),
    "case.unlabelled": lambda p, w: (f"Gỡ nhãn «{p['name']}»", ""),
    "case.note_written": lambda p, w: ("Ghi chú nội bộ", ""),
    "case.reminder_sent": lambda p, w: (f"Nhắc việc: {ReminderKind(p['kind']).label.lower()}", ""),
    "case.clock_started": lambda p, w: ("Cơ quan có thẩm quyền nhận hồ sơ", f"hẹn trả {_when(p['due_at'])}"),
    "case.clock_suspended": _stopped,
    "case.clock_resumed": lambda p, w: ("Tính tiếp thời hạn", PauseReason(p["reason"]).label.lower()),
    "case.financial_duty_began": _stopped,
    "case.fee_assessed": lambda p, w: (
        "Đã xác định khoản thu",
        f"{p['name']}: {dong(p['amount_vnd'])}",
    ),
    "case.duty_noticed": lambda p, w: (
        "Thông báo của cơ quan thuế",
        f"{p['name']}: {dong(p['amount_vnd'])}, {p['notice']}",
    ),
    "case.financial_duty_ended": lambda p, w: ("Đã hoàn thành nghĩa vụ tài chính", "đồng hồ chạy tiếp"),
    "case.deadline_extended": _extended,
    "case.deadline_recomputed": _recomputed,
    "case.late_cause_found": lambda p, w: (LateCause(p["cause"]).label, p["evidence"]),
    "case.result_proposed": _proposed,
    "case.result_approved": lambda p, w: ("Phê duyệt kết quả", f"số {p['number']}, chuyển ký số"),
    "case.result_signed": lambda p, w: ("Ký số, đóng dấu kết quả", f"số {p['number']}"),
    "case.result_failed": lambda p, w: ("Ký số chưa thành công", p["reason"]),
    "case.resolved": lambda p, w: ("Có kết quả", ResultOutcome(p["outcome"]).label.lower()),
    "case.delivered": _delivered,
    "case.supplement_proposed": lambda p, w: ("Đề xuất yêu cầu bổ sung, chờ lãnh đạo ký", p["reason"]),
    "case.supplement_proposal_decided": lambda p, w: (
        "Ký phiếu yêu cầu bổ sung" if p["accepted"] else "Không ký phiếu yêu cầu bổ sung",
        p["note"],
    ),
    "case.returned": lambda p, w: (f"Trả lại bước «{w.step(p['to_step'])}»", p["note"]),
    "case.handed_on": _handed_on,
    "case.handed_over": _handed_over,
    "case.handover_declined": lambda p, w: ("Không nhận hồ sơ chuyển đến", p["reason"]),
    "case.reopened": _reopened,
    "case.correction_proposed": lambda p, w: ("Trình bản đính chính kết quả", p["reason"]),
    "case.correction_dropped": lambda p, w: ("Không đính chính kết quả", p["reason"]),
    "case.result_replaced": lambda p, w: (
        "Kết quả được thay bằng bản đính chính",
        f"số {p['number']} → số {p['by_number']}",
    ),
    "case.result_revoked": _revoked,
    "case.inherited": lambda p, w: (f"Bàn giao cho {w.unit(p['to_unit_id'])} theo sắp xếp đơn vị", p["basis"]),
    "case.version_moved": lambda p, w: ("Chuyển sang phiên bản khác của thủ tục", p["reason"]),
    "case.withdrawn": lambda p, w: ("Rút hồ sơ", p["reason"]),
    "case.stopped": lambda p, w: ("Dừng giải quyết", p["reason"]),
    "case.paper_issued": lambda p, w: (
        f"Lập {PaperKind(p['kind']).label[0].lower()}{PaperKind(p['kind']).label[1:]}",
        "",
    ),
    "case.rated": lambda p, w: ("Người nộp đánh giá", Satisfaction(p["satisfaction"]).label.lower()),
}
_STATES = {
    "case.intake_refused": "stop",
    "case.withdrawn": "stop",
    "case.stopped": "stop",
    "case.handover_declined": "stop",
    "case.result_revoked": "stop",
    "case.result_failed": "stop",
}
