"""Forms 06 and 07, made from what is recorded; nobody types anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tinhso.apps.audit.queries import entries_in_streams
from tinhso.apps.cases.models import Case, CaseStep, Consultation
from tinhso.apps.cases.queries._case import get_package
from tinhso.apps.cases.queries._letters import _one_stop, _plain, _shared
from tinhso.apps.cases.queries._visibility import register_units, visible_to
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.identifiers import format_phone
from tinhso.lib.text import whole_number

_BATCH = 500
_METHODS = {"counter": "Tại quầy", "postal": "Bưu chính", "online": "Trực tuyến"}
HEADER = (
    "STT", "Mã hồ sơ", "Tên thủ tục hành chính", "Tên tổ chức, cá nhân", "Địa chỉ, số điện thoại",
    "Cơ quan chủ trì giải quyết", "Nhận hồ sơ", "Hẹn trả", "Trả kết quả", "Phương thức nhận kết quả", "Ký nhận",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """Which register: the unit and those below it, a field (empty: all), the days of reception."""

    unit_id: int
    start: date
    end: date
    field: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of the register (Mẫu 07)."""

    number: int
    case_id: int
    code: str
    procedure: str
    applicant: str
    contact: str
    agency: str
    received: str
    due: str
    delivered: str
    method: str
    taken_by: str

    def cells(self) -> tuple[str | int, ...]:
        """As the columns of `HEADER`."""
        return (
            self.number, self.code, self.procedure, self.applicant, self.contact, self.agency, self.received, self.due,
            self.delivered, self.method, self.taken_by,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the register; `next` is the cursor of the following page, empty at the end."""

    rows: tuple[RegisterRow, ...]
    next: str = ""


def register_page(*, actor: Actor, wanted: RegisterFilter, cursor: str = "", limit: int = 50) -> RegisterPage:
    """A page of the register of cases (sổ theo dõi hồ sơ, Mẫu 07), in the order of reception.

    Raises:
        Invalid: a cursor that is not one of ours, or a period that ends before it begins.
    """
    after, number = _position(cursor)
    rows = list(_cases(actor, wanted).filter(pk__gt=after)[: limit + 1])
    found = _rows(rows[:limit], number)
    following = f"{rows[limit - 1].pk}-{number + limit}" if len(rows) > limit else ""
    return RegisterPage(tuple(found), following)


def iterate_register(*, actor: Actor, wanted: RegisterFilter) -> Iterator[RegisterRow]:
    """The whole register, read in batches so that its length costs no memory (xuất sổ theo dõi)."""
    after, number = 0, 0
    while True:
        rows = list(_cases(actor, wanted).filter(pk__gt=after)[:_BATCH])
        yield from _rows(rows, number)
        if len(rows) < _BATCH:
            return
        after, number = rows[-1].pk, number + len(rows)


def control_slip_pdf(case: Case, *, base_url: str, at: datetime) -> bytes:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ (Mẫu 06) as PDF/A, from the stays of the case.

    Each line is one hand-over; early, on time or late is how the giver kept the budget of the step. The number is the
    case's own code: nobody numbers slips.

    Raises:
        PaperNotTypeset: the template does not compile with these values.
    """
    assert case.unit_id is not None  # noqa: S101 - slips are made for filed cases
    stays = sorted(case.steps.all(), key=lambda row: row.sequence)
    asked = Consultation.objects.filter(case=case).order_by("id").values_list("unit_id", flat=True)
    shared = _shared(case, code=case.code or "", base_url=base_url, at=at)
    data: dict[str, Any] = {
        **{key: shared[key] for key in ("place", "issued_on", "assumed")},
        "agency": _one_stop(case),
        "number": f"{case.code}/PKS",
        "case": {"code": case.code, "procedure": case.procedure_name},
        "resolving_agency": directory.get_unit(case.unit_id).agency_name,
        "coordinating_agencies": list(dict.fromkeys(directory.get_unit(unit_id).agency_name for unit_id in asked)),
        **({"received_at": case.received_at} if case.received_at else {}),
        **({"due_at": case.due_at} if case.due_at else {}),
        "handovers": _handovers(case, stays),
    }
    return documents.typeset_letter("process_control", _plain(data), sources=get_package(case).letters)


def _cases(actor: Actor, wanted: RegisterFilter) -> QuerySet[Case]:
    since, until = _period(wanted.start, wanted.end)
    units = directory.subtree_ids(wanted.unit_id) & register_units(actor)
    rows = visible_to(actor).filter(received_at__gte=since, received_at__lt=until)
    rows = rows.filter(Q(unit_id__in=units) | Q(intake_unit_id__in=units))
    return (rows.filter(field=wanted.field) if wanted.field else rows).order_by("id")


def _rows(cases: Sequence[Case], number: int) -> list[RegisterRow]:
    given = {
        entry.stream: entry.payload
        for entry in entries_in_streams([f"case:{case.pk}" for case in cases], types=("case.delivered",))
    }
    found = []
    for position, case in enumerate(cases, start=number + 1):
        delivery = given.get(f"case:{case.pk}", {}) if case.delivered_at else {}
        contact = [str(case.applicant.get("address", "")), format_phone(str(case.applicant.get("phone", "")))]
        found.append(
            RegisterRow(
                number=position, case_id=case.pk, code=case.code or "", procedure=case.procedure_name,
                applicant=case.applicant_name, contact=", ".join(part for part in contact if part),
                agency=directory.get_unit(case.unit_id).agency_name if case.unit_id else "", received=_when(case.received_at),
                due=_when(case.due_at), delivered=_when(case.delivered_at),
                method=_METHODS.get(delivery.get("method", ""), ""), taken_by=str(delivery.get("to_name", "")),
            )
        )  # fmt: skip
    return found


def _handovers(case: Case, stays: Sequence[CaseStep]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for before, stay in zip([None, *stays][: len(stays)], stays, strict=True):
        line: dict[str, object] = {
            "from_unit": directory.get_unit(before.unit_id).name if before else "Người nộp hồ sơ",
            "to_unit": f"{directory.get_unit(stay.unit_id).name} ({stay.name})",
            "at": stay.entered_at, "given_by": stay.from_name if before else case.applicant_name,
            "taken_by": stay.by_name,
        }  # fmt: skip
        if before is not None and before.lateness:
            line["lateness"] = before.lateness
        if before is not None and before.note:
            line["note"] = before.note
        found.append(line)
    return found


def _period(start: date, end: date) -> tuple[datetime, datetime]:
    """The instants of two civil days: from the first of them, up to the second.

    Raises:
        Invalid: it ends before it begins.
    """
    if end < start:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.")
    return (
        datetime.combine(start, time(), PROVINCE_TIME),
        datetime.combine(end + timedelta(days=1), time(), PROVINCE_TIME),
    )


def _position(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    after, _, counted = cursor.partition("-")
    row, number = whole_number(after), whole_number(counted)
    if row is None or number is None:
        raise Invalid("Trang này của sổ không còn.")
    return row, number


def _when(at: datetime | None) -> str:
    return at.astimezone(PROVINCE_TIME).strftime("%d/%m/%Y %H:%M") if at else ""
