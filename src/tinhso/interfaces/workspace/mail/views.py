"""Thư công vụ: one's own boxes; boxes, lists and forwarding of a unit; the state of the servers."""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.directory import queries as directory
from tinhso.apps.mailboxes import actions, flows, queries
from tinhso.apps.mailboxes.data import IssuedPassword, MailInvalid
from tinhso.apps.mailboxes.enums import BoxKind, BoxState, DifferenceKind, ForwardState, SenderRule
from tinhso.apps.mailboxes.permissions import MailPermission, can_read_archive
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page, parse_day, send_file
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_STATES = {BoxState.OPEN: "ok", BoxState.CLOSED: "soon", BoxState.ARCHIVED: "info", BoxState.REMOVED: "mute"}
_FORWARDS = {
    ForwardState.ASKED: "soon", ForwardState.ACTIVE: "ok", ForwardState.REFUSED: "late", ForwardState.ENDED: "mute",
}  # fmt: skip
_SAID = {
    "revoke": "Đã thu hồi mật khẩu ứng dụng.", "end_forward": "Đã thôi chuyển tiếp.", "absence": "Đã đặt trả lời vắng mặt.",
    "end_absence": "Đã thôi trả lời vắng mặt.", "successor": "Đã ghi người nhận thay.", "quota": "Đã đổi dung lượng.",
    "alias": "Đã thêm địa chỉ phụ.", "end_alias": "Đã thôi địa chỉ phụ.", "senders": "Đã đổi người được gửi.",
    "approve": "Đã duyệt; thư được chuyển tiếp từ bây giờ.", "refuse": "Đã ghi không duyệt.",
}  # fmt: skip
_FULL, _NEARLY = 95, 80


@officer()
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The officer's own box and the shared ones: address, room, app passwords, forwarding, an answer while away."""
    actor, error, status = actor_of(request), "", 200
    issued: IssuedPassword | None = None
    if request.method == "POST":
        try:
            issued, said = _act_on_own(request, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            if issued is None:
                messages.success(request, said)
                return redirect("workspace:mail:mine")
    own = queries.own_boxes(actor)
    forwards = {key: (one, _FORWARDS[ForwardState(one.state)]) for key, one in own.forwarding.items()}
    context = {
        "rows": [
            (
                one, directory.get_unit(one.unit_id).agency_name, own.passwords.get(one.id, []), forwards.get(one.id),
                own.absence.get(one.id), own.aliases[one.id], _room(one.used_percent), one.kind is BoxKind.PERSON,
            )
            for one in own.boxes
        ],
        "groups": own.groups, "issued": issued, "error": error, "today": clock.today(),
        "may_outside": actor.has(MailPermission.FORWARD_OUTSIDE), "server": settings.MAIL_SERVER["name"],
        "webmail": settings.MAIL_SERVER["webmail"],
    }  # fmt: skip
    response = page(request, "workspace/mail/mine.html", context, place="mail", status=status)
    if issued is not None:
        response["Cache-Control"] = "private, no-store"
    return response


def _act_on_own(request: HttpRequest, actor: Actor) -> tuple[IssuedPassword | None, str]:
    given, at = request.POST, clock.now()
    verb, box_id = given.get("verb", ""), _number(given.get("box", ""))
    if verb == "issue":
        made = actions.issue_password(mailbox_id=box_id, name=given.get("name", ""), actor=actor, at=at)
        return made, ""
    if verb == "forward":
        wish = actions.ask_forwarding(
            mailbox_id=box_id, target=given.get("target", ""), keeps_copy=given.get("keeps_copy") == "1",
            reason=given.get("reason", ""), actor=actor, at=at,
        )  # fmt: skip
        waits = wish.state == ForwardState.ASKED
        return None, "Đã gửi đề nghị, chờ người khác duyệt." if waits else "Thư được chuyển tiếp từ bây giờ."
    acts: dict[str, Callable[[], object]] = {
        "revoke": lambda: actions.revoke_password(password_id=_number(given.get("password", "")), actor=actor, at=at),
        "end_forward": lambda: actions.end_forwarding(
            forwarding_id=_number(given.get("forwarding", "")), actor=actor, at=at
        ),
        "absence": lambda: actions.set_absence(
            mailbox_id=box_id, subject=given.get("subject", ""), text=given.get("text", ""),
            first_day=_day(given.get("first_day", "")), last_day=_day(given.get("last_day", "")), actor=actor, at=at,
        ),
        "end_absence": lambda: actions.end_absence(mailbox_id=box_id, actor=actor, at=at),
    }  # fmt: skip
    if verb not in acts:
        raise NotFound
    acts[verb]()
    return None, _SAID[verb]


@officer(MailPermission.MANAGE)
@require_http_methods(["GET", "POST"])
def boxes(request: HttpRequest) -> HttpResponse:
    """The boxes and lists of one's units, and wishes to forward outside that wait for a decision."""
    actor, error, status = actor_of(request), "", 200
    if request.method == "POST":
        verb = request.POST.get("verb", "")
        if verb not in {"approve", "refuse"}:
            raise NotFound
        try:
            actions.decide_forwarding(
                forwarding_id=_number(request.POST.get("forwarding", "")), approved=verb == "approve",
                reason=request.POST.get("reason", ""), actor=actor, at=clock.now(),
            )  # fmt: skip
        except (Forbidden, NotFound) as refusal:
            if isinstance(refusal, NotFound) or not refusal.message:
                raise
            error, status = refusal.message, refusal.status
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, _SAID[verb])
            return redirect("workspace:mail:boxes")
    text, state, unit = (request.GET.get(name, "").strip()[:100] for name in ("tim", "tinh-trang", "don-vi"))
    state, unit_id = state if state in BoxState.values else "", _number(unit) or None
    rows, more = queries.list_boxes(
        actor=actor, text=text, state=state, unit_id=unit_id, after=_number(request.GET.get("sau", ""))
    )
    if rows:
        _record(actor, "mailboxes", "Xem hộp thư của đơn vị")
    context = {
        "rows": [(one, directory.get_unit(one.unit_id).agency_name, _STATES[one.state]) for one in rows],
        "more": f"?tim={text}&tinh-trang={state}&don-vi={unit_id or ''}&sau={more}" if more else "",
        "groups": queries.list_groups(actor=actor, unit_id=unit_id), "waiting": queries.forwardings_waiting(actor),
        "units": queries.units_with_boxes(actor), "unit_id": unit_id, "text": text, "state": state,
        "states": BoxState.choices, "error": error,
    }  # fmt: skip
    return page(request, "workspace/mail/boxes.html", context, place="mail_unit", status=status)


@officer(MailPermission.MANAGE)
@require_http_methods(["GET", "POST"])
def box(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """One box of one's units: further addresses, room, who takes over, passwords and forwarding."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_box(actor=actor, mailbox_id=mailbox_id)
    if request.method == "POST":
        try:
            said = _act_on_box(request, mailbox_id, actor)
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, said)
            return redirect("workspace:mail:box", mailbox_id=mailbox_id)
    _record(actor, f"mailbox:{mailbox_id}", "Xem hộp thư của cán bộ")
    row = queries.box_data(found)
    context = {
        "row": row, "box": found, "unit": directory.get_unit(row.unit_id).agency_name, "tone": _STATES[row.state],
        "room": _room(row.used_percent), "passwords": queries.passwords_of(found), "error": error, "today": clock.today(),
        "forwards": [(one, _FORWARDS[ForwardState(one.state)]) for one in queries.forwardings_of(found)],
        "aliases": [one for one in found.addresses.all() if not one.is_main], "domain": queries.rules_now().domain,
        "is_open": row.state is BoxState.OPEN, "is_closed": row.state is BoxState.CLOSED,
        "may_read": can_read_archive(actor, row.unit_id),
    }  # fmt: skip
    return page(request, "workspace/mail/box.html", context, place="mail_unit", status=status)


def _act_on_box(request: HttpRequest, mailbox_id: int, actor: Actor) -> str:
    given, at = request.POST, clock.now()
    verb, until = given.get("verb", ""), given.get("until", "").strip()
    acts: dict[str, Callable[[], object]] = {
        "successor": lambda: actions.name_successor(
            mailbox_id=mailbox_id, address=given.get("successor", ""), actor=actor, at=at
        ),
        "quota": lambda: actions.set_quota(
            mailbox_id=mailbox_id, quota_mb=_number(given.get("quota_mb", "")), actor=actor, at=at
        ),
        "alias": lambda: actions.add_alias(
            mailbox_id=mailbox_id, local_part=given.get("local_part", ""), until=_day(until) if until else None,
            actor=actor, at=at,
        ),
        "end_alias": lambda: actions.end_alias(
            mailbox_id=mailbox_id, address=given.get("address", ""), actor=actor, at=at
        ),
        "revoke": lambda: actions.revoke_password(password_id=_number(given.get("password", "")), actor=actor, at=at),
        "end_forward": lambda: actions.end_forwarding(
            forwarding_id=_number(given.get("forwarding", "")), actor=actor, at=at
        ),
    }  # fmt: skip
    if verb not in acts:
        raise NotFound
    acts[verb]()
    return _SAID[verb]


@officer(MailPermission.MANAGE)
@require_http_methods(["GET", "POST"])
def group(request: HttpRequest, mail_group_id: int) -> HttpResponse:
    """One list: who stands on it, who may write to it."""
    actor, error, status = actor_of(request), "", 200
    found, address, members = queries.get_group(actor=actor, group_id=mail_group_id)
    if request.method == "POST":
        try:
            actions.set_senders(
                group_id=mail_group_id, senders=request.POST.get("senders", ""), actor=actor, at=clock.now()
            )
        except MailInvalid as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, _SAID["senders"])
            return redirect("workspace:mail:group", mail_group_id=mail_group_id)
    _record(actor, f"mailgroup:{mail_group_id}", "Xem thành viên danh sách thư")
    context = {
        "row": found, "address": address, "members": members, "error": error, "senders": SenderRule.choices,
        "count": sum(receives for _, _, receives, _ in members),
    }  # fmt: skip
    return page(request, "workspace/mail/group.html", context, place="mail_unit", status=status)


@officer(MailPermission.OPERATE)
@require_http_methods(["GET", "POST"])
def servers(request: HttpRequest) -> HttpResponse:
    """What was compared and found, how full the server is, what waits in its queue."""
    actor = actor_of(request)
    if request.method == "POST":
        done = flows.compare(at=clock.now())
        messages.success(request, f"Đã đối chiếu: {done.count if done else 0} chỗ lệch.")
        return redirect("workspace:mail:servers")
    letters = queries.queue(actor)
    if letters:
        _record(actor, "mail_queue", "Xem hàng đợi thư")
    checks = queries.checks(actor)
    latest = checks[0] if checks else None
    found = latest.differences if latest else []
    context = {
        "figures": queries.figures(actor), "letters": letters, "checks": checks, "latest": latest,
        "differences": [(DifferenceKind(one["kind"]).label, one["subject"], one["mended"]) for one in found],
        "problems": queries.archive_problems(actor), "has_imap": bool(settings.MAIL_SERVER["imap"]),
        "is_connected": bool(settings.MAIL_SERVER["doveadm_url"]), "has_queue": bool(settings.MAIL_SERVER["queue_command"]),
    }  # fmt: skip
    return page(request, "workspace/mail/servers.html", context, place="mail_servers")


@officer(MailPermission.READ_ARCHIVE)
@require_safe
def archives(request: HttpRequest) -> HttpResponse:
    """Archived letters of closed boxes of the units whose records one keeps."""
    actor = actor_of(request)
    rows, more = queries.list_archives(actor=actor, after=_number(request.GET.get("sau", "")))
    if rows:
        _record(actor, "mail_archives", "Xem danh sách thư đã lưu trữ")
    context = {"rows": [(one, directory.get_unit(one.unit_id).agency_name) for one in rows], "more": more}
    return page(request, "workspace/mail/archives.html", context, place="mail_archives")


@officer(MailPermission.READ_ARCHIVE)
@require_http_methods(["GET", "POST"])
def archive(request: HttpRequest, mailbox_id: int) -> HttpResponse | FileResponse:
    """One archive; posting a reason opens it, after the log has who and why (tải thư lưu trữ)."""
    actor, error, status = actor_of(request), "", 200
    found = queries.get_archive(actor=actor, mailbox_id=mailbox_id)
    if request.method == "POST":
        reason = request.POST.get("reason", "")[:500]
        try:
            file_id = actions.open_archive(mailbox_id=mailbox_id, reason=reason, actor=actor, at=clock.now())
            record_disclosure(
                subject=f"mailbox:{mailbox_id}", purpose=f"Mở thư đã lưu trữ: {reason}"[:200], fields=["letters"], actor=actor,
                at=clock.now(),
            )  # fmt: skip
            return send_file(file_id, f"thu-luu-tru-{mailbox_id}")
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
    _record(actor, f"mailbox:{mailbox_id}", "Xem thông tin thư đã lưu trữ")
    context = {"found": found, "unit": directory.get_unit(found.unit_id).agency_name, "error": error}
    return page(request, "workspace/mail/archive.html", context, place="mail_archives", status=status)


def _room(percent: int) -> str:
    return "late" if percent >= _FULL else "soon" if percent >= _NEARLY else "ok"


def _number(text: str) -> int:
    return whole_number(text) or 0


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise MailInvalid("Ngày ghi như 22/11/2026.") from error


def _record(actor: Actor, subject: str, purpose: str) -> None:
    record_disclosure(subject=subject, purpose=purpose, fields=["name", "address"], actor=actor, at=clock.now())
