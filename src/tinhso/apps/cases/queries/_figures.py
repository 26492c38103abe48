"""Numbers that anybody may see: how the province serves this month (số liệu công khai). No personal data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from tinhso.apps.cases.enums import Channel, Satisfaction
from tinhso.apps.cases.models import Case, Rating
from tinhso.kernel.clock import PROVINCE_TIME

_SATISFIED = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """Counts of the running month; shares between 0 and 1, None while there is nothing to share out."""

    resolved: int
    in_time: float | None
    online: float | None
    satisfied: float | None


def public_figures(*, now: datetime) -> PublicFigures:
    """Cases resolved since the first of the month, in time, filed online, and how people rated them; two queries."""
    start = now.astimezone(PROVINCE_TIME).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    cases = Case.objects.filter(resolved_at__gte=start, resolved_at__lte=now).aggregate(
        resolved=Count("id"),
        in_time=Count("id", filter=Q(lateness__in=["early", "on_time"])),
        online=Count("id", filter=Q(channel__in=[Channel.ONLINE, Channel.NATIONAL_PORTAL])),
    )
    ratings = Rating.objects.filter(rated_at__gte=start, rated_at__lte=now).aggregate(
        all=Count("id"), satisfied=Count("id", filter=Q(satisfaction__in=_SATISFIED))
    )
    return PublicFigures(
        resolved=cases["resolved"],
        in_time=_share(cases["in_time"], cases["resolved"]),
        online=_share(cases["online"], cases["resolved"]),
        satisfied=_share(ratings["satisfied"], ratings["all"]),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
