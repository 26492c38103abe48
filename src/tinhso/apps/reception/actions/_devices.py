"""Computers of the offline counter: their series, their numbers, their end."""

from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries as directory
from tinhso.apps.reception import permissions, queries, rules
from tinhso.apps.reception.data import DeviceClosed, DeviceData, DeviceNotFound, NumberBlock
from tinhso.apps.reception.enums import SlipStatus
from tinhso.apps.reception.events import DeviceClosedDown, DeviceRegistered, NumbersGranted
from tinhso.apps.reception.models import CounterDevice, OfflineSlip
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid


@action
def register_device(*, unit_id: int, name: str, actor: Actor, at: datetime) -> DeviceData:
    """Chuẩn bị một máy tại quầy cho lúc mất mạng: the computer gets a series of numbers that nobody else has.

    Raises:
        Invalid: no name for the computer.
    """
    require(permissions.can_take_offline(actor, unit_id), "Bạn không được phân công tiếp nhận tại đơn vị này.")
    if not name.strip():
        raise Invalid("Mời đặt tên cho máy, ví dụ «Quầy 3», để biết phiếu nào từ máy nào.")
    prefix = directory.code_prefix(unit_id, at.astimezone(PROVINCE_TIME).date())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reception_deviceseries (prefix, latest) VALUES (%s, 1)"
            " ON CONFLICT (prefix) DO UPDATE SET latest = reception_deviceseries.latest + 1 RETURNING latest",
            [prefix],
        )
        ordinal = cursor.fetchone()[0]
    device = CounterDevice.objects.create(
        series=rules.series_of(prefix, ordinal), name=name.strip()[:80], unit_id=unit_id, registered_at=at, seen_at=at
    )
    event = DeviceRegistered(device_id=device.pk, unit_id=unit_id, series=device.series)
    record(event, subject=device, actor=actor, at=at)
    return queries.device_data(device)


@action
def grant_numbers(*, device_id: int, next_number: int, actor: Actor, at: datetime) -> NumberBlock:
    """Cấp trước dải số phiếu: the computer may give out the next `rules.BLOCK` numbers without asking.

    `next_number` is the first the computer has not used. A computer that has forgotten (an old copy of its memory) is
    led past every number that has come in already; numbers follow each other without gaps and none is given twice.

    Raises:
        DeviceNotFound; DeviceClosed.
    """
    device = lock_device(device_id)
    require(permissions.can_take_offline(actor, device.unit_id))
    if device.closed_at is not None:
        raise DeviceClosed
    arrived = device.slips.order_by("-number").values_list("number", flat=True).first() or 0
    first = min(max(next_number, arrived + 1, 1), device.granted_to + 1)
    device.granted_to = max(device.granted_to, first - 1 + rules.BLOCK)
    device.seen_at = at
    device.save(update_fields=["granted_to", "seen_at"])
    record(NumbersGranted(device_id=device.pk, granted_to=device.granted_to), subject=device, actor=actor, at=at)
    return NumberBlock(device.series, first, device.granted_to)


@action
def close_device(*, device_id: int, reason: str, actor: Actor, at: datetime) -> DeviceData:
    """Thôi dùng một máy: numbers that were given out and never came in, and those never used, are cancelled by name.

    Raises:
        DeviceNotFound; DeviceClosed: already closed. Invalid: no reason.
    """
    device = lock_device(device_id)
    require(permissions.can_take_offline(actor, device.unit_id))
    if device.closed_at is not None:
        raise DeviceClosed
    if not reason.strip():
        raise Invalid("Mời ghi lý do thôi dùng máy này.")
    known = set(device.slips.values_list("number", flat=True))
    absent = [number for number in range(1, device.granted_to + 1) if number not in known]
    OfflineSlip.objects.bulk_create(
        OfflineSlip(
            device=device, number=number, code=rules.slip_code(device.series, number), status=SlipStatus.VOID,
            synced_at=at, settled_at=at, note=f"Máy thôi dùng: {reason.strip()}"[:500],
        )
        for number in absent
    )  # fmt: skip
    device.closed_at, device.close_reason = at, reason.strip()[:300]
    device.save(update_fields=["closed_at", "close_reason"])
    event = DeviceClosedDown(device_id=device.pk, reason=device.close_reason, cancelled=absent)
    record(event, subject=device, actor=actor, at=at)
    return queries.device_data(device)


def lock_device(device_id: int) -> CounterDevice:
    """The computer, locked until the action ends: its slips come in one after the other.

    Raises:
        DeviceNotFound: there is none.
    """
    device = CounterDevice.objects.select_for_update(of=("self",)).filter(pk=device_id).first()
    if device is None:
        raise DeviceNotFound
    return device
