"""Every component of the shared look on one page, for whoever draws the next one (development only)."""

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tinhso.interfaces.access.policy import public
from tinhso.interfaces.ui.navigation import NavGroup, Navigation, NavLink
from tinhso.interfaces.ui.states import STATES
from tinhso.interfaces.ui.timebar import TimeBar, build_time_bar

_START = datetime(2026, 11, 19, 1, 30, tzinfo=UTC)


def _minutes(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds() // 60)


def _bar(now: int, *, pause: tuple[int, int | None] | None = None, finished: int | None = None) -> TimeBar:
    def after(minutes: int) -> datetime:
        return _START + timedelta(minutes=minutes)

    open_pause = pause is not None and pause[1] is None
    return build_time_bar(
        start=_START,
        now=after(now),
        due=None if open_pause else after(1440),
        limit_minutes=1440,
        minutes_between=_minutes,
        pauses=[(after(pause[0]), None if pause[1] is None else after(pause[1]))] if pause else [],
        finished_at=None if finished is None else after(finished),
    )


def _examples() -> dict[str, object]:
    return {
        "bars": [
            ("Còn nhiều thời gian", _bar(300)),
            ("Sắp đến hạn", _bar(1140)),
            ("Quá hạn", _bar(1680)),
            ("Đã dừng một lần", _bar(800, pause=(400, 640))),
            ("Đang dừng", _bar(800, pause=(400, None))),
            ("Xong trước hạn", _bar(1400, finished=1200)),
        ],
        "states": list(STATES),
        "timeline": [
            {"title": "Nộp hồ sơ", "detail": "trực tuyến", "state": "done", "at": _START},
            {"title": "Thẩm định", "detail": "Phòng Kinh tế · bước này còn 5 giờ", "state": "now", "at": None},
            {"title": "Ký số", "detail": "Lãnh đạo", "state": "", "at": None},
            {"title": "Trả kết quả", "detail": "", "state": "", "at": None},
        ],
        "facts": [("Người nộp", "Nguyễn Thị Đào"), ("Vốn kinh doanh", "80.000.000 ₫"), ("Ghi chú", None)],
        "errors": [
            {"message": "Nhập họ và tên người đề nghị", "target": "sample-name"},
            {"message": "Ngày sinh phải trước hôm nay", "target": ""},
        ],
        "moment": _START,
        "tones": ["ok", "soon", "late", "info", "mute"],
    }


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Components on a citizen's page (bộ thành phần giao diện)."""
    messages.success(request, "Thông báo sau khi lưu hiện ở đầu trang.")
    return render(request, "ui/gallery.html", _examples())


@public
def workspace_gallery(request: HttpRequest) -> HttpResponse:
    """Components in the officers' shell (bộ thành phần trong khung làm việc)."""
    main = (
        NavLink("Hồ sơ của tôi", "#", is_current=True, count=34),
        NavLink("Chờ tiếp nhận", "#", count=12),
        NavLink("Quá hạn", "#", count=1, is_late=True),
    )
    counter = (NavLink("Tiếp nhận mới", "#", shortcut="N"), NavLink("Trả kết quả", "#", shortcut="R"))
    nav = Navigation(
        home="#",
        search="#",
        role="Chuyên viên · Phòng Kinh tế",
        groups=(NavGroup("", main), NavGroup("Quầy", counter)),
    )
    return render(request, "ui/gallery_workspace.html", {"nav": nav, **_examples()})
