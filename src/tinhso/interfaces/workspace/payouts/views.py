"""Chi trả: programmes, who is paid, the month's runs, batches with two approvals, the bank's results, differences."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.directory import queries as directory
from tinhso.apps.payouts import actions, queries
from tinhso.apps.payouts.data import PayoutInvalid, PayoutNotFound, Sums
from tinhso.apps.payouts.enums import BatchStatus, LineStatus, PayeeStatus, RunStatus
from tinhso.apps.payouts.permissions import PayoutPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, FieldError, Forbidden, Invalid, NotFound
from tinhso.lib.text import whole_number

_FIELDS = ["full_name", "personal_id", "account_number"]
_MOST_BYTES = 5_000_000
_RUN_TONES = {RunStatus.BUILDING: "soon", RunStatus.PAUSED: "mute", RunStatus.READY: "ok"}
_BATCH_TONES = {
    BatchStatus.SUBMITTED: "soon", BatchStatus.CHECKED: "soon", BatchStatus.APPROVED: "info", BatchStatus.ANSWERED: "ok",
    BatchStatus.REFUSED: "late",
}  # fmt: skip
_LINE_TONES = {
    LineStatus.PLANNED: "mute", LineStatus.IN_BATCH: "soon", LineStatus.SENT: "info", LineStatus.PAID: "ok",
    LineStatus.RETURNED: "late", LineStatus.CASH: "soon", LineStatus.CASH_PAID: "ok",
}  # fmt: skip
_SAID = {
    "pause": "Đã tạm dừng; phần đã lập giữ nguyên.", "resume": "Hệ thống lập tiếp danh sách.",
    "submit": "Đã trình đợt chi, chờ kiểm tra.", "check": "Đã kiểm tra; chờ người thứ ba duyệt.",
    "approve": "Đã duyệt; tệp gửi ngân hàng đã sẵn sàng.", "refuse": "Đã trả lại đợt chi.",
    "results": "Đã nhập kết quả của ngân hàng.", "cash": "Đã chuyển sang chi tiền mặt.",
    "hand_over": "Đã ghi nhận người nhận ký.",
}  # fmt: skip


@officer(PayoutPermission.VIEW)
@require_http_methods(["GET", "POST"])
def runs(request: HttpRequest) -> HttpResponse:
    """Programmes and the latest months of one's units; opening a month."""
    actor, error, status = actor_of(request), "", 200
    if request.method == "POST":
        try:
            made = actions.open_run(
                unit_id=_number(request.POST.get("unit", "")), programme=request.POST.get("programme", ""),
                month=_month(request.POST.get("month", "")), actor=actor, at=clock.now(),
            )  # fmt: skip
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã mở kỳ chi trả; hệ thống đang lập danh sách.")
            return redirect("workspace:payouts:run", run_id=made.pk)
    found = queries.list_runs(actor)
    sums = queries.sums_of([one.pk for one in found])
    names = {key: programme.name for key, programme in queries.rules_now().programmes.items()}
    context = {
        "rows": [
            (one, names.get(one.programme, one.programme), directory.get_unit(one.unit_id).agency_name, sums[one.pk],
             _settled(sums[one.pk]), _RUN_TONES[RunStatus(one.status)])
            for one in found
        ],
        "programmes": queries.rules_now().programmes.values(), "units": _units(actor), "error": error,
        "month": f"{clock.today():%m/%Y}",
    }  # fmt: skip
    return page(request, "workspace/payouts/list.html", context, place="payouts", status=status)


@officer(PayoutPermission.VIEW)
@require_http_methods(["GET", "POST"])
def payees(request: HttpRequest) -> HttpResponse:
    """Who is paid by a programme; a list brought in from a file, each wrong line told in words."""
    actor, error, status = actor_of(request), "", 200
    problems: list[FieldError] = []
    if request.method == "POST":
        try:
            count = actions.import_payees(
                unit_id=_number(request.POST.get("unit", "")), programme=request.POST.get("programme", ""),
                text=_text(request), since=_month(request.POST.get("month", "")), actor=actor, at=clock.now(),
            )  # fmt: skip
        except Forbidden:
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
            problems = refusal.errors if isinstance(refusal, Invalid) else []
        else:
            messages.success(request, f"Đã nhập {count} người hưởng.")
            return redirect("workspace:payouts:payees")
    programme = request.GET.get("chuong-trinh", "")
    rows, more = queries.list_payees(actor=actor, programme=programme, after=_number(request.GET.get("sau", "")))
    if rows:
        _record(actor, "payees", "Xem danh sách người hưởng")
    names = {key: one.name for key, one in queries.rules_now().programmes.items()}
    context = {
        "rows": [
            (one, names.get(one.programme, one.programme), "ok" if one.status == PayeeStatus.ACTIVE else "mute") for one in rows
        ],
        "more": f"?chuong-trinh={programme}&sau={more}" if more else "", "error": error, "problems": problems,
        "programmes": queries.rules_now().programmes.values(), "programme": programme, "units": _units(actor),
        "month": f"{clock.today():%m/%Y}",
    }  # fmt: skip
    return page(request, "workspace/payouts/payees.html", context, place="payouts", status=status)


@officer(PayoutPermission.VIEW)
@require_http_methods(["GET", "POST"])
def payee(request: HttpRequest, payee_id: int) -> HttpResponse:
    """One payee: the account, and stopping."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_payee(actor=actor, payee_id=payee_id)
    if request.method == "POST":
        given, at = request.POST, clock.now()
        try:
            if given.get("verb") == "stop":
                actions.stop_payee(payee_id=payee_id, reason=given.get("reason", ""), actor=actor, at=at)
            else:
                actions.correct_account(
                    payee_id=payee_id, bank=given.get("bank", ""), account_number=given.get("account_number", ""),
                    account_name=given.get("account_name", ""), actor=actor, at=at,
                )  # fmt: skip
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã ghi nhận.")
            return redirect("workspace:payouts:payee", payee_id=payee_id)
    _record(actor, f"payee:{payee_id}", "Xem người hưởng")
    context = {
        "row": found, "programme": queries.programme_of(found.programme), "error": error,
        "banks": queries.rules_now().banks, "may": actor.has(PayoutPermission.PREPARE, unit_id=found.unit_id),
        "unit": directory.get_unit(found.unit_id), "tone": "ok" if found.status == PayeeStatus.ACTIVE else "mute",
    }  # fmt: skip
    return page(request, "workspace/payouts/payee.html", context, place="payouts", status=status)


@officer(PayoutPermission.VIEW)
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One month: its lines, its batches with their approvals, results, what does not agree."""
    actor, error, status = actor_of(request), "", 200
    problems: list[FieldError] = []
    found = queries.get_run(actor=actor, run_id=run_id)
    if request.method == "POST":
        try:
            said = _act(request, run_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
            problems = refusal.errors if isinstance(refusal, Invalid) else []
        else:
            messages.success(request, said)
            return redirect("workspace:payouts:run", run_id=run_id)
    _record(actor, f"pay_run:{run_id}", "Xem kỳ chi trả")
    wanted = request.GET.get("tinh-trang", "")
    wanted = wanted if wanted in LineStatus.values else ""
    lines, more = queries.lines_of(found, status=wanted, after=_number(request.GET.get("sau", "")))
    sums = queries.sums_of([run_id])[run_id]
    may = {verb: actor.has(verb, unit_id=found.unit_id) for verb in PayoutPermission}
    context = {
        "row": found, "programme": queries.programme_of(found.programme), "unit": directory.get_unit(found.unit_id),
        "tone": _RUN_TONES[RunStatus(found.status)], "sums": sums, "error": error, "problems": problems,
        "by_status": [(LineStatus(key), n, vnd) for key, (n, vnd) in sums.by_status.items()], "wanted": wanted,
        "batches": [(one, _BATCH_TONES[BatchStatus(one.status)]) for one in queries.batches_of(found)],
        "lines": [(one, _LINE_TONES[LineStatus(one.status)]) for one in lines],
        "more": f"?tinh-trang={wanted}&sau={more}" if more else "", "differences": queries.differences_of(found),
        "may_prepare": may[PayoutPermission.PREPARE], "may_check": may[PayoutPermission.CHECK],
        "may_approve": may[PayoutPermission.APPROVE], "may_settle": may[PayoutPermission.SETTLE],
        "to_submit": found.status == RunStatus.READY and LineStatus.PLANNED.value in sums.by_status,
    }  # fmt: skip
    return page(request, "workspace/payouts/run.html", context, place="payouts", status=status)


@officer(PayoutPermission.VIEW)
@require_safe
def batch_file(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The file of an approved batch for the bank, as it was approved."""
    actor = actor_of(request)
    found = queries.get_batch(actor=actor, batch_id=batch_id)
    if not found.content:
        raise PayoutNotFound("Đợt chi này chưa được duyệt.")
    _record(actor, f"pay_run:{found.run_id}", "Tải tệp chi gửi ngân hàng")
    response = HttpResponse(found.content.encode(), content_type="text/csv; charset=utf-8")
    name = f"chi-{found.run.month:%Y-%m}-{found.run_id}-dot-{found.number}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _act(request: HttpRequest, run_id: int, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    verb, reason = given.get("verb", ""), given.get("reason", "")
    batch, line = _number(given.get("batch", "")), _number(given.get("line", ""))
    acts: dict[str, Callable[[], object]] = {
        "pause": lambda: actions.pause_run(run_id=run_id, actor=actor, at=at),
        "resume": lambda: actions.resume_run(run_id=run_id, actor=actor, at=at),
        "submit": lambda: actions.submit_batch(run_id=run_id, actor=actor, at=at),
        "check": lambda: actions.check_batch(batch_id=batch, actor=actor, at=at),
        "approve": lambda: actions.approve_batch(batch_id=batch, actor=actor, at=at),
        "refuse": lambda: actions.refuse_batch(batch_id=batch, reason=reason, actor=actor, at=at),
        "results": lambda: actions.take_results(batch_id=batch, text=_text(request), actor=actor, at=at),
        "cash": lambda: actions.pay_in_cash(line_id=line, reason=reason, actor=actor, at=at),
        "hand_over": lambda: actions.hand_over_cash(
            line_id=line, receiver=given.get("receiver", ""), actor=actor, at=at
        ),
    }
    if verb not in acts:
        raise NotFound
    acts[verb]()
    return _SAID[verb]


def _text(request: HttpRequest) -> str:
    upload: UploadedFile[Any] | None = request.FILES.get("file")
    if upload is None:
        raise PayoutInvalid("Chọn tệp CSV.")
    if (upload.size or 0) > _MOST_BYTES:
        raise PayoutInvalid("Tệp nặng quá 5 MB.")
    try:
        text: str = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayoutInvalid("Tệp không phải văn bản UTF-8; khi lưu hãy chọn “CSV UTF-8”.") from error
    return text


def _month(text: str) -> date:
    unknown = date(1, 1, 1)
    found = queries.month_of(text.strip(), unknown)
    if found == unknown:
        raise PayoutInvalid("Tháng ghi như 12/2026.")
    return found


def _settled(sums: Sums) -> int:
    return sum(sums.by_status.get(key, (0, 0))[0] for key in (LineStatus.PAID.value, LineStatus.CASH_PAID.value))


def _units(actor: Actor) -> list[Any]:
    found = [directory.get_unit(unit_id) for unit_id in actor.unit_ids_for(PayoutPermission.PREPARE)]
    whole = [unit for unit in found if unit.kind.is_administrative or unit.parent_id not in {one.id for one in found}]
    return sorted(whole, key=lambda unit: unit.path)


def _number(text: str) -> int:
    return whole_number(text) or 0


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=_FIELDS, actor=actor, at=clock.now())
