"""Opinions of other units in the history of a case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from tinhso.apps.cases.enums import Opinion
from tinhso.interfaces.ui.formats import format_datetime


class Words(Protocol):
    """Where names are looked up."""

    def unit(self, unit_id: int) -> str: ...


def _when(text: str) -> str:
    return format_datetime(datetime.fromisoformat(text))


def _asked(payload: dict[str, Any], words: Words) -> tuple[str, str]:
    title = "Hỏi lại" if payload["previous_id"] else "Xin ý kiến"
    return f"{title} {words.unit(payload['unit_id'])}", f"hạn trả lời {_when(payload['due_at'])}; {payload['question']}"


def _answered(payload: dict[str, Any], words: Words) -> tuple[str, str]:
    late = "; trả lời sau hạn" if payload["is_late"] else ""
    return f"{words.unit(payload['unit_id'])} có ý kiến", f"{Opinion(payload['opinion']).label.lower()}{late}"


def _silent(payload: dict[str, Any], words: Words) -> tuple[str, str]:
    basis = f" ({payload['basis']})" if payload["basis"] else ""
    return (
        f"{words.unit(payload['unit_id'])} không trả lời",
        f"hết hạn {_when(payload['due_at'])}, coi như đồng ý{basis}",
    )


def _overdue(payload: dict[str, Any], words: Words) -> tuple[str, str]:
    return f"{words.unit(payload['unit_id'])} quá hạn trả lời", f"hạn {_when(payload['due_at'])}, vẫn phải chờ ý kiến"


TELLERS: dict[str, Callable[[dict[str, Any], Any], tuple[str, str]]] = {
    "case.consultation_asked": _asked,
    "case.consultation_answered": _answered,
    "case.consultation_reminded": lambda p, w: (f"Nhắc {w.unit(p['unit_id'])} trả lời", f"hạn {_when(p['due_at'])}"),
    "case.consultation_silent": _silent,
    "case.consultation_overdue": _overdue,
    "case.consultation_cancelled": lambda p, w: (f"Thôi xin ý kiến {w.unit(p['unit_id'])}", p["reason"]),
}
