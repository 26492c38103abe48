"""The queue of time stamps and evidence for the operator: how far papers are, what stands in the way, trying again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tinhso.apps.accounts.permissions import SystemPermission
from tinhso.apps.signatures import actions, queries
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock

_NAMES = {"result": "Kết quả", "paper": "Giấy tờ", "scan": "Bản số hóa"}


@officer(SystemPermission.OPERATE)
@require_http_methods(["GET", "POST"])
def stamps(request: HttpRequest) -> HttpResponse:
    """Numbers, lag, and the papers that wait; POST tries the failed ones again now. No content of any paper."""
    actor, now = actor_of(request), clock.now()
    if request.method == "POST":
        count = actions.retry_papers(actor=actor, at=now)
        messages.success(request, f"Đã xếp {count} văn bản thử lại ngay.")
        return redirect("workspace:signers:queue")
    state = queries.papers_state()
    context = {
        "state": state, "lag": _words((now - state.oldest_waiting).total_seconds()) if state.oldest_waiting else "",
        "papers": [
            (_name(one.subject), one, _words((now - one.kept_at).total_seconds()))
            for one in queries.list_papers_in_queue(actor=actor)
        ],
        "failing": sum(count for _, count in state.failing), "requests": queries.requests_state(actor=actor),
    }  # fmt: skip
    return page(request, "workspace/signers/queue.html", context, place="stamps")


def _name(subject: str) -> str:
    kind, _, rest = subject.partition(":")
    return f"{_NAMES.get(kind, kind)} {rest}"


def _words(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "dưới một phút"
    days, hours = minutes // 1_440, minutes // 60 % 24
    if days:
        return f"{days} ngày {hours} giờ"
    return f"{hours} giờ {minutes % 60} phút" if hours else f"{minutes} phút"
