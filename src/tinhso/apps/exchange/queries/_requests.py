"""Requests for access, as those see them who asked and those who decide."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.data import RequestNotFound
from tinhso.apps.exchange.enums import RequestKind, RequestStatus
from tinhso.apps.exchange.models import AccessRequest, AccessRight
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.apps.exchange.queries._operations import operations
from tinhso.apps.exchange.queries._registry import client_of, service_of
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.xroad import ClientId, ServiceId

REQUESTS_A_PAGE = 30
_GIVEN_UP = (RequestStatus.REFUSED, RequestStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class RequestData:
    """One request for access (đề nghị khai thác)."""

    pk: int
    client: ClientId
    client_name: str
    service: ServiceId
    service_pk: int
    service_name: str
    provider_unit_id: int | None
    unit_id: int
    kind: RequestKind
    method: str
    path: str
    fields: tuple[str, ...]
    purpose: str
    document: str
    article: str
    volume_per_day: int
    safeguards: str
    valid_from: date
    valid_to: date
    renews: int | None
    status: RequestStatus
    asked_by: int
    asked_by_name: str
    asked_at: datetime
    due_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    reason: str
    right_id: int | None

    @property
    def is_open(self) -> bool:
        return self.status is RequestStatus.SUBMITTED

    def is_late(self, at: datetime) -> bool:
        """Whether it waits longer than it may, or was decided too late."""
        return (self.decided_at or at) > self.due_at


def list_requests(
    *, actor: Actor, status: RequestStatus | None = None, before: int | None = None, limit: int = REQUESTS_A_PAGE
) -> list[RequestData]:
    """Requests the actor may see, the newest first; pages go on with `before` = the last one's number."""
    rows = _visible(actor).order_by("-pk")
    if status is not None:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_data(row) for row in rows[:limit]]


def get_request(request_id: int, *, actor: Actor) -> RequestData:
    """One request.

    Raises:
        RequestNotFound: there is none, or none the actor may see.
    """
    row = _visible(actor).filter(pk=request_id).first()
    if row is None:
        raise RequestNotFound
    return _data(row)


def count_to_decide(*, actor: Actor) -> int:
    """How many requests wait for this officer's decision; his own do not."""
    rows = AccessRequest.objects.filter(status=RequestStatus.SUBMITTED).exclude(asked_by=actor.account_id or 0)
    if not actor.has(ExchangePermission.MANAGE):
        units = actor.unit_ids_for(ExchangePermission.DECIDE)
        rows = rows.filter(service__subsystem__member__unit_id__in=units) if units else rows.none()
    return rows.count()


def request_for_notices(request_id: int) -> RequestData | None:
    """One request, for whom it is to be told of; asks no right."""
    row = _rows().filter(pk=request_id).first()
    return _data(row) if row else None


def rights_to_renew(*, at: datetime) -> list[tuple[int, int, int, str]]:
    """Rights of units near their end whose renewal nobody has asked for: (right, unit, service, what to say)."""
    on = at.astimezone(PROVINCE_TIME).date()
    asked = AccessRequest.objects.filter(renews__isnull=False).exclude(status__in=_GIVEN_UP).values("renews_id")
    rows = AccessRight.objects.filter(
        revoked_at__isnull=True, valid_to__gte=on, valid_to__lte=on + timedelta(days=operations().renewal_days),
        client__member__unit__isnull=False,
    ).exclude(pk__in=asked)  # fmt: skip
    return [
        (
            row.pk, row.client.member.unit_id or 0, row.service_id,
            f"Quyền khai thác «{row.service.name}» hết hạn ngày {row.valid_to:%d/%m/%Y}; đơn vị có thể đề nghị gia hạn.",
        )
        for row in rows.select_related("client__member", "service").defer("service__openapi").order_by("pk")
    ]  # fmt: skip


def _rows() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.select_related("client__member", "service__subsystem__member").defer(
        "service__openapi"
    )


def _visible(actor: Actor) -> QuerySet[AccessRequest]:
    """Everything for who watches over the exchange; else of the own units, asked by them or asked of them."""
    if permissions.can_view(actor):
        return _rows()
    asks = Q(unit_id__in=actor.unit_ids_for(ExchangePermission.REQUEST))
    offers = Q(service__subsystem__member__unit_id__in=actor.unit_ids_for(ExchangePermission.DECIDE))
    return _rows().filter(asks | offers)


def _data(row: AccessRequest) -> RequestData:
    return RequestData(
        pk=row.pk, client=client_of(row.client), client_name=f"{row.client.member.name}: {row.client.name}",
        service=service_of(row.service), service_pk=row.service_id, service_name=row.service.name,
        provider_unit_id=row.service.subsystem.member.unit_id, unit_id=row.unit_id, kind=RequestKind(row.kind),
        method=row.method, path=row.path, fields=tuple(row.fields), purpose=row.purpose, document=row.document,
        article=row.article, volume_per_day=row.volume_per_day, safeguards=row.safeguards, valid_from=row.valid_from,
        valid_to=row.valid_to, renews=row.renews_id, status=RequestStatus(row.status), asked_by=row.asked_by,
        asked_by_name=row.asked_by_name, asked_at=row.asked_at, due_at=row.due_at, decided_by_name=row.decided_by_name,
        decided_at=row.decided_at, reason=row.reason, right_id=row.right_id,
    )  # fmt: skip
