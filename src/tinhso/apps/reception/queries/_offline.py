"""Computers and slips of the offline counter."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import queries as cases
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.reception import content, rules
from tinhso.apps.reception.data import (
    DeviceData,
    DeviceNotFound,
    FollowedSlip,
    OfflineRules,
    SlipConflict,
    SlipContent,
    SlipNotFound,
)
from tinhso.apps.reception.enums import ConflictKind, SlipStatus
from tinhso.apps.reception.models import CounterDevice, OfflineSlip
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, Invalid

_MOST_SLIPS = 200


def device_data(device: CounterDevice, *, numbers: frozenset[int] = frozenset()) -> DeviceData:
    """A computer as others see it; `numbers` are those that have come in."""
    highest = max(numbers, default=0)
    return DeviceData(
        id=device.pk, series=device.series, name=device.name, unit_id=device.unit_id, granted_to=device.granted_to,
        registered_at=device.registered_at, seen_at=device.seen_at, closed_at=device.closed_at, arrived=len(numbers),
        missing=tuple(number for number in range(1, highest) if number not in numbers),
    )  # fmt: skip


def get_device(*, actor: Actor, device_id: int) -> DeviceData:
    """A computer at one of the actor's desks.

    Raises:
        DeviceNotFound: none, or none of the actor's (the two look the same).
    """
    found = next((device for device in list_devices(actor=actor) if device.id == device_id), None)
    if found is None:
        raise DeviceNotFound
    return found


def list_devices(*, actor: Actor) -> list[DeviceData]:
    """The computers at the actor's desks, in use first; `missing` are numbers passed over by later ones."""
    mine = actor.unit_ids_for(ReceptionPermission.TAKE_OFFLINE)
    devices = list(CounterDevice.objects.filter(unit_id__in=mine).order_by("-closed_at", "series"))
    came: dict[int, set[int]] = {device.pk: set() for device in devices}
    rows = OfflineSlip.objects.filter(device_id__in=came, digest__gt="").order_by("device_id", "number")
    for device_id, number in rows.values_list("device_id", "number"):
        came[device_id].add(number)
    return [device_data(device, numbers=frozenset(came[device.pk])) for device in devices]


def list_slips(*, actor: Actor, open_only: bool = False) -> list[OfflineSlip]:
    """The slips that came in at the actor's desks: those that wait for a decision first, then the latest."""
    rows = _visible(actor).filter(digest__gt="").order_by("settled_at", "-synced_at", "-number")
    if open_only:
        rows = rows.filter(settled_at__isnull=True)
    waiting = list(rows.filter(settled_at__isnull=True)[:_MOST_SLIPS])
    if open_only:
        return waiting
    return waiting + list(rows.filter(settled_at__isnull=False).order_by("-settled_at", "-number")[:_MOST_SLIPS])


def open_slip_count(*, actor: Actor) -> int:
    """How many slips wait for a decision at the actor's desks."""
    return _visible(actor).filter(settled_at__isnull=True).count()


def get_slip(*, actor: Actor, code: str) -> OfflineSlip:
    """A slip at one of the actor's desks, by its number.

    Raises:
        SlipNotFound: none, or none of the actor's (the two look the same).
    """
    slip = _visible(actor).filter(code=code.strip().upper()).first()
    if slip is None:
        raise SlipNotFound
    return slip


def find_slip(*, actor: Actor, text: str) -> OfflineSlip | None:
    """The slip whose number was typed into the search, at one of the actor's desks; None where there is none."""
    parsed = rules.parse_slip_code(text)
    return _visible(actor).filter(code=rules.slip_code(*parsed)).first() if parsed else None


def slip_of_case(case_id: int) -> OfflineSlip | None:
    """The slip under which a case was taken without a line; the caller has checked the right to the case."""
    return OfflineSlip.objects.filter(case_id=case_id).order_by("pk").first()


def follow_slip(text: str) -> FollowedSlip | None:
    """Where a slip's number leads, for whoever has the slip; None when the text is no such number (tra cứu phiếu).

    Raises:
        SlipNotFound: the number was never given to any computer.
    """
    parsed = rules.parse_slip_code(text)
    if parsed is None:
        return None
    series, number = parsed
    code = rules.slip_code(series, number)
    slip = OfflineSlip.objects.select_related("case").filter(code=code).first()
    if slip is None:
        if not CounterDevice.objects.filter(series=series, granted_to__gte=number).exists():
            raise SlipNotFound
        return FollowedSlip(
            code, "", "Phiếu được cấp khi quầy mất mạng và chưa được đồng bộ. Hồ sơ có mã ngay khi có mạng trở lại."
        )
    if slip.case is not None:
        return FollowedSlip(code, slip.case.code or "", f"Phiếu {code} nay là hồ sơ {slip.case.code}.")
    if slip.status == SlipStatus.VOID:
        return FollowedSlip(code, "", f"Phiếu này đã hủy. Lý do: {slip.note}")
    return FollowedSlip(code, "", "Phiếu đã về máy chủ và đang được quầy tiếp nhận xem lại; chưa thành hồ sơ.")


def conflicts_of(slip: OfflineSlip, content: SlipContent, *, actor: Actor, at: datetime) -> list[SlipConflict]:
    """Everything on which an officer has to decide before the slip becomes a case."""
    return [
        *_of_procedure(slip, content),
        *_of_time(slip),
        *_of_officer(slip),
        *_of_person(slip, content, actor=actor, at=at),
    ]


def sentences_of(refusal: Invalid, content: SlipContent, *, slip: OfflineSlip) -> list[str]:
    """What is missing or wrong on a slip, each with the name of the question it is about."""
    assert slip.taken_at is not None  # noqa: S101 - a slip that came in has its hour
    _, package = procedures.get_package(content.procedure_code, slip.taken_at.astimezone(PROVINCE_TIME).date())
    told = []
    for error in refusal.errors:
        field = package.form.field(error.path.removeprefix("answers.")) if error.path.startswith("answers.") else None
        told.append(f"{field.label}: {error.message}" if field and field.label else error.message)
    return list(dict.fromkeys(told)) or [refusal.message]


def _of_procedure(slip: OfflineSlip, content: SlipContent) -> list[SlipConflict]:
    assert slip.taken_at is not None  # noqa: S101 - a slip that came in has its hour
    try:
        version, _ = procedures.get_package(content.procedure_code, slip.taken_at.astimezone(PROVINCE_TIME).date())
    except DomainError as refusal:
        return [SlipConflict(ConflictKind.PROCEDURE_ENDED, refusal.message)]
    if slip.version_id is not None and version.id != slip.version_id:
        sentence = "Khi nhận phiếu, thủ tục này đã có bản mới mà máy chưa kịp tải; câu trả lời được xét theo bản mới."
        return [SlipConflict(ConflictKind.PROCEDURE_CHANGED, sentence)]
    return []


def offline_rules() -> OfflineRules:
    """How long slips are believed, as the province has decided (quy định về phiếu tiếp nhận tạm)."""
    return content.offline_rules(Path(settings.CONTENT_DIR))


def _of_time(slip: OfflineSlip) -> list[SlipConflict]:
    assert slip.taken_at is not None and slip.prepared_at is not None  # noqa: S101, PT018 - as above
    others = OfflineSlip.objects.filter(device_id=slip.device_id, taken_at__isnull=False)
    before = others.filter(number__lt=slip.number).order_by("-number").values_list("taken_at", flat=True).first()
    after = others.filter(number__gt=slip.number).order_by("number").values_list("taken_at", flat=True).first()
    known = offline_rules()
    kind = rules.doubt_about_time(
        taken_at=slip.taken_at,
        prepared_at=slip.prepared_at,
        synced_at=slip.synced_at,
        earlier_at=before,
        later_at=after,
        trusted_for=known.trusted_for,
    )
    if kind is None:
        return []
    sentence = {
        ConflictKind.CLOCK_DOUBTED: "Giờ trên phiếu không khớp với giờ máy được chuẩn bị, giờ đồng bộ hoặc giờ của phiếu"
        " liền kề; đồng hồ của máy có thể đã bị chỉnh.",
        ConflictKind.TOO_OLD: f"Phiếu về máy chủ sau hơn {known.words} ({known.document}); giờ tiếp nhận cần người"
        " quyết định.",
    }[kind]
    return [SlipConflict(kind, sentence)]


def _of_officer(slip: OfflineSlip) -> list[SlipConflict]:
    assert slip.taken_at is not None and slip.taken_by_id is not None  # noqa: S101, PT018 - as above
    field = _field_of(slip)
    taker = accounts.get_actor(slip.taken_by_id, at=slip.taken_at)
    if taker.has(ReceptionPermission.TAKE_OFFLINE, unit_id=slip.device.unit_id, field=field):
        return []
    sentence = (
        f"{slip.taken_by} không có quyền tiếp nhận thủ tục này tại quầy vào lúc ghi phiếu, hoặc tài khoản đã khóa."
    )
    return [SlipConflict(ConflictKind.RIGHTS_GONE, sentence)]


def _field_of(slip: OfflineSlip) -> str | None:
    """The procedure field of the version the computer had; None (any field) when it had none of ours."""
    if slip.version_id is None:
        return None
    try:
        return procedures.get_version_by_id(slip.version_id).facts.field
    except DomainError:
        return None


def _of_person(slip: OfflineSlip, content: SlipContent, *, actor: Actor, at: datetime) -> list[SlipConflict]:
    """Cases of the same person for the same procedure that were entered on the slip's day."""
    assert slip.taken_at is not None  # noqa: S101 - as above
    if not content.personal_id:
        return []
    day = slip.taken_at.astimezone(PROVINCE_TIME).date()
    found = cases.list_cases(actor=actor, now=at, q=content.personal_id, procedure=content.procedure_code, limit=20)
    return [
        SlipConflict(
            ConflictKind.DUPLICATE,
            f"Người này đã có hồ sơ {item.code} cùng thủ tục, nộp cùng ngày.",
            case_code=item.code,
        )
        for item in found.items
        if item.code and item.submitted_at is not None and item.submitted_at.astimezone(PROVINCE_TIME).date() == day
    ]


def _visible(actor: Actor) -> QuerySet[OfflineSlip]:
    mine = actor.unit_ids_for(ReceptionPermission.TAKE_OFFLINE)
    return OfflineSlip.objects.filter(device__unit_id__in=mine).select_related("device", "case")
