"""The worklist: shelves by time left, and the search over everything this officer may see (danh sách việc)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.data import TimeBar
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.permissions import WORKING, CasePermission
from tinhso.apps.cases.queries import CasePage, ListedCase, ListedLabel, Shelf
from tinhso.apps.procedures.enums import StepKind
from tinhso.apps.reception.queries import find_slip
from tinhso.interfaces.access.policy import View, officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.interfaces.workspace.shell import SHELVES, first_page
from tinhso.interfaces.workspace.work.batch import ACTS
from tinhso.interfaces.workspace.work.views import filter_address
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.lib.identifiers import CaseCode
from tinhso.lib.text import sort_key

_LONGEST_QUERY = 120
_WAY_BACK = 12
_ANY_CODE = "MA-HO-SO"

_EMPTY = {
    Shelf.MINE: ("Không còn việc nào chờ bạn", "Hồ sơ chuyển đến bước của bạn sẽ hiện ở đây, gần đến hạn xếp trước."),
    Shelf.WAITING: ("Không có hồ sơ nào chờ tiếp nhận", "Hồ sơ nộp trực tuyến và qua bưu chính sẽ hiện ở đây."),
    Shelf.DUE_SOON: ("Không có hồ sơ nào sắp đến hạn", "Ở đây là hồ sơ đến hạn trong hai ngày tới."),
    Shelf.LATE: ("Không có hồ sơ nào quá hạn", "Giữ được như vậy là tốt."),
    Shelf.SUPPLEMENT: ("Không có hồ sơ nào chờ bổ sung", "Ở đây là hồ sơ đang dừng đồng hồ chờ người nộp."),
    Shelf.TO_SIGN: ("Không có dự thảo nào chờ ký", "Dự thảo đã qua rà soát sẽ hiện ở đây."),
    Shelf.TO_DELIVER: ("Không có kết quả nào chờ trả", "Kết quả đã ký số sẽ hiện ở đây."),
    Shelf.ALL: ("Chưa có hồ sơ nào đang giải quyết", "Hồ sơ của đơn vị sẽ hiện ở đây."),
}


# Shelves of cases at a step, where it matters to whom they are given.
_FILTERED = {Shelf.MINE, Shelf.DUE_SOON, Shelf.LATE, Shelf.ALL}


class Row(TypedDict):
    """One line of the list, in the words of the page. A mapping, which templates look into fastest."""

    code: str
    address: str
    channel: str
    title: str
    where: str
    applicant: str
    unit: str
    labels: tuple[ListedLabel, ...]
    has_unread: bool
    bar: TimeBar
    submitted_at: datetime | None
    due_at: datetime | None
    step_key: str
    state: str
    tone: str
    may_sign: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting of the filter by assignee."""

    label: str
    href: str
    shortcut: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """Addresses of the page before and after; empty where there is none."""

    newer: str
    older: str


@officer()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where work begins: the own cases, or the first page of an officer who works on none."""
    actor = actor_of(request)
    if actor.has(CasePermission.VIEW):
        return _shelf(request, Shelf.MINE)
    other = first_page(actor)
    return redirect(other) if other else page(request, "workspace/worklist/no_rights.html", {})


def shelf_view(shelf: Shelf) -> View:
    """The page of one shelf."""

    @officer(CasePermission.VIEW)
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return _shelf(request, shelf)

    return view


@officer(CasePermission.VIEW)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Every visible case that answers the words, open or closed; a whole code opens its case (tìm hồ sơ)."""
    actor, now = actor_of(request), clock.now()
    q = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    found = CasePage((), None)
    if q:
        # Names and numbers of people are looked through here, so that the search itself is a reading. What was typed is
        # not written down: the log is kept for ever, and it may be somebody's number.
        record_disclosure(
            subject=f"account:{actor.account_id}", purpose="Tìm hồ sơ", fields=["applicant_name"], actor=actor, at=now
        )
        found = queries.list_cases(actor=actor, now=now, q=q, cursor=request.GET.get("sau") or None)
    if (slip := find_slip(actor=actor, text=q)) is not None:
        return redirect("workspace:offline:slip", slip_number=slip.code)
    if len(found.items) == 1 and _is_code(q):
        return redirect("workspace:cases:detail", code=found.items[0].code)
    context = {
        "q": q,
        "rows": _rows(found.items, actor),
        "pages": _pages(request, found.next),
    }
    return page(request, "workspace/worklist/search.html", context)


def _shelf(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    q = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    assignee = request.GET.get("nguoi", "").strip()[:_LONGEST_QUERY] if shelf in _FILTERED else ""
    labels = queries.labels_of_actor(actor)
    chosen = request.GET.get("nhan", "")
    label = next((one.pk for one in labels if str(one.pk) == chosen), None)
    found = queries.worklist(
        actor=actor, shelf=shelf, now=now, q=q, assignee=assignee, label=label,
        cursor=request.GET.get("sau") or None,
    )  # fmt: skip
    counts = queries.counts(actor=actor, now=now)
    rows = _rows(found.items, actor)
    title, text = _EMPTY[shelf]
    context = {
        "shelf": shelf.value,
        "title": SHELVES[shelf][1],
        "counts": counts,
        "rows": rows,
        "q": q,
        "assignee": assignee,
        "choices": _choices(actor, q, assignee) if shelf in _FILTERED else (),
        "colleagues": _colleagues(actor) if shelf in _FILTERED else (),
        "labels": labels,
        "label": label,
        "kept": [(one.name, filter_address(one.query)) for one in queries.saved_filters(actor=actor)],
        "acts": _acts(actor) if shelf in _FILTERED else (),
        "people": queries.people_of(actor.unit_id, at=now, below=True)
        if shelf in _FILTERED and actor.unit_id and actor.has(CasePermission.ASSIGN)
        else (),
        "pages": _pages(request, found.next),
        "looked": found.looked,
        "empty_title": title,
        "empty_text": text,
        "may_receive": actor.has(CasePermission.RECEIVE),
        "may_sign": actor.has(CasePermission.APPROVE),
        "any_to_sign": any(row["may_sign"] for row in rows),
    }
    return page(request, "workspace/worklist/shelf.html", context, place=shelf.value, counts=counts)


# What may be done to marked cases, with the right each needs; the exact right on each case is the act's own.
_BATCH_NEEDS = {
    "phan-cong": CasePermission.ASSIGN,
    "chuyen": CasePermission.FORWARD,
}


def _acts(actor: Actor) -> tuple[tuple[str, str], ...]:
    if not any(actor.has(permission) for permission in WORKING):
        return ()
    return tuple((key, label) for key, label in ACTS.items() if key not in _BATCH_NEEDS or actor.has(_BATCH_NEEDS[key]))


def _choices(actor: Actor, q: str, assignee: str) -> tuple[Choice, ...]:
    """All, mine, nobody's yet; what is typed in the box beside stays."""
    return tuple(
        Choice(label, "?" + urlencode({name: value for name, value in (("q", q), ("nguoi", key)) if value}), letter,
               is_current=assignee == key)
        for key, label, letter in (("", "Tất cả", "T"), ("me", "Giao cho tôi", "G"), ("none", "Chưa giao ai", "U"))
    )  # fmt: skip


def _colleagues(actor: Actor) -> tuple[tuple[str, str], ...]:
    """Number and name of the others who have cases at the officer's units."""
    others = [found for found in queries.list_assignees(actor=actor) if found != actor.account_id]
    names = accounts.account_names(others) if others else {}
    return tuple(sorted(((str(pk), name) for pk, name in names.items()), key=lambda one: sort_key(one[1])))


def _rows(items: tuple[ListedCase, ...], actor: Actor) -> list[Row]:
    names = accounts.account_names({item.assignee_id for item in items if item.assignee_id})
    may_sign = actor.has(CasePermission.APPROVE)
    # Resolved once: an address a row took a sixth of the time of the list.
    before, after = reverse("workspace:cases:detail", args=[_ANY_CODE]).split(_ANY_CODE)
    rows: list[Row] = []
    for item in items:
        state, tone = _state(item)
        assignee = "Bạn" if item.assignee_id == actor.account_id else names.get(item.assignee_id or 0, "")
        stands = (
            " · ".join(part for part in (item.step_name, assignee) if part) if item.step_name else item.status.label
        )
        rows.append({
            "code": item.code, "address": f"{before}{quote(item.code)}{after}", "title": item.title, "where": str(stands),
            "channel": _CHANNELS.get(item.channel, item.channel), "applicant": item.applicant_name, "unit": item.unit_name,
            "labels": item.labels, "has_unread": item.has_unread, "bar": item.bar, "submitted_at": item.submitted_at,
            "due_at": item.due_at, "step_key": item.step_key, "state": state, "tone": tone,
            "may_sign": may_sign and item.step_kind == StepKind.APPROVAL and item.status in _AT_WORK,
        })  # fmt: skip
    return rows


_CHANNELS = {
    "online": "nộp trực tuyến", "counter": "tại quầy", "postal": "qua bưu chính", "national_portal": "Cổng quốc gia",
}  # fmt: skip
_AT_WORK = (CaseStatus.RECEIVED, CaseStatus.PROCESSING)


def _state(item: ListedCase) -> tuple[str, str]:
    """What matters most about a case now, in one word."""
    if item.status in _AT_WORK:
        if item.bar.state == "late":
            return "Quá hạn", "late"
        if item.bar.state == "soon":
            return "Sắp đến hạn", "soon"
        if item.step_kind == StepKind.APPROVAL:
            return "Chờ ký số", "info"
    return "", item.state.value


def _is_code(q: str) -> bool:
    try:
        CaseCode.parse(q)
    except ValueError:
        return False
    return True


def _pages(request: HttpRequest, following: str | None) -> Pages:
    """Keyset paging with a way back: `lui` remembers the cursors of the pages passed."""
    here = request.GET.get("sau", "")
    passed = [cursor for cursor in request.GET.get("lui", "").split(",") if cursor]
    kept: dict[str, Any] = {name: request.GET[name] for name in ("q", "nguoi", "nhan") if request.GET.get(name)}

    def address(**changes: str) -> str:
        return "?" + urlencode({**kept, **{name: value for name, value in changes.items() if value}})

    newer = ""
    if here:
        newer = address(sau=passed[-1], lui=",".join(passed[:-1])) if passed else address()
    older = address(sau=following, lui=",".join([*passed, *([here] if here else [])][-_WAY_BACK:])) if following else ""
    return Pages(newer, older)
