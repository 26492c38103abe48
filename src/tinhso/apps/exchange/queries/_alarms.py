"""What is wrong now, and the alarms that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from tinhso.apps.exchange import permissions, rules
from tinhso.apps.exchange.enums import AlarmKind
from tinhso.apps.exchange.models import (
    AccessRight,
    Alarm,
    Certificate,
    ContractCheck,
    Maintenance,
    Message,
    MessageSeal,
    Usage,
)
from tinhso.apps.exchange.queries._operations import operations
from tinhso.apps.exchange.queries._registry import client_of, service_of
from tinhso.apps.exchange.queries._statistics import recent
from tinhso.apps.exchange.rules import Finding
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME


@dataclass(frozen=True, slots=True)
class AlarmData:
    """One alarm as the operator sees it (cảnh báo)."""

    pk: int
    kind: AlarmKind
    subject: str
    words: str
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_by: str
    acknowledged_at: datetime | None


def findings(*, at: datetime) -> list[Finding]:
    """Everything that deserves an alarm now; services in maintenance are left alone."""
    silent = _in_maintenance(at)
    wrong = [one for one in _of_services(at) if one.subject not in silent]
    return [*wrong, *_of_certificates(at), *_of_the_log(at), *_of_quotas(at), *_of_contracts(at)]


def list_alarms(*, actor: Actor, closed: bool = False, limit: int = 50) -> list[AlarmData]:
    """Open alarms, the newest first; or the latest that have closed."""
    require(permissions.can_view(actor))
    rows = Alarm.objects.filter(closed_at__isnull=not closed).order_by("-closed_at" if closed else "-opened_at", "-pk")
    return [
        AlarmData(
            row.pk, AlarmKind(row.kind), row.subject, row.words, row.opened_at, row.closed_at,
            row.acknowledged_by_name, row.acknowledged_at,
        )
        for row in rows[:limit]
    ]  # fmt: skip


def count_alarms() -> int:
    """How many alarms are open and nobody looks after."""
    return Alarm.objects.filter(closed_at__isnull=True, acknowledged_at__isnull=True).count()


def _in_maintenance(at: datetime) -> set[str]:
    rows = Maintenance.objects.filter(cancelled_at__isnull=True, starts_at__lte=at, ends_at__gt=at)
    return {str(service_of(row.service)) for row in rows.select_related("service__subsystem__member")}


def _of_services(at: datetime) -> Iterator[Finding]:
    thresholds = operations().thresholds
    for service, sums in recent(since=at - timedelta(minutes=thresholds.window_minutes)).items():
        yield from rules.service_findings(service, **sums, thresholds=thresholds)


def _of_certificates(at: datetime) -> Iterator[Finding]:
    """Of one owner and use the certificate that ends last: an older one beside it alarms nobody."""
    soon = at + timedelta(days=operations().thresholds.certificate_days)
    latest: dict[tuple[str, str], datetime] = {}
    for owner, use, ends in Certificate.objects.filter(revoked_at__isnull=True).values_list("owner", "use", "valid_to"):
        latest[(owner, use)] = max(ends, latest.get((owner, use), ends))
    for (owner, use), ends in sorted(latest.items()):
        if ends <= soon:
            day = ends.astimezone(PROVINCE_TIME)
            told = "đã hết hạn" if ends <= at else f"còn {(ends - at).days} ngày"
            words = f"Chứng thư của {owner} {told} ({day:%d/%m/%Y})."
            yield Finding(AlarmKind.CERTIFICATE, f"{owner} {use}", words)


def _of_the_log(at: datetime) -> Iterator[Finding]:
    thresholds = operations().thresholds
    seal = MessageSeal.objects.order_by("-number").first()
    oldest = (
        Message.objects.filter(id__gt=seal.last_id if seal else 0).order_by("id").values_list("at", flat=True).first()
    )
    if oldest is not None and at - oldest > timedelta(minutes=thresholds.unsealed_minutes):
        minutes = int((at - oldest).total_seconds() // 60)
        yield Finding(AlarmKind.UNSEALED, "log", f"Nhật ký thông điệp đã {minutes} phút chưa được niêm phong.")
    unstamped = MessageSeal.objects.filter(stamp__isnull=True).order_by("number").first()
    if unstamped is not None and at - unstamped.sealed_at > timedelta(minutes=thresholds.unstamped_minutes):
        hours = int((at - unstamped.sealed_at).total_seconds() // 3_600)
        yield Finding(AlarmKind.UNSTAMPED, "log", f"Niêm phong cũ nhất đã {hours} giờ chưa có dấu thời gian.")


def _of_quotas(at: datetime) -> Iterator[Finding]:
    day, percent = at.astimezone(PROVINCE_TIME).date(), operations().thresholds.quota_percent
    used = dict(
        Usage.objects.filter(day=day, right_id__gt=0)
        .values_list("right_id")
        .annotate(Sum("calls"))
        .order_by("right_id")
    )
    rights = AccessRight.objects.filter(pk__in=used, quota_per_day__isnull=False, revoked_at__isnull=True)
    for row in rights.select_related("client__member", "service__subsystem__member").order_by("pk"):
        calls, quota = used[row.pk], row.quota_per_day or 0
        if rules.quota_used_up(calls=calls, quota=quota, percent=percent):
            words = f"{client_of(row.client)} đã dùng {calls} trong {quota} lượt hôm nay của {service_of(row.service)}."
            yield Finding(AlarmKind.QUOTA, str(row.pk), words)


def _of_contracts(at: datetime) -> Iterator[Finding]:
    """Services whose latest comparison of some endpoint found differences."""
    rows = ContractCheck.objects.filter(checked_at__gt=at - timedelta(days=7)).select_related(
        "service__subsystem__member"
    )
    different: dict[str, int] = {}
    for row in rows.order_by("service", "method", "path", "-checked_at").distinct("service", "method", "path"):
        if row.differences:
            name = str(service_of(row.service))
            different[name] = different.get(name, 0) + len(row.differences)
    for name, count in sorted(different.items()):
        yield Finding(AlarmKind.CONTRACT, name, f"{name}: trả lời khác mô tả OpenAPI ở {count} chỗ.")
