"""Quiet hours, waiting between tries, the chain of channels, and the meaning of reports in any order."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from tinhso.apps.notifications.enums import Channel, DeliveryState, ReportKind
from tinhso.kernel.clock import PROVINCE_TIME

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=2)
_DAY_MINUTES = 24 * 60
_STATE_OF = {
    ReportKind.DELIVERED: DeliveryState.DELIVERED,
    ReportKind.FAILED: DeliveryState.FAILED,
    ReportKind.EXPIRED: DeliveryState.EXPIRED,
}
# Whoever saw the message on the handset knows best; a carrier that gave up knows less than one that failed for a reason.
_WEIGHT = {
    DeliveryState.QUEUED: 0, DeliveryState.SENDING: 0, DeliveryState.SENT: 1, DeliveryState.SKIPPED: 1,
    DeliveryState.EXPIRED: 2, DeliveryState.FAILED: 3, DeliveryState.DELIVERED: 4,
}  # fmt: skip


def is_quiet(at: datetime, *, start: int, end: int) -> bool:
    """Whether an instant falls in the quiet hours (giờ nghỉ): minutes of the day in Việt Nam, `end` not included.

    Quiet hours may pass midnight; from and to the same minute is none at all.
    """
    local = at.astimezone(PROVINCE_TIME)
    minute = local.hour * 60 + local.minute
    if start == end:
        return False
    return start <= minute < end if start < end else minute >= start or minute < end


def after_quiet(at: datetime, *, start: int, end: int) -> datetime:
    """The first instant from `at` on that is not quiet."""
    if not is_quiet(at, start=start, end=end):
        return at
    local = at.astimezone(PROVINCE_TIME)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = midnight + timedelta(minutes=end % _DAY_MINUTES)
    return ends if ends > local else ends + timedelta(days=1)


def backoff(attempts: int) -> timedelta:
    """How long to wait after this many tries: half a minute, doubled each time, two hours at most."""
    doublings: int = min(max(attempts - 1, 0), 20)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def chain(order: Sequence[Channel], *, reachable: Collection[Channel]) -> list[Channel]:
    """The channels to try one after another: the person's order, those she can be reached by, never push.

    Push comes beside the first of them, as the bell's echo: it reaches a browser, not a person.
    """
    return [channel for channel in dict.fromkeys(order) if channel in reachable and channel is not Channel.PUSH]


def next_channel(
    order: Sequence[Channel], *, reachable: Collection[Channel], tried: Collection[Channel]
) -> Channel | None:
    """Where a message goes after one channel has failed; None: nowhere is left."""
    return next((channel for channel in chain(order, reachable=reachable) if channel not in tried), None)


def merged(state: DeliveryState, report: ReportKind) -> DeliveryState:
    """The state after a report: the heaviest that was ever told, so that order and repetition do not matter."""
    told = _STATE_OF[report]
    return told if _WEIGHT[told] > _WEIGHT[state] else state


def zone_day(at: datetime) -> date:
    """The civil day in the province, by which quotas count."""
    return at.astimezone(PROVINCE_TIME).date()
