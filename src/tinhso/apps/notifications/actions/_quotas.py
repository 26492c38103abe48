"""How many may go: to one address, by one unit, by the whole province, in a day."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, F

from tinhso.apps.notifications import rules
from tinhso.apps.notifications.data import MessageSettings
from tinhso.apps.notifications.enums import Channel, DeliveryState
from tinhso.apps.notifications.models import Delivery, QuotaUse

_PROVINCE = "province"
_COUNTED = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED)


class Allowance:
    """What is left for a round of messages. The rows of the day are locked, so two workers never share the last place."""

    def __init__(self, rows: Sequence[Delivery], known: MessageSettings, at: datetime) -> None:
        self._known, self._day = known, rules.zone_day(at)
        self._fresh = [row for row in rows if row.counted_on is None]
        self._used = self._locked()
        self._added: Counter[tuple[str, str]] = Counter()
        self._to = self._recipients(at)

    @property
    def day(self) -> date:
        """The day that is counted."""
        return self._day

    def refusal(self, row: Delivery) -> tuple[str, bool]:
        """Why a message may not go now, and whether another day would help; ("", False): it may, and is counted."""
        if row.counted_on is not None:
            return "", False
        most = self._known.per_recipient_day.get(row.channel)
        if most is not None and self._to[row.contact_id, row.channel] >= most:
            return f"người nhận đã có {most} tin trong ngày", False
        for scope in self._scopes(row):
            limit = self._limit(scope, row.channel)
            if limit is not None and self._used[scope, row.channel] + self._added[scope, row.channel] >= limit:
                whose = "tỉnh" if scope == _PROVINCE else "đơn vị"
                return f"{whose} đã dùng hết {limit} tin trong ngày", True
        for scope in self._scopes(row):
            self._added[scope, row.channel] += 1
        self._to[row.contact_id, row.channel] += 1
        return "", False

    def write_down(self) -> None:
        """Write down what was used."""
        for (scope, channel), count in self._added.items():
            QuotaUse.objects.filter(scope=scope, channel=channel, day=self._day).update(used=F("used") + count)

    def _scopes(self, row: Delivery) -> list[str]:
        return [_PROVINCE] if row.notice.unit_id is None else [_PROVINCE, f"unit:{row.notice.unit_id}"]

    def _limit(self, scope: str, channel: str) -> int | None:
        known = self._known.per_province_day if scope == _PROVINCE else self._known.per_unit_day
        return known.get(channel)

    def _locked(self) -> dict[tuple[str, str], int]:
        wanted = sorted(
            {
                (scope, row.channel)
                for row in self._fresh
                for scope in self._scopes(row)
                if self._limit(scope, row.channel) is not None
            }
        )
        if not wanted:
            return defaultdict(int)
        rows = [QuotaUse(scope=scope, channel=channel, day=self._day) for scope, channel in wanted]
        QuotaUse.objects.bulk_create(rows, ignore_conflicts=True)
        held = QuotaUse.objects.select_for_update().filter(day=self._day, scope__in={scope for scope, _ in wanted})
        found: dict[tuple[str, str], int] = defaultdict(int)
        found.update({(row.scope, row.channel): row.used for row in held.order_by("scope", "channel")})
        return found

    def _recipients(self, at: datetime) -> Counter[tuple[int, str]]:
        rows = Delivery.objects.filter(
            contact__in={row.contact_id for row in self._fresh}, sent_at__gt=at - timedelta(days=1), state__in=_COUNTED
        )
        counted: Counter[tuple[int, str]] = Counter()
        for contact_id, channel, count in rows.values_list("contact_id", "channel").annotate(count=Count("pk")):
            counted[contact_id, Channel(channel).value] = count
        return counted
