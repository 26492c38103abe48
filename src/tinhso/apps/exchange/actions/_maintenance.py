"""Windows of maintenance, announced beforehand; the gateway takes them over with the registry."""

from datetime import datetime, timedelta

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.actions._registry import lock_registry
from tinhso.apps.exchange.actions._rights import find_service
from tinhso.apps.exchange.data import MaintenanceNotFound, RegistryInvalid
from tinhso.apps.exchange.events import STREAM, MaintenanceAnnounced, MaintenanceCancelled
from tinhso.apps.exchange.models import Maintenance
from tinhso.apps.exchange.queries import service_of
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError
from tinhso.lib.xroad import ServiceId

_LONGEST = timedelta(days=3)


@action
def announce_maintenance(
    *, service: ServiceId, starts_at: datetime, ends_at: datetime, reason: str, actor: Actor, at: datetime
) -> int:
    """Thông báo bảo trì một dịch vụ. Units that use it are told; returns the window's number.

    Raises:
        NoSuchParty: no such service. RegistryInvalid: no reason, or a period that is over, too long or overlaps another.
    """
    row = find_service(service)
    require(permissions.can_maintain(actor, provider_unit_id=row.subsystem.member.unit_id))
    lock_registry()
    others = Maintenance.objects.filter(
        service=row, cancelled_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    told = (
        ("reason", not reason.strip(), "Nêu việc sẽ làm, để các đơn vị biết."),
        ("ends_at", ends_at <= starts_at or ends_at <= at, "Giờ kết thúc phải sau giờ bắt đầu và chưa qua."),
        ("ends_at", ends_at - starts_at > _LONGEST, "Mỗi đợt bảo trì nhiều nhất ba ngày."),
        ("starts_at", others.exists(), "Dịch vụ đã có đợt bảo trì trong thời gian này."),
    )
    if problems := [FieldError(name, message) for name, is_wrong, message in told if is_wrong]:
        raise RegistryInvalid(errors=problems)
    window = Maintenance(
        service=row, starts_at=starts_at, ends_at=ends_at, reason=" ".join(reason.split())[:300],
        announced_by_name=actor.name, announced_at=at,
    )  # fmt: skip
    window.save(force_insert=True)
    event = MaintenanceAnnounced(
        maintenance_id=window.pk, service=str(service), starts_at=starts_at, ends_at=ends_at, reason=window.reason
    )
    record(event, subject=STREAM, actor=actor, at=at)
    return window.pk


@action
def cancel_maintenance(*, maintenance_id: int, actor: Actor, at: datetime) -> None:
    """Hủy đợt bảo trì chưa diễn ra, hoặc kết thúc sớm; the gateway serves again within seconds.

    Raises:
        MaintenanceNotFound: no such window that is still to come or under way.
    """
    lock_registry()
    row = (
        Maintenance.objects.select_related("service__subsystem__member")
        .filter(pk=maintenance_id, cancelled_at__isnull=True, ends_at__gt=at)
        .first()
    )
    if row is None:
        raise MaintenanceNotFound
    require(permissions.can_maintain(actor, provider_unit_id=row.service.subsystem.member.unit_id))
    row.cancelled_at = at
    row.save(update_fields=["cancelled_at"])
    event = MaintenanceCancelled(maintenance_id=row.pk, service=str(service_of(row.service)))
    record(event, subject=STREAM, actor=actor, at=at)
