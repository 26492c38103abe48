"""Addresses of the API, each with who may use it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI

from tinhso.interfaces.access.policy import Audience, Policy, public
from tinhso.interfaces.api import cases, messages, petitions, procedures, signing, vault, verification
from tinhso.interfaces.api.common import problem, register_errors

api = NinjaAPI(
    title="Tỉnh Số",
    version="1.0.0",
    description="Thủ tục, hồ sơ và kiểm tra giấy tờ của tỉnh. Danh sách có dạng {items, next}; lỗi theo RFC 9457.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
)
register_errors(api)
for _router in (
    procedures.router,
    cases.router,
    messages.router,
    verification.router,
    petitions.router,
    vault.router,
    signing.router,
):
    api.add_router("", _router)

_MACHINE_PREFIXES = ("cases", "files", "vault")
# What the applicant's own browser may ask of the API too; who it is, and whose case, is asked behind the gate.
_APPLICANT_SUFFIXES = ("/messages", "/messages/read", "/deadline")


@public
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address under the API, told as the API tells things."""
    return problem(request, 404, "not_found", "API không có địa chỉ này.")


def _declared(patterns: list[Any]) -> list[URLPattern]:
    """The library's patterns with the policy that the start-up check asks of every route."""
    found: list[URLPattern] = []
    for pattern in patterns:
        route = str(pattern.pattern)
        audience = Audience.MACHINE if route.startswith(_MACHINE_PREFIXES) else Audience.PUBLIC
        if audience is Audience.MACHINE and route.endswith(_APPLICANT_SUFFIXES):
            audience = Audience.APPLICANT
        pattern.callback.access_policy = Policy(audience)
        found.append(pattern)
    return found


app_name = "api"
urlpatterns = [*_declared(api.urls[0]), path("<path:rest>", nowhere, name="nowhere")]
