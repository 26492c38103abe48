"""Petitions of an officer's units: the list, one on one page, the figures (phản ánh, kiến nghị)."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import queries
from tinhso.apps.petitions.enums import OPEN_STATUSES, PetitionClass, Shelf
from tinhso.apps.petitions.permissions import PetitionPermission, units_held
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.access.previews import preview_context, send_sheet
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day, send_file
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.lib.identifiers import format_phone

_READ = ["content"]
_SENDER = ["sender_name", "sender_phone", "sender_email"]


@officer(PetitionPermission.VIEW)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """One shelf, the oldest first."""
    actor, now = actor_of(request), clock.now()
    asked = request.GET.get("ngan", "")
    shelf = Shelf(asked) if asked in Shelf.values else Shelf.OPEN
    q = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = queries.worklist(actor=actor, shelf=shelf, now=now, q=q, cursor=request.GET.get("sau") or None)
    context = {"shelf": shelf, "shelves": Shelf.choices, "rows": found.items, "next": found.next, "q": q}
    return page(request, "workspace/petitions/list.html", context, place="petitions")


@officer(PetitionPermission.VIEW)
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """The petition page. Opening it is written into the log of readings before anything is shown."""
    return petition_page(request, queries.get_petition(actor=actor_of(request), code=code))


@officer(PetitionPermission.VIEW)
@require_POST
def reveal(request: HttpRequest, code: str) -> HttpResponse:
    """Name and contact of a sender who asked to stay unnamed, once, for a reason that the log keeps."""
    petition = queries.get_petition(actor=actor_of(request), code=code)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:300]
    if not reason:
        messages.error(request, "Mời ghi lý do cần xem người gửi; lý do được ghi vào nhật ký.")
        return petition_page(request, petition, status=422)
    return petition_page(request, petition, revealed_for=reason)


@officer(PetitionPermission.VIEW)
@require_safe
def file(request: HttpRequest, code: str, attachment_id: int) -> FileResponse:
    """A file of the sender; reading it is written into the log."""
    petition, file_id = _opened(request, code, attachment_id)
    return send_file(file_id, f"{petition.code}-{attachment_id}", inline=True)


@officer(PetitionPermission.VIEW)
@require_safe
def file_preview(request: HttpRequest, code: str, attachment_id: int) -> HttpResponse:
    """A file of the sender page by page, without opening its own bytes; one that is held is told and not shown."""
    petition, file_id = _opened(request, code, attachment_id)
    context = preview_context(
        file_id, route="workspace:petitions:file", code=petition.code, document_id=attachment_id
    )  # fmt: skip
    return page(request, "workspace/petitions/file.html", context, place="petitions")


@officer(PetitionPermission.VIEW)
@require_safe
def file_sheet(request: HttpRequest, code: str, attachment_id: int, number: int) -> HttpResponse:
    """One page of it; the page of the preview has written the reading down."""
    petition = queries.get_petition(actor=actor_of(request), code=code)
    return send_sheet(queries.attachment_file(petition, attachment_id), number)


def _opened(request: HttpRequest, code: str, attachment_id: int) -> tuple[Any, int]:
    """The petition and the number of the stored file, its reading recorded."""
    actor = actor_of(request)
    petition = queries.get_petition(actor=actor, code=code)
    file_id = queries.attachment_file(petition, attachment_id)
    record_disclosure(
        subject=f"petition:{petition.pk}", purpose="Xem tệp kèm phản ánh, kiến nghị", fields=["attachments"], actor=actor,
        at=clock.now(),
    )  # fmt: skip
    return petition, file_id


@officer(PetitionPermission.VIEW)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Received, in time, satisfied: by unit, for a period of days."""
    actor, now = actor_of(request), clock.now()
    today = now.astimezone(PROVINCE_TIME).date()
    first, last, error = today.replace(month=1, day=1), today, ""
    try:
        first, last = _day(request.GET.get("tu", ""), first), _day(request.GET.get("den", ""), last)
        if first > last:
            raise Invalid("Ngày đầu phải trước ngày cuối.")  # noqa: TRY301 - told on this very page
    except Invalid as refusal:
        error = refusal.message
    found = queries.figures(
        start=_midnight(first), end=_midnight(last + timedelta(days=1)), now=now,
        unit_ids=units_held(actor, PetitionPermission.VIEW),
    )  # fmt: skip
    context = {"figures": found, "first": first, "last": last, "error": error}
    status = 422 if error else 200
    return page(request, "workspace/petitions/figures.html", context, place="petitions", status=status)


def petition_page(
    request: HttpRequest,
    petition: Any,
    *,
    revealed_for: str = "",
    failed: str = "",
    refusal: DomainError | None = None,
    values: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; `failed` names the act just refused, which keeps what was typed."""
    actor, now = actor_of(request), clock.now()
    shows_sender = bool(revealed_for) or not petition.is_confidential
    record_disclosure(
        subject=f"petition:{petition.pk}", purpose=revealed_for or "Xử lý phản ánh, kiến nghị",
        fields=[*_READ, *_SENDER] if shows_sender else _READ, actor=actor, at=now,
    )  # fmt: skip
    acts = queries.available_acts(actor=actor, petition=petition, now=now)
    suggested = queries.suggested_publication(petition) if any(act.key == "publish" for act in acts) else None
    errors = [error.message for error in refusal.errors] if isinstance(refusal, Invalid) else []
    context = {
        "petition": petition, "unit": directory.get_unit(petition.handling_unit_id),
        "tone": queries.tone_of(petition.status), "acts": acts, "failed": failed,
        "error": refusal.message if refusal and not errors else "", "errors": errors,
        "values": defaultdict(str, values or {}), "classes": PetitionClass.choices,
        "suggested_class": queries.suggested_class(petition.topic).value, "suggested": suggested,
        "units": _units(acts, petition, now), "sender": _sender(petition) if shows_sender else [],
        "files": queries.attachments_of(petition), "moments": queries.course_of(petition),
        "sentences": queries.deadline_sentences(petition), "is_open": petition.status in OPEN_STATUSES,
        "is_late": _is_late(petition, now), "reminders": list(petition.reminders.all()),
    }  # fmt: skip
    return page(request, "workspace/petitions/detail.html", context, place="petitions", status=status)


def _units(acts: list[Any], petition: Any, now: datetime) -> list[Any]:
    if not any(act.key == "forward" for act in acts):
        return []
    return queries.units_to_forward(now.astimezone(PROVINCE_TIME).date(), besides=petition.handling_unit_id)


def _sender(petition: Any) -> list[tuple[str, str]]:
    how = "Có tài khoản định danh" if petition.account_id else "Không đăng nhập"
    return [
        ("Người gửi", petition.sender_name or "Không nêu tên"),
        ("Điện thoại", format_phone(petition.sender_phone)),
        ("Thư điện tử", petition.sender_email),
        ("Cách gửi", how),
    ]


def _is_late(petition: Any, now: datetime) -> bool:
    return petition.closed_at is None and petition.answer_due_at is not None and bool(petition.answer_due_at < now)


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return parse_day(text)
    except ValueError:
        raise Invalid("Ngày viết theo dạng ngày/tháng/năm, ví dụ 15/06/2026.") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PROVINCE_TIME)
