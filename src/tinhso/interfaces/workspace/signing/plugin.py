"""Signing with the program on the officer's own machine: one-time links, the page, and where files go and come back."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.data import HandOverLinks, LinkClosed, ReturnRefused
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.interfaces.access.downloads import file_response
from tinhso.interfaces.access.policy import officer, public
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor

_MOST_BYTES = 60 * 1_048_576
# The program's functions: a competent person approves, the clerk issues with the agency's seal.
_FUNCTIONS = {OwnerKind.PERSON.value: "SignApproved", OwnerKind.AGENCY.value: "SignIssued"}


@officer(CasePermission.VIEW)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for the program on this officer's machine (ký bằng phần mềm trên máy)."""
    return _page(request, actor_of(request), {})


@officer(CasePermission.VIEW)
@require_POST
def links(request: HttpRequest, request_uuid: str) -> HttpResponse:
    """A fresh pair of one-time links: for the program as JSON, else as a page with the two steps by hand."""
    actor = actor_of(request)
    given = actions.hand_over(request_uuid=str(request_uuid), actor=actor, at=clock.now())
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_parameters(str(request_uuid), given))
    opened = {"uuid": str(request_uuid), "fetch": _path("fetch", given.fetch), "return": _path("give_back", given.give_back),
              "expires_at": given.expires_at}  # fmt: skip
    return _page(request, actor, {"opened": opened})


@officer(CasePermission.VIEW)
@require_POST
def refuse(request: HttpRequest, request_uuid: str) -> HttpResponse:
    """The officer does not sign this paper."""
    reason = request.POST.get("reason", "")[:300]
    actions.refuse_to_sign(request_uuid=str(request_uuid), reason=reason, actor=actor_of(request), at=clock.now())
    messages.success(request, "Đã ghi việc từ chối ký.")
    return redirect("workspace:signing:plugin")


@public
@require_GET
def fetch(request: HttpRequest, token: str) -> HttpResponseBase:
    """The paper to be signed, once, for whoever holds the link: the program has no session."""
    file_id, name = flows.fetch_to_sign(token=token, at=clock.now())
    return file_response(file_id, name or "van-ban")


@csrf_exempt
@public
@require_POST
def give_back(request: HttpRequest, token: str) -> HttpResponse:
    """The signed file comes back in the field `uploadfile`; the answer is the program's JSON, or a page in a browser."""
    is_browser = "text/html" in request.headers.get("Accept", "")
    try:
        content = _uploaded(request)
        told = flows.return_signed(token=token, content=content, at=clock.now())
    except (LinkClosed, ReturnRefused) as refusal:
        if is_browser:
            messages.error(request, refusal.message)
            return redirect("workspace:signing:plugin")
        return _answer(1, refusal.message, "")
    if is_browser:
        messages.success(request, "Đã nhận văn bản có chữ ký của bạn.")
        return redirect("workspace:signing:plugin")
    return _answer(0, "", told.uuid)


def _uploaded(request: HttpRequest) -> bytes:
    file = request.FILES.get("uploadfile") or next(iter(request.FILES.values()), None)
    if file is None or isinstance(file, list) or not file.size:
        raise ReturnRefused("Chưa nhận được tệp đã ký (trường uploadfile).")
    if file.size > _MOST_BYTES:
        raise ReturnRefused("Tệp gửi lại quá lớn.")
    return bytes(file.read())


def _answer(status: int, message: str, file: str) -> HttpResponse:
    body = {"Status": status, "Message": message, "FileName": f"{file}.pdf" if file else "", "FileServer": file}
    answer = HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/json; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


def _parameters(uuid: str, given: HandOverLinks) -> dict[str, Any]:
    """What the program's function takes; the tokens in the addresses are the whole right, no session goes with them."""
    return {
        "FileUploadHandler": settings.BASE_URL + _path("give_back", given.give_back), "SessionId": "", "JWTToken": "",
        "FileName": settings.BASE_URL + _path("fetch", given.fetch), "MetaData": [{"Key": "request", "Value": uuid}],
    }  # fmt: skip


def _path(name: str, token: str) -> str:
    return reverse(f"workspace:signing:{name}", args=[token])


def _page(request: HttpRequest, actor: Actor, more: dict[str, Any]) -> HttpResponse:
    now = clock.now()
    address = queries.plugin_address(actor, at=now)
    rows = [
        {"request": one, "socket": f"{address}/{_FUNCTIONS[one.role]}", "is_seal": one.role == OwnerKind.AGENCY}
        for one in queries.list_handed_over(actor=actor, at=now)
    ]
    answer = page(request, "workspace/signing/plugin.html", {"rows": rows, **more}, place="plugin_signing")
    _let_reach(answer, address)
    return answer


def _let_reach(answer: HttpResponse, address: str) -> None:
    """This page alone may open a connection to the program on the machine."""
    from tinhso.interfaces.access.middleware import content_security_policy

    parts = urlsplit(address)
    own = content_security_policy()
    answer["Content-Security-Policy"] = own.replace(
        "connect-src 'self'", f"connect-src 'self' {parts.scheme}://{parts.netloc}"
    )
