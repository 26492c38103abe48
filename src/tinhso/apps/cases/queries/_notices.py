"""Whom a case's events concern, and in which words they are told (thông báo về hồ sơ)."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.apps.cases.enums import ReminderKind
from tinhso.apps.cases.models import Case
from tinhso.apps.notifications.enums import NoticeKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.prepared import Prepared

_CONCERNED = Prepared(
    lambda case_id: Case.objects.filter(pk=case_id).values_list(
        "code", "procedure_name", "account_id", "assignee_id", "parent_id", "unit_id"
    ),
    case_id=int,
)
_LATE = {
    ReminderKind.OVERDUE, ReminderKind.STEP_OVERDUE, ReminderKind.ESCALATED, ReminderKind.ESCALATED_TOP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concerned:
    """A case as a notice speaks of it: its code, its procedure, the applicant's and the officer's account."""

    code: str
    title: str
    applicant_id: int | None
    assignee_id: int | None
    unit_id: int | None = None


def concerned_in(case_id: int) -> Concerned:
    """Whom a case concerns; one statement. Of a leg the applicant is told through the whole, so she is left out."""
    found = _CONCERNED.first(case_id=case_id)
    if found is None:
        raise Case.DoesNotExist(f"no case {case_id}")
    code, title, applicant_id, assignee_id, parent_id, unit_id = found
    return Concerned(code or "", title, None if parent_id else applicant_id, assignee_id, unit_id)


def reminder_notice(kind: str, due_at: datetime) -> tuple[NoticeKind, str]:
    """A reminder as a notice to officers."""
    known = ReminderKind(kind)
    about = NoticeKind.OVERDUE if known in _LATE else NoticeKind.REMINDER
    return about, f"{known.label}: hạn {_day(due_at)}."


def extension_words(reason: str, old_due_at: datetime, new_due_at: datetime) -> str:
    """The apology with the new date, to the applicant."""
    return f"Cơ quan xin lỗi, hẹn lại từ {_day(old_due_at)} sang {_day(new_due_at)}. Lý do: {reason}"


def moved_words(before: datetime, moved: datetime) -> str:
    """The date after a change of the office calendar, to applicant and officer."""
    return f"Lịch làm việc thay đổi nên ngày hẹn chuyển từ {_day(before)} sang {_day(moved)}."


def supplement_words(reason: str, answer_until: datetime | None) -> str:
    """What is waited for, to the applicant."""
    until = f" trước {_day(answer_until)}" if answer_until else ""
    return f"Hồ sơ cần bổ sung{until}. {reason}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(PROVINCE_TIME):%H:%M ngày %d/%m/%Y}"
