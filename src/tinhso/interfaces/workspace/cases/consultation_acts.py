"""Asking and answering other units' opinions, posted from the case page (lấy ý kiến)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import ConsultationStatus, Opinion, SilenceRule
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.enums import UnitKind, UnitLevel
from tinhso.apps.procedures.data import Package
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.ui.formats import format_datetime
from tinhso.interfaces.workspace.requests import keep_upload
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.text import whole_number

SLUGS = {
    "consult": "xin-y-kien",
    "answer-consultation": "tra-loi-y-kien",
    "redo-consultation": "hoi-lai-y-kien",
    "remind-consultation": "nhac-y-kien",
    "cancel-consultation": "thoi-y-kien",
}
_TONES = {
    ConsultationStatus.OPEN: "info",
    ConsultationStatus.ANSWERED: "ok",
    ConsultationStatus.SILENT: "soon",
    ConsultationStatus.CANCELLED: "mute",
}
_OPINIONS = {Opinion.AGREE: "ok", Opinion.CONDITIONAL: "soon", Opinion.DISAGREE: "late"}


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


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """One opinion in the words of the page."""

    id: int
    unit: str
    question: str
    asked: str
    due_at: datetime
    rule: str
    status: str
    tone: str
    is_late: bool
    reminded_at: datetime | None
    opinion: str
    opinion_tone: str
    answer: str
    answered: str
    file_name: str
    note: str
    redoes: bool


def opinions(asked: Sequence[Any], now: datetime) -> list[OpinionRow]:
    """The table of opinions of a case, oldest first."""
    return [
        OpinionRow(
            id=row.pk, unit=directory.get_unit(row.unit_id).name, question=row.question,
            asked=f"{row.asked_by}, {format_datetime(row.asked_at)}", due_at=row.due_at, rule=_rule(row),
            status=row.get_status_display(), tone=_TONES[ConsultationStatus(row.status)],
            is_late=row.status == ConsultationStatus.OPEN and row.due_at < now, reminded_at=row.reminded_at,
            opinion=row.get_opinion_display() if row.opinion else "",
            opinion_tone=_OPINIONS[Opinion(row.opinion)] if row.opinion else "mute", answer=row.answer,
            answered=f"{row.answered_by}, {format_datetime(row.answered_at)}" if row.answered_at else "",
            file_name=row.file.name if row.file else "", note=row.note, redoes=row.previous_id is not None,
        )
        for row in asked
    ]  # fmt: skip


def needs(
    key: str, *, case: Any, package: Package, actor: Actor, asked: Sequence[Any], now: datetime
) -> dict[str, Any]:
    """What the form of an act about opinions shows: whom to ask, or which question it is about."""
    if key == "consult":
        on = now.astimezone(PROVINCE_TIME).date()
        waiting = {row.unit_id for row in asked if row.status == ConsultationStatus.OPEN}
        offered = []
        for rule in queries.declared_consultations(case, package):
            unit = queries.unit_at(case, package, rule.place, on=on)
            if unit is not None and unit.id not in waiting:
                offered.append((rule, unit.name))
        return {"components": offered, "units": _units(case, waiting), "choices": list(SilenceRule.choices)}
    if key == "answer-consultation":
        found = queries.answerable(actor=actor, case=case, asked=asked)
        return {"components": opinions(found, now), "choices": list(Opinion.choices)}
    if key == "redo-consultation":
        return {"components": opinions(queries.redoable(asked), now)}
    return {"components": opinions([row for row in asked if row.status == ConsultationStatus.OPEN], now)}


def _units(case: Any, waiting: set[int]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Agencies that may be asked: those of the province, the agency's own divisions, the communes."""
    kinds = (UnitKind.DEPARTMENT, UnitKind.INSPECTORATE, UnitKind.MANAGEMENT_BOARD, UnitKind.COMMITTEE_OFFICE)
    province = directory.list_units(kinds=kinds, level=UnitLevel.PROVINCE)
    groups = [
        ("Phòng, đơn vị cùng cơ quan", [*directory.list_units(parent_id=case.unit_id)]),
        ("Sở, ban, ngành", province),
        ("Xã, phường, đặc khu", directory.list_communes()),
    ]
    away = {*waiting, case.step_unit_id, case.intake_unit_id}
    return [
        (title, [(unit.id, unit.name) for unit in found if unit.id not in away]) for title, found in groups if found
    ]


def _rule(row: Any) -> str:
    parts = [row.get_silence_display().lower(), "" if row.required else "không bắt buộc", row.basis]
    return "hết hạn không trả lời: " + "; ".join(part for part in parts if part)


def _consult(sent: Sent) -> str:
    keys = [key for key in sent.request.POST.getlist("_key") if key]
    given = sent.request.POST.getlist("_unit")
    unit_ids = [number for value in given if (number := whole_number(value)) is not None]
    if not keys and not unit_ids:
        raise Invalid("Mời chọn đơn vị cần xin ý kiến.")
    days = sent.text("_days")
    names = []
    for asked_key in keys or [""]:
        rows = actions.ask_consultation(
            case_id=sent.case.pk, step=sent.step, unit_ids=[] if asked_key else unit_ids, key=asked_key,
            question=sent.text("_question"), working_days=whole_number(days, digits=3) or 0,
            basis=sent.text("_basis"), silence=sent.text("_silence") or SilenceRule.NONE,
            required=sent.text("_optional") != "1", actor=sent.actor, at=sent.at,
        )  # fmt: skip
        names += [directory.get_unit(row.unit_id).name for row in rows]
    return f"Đã xin ý kiến {', '.join(names)}."


def _answer(sent: Sent) -> str:
    upload = files_of(sent.request).get("_file")
    stored = keep_upload(upload, sent.actor) if upload else None
    actions.answer_consultation(
        consultation_id=_chosen(sent), opinion=sent.text("_opinion"), text=sent.text("_text"),
        file_id=stored.id if stored else None, actor=sent.actor, at=sent.at,
    )  # fmt: skip
    return "Đã trả lời ý kiến."


def _redo(sent: Sent) -> str:
    row = actions.redo_consultation(
        consultation_id=_chosen(sent), question=sent.text("_question"), reason=sent.text("_reason"), actor=sent.actor,
        at=sent.at,
    )  # fmt: skip
    return f"Đã hỏi lại {directory.get_unit(row.unit_id).name}, hạn trả lời {format_datetime(row.due_at)}."


def _remind(sent: Sent) -> str:
    row = actions.remind_consultation(consultation_id=_chosen(sent), actor=sent.actor, at=sent.at)
    return f"Đã nhắc {directory.get_unit(row.unit_id).name}."


def _cancel(sent: Sent) -> str:
    row = actions.cancel_consultation(
        consultation_id=_chosen(sent), reason=sent.text("_reason"), actor=sent.actor, at=sent.at
    )
    return f"Đã thôi xin ý kiến {directory.get_unit(row.unit_id).name}."


def _chosen(sent: Sent) -> int:
    """The question an act is about; it has to be one of this very case."""
    chosen = whole_number(sent.text("_consultation"))
    known = {row.pk for row in queries.consultations_of(sent.case)}
    if chosen is None or chosen not in known:
        raise Invalid("Mời chọn lần lấy ý kiến.")
    return chosen


HANDLERS: dict[str, Callable[[Any], str]] = {
    "consult": _consult,
    "answer-consultation": _answer,
    "redo-consultation": _redo,
    "remind-consultation": _remind,
    "cancel-consultation": _cancel,
}
