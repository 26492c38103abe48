"""The live numbers of the first page (số liệu công khai)."""

from dataclasses import dataclass

from django.core.cache import cache

from tinhso.apps.cases import queries
from tinhso.apps.cases.queries import PublicFigures
from tinhso.interfaces.ui.formats import format_number, format_percent
from tinhso.kernel import clock

_KEPT_SECONDS = 60
_KEY = "portal.numbers"


@dataclass(frozen=True, slots=True)
class Number:
    """One number and what it means."""

    label: str
    value: str
    tone: str = ""


def public_numbers() -> list[Number]:
    """What the province has done this month, at most a minute old; nothing until something is done."""
    found = cache.get(_KEY)
    if found is None:
        found = queries.public_figures(now=clock.now())
        cache.set(_KEY, found, _KEPT_SECONDS)
    return _numbers(found)


def _numbers(figures: PublicFigures) -> list[Number]:
    if not figures.resolved:
        return []
    shares = (
        ("Đúng và trước hạn", figures.in_time, "ok"),
        ("Nộp trực tuyến", figures.online, ""),
        ("Người dân hài lòng", figures.satisfied, ""),
    )
    return [
        Number("Hồ sơ đã giải quyết tháng này", format_number(figures.resolved)),
        *(Number(label, format_percent(share), tone) for label, share, tone in shares if share is not None),
    ]
