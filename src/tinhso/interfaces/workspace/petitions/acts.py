"""Doing something to a petition: each form of the page posts here, one action each (xử lý phản ánh, kiến nghị)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tinhso.apps.petitions import actions, queries
from tinhso.apps.petitions.data import PetitionMoved, Publication
from tinhso.apps.petitions.permissions import PetitionPermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.petitions.views import petition_page
from tinhso.interfaces.workspace.requests import actor_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Forbidden, NotFound
from tinhso.lib.text import whole_number

_LONGEST_TEXT = 20_000


class _Sent:
    """A posted act with everything a handler needs."""

    def __init__(self, request: HttpRequest, petition: Any, actor: Actor, at: datetime) -> None:
        self.post, self.actor, self.at = request.POST, actor, at
        self.common: dict[str, Any] = {"petition_id": petition.pk, "actor": actor, "at": at}

    def text(self, name: str) -> str:
        return self.post.get(name, "").replace("\x00", "").strip()[:_LONGEST_TEXT]


@officer(PetitionPermission.VIEW)
@require_POST
def act(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Do it; refused, the page comes back with the sentence beside the form and what was typed still there."""
    actor, at = actor_of(request), clock.now()
    petition = queries.get_petition(actor=actor, code=code)
    key = slug.replace("-", "_")
    if key not in _HANDLERS:
        raise Http404
    try:
        said = _HANDLERS[key](_Sent(request, petition, actor, at))
    except (Forbidden, NotFound):
        raise
    except PetitionMoved as refusal:
        messages.error(request, refusal.message)
        return redirect("workspace:petitions:detail", code=petition.code)
    except DomainError as refusal:
        fresh = queries.get_petition(actor=actor, code=code)
        values = {name: request.POST.get(name, "") for name in request.POST if name != "csrfmiddlewaretoken"}
        return petition_page(request, fresh, failed=key, refusal=refusal, values=values, status=refusal.status)
    messages.success(request, said)
    if queries.visible_to(actor).filter(pk=petition.pk).exists():
        return redirect("workspace:petitions:detail", code=petition.code)
    return redirect("workspace:petitions:list")


def _accept(sent: _Sent) -> str:
    actions.accept_petition(classification=sent.text("classification"), **sent.common)
    return "Đã tiếp nhận và phân loại."


def _refuse(sent: _Sent) -> str:
    actions.refuse_petition(reason=sent.text("reason"), **sent.common)
    return "Đã trả lời không tiếp nhận; người gửi đọc được lý do."


def _ask(sent: _Sent) -> str:
    actions.ask_information(question=sent.text("question"), **sent.common)
    return "Đã đề nghị bổ sung; thời hạn trả lời dừng cho đến khi người gửi bổ sung."


def _forward(sent: _Sent) -> str:
    unit_id = whole_number(sent.text("unit")) or 0
    actions.forward_petition(unit_id=unit_id, reason=sent.text("reason"), **sent.common)
    return "Đã chuyển cơ quan có thẩm quyền. Hạn trả lời vẫn tính từ ngày gửi."


def _draft(sent: _Sent) -> str:
    actions.draft_answer(answer=sent.text("answer"), **sent.common)
    return "Đã trình dự thảo trả lời."


def _return(sent: _Sent) -> str:
    actions.return_answer(reason=sent.text("reason"), **sent.common)
    return "Đã trả lại dự thảo."


def _approve(sent: _Sent) -> str:
    actions.approve_answer(**sent.common)
    return "Đã duyệt; người gửi đọc được câu trả lời."


def _publish(sent: _Sent) -> str:
    publication = Publication(sent.text("title"), sent.text("content"), sent.text("answer"))
    actions.publish_petition(publication=publication, **sent.common)
    return "Đã công khai phản ánh và trả lời."


def _withhold(sent: _Sent) -> str:
    actions.withhold_publication(reason=sent.text("reason"), **sent.common)
    return "Đã ghi quyết định không công khai."


def _take_down(sent: _Sent) -> str:
    actions.take_down_publication(reason=sent.text("reason"), **sent.common)
    return "Đã gỡ nội dung công khai."


_HANDLERS: dict[str, Callable[[_Sent], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "ask": _ask,
    "forward": _forward,
    "draft": _draft,
    "return": _return,
    "approve": _approve,
    "publish": _publish,
    "withhold": _withhold,
    "take_down": _take_down,
}
