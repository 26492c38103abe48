"""What every endpoint shares: who asks, how a refusal is told (RFC 9457), how lists page."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from ninja import Field, NinjaAPI, Path, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from tinhso.apps.accounts.data import TokenScope
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.interfaces.access.policy import ActorRequest
from tinhso.interfaces.ui.errors import RETRY_PROGRAMS_AFTER_S, status_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import DomainError, Forbidden, Invalid

_PURPOSE = "hệ thống kết nối đọc hồ sơ"
_log = logging.getLogger(__name__)
_NO_JSON = "Nội dung gửi lên không phải JSON hợp lệ."
# What the schema library finds, in our words; its own sentences are English.
_WORDS = {
    "missing": "Thiếu giá trị bắt buộc.",
    "json_invalid": _NO_JSON,
    "int_parsing": "Cần một số nguyên.",
    "int_type": "Cần một số nguyên.",
    "bool_parsing": "Cần true hoặc false.",
    "bool_type": "Cần true hoặc false.",
    "string_type": "Cần một chuỗi ký tự.",
    "string_too_long": "Chuỗi ký tự quá dài.",
    "string_too_short": "Chuỗi ký tự quá ngắn.",
    "dict_type": "Cần một đối tượng.",
    "list_type": "Cần một danh sách.",
    "greater_than_equal": "Nhỏ hơn mức cho phép.",
    "less_than_equal": "Lớn hơn mức cho phép.",
    "extra_forbidden": "Không có trường này.",
    "string_pattern_mismatch": "Chuỗi ký tự có ký tự không nhận.",
}
_ELSE = "Giá trị không đúng dạng."


class Problem(Schema):
    """A refusal (application/problem+json): `errors` names every wrong value."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = []


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):  # which the schema library would take for 0 or 1
        raise PydanticCustomError("int_type", "not a number")
    return value


Whole = Annotated[int, BeforeValidator(_no_bool)]
# The database keeps no character of value 0; what has one is refused before anything is asked.
WITHOUT_NUL = r"^[^\x00]*$"
Code = Annotated[str, Path(max_length=100, pattern=WITHOUT_NUL)]
Text = Annotated[str, Query(max_length=300, pattern=WITHOUT_NUL)]
Cursor = Annotated[str | None, Query(max_length=300, pattern=WITHOUT_NUL)]
Words = Annotated[str, Field(max_length=300, pattern=WITHOUT_NUL)]
REFUSALS = {401: Problem, 403: Problem, 404: Problem, 409: Problem, 413: Problem, 422: Problem}


class MachineToken:
    """`Authorization: Bearer <token>` of a machine client; the middleware has read it."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_name = "MachineToken"
    openapi_security_schema = {"type": "http", "scheme": "bearer"}

    def __call__(self, request: HttpRequest) -> TokenScope | None:
        asking = cast("ActorRequest", request)
        return asking.token_scope if asking.actor.kind is ActorKind.MACHINE else None


class CitizenSession(APIKeyCookie):
    """The signed-in citizen's own browser (session cookie); what changes something also needs `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # checked below, so that the refusal is a sentence of ours

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The citizen, or None for anybody else."""
        actor = actor_of(request)
        if actor.kind is not ActorKind.CITIZEN:
            return None
        if check_csrf(request) is not None:
            raise Forbidden("Yêu cầu thiếu mã chống giả mạo (X-CSRFToken).")
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    return cast("ActorRequest", request).actor


def require_procedure(request: HttpRequest, code: str) -> None:
    """Refuse a procedure that the token does not name; a citizen's own cases need no token."""
    if actor_of(request).kind is ActorKind.CITIZEN:
        return
    scope = cast("ActorRequest", request).token_scope
    if scope is None or not scope.allows_procedure(code):
        raise Forbidden("Mã truy cập này không được dùng cho thủ tục này.")


def opened_case(request: HttpRequest, code: str, fields: list[str]) -> Any:
    """A case this actor may see. A machine's reading is recorded before anything is shown; one's own is not.

    Raises:
        CaseNotFound: there is none, or none for this actor.
        Forbidden: the token does not name its procedure.
    """
    actor = actor_of(request)
    case = queries.get_case(actor=actor, code=code)
    require_procedure(request, case.procedure_code)
    if actor.kind is not ActorKind.CITIZEN:
        record_disclosure(subject=f"case:{case.pk}", purpose=_PURPOSE, fields=fields, actor=actor, at=clock.now())
    return case


def instant(value: datetime | None) -> str | None:
    """An instant as the API writes it: UTC, ISO 8601."""
    return value.isoformat().replace("+00:00", "Z") if value else None


def _place(loc: Iterable[Any]) -> str:
    """Where a wrong value stands, as who sent it knows it: without the name that the body has in our code."""
    where, *parts = [str(part) for part in loc]
    return ".".join(parts[1:] if where == "body" and len(parts) > 1 else parts)


# What each status means, where the type of a problem says no more than that (RFC 9457 4.2.1).
_TITLES = {
    400: "Yêu cầu không đọc được", 401: "Chưa xác thực", 403: "Không có quyền", 404: "Không tìm thấy",
    405: "Phương thức không dùng được ở đây", 409: "Không còn khớp với trạng thái hiện tại", 410: "Không còn nữa",
    413: "Nội dung quá lớn", 415: "Loại nội dung không nhận", 422: "Nội dung chưa đúng", 429: "Gửi quá nhiều",
    500: "Hệ thống gặp lỗi", 503: "Tạm thời không phục vụ",
}  # fmt: skip


def problem(
    request: HttpRequest, status: int, code: str, detail: str, errors: Iterable[dict[str, str]] = ()
) -> HttpResponse:
    """A refusal as problem+json (RFC 9457); `code` is what a program may compare, the words are for people."""
    body = {
        "type": "about:blank", "title": _TITLES.get(status, "Không thực hiện được"), "status": status, "code": code,
        "detail": detail, "errors": list(errors),
    }  # fmt: skip
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def register_errors(api: NinjaAPI) -> None:
    """Tell every refusal in the same shape; never a stack trace."""

    def on(kind: type[Exception]) -> Callable[[Callable[[HttpRequest, Any], HttpResponse]], object]:
        return api.exception_handler(kind)

    @on(DomainError)
    def domain(request: HttpRequest, error: DomainError) -> HttpResponse:
        errors = [{"path": e.path, "message": e.message} for e in error.errors] if isinstance(error, Invalid) else []
        return problem(request, error.status, error.code, error.message, errors)

    @on(ValidationError)
    def shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [{"path": _place(e["loc"]), "message": _WORDS.get(e["type"], _ELSE)} for e in error.errors]
        return problem(request, 422, "invalid", "Nội dung gửi lên chưa đúng cấu trúc.", errors)

    @on(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = problem(request, 401, "unauthenticated", "Thiếu mã truy cập, hoặc mã đã hết hạn hay bị thu hồi.")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @on(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        # The library words a body that is no JSON in English; the rest of its texts never reach a client of ours.
        detail = _NO_JSON if error.status_code == 400 else str(error)
        return problem(request, error.status_code, "bad_request", detail)

    @on(RawPostDataException)
    def form(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
        # A form with parts was sent to what takes JSON: it has been read as a form, and there is no other body.
        return problem(request, 400, "bad_request", _NO_JSON)

    @on(Http404)
    def absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(request, 404, "not_found", "Không tìm thấy nội dung này.")

    @on(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        _log.error("API request failed: %s %s", request.method, request.path, exc_info=error)
        if status_of(error) == 503:
            detail = "Hệ thống tạm ngừng trong chốc lát. Gửi lại với cùng khóa sẽ không bị thực hiện hai lần."
            response = problem(request, 503, "unavailable", detail)
            response["Retry-After"] = RETRY_PROGRAMS_AFTER_S
            return response
        return problem(request, 500, "internal", "Hệ thống gặp lỗi. Yêu cầu chưa được thực hiện, mời thử lại sau.")
