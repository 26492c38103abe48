"""What a simulated system has been handed, and how far it is: by the time that has passed, or as the tester says."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_SHOWN = 50


class Stage(IntEnum):
    """How far a handed-over matter is. The numbers are those the national portal uses."""

    SENT = 1
    TAKEN = 2
    REFUSED = 3
    WORKING = 4
    SUPPLEMENT = 5
    DONE = 9


LABELS = {
    Stage.SENT: "Đã gửi", Stage.TAKEN: "Đã tiếp nhận", Stage.REFUSED: "Từ chối", Stage.WORKING: "Đang xử lý",
    Stage.SUPPLEMENT: "Yêu cầu bổ sung", Stage.DONE: "Đã có kết quả",
}  # fmt: skip


@dataclass
class Matter:
    """One matter: `code` is this system's, `reference` the province's."""

    code: str
    reference: str
    message: dict[str, Any]
    received: float
    received_at: datetime
    stage: Stage = Stage.SENT
    moved_at: datetime | None = None
    note: str = ""
    is_fixed: bool = False


@dataclass
class Casebook:
    """The matters of one system, newest last. `take_after`, `finish_after`: seconds until it has been taken, is done."""

    prefix: str
    take_after: float = 5.0
    finish_after: float = 40.0
    passed: Callable[[], float] = time.monotonic
    held: dict[str, Matter] = field(default_factory=dict)
    by_reference: dict[str, str] = field(default_factory=dict)

    def take_in(self, reference: str, message: dict[str, Any], *, again: bool = False) -> Matter:
        """A matter handed over; the same reference is the same matter, unless the tester wants it twice (`again`)."""
        known = self.by_reference.get(reference)
        if known is not None and not again:
            return self.held[known]
        code = f"{self.prefix}-{present():%y%m%d}-{len(self.held) + 1:04d}"
        self.held[code] = Matter(code, reference, message, self.passed(), present())
        self.by_reference.setdefault(reference, code)
        return self.held[code]

    def find(self, reference: str) -> list[Matter]:
        """The matters of one reference (two where one was written twice), as far as they have come by now."""
        if reference not in self.by_reference:
            return []
        return [self._aged(one) for one in self.held.values() if one.reference == reference]

    def move(self, code: str, stage: Stage, note: str = "") -> bool:
        """The tester's word; from then on time moves it no more."""
        matter = self.held.get(code)
        if matter is None:
            return False
        matter.stage, matter.note, matter.moved_at, matter.is_fixed = stage, note, present(), True
        return True

    def _aged(self, matter: Matter) -> Matter:
        if matter.is_fixed:
            return matter
        gone = self.passed() - matter.received
        stage = Stage.SENT if gone < self.take_after else Stage.WORKING if gone < self.finish_after else Stage.DONE
        if stage is not matter.stage:
            matter.stage, matter.moved_at = stage, present()
        return matter

    def section(self) -> str:
        """The newest matters for the tester's page, each with its stage to be chosen."""
        return (
            f"<h2>Đã nhận {len(self.held)}</h2><ul>{''.join(map(self._row, list(self.held.values())[-_SHOWN:]))}</ul>"
        )

    def _row(self, matter: Matter) -> str:
        stage = self._aged(matter).stage
        options = "".join(
            f'<option value="{one.value}"{" selected" if one is stage else ""}>{escape(label)}</option>'
            for one, label in LABELS.items()
        )
        return (
            f'<li><form method="post" action="move"><input type="hidden" name="code" value="{escape(matter.code)}">'
            f"<label><code>{escape(matter.code)}</code> ({escape(matter.reference)}) "
            f'<select name="stage">{options}</select></label> <label>Ghi chú <input name="note" '
            f'value="{escape(matter.note)}"></label> <button>Đổi</button></form></li>'
        )

    async def moved(self, request: Request) -> Response:
        """`POST move` of the tester's page: `code`, `stage`, `note`."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        try:
            done = self.move(form.get("code", ""), Stage(int(form.get("stage", ""))), form.get("note", ""))
        except ValueError:
            done = False
        if not done:
            return HTMLResponse("<p>Không áp dụng được: mã hoặc trạng thái không đúng.</p>", 422)
        return RedirectResponse(f"{request.scope.get('root_path', '')}/admin", 303)


def present() -> datetime:
    """The instant now, in Vietnam's time."""
    return datetime.fromtimestamp(time.time(), ZONE)
