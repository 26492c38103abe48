"""Slips of the offline counter on their way to becoming cases: stored first, judged second, never lost, never twice."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.actions import take_at_counter
from tinhso.apps.reception import permissions, queries, rules
from tinhso.apps.reception.actions._devices import lock_device
from tinhso.apps.reception.data import (
    NumberNotGranted,
    SlipConflict,
    SlipContent,
    SlipInConflict,
    SlipNotFound,
    SlipNumberUsed,
    SlipSettled,
    SlipTicket,
)
from tinhso.apps.reception.enums import ConflictKind, SlipStatus
from tinhso.apps.reception.events import CaseTakenOffline, SlipLinked, SlipStored, SlipVoided, SlipWaits
from tinhso.apps.reception.models import OfflineSlip
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.lib.canonical import digest

# What an officer has before his eyes when he puts a slip right on the counter's own page.
_SEEN_AT_THE_COUNTER = frozenset(
    {ConflictKind.PROCEDURE_CHANGED, ConflictKind.DUPLICATE, ConflictKind.RIGHTS_GONE, ConflictKind.TOO_OLD}
)


@action
def store_slip(
    *,
    ticket: SlipTicket,
    number: int,
    taken_at: datetime,
    procedure_code: str,
    version_id: int | None,
    content: Sequence[tuple[str, str]],
    actor: Actor,
    at: datetime,
) -> OfflineSlip:
    """Nhận phiếu tiếp nhận tạm về máy chủ, just as it was typed; told twice, it is kept once.

    Raises:
        DeviceNotFound; NumberNotGranted: a number that this computer was never given.
        SlipNumberUsed: the number has come in with another content (a copied computer); the slip needs another number.
    """
    device = lock_device(ticket.device_id)
    require(permissions.can_take_offline(actor, device.unit_id), "Bạn không được phân công tiếp nhận tại đơn vị này.")
    typed = [[name, value] for name, value in content]
    mark = digest({"content": typed, "procedure": procedure_code, "taken_at": taken_at.isoformat()})
    known = device.slips.filter(number=number).first()
    if known is not None:
        if known.digest != mark:
            raise SlipNumberUsed
        return known
    if not 1 <= number <= device.granted_to:
        raise NumberNotGranted
    slip = OfflineSlip.objects.create(
        device=device, number=number, code=rules.slip_code(device.series, number), status=SlipStatus.STORED, digest=mark,
        taken_at=taken_at, taken_by_id=ticket.officer_id, taken_by=ticket.officer_name, prepared_at=ticket.prepared_at,
        synced_at=at, procedure_code=procedure_code, version_id=version_id, content=typed,
    )  # fmt: skip
    device.seen_at = at
    device.save(update_fields=["seen_at"])
    event = SlipStored(slip_id=slip.pk, code=slip.code, taken_at=taken_at, taken_by_id=ticket.officer_id)
    record(event, subject=slip, actor=actor, at=at)
    return slip


@action
def settle_slip(
    *,
    slip_id: int,
    content: SlipContent,
    accepted: frozenset[str] = frozenset(),
    by_sync_time: bool = False,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> OfflineSlip:
    """Đưa phiếu vào hệ thống: the slip becomes a case, received at the hour written on it (hoặc giờ đồng bộ).

    `accepted` names the conflicts on which an officer has decided; a slip that is a case already is given back.

    Raises:
        SlipNotFound; SlipSettled: cancelled meanwhile. Invalid: a decision without its reason.
        SlipInConflict: with everything an officer has to decide. And what `take_at_counter` raises.
    """
    slip = _lock(slip_id)
    require(permissions.can_take_offline(actor, slip.device.unit_id))
    if slip.status in {SlipStatus.CASE, SlipStatus.LINKED}:
        return slip
    if slip.settled_at is not None:
        raise SlipSettled
    if (accepted or by_sync_time) and not reason.strip():
        raise Invalid("Mời ghi lý do của quyết định này; lý do được giữ cùng hồ sơ.")
    standing = [c for c in queries.conflicts_of(slip, content, actor=actor, at=at) if c.kind not in accepted]
    if by_sync_time:
        standing = [c for c in standing if c.kind not in {ConflictKind.CLOCK_DOUBTED, ConflictKind.TOO_OLD}]
    if standing:
        raise SlipInConflict(standing)

    assert slip.taken_at is not None  # noqa: S101 - only a number that never came in has no hour, and it is settled
    received_at = slip.synced_at if by_sync_time else slip.taken_at
    case = take_at_counter(
        procedure_code=content.procedure_code, unit_id=content.unit_id, intake_unit_id=slip.device.unit_id,
        applicant=content.applicant, answers=content.answers, documents=content.documents,
        idempotency_key=f"offline:{slip.code}", channel=content.channel, actor=actor, at=received_at,
    )  # fmt: skip
    _settle(slip, SlipStatus.CASE, case_id=case.pk, note=reason, at=at)
    event = CaseTakenOffline(
        case_id=case.pk, slip_id=slip.pk, slip=slip.code, taken_at=slip.taken_at, received_at=received_at,
        synced_at=slip.synced_at, taken_by=slip.taken_by, accepted=sorted(accepted), reason=reason.strip(),
    )  # fmt: skip
    record(event, subject=f"case:{case.pk}", actor=actor, at=at)
    return slip


@action
def settle_corrected(*, slip_id: int, content: SlipContent, actor: Actor, at: datetime) -> OfflineSlip:
    """Đưa phiếu đã sửa tại quầy vào hệ thống: the officer has seen what stood in the way and put it right.

    The hour on the slip stands; where it is not believed, that of the synchronisation takes its place.

    Raises:
        as `settle_slip`.
    """
    slip = _lock(slip_id)
    require(permissions.can_take_offline(actor, slip.device.unit_id))
    kinds = (
        {c.kind for c in queries.conflicts_of(slip, content, actor=actor, at=at)} if slip.settled_at is None else set()
    )
    doubted = ConflictKind.CLOCK_DOUBTED in kinds
    return settle_slip(
        slip_id=slip_id, content=content, accepted=frozenset(str(kind) for kind in kinds & _SEEN_AT_THE_COUNTER),
        by_sync_time=doubted, reason="Cán bộ đã sửa phiếu tại quầy.", actor=actor, at=at,
    )  # fmt: skip


@action
def note_conflicts(*, slip_id: int, conflicts: Sequence[SlipConflict], actor: Actor, at: datetime) -> OfflineSlip:
    """Ghi phiếu vướng: what an officer has to decide, in sentences. A slip settled meanwhile stays as it is."""
    slip = _lock(slip_id)
    require(permissions.can_take_offline(actor, slip.device.unit_id))
    if slip.settled_at is not None:
        return slip
    slip.status = SlipStatus.CONFLICT
    slip.conflicts = [{"kind": c.kind, "message": c.message, "case_code": c.case_code} for c in conflicts]
    slip.save(update_fields=["status", "conflicts"])
    event = SlipWaits(slip_id=slip.pk, kinds=[c.kind for c in conflicts])
    record(event, subject=slip, actor=actor, at=at)
    return slip


@action
def link_slip(*, slip_id: int, case_code: str, reason: str, actor: Actor, at: datetime) -> OfflineSlip:
    """Nhập phiếu vào hồ sơ đã có: the same matter was entered already; the slip's number leads to that case.

    Raises:
        SlipNotFound; SlipSettled; CaseNotFound: no such case that this officer may see. Invalid: no reason.
    """
    slip = _lock_open(slip_id, actor)
    if not reason.strip():
        raise Invalid("Mời ghi lý do nhập phiếu vào hồ sơ đã có.")
    case = cases.get_case(actor=actor, code=case_code)
    _settle(slip, SlipStatus.LINKED, case_id=case.pk, note=reason, at=at)
    event = SlipLinked(slip_id=slip.pk, case_id=case.pk, reason=reason.strip())
    record(event, subject=slip, actor=actor, at=at)
    return slip


@action
def void_slip(*, slip_id: int, reason: str, actor: Actor, at: datetime) -> OfflineSlip:
    """Hủy phiếu tiếp nhận tạm, with the reason the applicant reads; the papers go back to her.

    Raises:
        SlipNotFound; SlipSettled. Invalid: no reason.
    """
    slip = _lock_open(slip_id, actor)
    if not reason.strip():
        raise Invalid("Mời ghi lý do hủy phiếu; người nộp tra số phiếu sẽ đọc lý do này.")
    _settle(slip, SlipStatus.VOID, case_id=None, note=reason, at=at)
    record(SlipVoided(slip_id=slip.pk, reason=reason.strip()), subject=slip, actor=actor, at=at)
    return slip


def _settle(slip: OfflineSlip, status: SlipStatus, *, case_id: int | None, note: str, at: datetime) -> None:
    slip.status, slip.case_id, slip.settled_at, slip.note = status, case_id, at, note.strip()[:500]
    if case_id is not None:
        # The case holds from here on what the slip said; personal data is not kept twice.
        slip.content = []
    slip.save(update_fields=["status", "case_id", "settled_at", "note", "content"])


def _lock(slip_id: int) -> OfflineSlip:
    slip = OfflineSlip.objects.select_for_update(of=("self",)).select_related("device").filter(pk=slip_id).first()
    if slip is None:
        raise SlipNotFound
    return slip


def _lock_open(slip_id: int, actor: Actor) -> OfflineSlip:
    slip = _lock(slip_id)
    require(permissions.can_take_offline(actor, slip.device.unit_id))
    if slip.settled_at is not None:
        raise SlipSettled
    return slip
