"""Asking the agency that keeps the book for a certified extract of one's result, or a duplicate of a lost paper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import ExtractKind
from tinhso.apps.directory import queries as directory
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, text_of
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_TONES = {"requested": "soon", "approved": "ok", "declined": "late"}
_LONGEST_PURPOSE = 500


@citizen(level=2)
@require_http_methods(["GET", "POST"])
def extracts(request: HttpRequest, code: str) -> HttpResponse:
    """What may be asked of the book about this case's results, and what became of what was asked."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    results = queries.own_results(actor=actor, case=case)
    if not results:
        raise NotFound("Hồ sơ này chưa có kết quả nào trong sổ.")
    error, status = "", 200
    if request.method == "POST":
        chosen = whole_number(text_of(request.POST, "ket-qua", 18))
        if chosen is None or chosen not in {one.result_id for one in results}:
            raise NotFound("Hồ sơ này không có kết quả đó.")
        try:
            actions.request_extract(
                result_id=chosen, kind=text_of(request.POST, "loai", 12), recipient="",
                purpose=text_of(request.POST, "muc-dich", _LONGEST_PURPOSE), actor=actor, at=clock.now(),
            )  # fmt: skip
        except (Forbidden, NotFound):
            raise
        except DomainError as refusal:
            error, status = refusal.message, refusal.status
        else:
            messages.success(request, "Đã gửi đề nghị. Cơ quan giữ sổ sẽ ký và báo bạn; theo dõi ở trang này.")
            return redirect("portal:extracts", code=case.code)
    unit = directory.get_unit(case.unit_id) if case.unit_id else None
    context = {
        "section": "my_cases", "case": case, "title": queries.get_package(case).facts.title, "unit": unit,
        "results": [(one, [(made, _TONES[made.status]) for made in one.extracts]) for one in results],
        "kinds": [(kind.value, str(kind.label)) for kind in ExtractKind], "error": error,
        "purpose": text_of(request.POST, "muc-dich", _LONGEST_PURPOSE), "kind": text_of(request.POST, "loai", 12),
    }  # fmt: skip
    return render(request, "portal/cases/extracts.html", context, status=status)
