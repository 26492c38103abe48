"""Registers of results (sổ kết quả): what each book holds, from the record; nobody types anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import permissions
from tinhso.apps.cases.data import ResultNotFound
from tinhso.apps.cases.enums import ExtractKind, ExtractStatus, ResultStatus
from tinhso.apps.cases.models import Case, Extract, Result
from tinhso.apps.cases.queries._book_lines import Place, Register, books_at, find
from tinhso.apps.cases.queries._case import answers_in_words, case_as_filed
from tinhso.apps.cases.queries._letters import (
    _day_of,
    _issuer_id,
    _parent_name,
    _place,
    book_keeper_id,
    keeper_of,
)
from tinhso.apps.cases.queries._registers import _period, _when
from tinhso.apps.cases.queries._visibility import register_units, sight_with_heritage, visible_results, visible_to
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents import queries as documents
from tinhso.kernel.actor import Actor
from tinhso.kernel.keyset import decode_cursor, encode_cursor

BOOK_HEADER = (
    "Số", "Ngày", "Loại kết quả", "Cấp cho", "Mã hồ sơ", "Thủ tục", "Người ký", "Tình trạng", "Ghi chú",
)  # fmt: skip
_BATCH = 500
_MOST_WAITING = 2_000
_MOST_WORDS = 8
_TOLD = ("number", "signed_at", "name", "approved_by", "status", "ended_at", "ended_by", "case", "replaces")


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which results: the unit and those below it, the days of signing, a book (empty: all), words of a search."""

    unit_id: int
    start: date
    end: date
    book: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class BookRow:
    """One line of a register of results."""

    result_id: int
    number: str
    signed: str
    name: str
    holder: str
    case_code: str
    procedure: str
    signer: str
    status: str
    in_force: bool
    note: str

    def cells(self) -> tuple[str | int, ...]:
        """As the columns of `BOOK_HEADER`."""
        return (
            self.number, self.signed, self.name, self.holder, self.case_code, self.procedure, self.signer, self.status,
            self.note,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CancelledRow:
    """A number of a register whose paper was never issued (số đã hủy)."""

    number: str
    book: str
    year: int
    reserved: str
    cancelled: str
    reason: str
    case_code: str
    procedure: str

    def cells(self) -> tuple[str | int, ...]:
        """As the columns of `BOOK_HEADER`."""
        return (
            f"{self.number} (sổ {self.book} năm {self.year})", self.cancelled, "", "", self.case_code, self.procedure, "",
            "Đã hủy", self.reason,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnResult:
    """A result of one's own case, what was asked of its book, and what may be asked now (xin trích lục, cấp lại)."""

    result_id: int
    name: str
    number: str
    in_force: bool
    extracts: tuple["ExtractView", ...]
    may_extract: bool
    may_duplicate: bool


@dataclass(frozen=True, slots=True)
class ExtractView:
    """A request for an extract or duplicate; `file_id` once its paper is there."""

    id: int
    kind: str
    status: str
    status_label: str
    recipient: str
    purpose: str
    requested_by: str
    requested_at: Any
    decided_by: str
    refusal: str
    number: str
    file_id: int | None
    paper_id: int | None = None


@dataclass(frozen=True, slots=True)
class BookEntryPage:
    """One result of a register: its line, what happened to it, its extracts, and what this officer may do."""

    row: BookRow
    history: tuple[EntryData, ...]
    extracts: tuple[ExtractView, ...]
    may_request: bool
    may_duplicate: bool
    may_decide: bool
    keeper: str


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of a register; `next` is the cursor of the following one, empty at the end.

    `looked`: of a search that has looked at so many lines, and there are more behind them.
    """

    rows: tuple[BookRow, ...]
    next: str = ""
    looked: int = 0


def book_page(*, actor: Actor, wanted: BookFilter, on: date, cursor: str = "", limit: int = 50) -> BookPage:
    """A page of the register as it is read on a day, the latest signed first.

    Raises:
        Invalid: a period that ends before it begins, or a cursor that is not one of ours.
    """
    since, until = _period(wanted.start, wanted.end)
    register = Register(
        units=_units_of(actor, wanted.unit_id, on), sight=sight_with_heritage(actor, on), since=since, until=until,
        book=wanted.book, words=tuple(wanted.words.split()[:_MOST_WORDS]),
    )  # fmt: skip
    found = find(register, after=_position(cursor), limit=limit)
    following = encode_cursor(*found.next) if found.next else ""
    return BookPage(tuple(_row(one) for one in _listed(found.results)), following, found.looked)


def iterate_book(*, actor: Actor, wanted: BookFilter, on: date) -> Iterator[BookRow]:
    """The whole register, read in batches (xuất sổ kết quả)."""
    cursor = ""
    while True:
        page = book_page(actor=actor, wanted=wanted, on=on, cursor=cursor, limit=_BATCH)
        yield from page.rows
        cursor = page.next
        if not cursor:
            return


def cancelled_numbers(*, actor: Actor, wanted: BookFilter, on: date) -> list[CancelledRow]:
    """Numbers of the register that were cancelled in the period, so that no gap stays unexplained.

    A case the actor may not see is not named; that its number was cancelled, and when, belongs to the book.

    Raises:
        Invalid: a period that ends before it begins.
    """
    since, until = _period(wanted.start, wanted.end)
    units = _units_of(actor, wanted.unit_id, on)
    found = documents.list_cancelled(unit_ids=units, since=since, until=until, book=wanted.book)
    ids = {int(one.subject.partition(":")[2]) for one in found if one.subject.startswith("case:")}
    seen = {case.pk: case for case in visible_to(actor).filter(pk__in=ids)}
    rows = []
    for one in found:
        case = seen.get(int(one.subject.partition(":")[2] or 0)) if one.subject.startswith("case:") else None
        rows.append(
            CancelledRow(
                number=one.label, book=one.book, year=one.year, reserved=_when(one.reserved_at),
                cancelled=_when(one.cancelled_at), reason=one.reason, case_code=(case.code or "") if case else "",
                procedure=case.procedure_name if case else "",
            )
        )  # fmt: skip
    return rows


def books_of(*, actor: Actor, unit_id: int, on: date) -> list[str]:
    """The books in which results of a unit and those below it stand (GPXD, TLKS …)."""
    return books_at(_units_of(actor, unit_id, on))


def book_entry(*, actor: Actor, result_id: int, on: date) -> BookEntryPage:
    """One result of a register, and who keeps its book on a day.

    Raises:
        ResultNotFound: none, or none in a register this actor may read.
    """
    rows = visible_results(actor, on).select_related("case", "replaces", "replaced_by", "book_entry__book")
    result = rows.filter(pk=result_id).first()
    if result is None:
        raise ResultNotFound
    told = [
        entry
        for entry in entries_of(f"case:{result.case_id}", types=_HISTORY)
        if entry.payload.get("result_id", result.pk) == result.pk
    ]
    extracts = result.extracts.select_related("paper").order_by("-id")
    in_force = result.status == ResultStatus.SIGNED
    keeper_id = book_keeper_id(result.case, result, on=on)
    may_request = permissions.can_request_extract(actor, result.case, keeper_id=keeper_id)
    return BookEntryPage(
        row=_row(result), history=tuple(told), extracts=tuple(_extract(one) for one in extracts), may_request=may_request,
        may_duplicate=may_request and in_force,
        may_decide=permissions.can_approve_extract(actor, result.case, keeper_id=keeper_id),
        keeper=directory.get_unit(keeper_id).agency_name,
    )  # fmt: skip


def own_results(*, actor: Actor, case: Case) -> list[OwnResult]:
    """The signed results of a citizen's own case, with what she has asked of the book that keeps them."""
    rows = Result.objects.filter(case=case, signed_at__isnull=False).prefetch_related("extracts__paper").order_by("-id")
    may = permissions.can_request_extract(actor, case)
    found = []
    for result in rows:
        extracts = sorted(result.extracts.all(), key=lambda one: -one.pk)
        waiting = {one.kind for one in extracts if one.status == ExtractStatus.REQUESTED}
        in_force = result.status == ResultStatus.SIGNED
        found.append(
            OwnResult(
                result_id=result.pk, name=result.name, number=result.number, in_force=in_force,
                extracts=tuple(_extract(one) for one in extracts), may_extract=may and ExtractKind.EXTRACT not in waiting,
                may_duplicate=may and in_force and ExtractKind.DUPLICATE not in waiting,
            )
        )  # fmt: skip
    return found


_HISTORY = (
    "case.result_signed", "case.result_replaced", "case.result_revoked", "case.extract_requested",
    "case.extract_approved", "case.extract_declined",
)  # fmt: skip


def get_extract_file(*, actor: Actor, extract_id: int, on: date) -> tuple[int, str, int]:
    """The paper of an extract, a name for it, and its case: for those who read the register.

    Raises:
        ResultNotFound: none this actor may read, or not made yet.
    """
    made = Extract.objects.select_related("paper", "result").filter(pk=extract_id).first()
    seen = made is not None and visible_results(actor, on).filter(pk=made.result_id).exists()
    if made is None or not seen or made.paper is None or made.paper.file_id is None:
        raise ResultNotFound
    return made.paper.file_id, f"{made.kind}-{made.result.case_id}-{made.pk}", made.result.case_id


def count_extracts_waiting(*, actor: Actor, on: date) -> int:
    """How many requests wait for this head's word; for the menu."""
    right = permissions.CasePermission.APPROVE_EXTRACT
    if not actor.unit_ids_for(right):
        return 0
    groups = (
        Extract.objects.filter(status=ExtractStatus.REQUESTED)
        .order_by()
        .values_list("result__book_entry__book__unit_id", "result__case__unit_id", "result__case__field")
        .annotate(found=Count("id"))
    )
    return sum(
        found
        for book_unit, case_unit, field, found in groups
        if case_unit is not None
        and actor.has(right, unit_id=keeper_of(book_unit or case_unit, held_by=case_unit, on=on), field=field)
    )


def waiting_extracts(*, actor: Actor, on: date) -> list[tuple[ExtractView, int, str]]:
    """The requests that wait for this head's word: the request, the result's row, its number."""
    return [(_extract(one), one.result_id, one.result.number) for one in _waiting(actor, on)]


def _waiting(actor: Actor, on: date) -> list[Extract]:
    """Of the open requests, of which a province has a handful at a time, those of books this head's agency keeps."""
    if not actor.unit_ids_for(permissions.CasePermission.APPROVE_EXTRACT):
        return []
    rows = Extract.objects.filter(status=ExtractStatus.REQUESTED)
    rows = rows.select_related("result__case", "result__book_entry__book", "paper").order_by("id")[:_MOST_WAITING]
    found = [
        one
        for one in rows
        if permissions.can_approve_extract(
            actor, one.result.case, keeper_id=book_keeper_id(one.result.case, one.result, on=on)
        )
    ]
    return found[:200]


def extract_told(extract_id: int) -> dict[str, Any]:
    """What the paper of an extract or duplicate says beside the facts of the case: the line of the book, and its notes."""
    made = Extract.objects.select_related(
        "result__case", "result__book_entry__book", "result__replaces", "paper__book_entry__book"
    ).get(pk=extract_id)
    result = made.result
    # Who made it: the number of its own paper says so, also where the book has gone over to another agency since.
    unit_id = made.paper.book_entry.book.unit_id if made.paper else _issuer_id(result.case, result)
    case = case_as_filed(result.case_id)
    lines = [line for line in made.signer_title.split("\n") if line]
    rows = [[label, value] for part in answers_in_words(case) for label, value in part.rows if value]
    return {
        "agency": {"parent": _parent_name(unit_id), "name": directory.get_unit(unit_id).agency_name},
        "place": _place(unit_id),
        "result": {"name": result.name, "number": result.number, "date": _day_of(result), "signer": result.approved_by},
        "mark": "BẢN CẤP LẠI" if made.kind == ExtractKind.DUPLICATE else "BẢN SAO TỪ SỔ GỐC",
        "title": "Bản cấp lại" if made.kind == ExtractKind.DUPLICATE else "Trích lục",
        "rows": rows,
        "content": [line.strip() for line in result.text.splitlines() if line.strip()],
        "notes": _notes(result),
        "recipient": made.recipient,
        "purpose": made.purpose,
        "signer": {"authority": lines[:-1], "title": lines[-1] if lines else "", "name": made.decided_by},
        "recipients": [made.recipient, "Lưu: VT, hồ sơ"],
    }


def _units_of(actor: Actor, unit_id: int, on: date) -> frozenset[int]:
    """Whose lines a register holds: of a unit and those below it that the actor may read, and of what they took over."""
    return directory.with_heritage(directory.subtree_ids(unit_id, on) & register_units(actor), on)


def _position(cursor: str) -> Place | None:
    at, result_id = decode_cursor(cursor) if cursor else (None, 0)
    return (at, result_id) if at is not None else None


def _listed(numbers: list[int]) -> list[Result]:
    """These results in order, with what a line says of their cases and of what took their place; three queries at most."""
    rows = Result.objects.only(*_TOLD).in_bulk(numbers)
    cases = Case.objects.only("code", "applicant_name", "procedure_name").in_bulk(
        {row.case_id for row in rows.values()}
    )
    earlier = [row.replaces_id for row in rows.values() if row.replaces_id is not None]
    ended = [row.pk for row in rows.values() if row.status == ResultStatus.REPLACED]
    beside = Result.objects.filter(Q(pk__in=earlier) | Q(replaces_id__in=ended)).only("number", "replaces_id")
    others = list(beside.order_by("pk")) if earlier or ended else []
    by_number, by_replaced = {one.pk: one for one in others}, {one.replaces_id: one for one in others}
    for row in rows.values():
        row.case = cases[row.case_id]
        if row.replaces_id is not None:
            row.replaces = by_number[row.replaces_id]
        if row.pk in by_replaced:
            by_replaced[row.pk].replaces = row
    return [rows[number] for number in numbers if number in rows]


def _row(result: Result) -> BookRow:
    case = result.case
    return BookRow(
        result_id=result.pk, number=result.number, signed=_when(result.signed_at), name=result.name,
        holder=case.applicant_name, case_code=case.code or "", procedure=case.procedure_name, signer=result.approved_by,
        status=result.get_status_display(), in_force=result.status == ResultStatus.SIGNED, note="; ".join(_notes(result)),
    )  # fmt: skip


def _notes(result: Result) -> list[str]:
    """Corrections and revocations, as the register and every extract say them (ghi chú của sổ)."""
    found = []
    if result.replaces is not None:
        found.append(f"Thay văn bản số {result.replaces.number}")
    later = getattr(result, "replaced_by", None) if result.status == ResultStatus.REPLACED else None
    if later is not None:
        found.append(f"Đã được thay bằng văn bản số {later.number} từ {_when(result.ended_at)}")
    if result.status == ResultStatus.REVOKED:
        found.append(f"Đã bị hủy bỏ, thu hồi từ {_when(result.ended_at)} theo {result.ended_by}")
    return found


def _extract(one: Extract) -> ExtractView:
    return ExtractView(
        id=one.pk, kind=ExtractKind(one.kind).label, status=one.status, status_label=one.get_status_display(),
        recipient=one.recipient, purpose=one.purpose, requested_by=one.requested_by, requested_at=one.requested_at,
        decided_by=one.decided_by, refusal=one.refusal, number=one.paper.number if one.paper else "",
        file_id=one.paper.file_id if one.paper else None, paper_id=one.paper.pk if one.paper else None,
    )  # fmt: skip
