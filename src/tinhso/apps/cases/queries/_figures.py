"""Numbers that anybody may see: how the province serves this month (số liệu công khai). No personal data."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum

from tinhso.apps.cases.enums import Channel
from tinhso.apps.cases.models import Case, RatingSum
from tinhso.kernel.clock import PROVINCE_TIME


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """Counts of the running month; shares between 0 and 1, None while there is nothing to share out."""

    resolved: int
    in_time: float | None
    online: float | None
    satisfied: float | None


def public_figures(*, now: datetime) -> PublicFigures:
    """Cases resolved since the first of the month, in time, filed online, and how people rated them; two queries."""
    here = now.astimezone(PROVINCE_TIME)
    start = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    cases = Case.objects.filter(resolved_at__gte=start, resolved_at__lte=now).aggregate(
        resolved=Count("id"),
        in_time=Count("id", filter=Q(lateness__in=["early", "on_time"])),
        online=Count("id", filter=Q(channel__in=[Channel.ONLINE, Channel.NATIONAL_PORTAL])),
    )
    days = RatingSum.objects.filter(field__isnull=True, day__gte=start.date(), day__lte=here.date())
    ratings = days.aggregate(
        all=Sum(F("very_satisfied") + F("satisfied") + F("dissatisfied"), default=0),
        satisfied=Sum(F("very_satisfied") + F("satisfied"), default=0),
    )
    return PublicFigures(
        resolved=cases["resolved"],
        in_time=_share(cases["in_time"], cases["resolved"]),
        online=_share(cases["online"], cases["resolved"]),
        satisfied=_share(ratings["satisfied"], ratings["all"]),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
