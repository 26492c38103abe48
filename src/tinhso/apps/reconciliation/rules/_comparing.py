"""Both sides of a case beside each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinhso.apps.reconciliation.data import Found, Ours
from tinhso.apps.reconciliation.enums import DifferenceKind
from tinhso.apps.reconciliation.rules._telling import status_in_words
from tinhso.lib.national import Dossier, WireError, stamp
from tinhso.lib.national.values import ZONE
from tinhso.lib.worktime import instant_text

_DATES = {
    "tiếp nhận": ("received_at", "received_at"), "hẹn trả": ("due_at", "due_at"),
    "kết thúc xử lý": ("finished_at", "finished_at"), "trả kết quả": ("delivered_at", "delivered_at"),
}  # fmt: skip


def compare(ours: Ours | None, theirs: Mapping[str, Any] | None) -> list[Found]:
    """The differences of one case; empty when both sides say the same. One of the two may be missing.

    What they hold and cannot be read counts as another status: it must be told anew.
    """
    if ours is None:
        code = str((theirs or {}).get("MaHoSo", ""))
        said = f"{(theirs or {}).get('TenTTHC', '')}, {status_in_words(_number(theirs))}"
        return [Found(code, DifferenceKind.MISSING_HERE, "", said)]

    def apart(kind: str, mine: str, other: str) -> Found:
        return Found(ours.code, kind, mine, other, ours.case_id, ours.unit_id)

    if theirs is None:
        return [apart(DifferenceKind.MISSING_THERE, status_in_words(ours.status), "")]
    try:
        read = Dossier.read(theirs)
    except WireError as error:
        said = f"không đọc được: {error}"[:500]
        return [apart(DifferenceKind.STATUS, status_in_words(ours.status), said)]
    found = []
    if read.status != ours.status:
        found.append(apart(DifferenceKind.STATUS, status_in_words(ours.status), status_in_words(read.status)))
    dates = [
        (label, getattr(ours, mine), getattr(read, other))
        for label, (mine, other) in _DATES.items()
        if stamp(getattr(ours, mine)) != stamp(getattr(read, other))
    ]
    if dates:
        mine = "; ".join(f"{label} {_when(here)}" for label, here, _ in dates)
        other = "; ".join(f"{label} {_when(there)}" for label, _, there in dates)
        found.append(apart(DifferenceKind.DATES, mine, other))
    return found


def _when(at: datetime | None) -> str:
    return instant_text(at.astimezone(ZONE)) if at is not None else "chưa có"


def _number(theirs: Mapping[str, Any] | None) -> int:
    text = str((theirs or {}).get("TrangThaiHoSo", ""))
    return int(text) if text.isdigit() and text.isascii() else 0
