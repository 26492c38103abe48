"""The list of linked cases with their legs and alerts; asking the agency of an earlier leg to mend its result."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.procedures import queries as procedures
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import Conflict, Invalid
from tinhso.lib.text import whole_number

_LONGEST_REASON = 1000


@officer(CasePermission.VIEW)
@require_safe
def linked(request: HttpRequest) -> HttpResponse:
    """Linked cases of the officer's units, newest first; alerts alone on request (theo dõi hồ sơ liên thông)."""
    before = request.GET.get("truoc", "")
    only_alerts, group = "canh-bao" in request.GET, request.GET.get("nhom", "")[:40]
    rows, following = queries.list_linked(
        actor=actor_of(request), now=clock.now(), only_alerts=only_alerts, procedure=group,
        before=whole_number(before),
    )  # fmt: skip
    context = {
        "rows": rows,
        "next": following,
        "only_alerts": only_alerts,
        "group": group,
        "groups": procedures.list_groups(clock.today()),
        "alerts": sum(bool(row.alerts) for row in rows),
    }
    return page(request, "workspace/linked/list.html", context, place="linked")


@officer(CasePermission.REQUEST_SUPPLEMENT)
@require_POST
def ask_correction(request: HttpRequest, code: str) -> HttpResponse:
    """Tell the agency of an earlier leg what is wrong in its result (đề nghị đính chính)."""
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    try:
        actions.ask_leg_correction(
            case_id=case.pk, leg=request.POST.get("leg", "")[:60], actor=actor, at=clock.now(),
            reason=request.POST.get("reason", "").replace("\x00", "")[:_LONGEST_REASON],
        )  # fmt: skip
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Đã đề nghị đính chính; thời hạn của bước này dừng cho đến khi có kết quả đúng.")
    return redirect("workspace:cases:detail", code=case.code)
