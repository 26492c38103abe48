"""Reading and checking the log (nhật ký hệ thống), for auditors. Reading it is itself written down."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.audit import queries
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.audit.data import EntryData
from tinhso.apps.audit.permissions import AuditPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.cases.presenter import mask_numbers
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.lib.text import whole_number

_PAGE = 50
_KINDS = {
    "case.": "Hồ sơ",
    "personal_data.": "Xem dữ liệu cá nhân",
    "account.access_refused": "Bị từ chối quyền",
    "account.": "Tài khoản, đăng nhập",
    "catalogue.": "Danh mục thủ tục",
    "procedure.": "Thủ tục",
    "unit.": "Đơn vị",
    "staff.": "Cán bộ",
    "mandate.": "Đại diện, ủy quyền",
    "signature.": "Chữ ký số",
    "document.": "Văn bản, số sổ",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log as the page shows it."""

    entry: EntryData
    detail: str
    kind: str


@officer(AuditPermission.VIEW)
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """The newest rows first, by stream and kind; personal numbers masked."""
    return _page(request)


@officer(AuditPermission.VIEW)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check every seal against the rows it covers, and say what was found (kiểm tra niêm phong)."""
    return _page(request, report=queries.verify_log())


def _page(request: HttpRequest, report: object = None) -> HttpResponse:
    actor = actor_of(request)
    asked = request.GET if request.method == "GET" else request.POST
    stream, kind = asked.get("luong", "").strip()[:80], asked.get("loai", "").strip()[:60]
    before = whole_number(asked.get("sau", ""))
    record_disclosure(
        subject=f"log:{stream or 'all'}"[:100], purpose="Đọc nhật ký", fields=["payload"], actor=actor, at=clock.now()
    )
    found = queries.list_entries(
        actor=actor, stream_prefix=stream, type_prefix=kind, before=before,
        limit=_PAGE + 1,
    )  # fmt: skip
    kept = {"luong": stream, "loai": kind}
    older = "?" + urlencode({**kept, "sau": found[_PAGE - 1].id}) if len(found) > _PAGE else ""
    context = {
        "lines": [_line(entry) for entry in found[:_PAGE]],
        "stream": stream,
        "kind": kind,
        "kinds": list(_KINDS.items()),
        "pages": {"newer": "?" + urlencode(kept) if before else "", "older": older},
        "report": report,
    }
    return page(request, "workspace/log/entries.html", context, place="log")


def _line(entry: EntryData) -> Line:
    detail = mask_numbers(json.dumps(entry.payload, ensure_ascii=False, sort_keys=True))
    kind = next((name for prefix, name in _KINDS.items() if entry.type.startswith(prefix)), "Khác")
    return Line(entry, detail, kind)
