"""What a tester can make a simulated register do wrong, and the page on which it is done."""

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

_LONGEST_S = 600.0


class Trouble(StrEnum):
    """The ways to fail."""

    NONE = ""
    DOWN = "down"
    WRONG = "wrong"
    MALFORMED = "malformed"
    DUPLICATE = "duplicate"


_LABELS = {
    Trouble.NONE: "Bình thường",
    Trouble.DOWN: "Ngừng hẳn",
    Trouble.WRONG: "Trả lời về đối tượng khác",
    Trouble.MALFORMED: "Trả lời không đúng định dạng",
    Trouble.DUPLICATE: "Gửi, ghi hai lần cùng một việc",
}


class Troubles:
    """How one register behaves now, and how often it was asked. `title`, `mount` and `more` (HTML) are for its page."""

    def __init__(self, title: str, mount: str, *, more: Callable[[], str] = str) -> None:
        self.title, self.mount, self._more = title, mount, more
        self.delay_s = 0.0
        self.trouble = Trouble.NONE
        self.asked: Counter[str] = Counter()

    async def behave(self, what: str) -> Response | None:
        """Count a question and wait; the answer where there is to be no proper one."""
        self.asked[what] += 1
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.trouble is Trouble.DOWN:
            return PlainTextResponse("Service Unavailable", 503)
        if self.trouble is Trouble.MALFORMED:
            return HTMLResponse("<html><body>Hệ thống đang được nâng cấp</body>")
        return None

    async def admin(self, request: Request) -> Response:
        """The tester's page: `delay` (seconds) and `trouble`."""
        if request.method == "GET":
            return HTMLResponse(self._page())
        form = await request.form()
        try:
            delay, trouble = float(str(form.get("delay") or 0)), Trouble(str(form.get("trouble") or ""))
        except ValueError:
            return HTMLResponse("<p>Không áp dụng được: số giây hoặc sự cố không đúng.</p>", 422)
        self.delay_s = min(max(delay, 0.0), _LONGEST_S) if math.isfinite(delay) else 0.0
        self.trouble = trouble
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)

    def _page(self) -> str:
        choices = "".join(
            f'<label><input type="radio" name="trouble" value="{value}"{" checked" if self.trouble is value else ""}> '
            f"{escape(label)}</label>"
            for value, label in _LABELS.items()
        )
        asked = ", ".join(f"{escape(key)}: {count}" for key, count in sorted(self.asked.items())) or "chưa lần nào"
        return (
            f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(self.title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
            '<link rel="stylesheet" href="/identity/style.css"></head><body><main>'
            f"<h1>{escape(self.title)}</h1><p>Mọi dữ liệu là hư cấu. Đã được hỏi: {asked}</p>"
            f'<form method="post" action="{self.mount}/admin"><label>Chậm (giây) <input name="delay" type="number" '
            f'min="0" max="600" step="0.1" value="{self.delay_s:g}"></label>{choices}'
            f'<p><button class="main">Áp dụng</button></p></form>{self._more()}</main></body></html>'
        )
