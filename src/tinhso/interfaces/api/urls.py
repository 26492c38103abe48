"""Addresses of the API, each with who may use it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.types import DictStrAny

from tinhso.interfaces.access.policy import Audience, Policy, public
from tinhso.interfaces.api import cases, events, messages, petitions, procedures, signing, vault, verification
from tinhso.interfaces.api.common import Problem, problem, register_errors
from tinhso.interfaces.api.description import complete


class Api(NinjaAPI):
    """The library's API with its description worked out once a process: nothing in it depends on who asks."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None
    ) -> OpenAPISchema:
        """The OpenAPI 3.1 document."""
        return _described(self, path_prefix, tuple(sorted((path_params or {}).items())))


@cache
def _described(of: Api, path_prefix: str | None, path_params: tuple[tuple[str, Any], ...]) -> OpenAPISchema:
    found = NinjaAPI.get_openapi_schema(of, path_prefix=path_prefix, path_params=dict(path_params))
    complete(found, Problem.json_schema())
    return found


api = Api(
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
    events.router,
):
    api.add_router("", _router)

_MACHINE_PREFIXES = ("cases", "files", "vault", "events", "subscriptions")
_PUBLIC = ("events/keys", "events/types")
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
        if route in _PUBLIC:
            audience = Audience.PUBLIC
        if audience is Audience.MACHINE and route.endswith(_APPLICANT_SUFFIXES):
            audience = Audience.APPLICANT
        pattern.callback.access_policy = Policy(audience)
        found.append(pattern)
    return found


app_name = "api"
urlpatterns = [*_declared(api.urls[0]), path("<path:rest>", nowhere, name="nowhere")]
