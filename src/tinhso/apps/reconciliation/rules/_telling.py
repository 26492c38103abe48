"""A case and its progress in the words of the national portal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.enums import NATIONAL_STATUS, CaseStatus, Channel, Presence, SupplementStage
from tinhso.apps.reconciliation.data import Flags
from tinhso.lib.national import Component, Dossier, Fee, Identity, Progress, ResultPaper, SupplementRound

# What of a case's log the nation hears of: each changes what it holds of the case.
TOLD = (
    "case.submitted", "case.received", "case.clock_started", "case.intake_refused", "case.supplement_requested",
    "case.supplement_answered", "case.step_left", "case.clock_suspended", "case.clock_resumed",
    "case.financial_duty_began", "case.financial_duty_ended", "case.deadline_extended", "case.deadline_recomputed",
    "case.component_digitised", "case.component_reused", "case.resolved", "case.delivered", "case.withdrawn",
    "case.stopped", "case.reopened", "case.result_replaced", "case.result_revoked", "national.case_taken",
)  # fmt: skip
_WORDS = {
    1: "Mới đăng ký", 2: "Được tiếp nhận", 3: "Không được tiếp nhận", 4: "Đang xử lý", 5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính", 7: "Công dân yêu cầu rút hồ sơ", 8: "Dừng xử lý", 9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}  # fmt: skip
_CHANNELS = {Channel.COUNTER: 1, Channel.POSTAL: 3}  # everything else came over a wire
_COLLECTED = {"at_reception": 1, "before_result": 4}
# The state an act leaves a case in, of the acts that stand alone in its progress.
_AFTER = {
    "case.submitted": CaseStatus.SUBMITTED, "case.received": CaseStatus.RECEIVED,
    "case.intake_refused": CaseStatus.INTAKE_REFUSED, "case.step_left": CaseStatus.PROCESSING,
    "case.financial_duty_began": CaseStatus.FINANCIAL_DUTY, "case.financial_duty_ended": CaseStatus.PROCESSING,
    "case.resolved": CaseStatus.RESOLVED, "case.delivered": CaseStatus.DELIVERED, "case.withdrawn": CaseStatus.WITHDRAWN,
    "case.stopped": CaseStatus.STOPPED, "case.reopened": CaseStatus.PROCESSING,
}  # fmt: skip
_DONE = {
    "case.submitted": "Nộp hồ sơ", "case.received": "Tiếp nhận hồ sơ", "case.intake_refused": "Từ chối tiếp nhận",
    "case.financial_duty_began": "Chuyển thông tin nghĩa vụ tài chính",
    "case.financial_duty_ended": "Đã hoàn thành nghĩa vụ tài chính", "case.resolved": "Có kết quả",
    "case.delivered": "Trả kết quả", "case.withdrawn": "Rút hồ sơ", "case.stopped": "Dừng giải quyết",
    "case.reopened": "Mở lại hồ sơ", "case.supplement_requested": "Yêu cầu bổ sung",
    "case.supplement_answered": "Đã bổ sung hồ sơ",
}  # fmt: skip


def status_in_words(code: int) -> str:
    """A national status as people read it."""
    return f"{code}. {_WORDS.get(code, 'không rõ')}"


def refused_at(case: Any) -> datetime | None:
    """When the case was not received; None for any other."""
    return case.closed_at if case.status == CaseStatus.INTAKE_REFUSED else None


def dossier_of(case: Any, *, flags: Flags, agency: str, url: str, codes: dict[str, str]) -> Dossier:
    """A filed case as DongBoHoSoMC takes it. `codes`: the nation's codes of its components, by our keys.

    The status comes from the one table of the ten codes; the flags from `flags_of`, where a row still says so too.
    """
    assert case.code  # noqa: S101 - a filed case that has none yet is not told
    components = tuple(_component(row, flags, codes) for row in case.documents.all())
    signed = [one for one in case.results.all() if one.file_id is not None and one.number]
    applicant = case.applicant
    return Dossier(
        code=case.code, procedure_code=case.procedure_code, procedure_name=case.procedure_name,
        field_name=case.field, channel=_CHANNELS.get(case.channel, 2), owner=case.applicant_name,
        owner_kind=1 if case.applicant_kind == "person" else 2, email=str(applicant.get("email", "")),
        phone=str(applicant.get("phone", "")), abstract=case.procedure_name, submitted_at=case.submitted_at,
        received_at=case.received_at, due_at=case.due_at, status=NATIONAL_STATUS[case.status],
        delivered_at=case.delivered_at, finished_at=case.resolved_at or case.closed_at, refused_at=refused_at(case),
        agency=agency, submitted_where=1 if case.channel == Channel.NATIONAL_PORTAL else 2,
        components=components,
        fees=tuple(
            Fee(str(fee["name"]), int(fee["amount_vnd"]), collected=_COLLECTED.get(str(fee.get("collected")), 1),
                kind=2 if fee.get("kind") == "charge" else 1)
            for fee in case.fees
        ),
        supplements=tuple(
            SupplementRound(str(one.pk), one.requested_by, one.reason, one.requested_at, one.answered_at)
            for one in case.supplements.all()
        ),
        results=tuple(ResultPaper(one.name, one.number, f"{url}/kiem-tra/{one.check_code}") for one in signed),
        identities=(Identity(case.applicant_personal_id),) if case.applicant_personal_id else (),
        has_digitised=any(one.digitised for one in components), verified_account=flags.verified_account,
        paid_online=flags.paid_online,
    )  # fmt: skip


def _component(row: Any, flags: Flags, codes: dict[str, str]) -> Component:
    return Component(
        file_id=str(row.pk), name=row.name, key=codes.get(row.key, row.key),
        digitised=row.pk in flags.digitised and row.digitised_at is not None,
        reused=flags.reused.get(row.pk, 0) if row.reused else 0,
        from_national_store=row.key in flags.from_national_store and row.presence == Presence.UPLOADED,
    )  # fmt: skip


def progress_of(case: Any, entries: Iterable[EntryData], *, units: dict[int, str]) -> list[Progress]:
    """The acts among these entries as CapNhatTienDoHoSoMC takes them, oldest first. `units`: names by number."""
    stays = list(case.steps.all())
    told = []
    for entry in entries:
        status = _status_after(entry)
        if status is None:
            continue
        stay = _stay_of(entry, stays)
        what = f"Bước «{stay.name}»" if stay is not None else _DONE.get(entry.type, "Xử lý hồ sơ")
        told.append(
            Progress(
                code=case.code, by_name=entry.actor_name, by_title=stay.name if stay is not None else "", at=entry.at,
                unit_name=units.get(stay.unit_id if stay is not None else case.unit_id, ""), what=what,
                status=NATIONAL_STATUS[status], began_at=stay.entered_at if stay is not None else None,
                due_at=stay.due_at if stay is not None else None,
            )
        )  # fmt: skip
    return told


def _status_after(entry: EntryData) -> str | None:
    if entry.type == "case.supplement_requested":
        intake = entry.payload["stage"] == SupplementStage.INTAKE
        return CaseStatus.INTAKE_SUPPLEMENT if intake else CaseStatus.SUPPLEMENT
    if entry.type == "case.supplement_answered":
        return CaseStatus.SUBMITTED if entry.payload["stage"] == SupplementStage.INTAKE else CaseStatus.PROCESSING
    return _AFTER.get(entry.type)


def _stay_of(entry: EntryData, stays: Sequence[Any]) -> Any | None:
    if entry.type != "case.step_left":
        return None
    return next((one for one in stays if one.key == entry.payload["step"] and one.left_at == entry.at), None)
