"""A request for access is a small case: asked by a unit, decided by somebody else, within its time, each step an event."""

from datetime import date, datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import permissions, queries, rules
from tinhso.apps.exchange.actions._rights import find_service, find_subsystem, grant
from tinhso.apps.exchange.data import OwnRequest, RegistryInvalid, RequestDecided, RequestNotFound, RequestOpen
from tinhso.apps.exchange.enums import RequestKind, RequestStatus
from tinhso.apps.exchange.events import AccessApproved, AccessAsked, AccessRefused, AccessWithdrawn
from tinhso.apps.exchange.models import AccessRequest, AccessRight, Endpoint, Service, Subsystem
from tinhso.apps.exchange.queries import client_of, service_of
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import FieldError
from tinhso.lib.worktime import compute_deadline
from tinhso.lib.xroad import ClientId, ServiceId

_LONGEST_DAYS = 5 * 366


@action
def ask_access(
    *, client: ClientId, service: ServiceId, kind: RequestKind, method: str, path: str, fields: list[str], purpose: str,
    document: str, article: str = "", volume_per_day: int, safeguards: str = "", valid_from: date, valid_to: date,
    renews: int | None = None, actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Đề nghị khai thác dữ liệu for a system of the officer's unit. Returns the request's number.

    Raises:
        NoSuchParty: client or service is not in the registry.
        RegistryInvalid: every field that is wrong or missing.
        RequestOpen: the same is already waiting for its decision.
    """
    asking, asked = find_subsystem(client), find_service(service)
    unit_id = asking.member.unit_id
    require(unit_id is not None and permissions.can_request(actor, unit_id=unit_id))
    assert unit_id is not None  # noqa: S101 - said above
    on = at.astimezone(PROVINCE_TIME).date()
    old = _renewed(renews, asking, asked, on) if renews is not None else None
    row = AccessRequest(
        client=asking, service=asked, unit_id=unit_id, kind=kind, method=method, path=path,
        fields=sorted({one.strip() for one in fields if one.strip()}), purpose=_line(purpose), document=_line(document),
        article=_line(article), volume_per_day=volume_per_day, safeguards=safeguards.strip(), valid_from=valid_from,
        valid_to=valid_to, renews=old, status=RequestStatus.SUBMITTED, asked_by=actor.account_id or 0,
        asked_by_name=actor.name, asked_at=at,
    )  # fmt: skip
    if problems := _problems(row, on):
        raise RegistryInvalid(errors=problems)
    _one_at_a_time(row)
    calendar = get_working_calendar(calendar_key=directory.calendar_key_of(unit_id), at=at)
    due = compute_deadline(received_at=at, limit=queries.operations().limits[kind], calendar=calendar).due_at
    row.due_at = due or at
    row.save(force_insert=True)
    event = AccessAsked(
        request_id=row.pk, kind=kind.value, client=str(client), service=str(service), method=method, path=path,
        fields=row.fields, purpose=row.purpose, document=row.document, article=row.article,
        volume_per_day=volume_per_day, valid_from=valid_from, valid_to=valid_to, renews=renews, due_at=row.due_at,
    )  # fmt: skip
    record(event, subject=_stream(row.pk), actor=actor, at=at)
    return row.pk


@action
def approve_access(
    *, request_id: int, quota_per_day: int | None = None, reason: str = "", actor: Actor, at: datetime
) -> int:
    """Chấp thuận đề nghị khai thác: the right is given at once, with the asked volume as its quota unless another is named.

    Raises:
        RequestNotFound; RequestDecided; OwnRequest: who asks cannot approve.
    """
    row = _to_decide(request_id, actor)
    quota = quota_per_day if quota_per_day is not None else row.volume_per_day
    row.right_id = grant(
        client=client_of(row.client), service=service_of(row.service), document=row.document, article=row.article,
        purpose=row.purpose, fields=row.fields, method=row.method, path=row.path, quota_per_day=quota,
        valid_from=row.valid_from, valid_to=row.valid_to, actor=actor, at=at,
    )  # fmt: skip
    _decide(row, RequestStatus.APPROVED, reason, actor, at)
    event = AccessApproved(request_id=row.pk, right_id=row.right_id, reason=row.reason)
    record(event, subject=_stream(row.pk), actor=actor, at=at)
    return row.right_id


@action
def refuse_access(*, request_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Không chấp thuận đề nghị khai thác, nêu lý do.

    Raises:
        RequestNotFound; RequestDecided; OwnRequest. RegistryInvalid: no reason.
    """
    row = _to_decide(request_id, actor)
    if not reason.strip():
        raise RegistryInvalid(errors=[FieldError("reason", "Phải nêu lý do không chấp thuận.")])
    _decide(row, RequestStatus.REFUSED, reason, actor, at)
    record(AccessRefused(request_id=row.pk, reason=row.reason), subject=_stream(row.pk), actor=actor, at=at)


@action
def withdraw_access(*, request_id: int, reason: str = "", actor: Actor, at: datetime) -> None:
    """Rút đề nghị khai thác đang chờ, by anybody who may ask for that unit.

    Raises:
        RequestNotFound; RequestDecided.
    """
    row = _locked(request_id)
    require(permissions.can_request(actor, unit_id=row.unit_id))
    _still_open(row)
    _decide(row, RequestStatus.WITHDRAWN, reason, actor, at)
    record(AccessWithdrawn(request_id=row.pk, reason=row.reason), subject=_stream(row.pk), actor=actor, at=at)


def _renewed(right_id: int, client: Subsystem, service: Service, on: date) -> AccessRight:
    """The right to be renewed: of the same system to the same service, and near its end."""
    found = AccessRight.objects.filter(
        pk=right_id, client=client, service=service, revoked_at__isnull=True
    ).first()  # fmt: skip
    if found is None or not rules.can_renew(
        valid_to=found.valid_to, on=on, days=queries.operations().renewal_days
    ):  # fmt: skip
        raise RegistryInvalid(errors=[FieldError("renews", "Chỉ gia hạn được quyền đang hiệu lực và sắp hết hạn.")])
    return found


def _problems(row: AccessRequest, on: date) -> list[FieldError]:
    told = [
        ("fields", not row.fields, "Nêu ít nhất một trường dữ liệu cần khai thác."),
        ("purpose", not row.purpose, "Nêu mục đích khai thác."),
        ("document", not row.document, "Nêu văn bản làm căn cứ pháp lý."),
        ("volume_per_day", row.volume_per_day < 1, "Số lượt mỗi ngày phải từ 1."),
        ("valid_from", row.valid_from < on, "Không đề nghị cho thời gian đã qua."),
        ("valid_to", row.valid_to < row.valid_from, "Hết hiệu lực trước khi có hiệu lực."),
        ("valid_to", (row.valid_to - row.valid_from).days > _LONGEST_DAYS, "Mỗi lần đề nghị nhiều nhất 5 năm."),
        ("service", not _in_force(row.service, on), "Dịch vụ này đã ngừng cung cấp."),
        ("path", not _is_offered(row), "Dịch vụ không có điểm truy cập này."),
        (
            "kind", row.kind == RequestKind.AUTOMATIC and not row.service.is_mandatory,
            "Dịch vụ không thuộc danh mục chia sẻ bắt buộc; mời chọn loại theo yêu cầu.",
        ),
        (
            "safeguards", row.kind == RequestKind.SPECIAL and not row.safeguards,
            "Nêu cách ẩn danh, đánh giá tác động và cam kết không nhận diện lại.",
        ),
        ("renews", row.renews is not None and not _follows(row), "Thời gian gia hạn phải nối tiếp quyền đang có."),
    ]  # fmt: skip
    return [FieldError(name, message) for name, is_wrong, message in told if is_wrong]


def _in_force(service: Service, on: date) -> bool:
    return service.valid_to is None or service.valid_to >= on


def _is_offered(row: AccessRequest) -> bool:
    return Endpoint.objects.filter(service=row.service, method=row.method, path=row.path).exists()


def _follows(row: AccessRequest) -> bool:
    end = row.renews.valid_to if row.renews else None
    return end is not None and row.valid_to > end


def _one_at_a_time(row: AccessRequest) -> None:
    """The same asked twice at once meets here."""
    key = f"exchange.request:{row.client_id}:{row.service_id}:{row.method}:{row.path}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    same = AccessRequest.objects.filter(
        client=row.client, service=row.service, method=row.method, path=row.path, status=RequestStatus.SUBMITTED
    )
    if same.exists():
        raise RequestOpen


def _locked(request_id: int) -> AccessRequest:
    row = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("client__member", "service__subsystem__member")
        .filter(pk=request_id)
        .first()
    )
    if row is None:
        raise RequestNotFound
    return row


def _to_decide(request_id: int, actor: Actor) -> AccessRequest:
    row = _locked(request_id)
    require(permissions.can_decide(actor, provider_unit_id=row.service.subsystem.member.unit_id))
    _still_open(row)
    if row.asked_by == actor.account_id:
        raise OwnRequest
    return row


def _still_open(row: AccessRequest) -> None:
    if row.status != RequestStatus.SUBMITTED:
        raise RequestDecided


def _decide(row: AccessRequest, status: RequestStatus, reason: str, actor: Actor, at: datetime) -> None:
    row.status, row.reason = status, _line(reason)[:500]
    row.decided_by, row.decided_by_name, row.decided_at = actor.account_id, actor.name, at
    row.save(update_fields=["status", "reason", "decided_by", "decided_by_name", "decided_at", "right"])


def _line(text: str) -> str:
    return " ".join(text.split())


def _stream(request_id: int) -> str:
    return f"exchange-request:{request_id}"
