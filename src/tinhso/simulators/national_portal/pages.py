"""The tester's page of the simulated portal."""

from html import escape

from tinhso.simulators.national_portal.state import LABELS, Behaviour, Held, Portal

_WORDS = {
    "1": "Mới đăng ký", "2": "Được tiếp nhận", "3": "Không được tiếp nhận", "4": "Đang xử lý", "5": "Yêu cầu bổ sung",
    "6": "Nghĩa vụ tài chính", "7": "Công dân rút", "8": "Dừng xử lý", "9": "Đã xử lý xong", "10": "Đã trả kết quả",
}  # fmt: skip
_SHOWN = 100


def render(portal: Portal, *, problem: str = "") -> str:
    """The page; the newest cases first."""
    options = "".join(
        f'<option value="{one.value}"{" selected" if portal.behaviour is one else ""}>{escape(LABELS[one])}</option>'
        for one in Behaviour
    )
    newest = list(reversed(portal.held.items()))[:_SHOWN]
    rows = "".join(_row(code, held) for code, held in newest)
    waiting = sum(not one.acknowledged for one in portal.filed.values())
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Cổng Dịch vụ công quốc gia (giả lập)</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/identity/style.css"></head><body><main>'
        "<h1>Cổng Dịch vụ công quốc gia (giả lập)</h1>"
        f"{f'<p role=alert>{escape(problem)}</p>' if problem else ''}"
        f'<form method="post" action="admin"><label>Cư xử <select name="behaviour">{options}</select></label> '
        '<label><input type="checkbox" name="end_sessions"> Kết thúc mọi phiên</label> <button>Áp dụng</button></form>'
        f"<p>{len(portal.held)} hồ sơ đang giữ; {len(portal.filed)} hồ sơ nộp tại đây, {waiting} chờ tỉnh nhận; "
        f"{len(portal.elsewhere)} hồ sơ của hệ thống bộ.</p><ul>{rows}</ul></main></body></html>"
    )


def _row(code: str, held: Held) -> str:
    status = str(held.wire.get("TrangThaiHoSo", ""))
    choices = "".join(
        f'<option value="{key}"{" selected" if key == status else ""}>{key}. {escape(word)}</option>'
        for key, word in _WORDS.items()
    )
    return (
        f'<li><form method="post" action="admin"><code>{escape(code)}</code> {escape(str(held.wire.get("TenTTHC", "")))}: '
        f"{len(held.progress)} dòng tiến độ, báo {held.tellings} lần, gửi lặp {held.repeated} lần. "
        f'<input type="hidden" name="code" value="{escape(code)}"><label>Trạng thái <select name="status">{choices}</select>'
        '</label> <button>Đổi</button> <button name="forget" value="1">Quên hồ sơ này</button></form></li>'
    )
