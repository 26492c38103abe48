"""Thu theo danh sách: rounds of a school or hospital, their lines, one line with its money, the cashless share."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.collections import actions, flows, queries
from tinhso.apps.collections.data import CollectionInvalid
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.permissions import CollectionPermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.ui.formats import format_money
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day, send_pdf, typed_money
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid, NotFound
from tinhso.lib.spreadsheet import Cell, csv_lines
from tinhso.lib.text import whole_number

_FIELDS = ["full_name", "birth_date", "own_number"]
_MOST_BYTES = 5_000_000
_LIST_TONES = {
    ListStatus.DRAFT: "mute", ListStatus.OPENING: "soon", ListStatus.OPEN: "info", ListStatus.CLOSING: "soon",
    ListStatus.CLOSED: "ok",
}  # fmt: skip
_LINE_TONES = {
    LineStatus.DRAFT: "mute", LineStatus.DUE: "soon", LineStatus.PARTLY_PAID: "soon", LineStatus.PAID: "ok",
    LineStatus.EXEMPT: "ok", LineStatus.CANCELLED: "mute", LineStatus.RETURNED: "info",
}  # fmt: skip
_SAMPLE = ("Nguyễn Văn An", "05/09/2021", "HS-001", "Lá 1", "Học phí tháng 12/2026", "1200000", "", "", "")


@officer(CollectionPermission.VIEW)
@require_http_methods(["GET", "POST"])
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds of one's units; drawing up a new one."""
    actor, error, status = actor_of(request), "", 200
    if request.method == "POST":
        try:
            due_on = parse_day(request.POST.get("due", ""))
            made = actions.create_list(
                body=request.POST.get("body", ""), fee=request.POST.get("fee", ""), title=request.POST.get("title", ""),
                due_on=due_on, actor=actor, at=clock.now(),
            )  # fmt: skip
        except Forbidden:
            raise
        except ValueError:
            error, status = "Hạn nộp viết theo dạng ngày/tháng/năm, ví dụ 15/12/2026.", 422
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã lập đợt thu; mời nhập danh sách.")
            return redirect("workspace:collections:round", list_id=made.pk)
    found, more = queries.list_lists(actor=actor, before=_number(request.GET.get("truoc", "")))
    bodies = queries.bodies_for(actor, clock.today())
    sums, known = queries.sums_of([one.pk for one in found]), queries.rules_now()
    context = {
        "rows": [
            (one, _name(known.bodies, one.body), _name(known.fees, one.fee), sums[one.pk], _LIST_TONES[ListStatus(one.status)])
            for one in found
        ],
        "bodies": bodies, "fees": known.fees.values(), "error": error, "nothing": _nothing(actor, can_prepare=bool(bodies)),
        "given": _given(request, ("body", "fee", "title", "due")), "more": f"?truoc={more}" if more else "",
    }  # fmt: skip
    return page(request, "workspace/collections/list.html", context, place="collections", status=status)


def _nothing(actor: Actor, *, can_prepare: bool) -> str:
    """What the person who sees no round can do about it."""
    if can_prepare:
        return "Lập đợt thu ở dưới, nhập danh sách, rồi kế toán mở thu."
    if actor.unit_ids_for(CollectionPermission.OPEN):
        return "Nơi thu lập đợt thu và nhập danh sách; khi đó đợt thu hiện ở đây để kế toán mở."
    return "Đợt thu mà các nơi thu trong phạm vi của bạn lập sẽ hiện ở đây."


@officer(CollectionPermission.VIEW)
@require_http_methods(["GET", "POST"])
def one_round(request: HttpRequest, list_id: int) -> HttpResponse:
    """One round: its lines and what became of each; bringing in, opening, reminding, closing."""
    actor, error, status = actor_of(request), "", 200
    problems: list[FieldError] = []
    found = queries.get_list(actor=actor, list_id=list_id)
    if request.method == "POST":
        try:
            said = _act(request, list_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
            problems = refusal.errors if isinstance(refusal, Invalid) else []
        else:
            messages.success(request, said)
            return redirect("workspace:collections:round", list_id=list_id)
    wanted = request.GET.get("tinh-trang", "")
    wanted = wanted if wanted in LineStatus.values else ""
    words = request.GET.get("tim", "").strip()[:60]
    lines, more = queries.lines_of(found, status=wanted, search=words, after=_number(request.GET.get("sau", "")))
    if lines:
        _record(actor, f"collection:{list_id}", "Xem danh sách thu")
    fee, sums = queries.fee_of(found.fee), queries.sums_of([list_id])[list_id]
    context = {
        "row": found, "fee": fee, "body": queries.body_of(found.body), "tone": _LIST_TONES[ListStatus(found.status)],
        "sums": sums, "by_status": [(LineStatus(key), count) for key, count in sums.by_status.items()],
        "lines": [(one, _LINE_TONES[LineStatus(one.status)]) for one in lines], "wanted": wanted, "words": words,
        "more": f"?tinh-trang={wanted}&tim={words}&sau={more}" if more else "", "error": error, "problems": problems,
        "exemptions": queries.exemptions_for(fee).values(), "header": queries.HEADER,
        "given": _given(request, queries.HEADER),
        "may_prepare": actor.has(CollectionPermission.PREPARE, unit_id=found.unit_id),
        "may_open": actor.has(CollectionPermission.OPEN, unit_id=found.unit_id),
        "unit": directory.get_unit(found.unit_id), "portions": queries.slip_portions(sums),
    }  # fmt: skip
    return page(request, "workspace/collections/round.html", context, place="collections", status=status)


@officer(CollectionPermission.VIEW)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, code: str) -> HttpResponse:
    """One line: what is owed and why, money that came, taking cash, a reduction, collecting no longer."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_line(actor=actor, code=code)
    if request.method == "POST":
        try:
            said = _act_on_line(request, found, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:collections:line", code=found.code)
    _record(actor, queries.subject_of(found), "Xem khoản thu của một người")
    fee, unit_id = queries.fee_of(found.list.fee), found.list.unit_id
    bills = payments.bills_of(queries.subject_of(found))
    context = {
        "row": found, "round": found.list, "fee": fee, "body": queries.body_of(found.list.body),
        "tone": _LINE_TONES[LineStatus(found.status)], "money": queries.money_of(found), "error": error,
        "refunds": [refund for bill in bills for refund in bill.refunds], "exemption": _exemption(found),
        "exemptions": queries.exemptions_for(fee).values(), "left": found.due_vnd - found.paid_vnd,
        "may_change": actor.has(CollectionPermission.CHANGE, unit_id=unit_id) and found.list.status == ListStatus.OPEN,
        "may_collect": actor.has(PaymentPermission.COLLECT, unit_id=unit_id), "shift": payments.open_shift_of(actor),
        "key": uuid.uuid4().hex, "parts": fee.part_from_vnd,
        "is_open": found.status in {LineStatus.DUE, LineStatus.PARTLY_PAID},
        "can_end": found.status in {LineStatus.DUE, LineStatus.PARTLY_PAID, LineStatus.PAID},
    }  # fmt: skip
    return page(request, "workspace/collections/line.html", context, place="collections", status=status)


@officer(CollectionPermission.VIEW)
@require_safe
def export(request: HttpRequest, list_id: int) -> StreamingHttpResponse:
    """The round as a file: each line's code and page to pay at, and what has become of it."""
    actor = actor_of(request)
    found = queries.get_list(actor=actor, list_id=list_id)
    _record(actor, f"collection:{list_id}", "Tải danh sách thu")
    header = [*queries.HEADER, "phai_nop", "ma_khoan_nop", "trang_nop", "tinh_trang", "da_nop", "da_hoan", "nop_luc"]
    return _csv(header, _exported(queries.all_lines(found)), f"dot-thu-{list_id}.csv")


@officer(CollectionPermission.VIEW)
@require_safe
def slips(request: HttpRequest, list_id: int, portion: int) -> HttpResponse:
    """A portion of the round's slips on paper, one for each who still has to pay, with a code to scan (phiếu nộp)."""
    actor = actor_of(request)
    found = queries.get_list(actor=actor, list_id=list_id)
    paper = queries.slips_pdf(found, portion=portion, at=clock.now())
    _record(actor, f"collection:{list_id}", "In phiếu nộp")
    return send_pdf(paper, f"phieu-nop-{list_id}-{portion}")


@officer(CollectionPermission.PREPARE)
@require_safe
def pattern(request: HttpRequest) -> StreamingHttpResponse:
    """The file to fill in: the first line, and one as an example."""
    return _csv(list(queries.HEADER), iter([list(_SAMPLE)]), "mau-danh-sach-thu.csv")


@officer(CollectionPermission.VIEW)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The cashless share by body and month, of the last twelve months or of one year (tỷ lệ thu không dùng tiền mặt)."""
    actor, today = actor_of(request), clock.today()
    year = _number(request.GET.get("nam", ""))
    year = year if 2020 <= year <= today.year else today.year
    rows = queries.cashless_figures(actor=actor, since=date(year, 1, 1), until=date(year + 1, 1, 1))
    total, cashless = sum(one.total_vnd for one in rows), sum(one.cashless_vnd for one in rows)
    context = {
        "rows": rows, "year": year, "earlier": year - 1, "later": year + 1 if year < today.year else 0, "total": total,
        "cashless": cashless, "share": cashless * 100 // total if total else 0,
    }  # fmt: skip
    return page(request, "workspace/collections/figures.html", context, place="collections")


def _act(request: HttpRequest, list_id: int, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    acts: dict[str, Callable[[], str]] = {
        "import": lambda: f"Đã nhập {_import(request, list_id, actor)} dòng.",
        "add": lambda: f"Đã thêm {actions.add_line(list_id=list_id, said=given.dict(), actor=actor, at=at).full_name}.",
        "remove": lambda: _removed(list_id, _number(given.get("line", "")), actor),
        "open": lambda: _said(
            actions.open_list(list_id=list_id, actor=actor, at=at), "Đã mở thu; hệ thống đang lập khoản nộp."
        ),
        "close": lambda: _said(
            actions.close_list(list_id=list_id, reason=given.get("reason", ""), actor=actor, at=at), "Đã khóa đợt thu."
        ),
        "remind": lambda: (
            f"Đã nhắc {actions.remind(list_id=list_id, actor=actor, at=at)} người có tài khoản trên cổng."
        ),
    }
    does = acts.get(given.get("verb", ""))
    if does is None:
        raise NotFound
    return does()


def _act_on_line(request: HttpRequest, found: Any, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    verb = given.get("verb", "")
    if verb == "exempt":
        actions.exempt_line(
            line_id=found.pk,
            exemption=given.get("exemption", ""),
            evidence=given.get("evidence", ""),
            actor=actor,
            at=at,
        )
    elif verb == "cancel":
        actions.cancel_line(line_id=found.pk, reason=given.get("reason", ""), actor=actor, at=at)
    elif verb == "collect":
        amount = typed_money(given.get("amount", ""))
        actions.collect_line(
            line_id=found.pk, method=given.get("method", ""), amount_vnd=amount, slip=given.get("slip", "")[:60],
            key=given.get("key", "")[:60] or uuid.uuid4().hex, actor=actor, at=at,
        )  # fmt: skip
        return f"Đã thu {format_money(amount)} của {found.full_name}."
    else:
        raise NotFound
    return "Đã ghi nhận."


def _import(request: HttpRequest, list_id: int, actor: Actor) -> int:
    upload: UploadedFile[Any] | None = request.FILES.get("file")
    if upload is None:
        raise CollectionInvalid("Chọn tệp CSV hoặc XLSX.")
    if (upload.size or 0) > _MOST_BYTES:
        raise CollectionInvalid("Tệp nặng quá 5 MB.")
    return flows.import_file(list_id=list_id, content=upload.read(), actor=actor, at=clock.now())


def _removed(list_id: int, line_id: int, actor: Actor) -> str:
    actions.remove_line(list_id=list_id, line_id=line_id, actor=actor, at=clock.now())
    return "Đã bớt một dòng."


def _said(_done: object, words: str) -> str:
    return words


def _exported(lines: Any) -> Iterator[list[Cell]]:
    for one in lines:
        yield [
            one.full_name, f"{one.birth_date:%d/%m/%Y}" if one.birth_date else "", one.own_number, one.group_name, one.words,
            one.amount_vnd, one.exemption, one.evidence, one.payer_personal_id, one.due_vnd, one.code,
            f"{settings.BASE_URL}/nop-tien?ma={one.code}", str(one.get_status_display()), one.paid_vnd, one.refunded_vnd,
            f"{one.paid_at.astimezone(clock.PROVINCE_TIME):%d/%m/%Y %H:%M}" if one.paid_at else "",
        ]  # fmt: skip


def _csv(header: list[str], rows: Iterator[list[Cell]], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _exemption(found: Any) -> Any:
    return queries.rules_now().exemptions.get(found.exemption)


def _given(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    """What was typed, to be shown again beside the refusal."""
    return {name: request.POST.get(name, "") for name in names}


def _name(known: Any, key: str) -> str:
    return str(known[key].name) if key in known else key


def _number(text: str) -> int:
    return whole_number(text) or 0


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=_FIELDS, actor=actor, at=clock.now())
