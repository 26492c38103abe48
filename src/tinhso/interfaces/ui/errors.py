"""Error pages: what happened, what was kept, what to do (trang báo lỗi)."""

import sys
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from psycopg import errors

from tinhso.interfaces.ui.context import current_site

_RETRY_AFTER_S = "60"
RETRY_PROGRAMS_AFTER_S = "5"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The plain words of one status."""

    title: str
    text: str
    advice: str


EXPLANATIONS = {
    400: Explanation(
        "Yêu cầu chưa đúng",
        "Trang gửi lên thiếu hoặc sai thông tin nên hệ thống không làm theo được.",
        "Quay lại trang trước, kiểm tra nội dung rồi gửi lại. Những gì đã lưu vẫn còn.",
    ),
    403: Explanation(
        "Bạn không mở được trang này",
        "Tài khoản đang dùng không có quyền với nội dung này, hoặc phiên làm việc đã hết.",
        "Đăng nhập lại bằng đúng tài khoản. Nếu vẫn không được, hãy hỏi người quản trị đơn vị.",
    ),
    404: Explanation(
        "Không có trang này",
        "Địa chỉ có thể gõ nhầm, hoặc nội dung đã được gỡ.",
        "Tìm thủ tục theo tên gọi thường ngày, hoặc tra cứu hồ sơ bằng mã trên giấy tiếp nhận.",
    ),
    405: Explanation(
        "Thao tác này không dùng được ở đây",
        "Trang không nhận cách gửi này.",
        "Quay lại trang trước rồi thực hiện lại.",
    ),
    409: Explanation(
        "Nội dung vừa được người khác thay đổi",
        "Có người đã thực hiện trước bạn một bước nên thao tác của bạn chưa được ghi.",
        "Mở lại trang để xem nội dung mới nhất, rồi làm tiếp nếu vẫn cần.",
    ),
    413: Explanation(
        "Tệp gửi lên quá lớn",
        "Hệ thống chưa nhận tệp này; các nội dung đã lưu trước đó vẫn còn.",
        "Giảm dung lượng tệp (chụp lại ở độ phân giải thấp hơn, hoặc tách thành nhiều tệp) rồi gửi lại.",
    ),
    422: Explanation(
        "Thông tin chưa hợp lệ",
        "Có thông tin cần sửa trước khi gửi.",
        "Quay lại trang trước và sửa theo hướng dẫn cạnh từng ô.",
    ),
    429: Explanation(
        "Bạn thao tác hơi nhanh",
        "Để bảo vệ mọi người dùng, hệ thống tạm dừng nhận yêu cầu từ thiết bị này trong chốc lát.",
        "Chờ khoảng một phút rồi thử lại. Không có gì bị mất.",
    ),
    500: Explanation(
        "Hệ thống gặp lỗi",
        "Lỗi ở phía chúng tôi và đã được ghi lại để sửa. Thao tác vừa rồi chưa được thực hiện.",
        "Thử lại sau ít phút. Bản nháp và hồ sơ đã nộp của bạn vẫn an toàn.",
    ),
    503: Explanation(
        "Hệ thống tạm ngừng trong chốc lát",
        "Một phần của hệ thống, hoặc hệ thống quốc gia mà chúng tôi cần hỏi, chưa trả lời.",
        "Thử lại sau ít phút. Bản nháp và hồ sơ đã nộp của bạn vẫn an toàn.",
    ),
}


def explain(status: int) -> Explanation:
    """The words of a status; an unlisted one gets those of its hundred."""
    return EXPLANATIONS.get(status) or EXPLANATIONS[500 if status >= 500 else 400]


def render_error(
    request: HttpRequest, status: int, message: str = "", code: str = "", *, knows_who: bool = True
) -> HttpResponse:
    """The page of one error; `message` is the sentence of a domain error and takes the place of the general text.

    An htmx request gets the notice alone, so that it fits where the fragment would have gone. Without `knows_who` the page
    is made of nothing but its words, for when the database cannot be asked who is signed in.
    """
    words = explain(status)
    context = {
        "status": status,
        "title": words.title,
        "text": message or words.text,
        "advice": words.advice,
        "code": code,
        "site": current_site(),
    }
    template = "ui/errors/_notice.html" if request.headers.get("HX-Request") else "ui/errors/page.html"
    response = HttpResponse(render_to_string(template, context, request if knows_who else None), status=status)
    if status in {429, 503}:
        response["Retry-After"] = _RETRY_AFTER_S
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handler of 400."""
    return render_error(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handler of 403."""
    return render_error(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Handler of 404."""
    return render_error(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without a valid mark of its page: nearly always a session that ended meanwhile."""
    return render_error(
        request,
        403,
        "Trang đã mở quá lâu hoặc phiên làm việc đã hết nên nội dung gửi lên chưa được nhận. "
        "Tải lại trang, đăng nhập lại nếu cần, rồi gửi lại; bản nháp đã lưu vẫn còn.",
    )


def status_of(error: BaseException | None) -> int:
    """503 for what the next try may find mended: the database away, full or cut off; 500 for a fault of ours."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError | errors.ReadOnlySqlTransaction):
            return 503  # the last is a standby that is not the primary yet
        error = error.__cause__ or error.__context__
    return 500


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler of 500: the page when it can be made, else one plain sentence without templates; a program gets its own shape."""
    status = status_of(sys.exc_info()[1])
    if request.path.startswith("/api/"):
        return _problem(status)
    try:
        return render_error(request, status, knows_who=status != 503)
    except Exception:  # noqa: BLE001 - whatever broke the page may break its error page too
        words = explain(status)
        return HttpResponse(
            f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{words.title}</title>'
            f"<h1>{words.title}</h1><p>{words.text}</p><p>{words.advice}</p>",
            status=status,
            headers={"Retry-After": _RETRY_AFTER_S} if status == 503 else None,
        )


def _problem(status: int) -> HttpResponse:
    """RFC 9457, for what breaks before the API's own views are reached: reading a token, say."""
    words = explain(status)
    body = {
        "type": "about:blank", "title": words.title, "status": status,
        "code": "unavailable" if status == 503 else "internal", "detail": words.text, "errors": [],
    }  # fmt: skip
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False},
        headers={"Retry-After": RETRY_PROGRAMS_AFTER_S} if status == 503 else None,
    )  # fmt: skip
