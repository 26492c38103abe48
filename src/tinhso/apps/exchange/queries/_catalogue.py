"""The catalogue as people read it: members, systems, services, who may use them on which basis, keys with days left."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from tinhso.apps.exchange import permissions, rules
from tinhso.apps.exchange.data import NoSuchParty, Window
from tinhso.apps.exchange.enums import Connection, KeyUse
from tinhso.apps.exchange.models import (
    AccessRight,
    Certificate,
    ContractCheck,
    Endpoint,
    Maintenance,
    Member,
    Service,
    Subsystem,
    Usage,
)
from tinhso.apps.exchange.queries._operations import operations
from tinhso.apps.exchange.queries._registry import client_of, member_id, service_of
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.text import fold
from tinhso.lib.xroad import ClientId, ServiceId
from tinhso.lib.xroad.identifiers import path_matches


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service in the list (dịch vụ trong danh mục)."""

    pk: int
    id: ServiceId
    name: str
    system: str
    member: str
    member_pk: int
    is_described: bool
    is_simulator: bool
    is_mandatory: bool
    rights: int
    ends: date | None
    window: "WindowRow | None"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window of maintenance, and how far it is (đợt bảo trì)."""

    pk: int
    service_pk: int
    service_name: str
    window: Window
    announced_by: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class RightRow:
    """Rights that say the same for several systems (quyền khai thác giống nhau của nhiều hệ thống)."""

    method: str
    path: str
    document: str
    article: str
    purpose: str
    fields: tuple[str, ...]
    quota_per_day: int | None
    valid_from: date
    valid_to: date | None
    clients: tuple[tuple[str, str, int, int], ...]
    used_today: int
    most_used: int
    can_renew: bool
    first_id: int

    @property
    def is_nearly_used(self) -> bool:
        """Whether one of the systems has used nearly its day's quota."""
        return bool(self.quota_per_day) and self.most_used * 10 >= (self.quota_per_day or 1) * 8


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One key or certificate with the days it has left (chứng thư)."""

    owner: str
    use: str
    fingerprint: str
    valid_to: datetime
    days_left: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member with what it takes part with (thành viên)."""

    pk: int
    id: ClientId
    name: str
    systems: int
    services: int
    fewest_days: int | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system of a member and what it offers (hệ thống)."""

    id: ClientId
    name: str
    connection: Connection
    services: tuple[tuple[int, str, str], ...]
    rights: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A member whole (trang thành viên)."""

    row: MemberRow
    unit_id: int | None
    systems: tuple[SystemRow, ...]
    certificates: tuple[CertificateRow, ...]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What a comparison of answer and description found (kết quả đối chiếu)."""

    checked_at: datetime
    origin: str
    method: str
    path: str
    status: int | None
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServicePage:
    """A service whole (trang dịch vụ)."""

    row: ServiceRow
    address: str
    timeout_s: int
    at_once: int
    valid_from: date
    endpoints: tuple[tuple[str, str, bool], ...]
    openapi: Any
    provider_unit_id: int | None
    rights: tuple[RightRow, ...]
    windows: tuple[WindowRow, ...]
    checks: tuple[CheckRow, ...] = field(default_factory=tuple)

    def may_try(self, method: str, path: str) -> bool:
        """Whether content marks this endpoint as harmless to try."""
        return self.row.is_simulator or (method, path, True) in self.endpoints

    def may_try_any(self, method: str, path: str) -> bool:
        """Whether a concrete call meets an endpoint that is harmless to try."""
        return any(
            name in {"*", method} and path_matches(pattern, path.partition("?")[0]) and self.may_try(name, pattern)
            for name, pattern, _ in self.endpoints
        )


def list_services(*, actor: Actor, at: datetime, text: str = "") -> list[ServiceRow]:
    """Services by member and name whose words contain every word asked for, with or without diacritics."""
    require(permissions.can_see_catalogue(actor))
    on = at.astimezone(PROVINCE_TIME).date()
    held = Q(rights__revoked_at__isnull=True) & (Q(rights__valid_to__isnull=True) | Q(rights__valid_to__gte=on))
    rows = (
        Service.objects.select_related("subsystem__member")
        .defer("openapi")
        .annotate(held=Count("rights", filter=held))
        .order_by("subsystem__member__name", "name", "pk")
    )
    windows = _windows(Maintenance.objects.all(), at)
    found = [_service_row(row, row.held, windows) for row in rows]
    wanted = fold(text).split()
    return [row for row in found if all(word in _words(row) for word in wanted)]


def _words(row: ServiceRow) -> str:
    return fold(f"{row.name} {row.id} {row.system} {row.member}")


def get_service_page(service_id: int, *, actor: Actor, at: datetime) -> ServicePage:
    """A service with rights, quotas and their use today, windows of maintenance, the latest comparison of each endpoint.

    Raises:
        NoSuchParty: no such service.
    """
    require(permissions.can_see_catalogue(actor))
    row = Service.objects.select_related("subsystem__member").filter(pk=service_id).first()
    if row is None:
        raise NoSuchParty
    on = at.astimezone(PROVINCE_TIME).date()
    rights = _rights(AccessRight.objects.filter(service=row), on)
    windows = _windows(Maintenance.objects.filter(service=row), at)
    endpoints = Endpoint.objects.filter(service=row).order_by("path", "method")
    checks = ContractCheck.objects.filter(service=row).order_by("method", "path", "-checked_at")
    return ServicePage(
        row=_service_row(row, sum(len(one.clients) for one in rights), windows), address=row.base_url,
        timeout_s=row.timeout_s, at_once=row.at_once, valid_from=row.valid_from,
        endpoints=tuple((one.method, one.path, one.is_safe) for one in endpoints), openapi=row.openapi,
        provider_unit_id=row.subsystem.member.unit_id, rights=rights, windows=windows,
        checks=tuple(
            CheckRow(one.checked_at, one.origin, one.method, one.path, one.status, tuple(one.differences))
            for one in checks.distinct("method", "path")[:50]
        ),
    )  # fmt: skip


def list_members(*, actor: Actor, at: datetime, text: str = "") -> list[MemberRow]:
    """Members by name whose words contain every word asked for, with the days the first of their keys has left."""
    require(permissions.can_see_catalogue(actor))
    rows = Member.objects.annotate(
        systems=Count("subsystems", distinct=True), offered=Count("subsystems__services", distinct=True)
    ).order_by("name", "pk")
    days = _fewest_days(at)
    wanted = fold(text).split()
    found = [_member_row(row, row.systems, row.offered, days) for row in rows]
    return [row for row in found if all(word in fold(f"{row.name} {row.id}") for word in wanted)]


def get_member_page(member_pk: int, *, actor: Actor, at: datetime) -> MemberPage:
    """A member with its systems, what they offer, and its keys.

    Raises:
        NoSuchParty: no such member.
    """
    require(permissions.can_see_catalogue(actor))
    row = Member.objects.filter(pk=member_pk).first()
    if row is None:
        raise NoSuchParty
    systems = []
    on = at.astimezone(PROVINCE_TIME).date()
    held = Q(rights__revoked_at__isnull=True) & (Q(rights__valid_to__isnull=True) | Q(rights__valid_to__gte=on))
    found = row.subsystems.select_related("member").prefetch_related("services").annotate(
        held=Count("rights", filter=held)
    )  # fmt: skip
    for one in found.order_by("code"):
        services = tuple((service.pk, service.name, service.code) for service in one.services.all())
        systems.append(SystemRow(client_of(one), one.name, Connection(one.connection), services, one.held))
    name = str(member_id(row))
    certificates = list_certificates(actor=actor, at=at, owners=[name], below=name)
    offered = sum(len(one.services) for one in systems)
    return MemberPage(
        _member_row(row, len(systems), offered, {name: min((one.days_left for one in certificates), default=None)}),
        row.unit_id, tuple(systems), certificates,
    )  # fmt: skip


def list_certificates(
    *, actor: Actor, at: datetime, owners: Sequence[str] = (), below: str = "", within_days: int | None = None
) -> tuple[CertificateRow, ...]:
    """Keys and certificates not revoked, those that end first on top: of some owners (and what is below one), or all."""
    require(permissions.can_see_catalogue(actor))
    rows = Certificate.objects.filter(revoked_at__isnull=True, valid_to__gt=at).order_by("valid_to", "pk")
    if owners:
        asked = Q(owner__in=owners)
        rows = rows.filter(asked | Q(owner__startswith=f"{below}/") if below else asked)
    found = tuple(
        CertificateRow(row.owner, KeyUse(row.use).label, row.fingerprint, row.valid_to, (row.valid_to - at).days)
        for row in rows.defer("pem", "public_key")
    )
    return tuple(one for one in found if within_days is None or one.days_left <= within_days)


def systems_of(*, unit_ids: Iterable[int], on: date) -> list[tuple[ClientId, str]]:
    """Systems of the members that are these units, with their names: in whose name an officer may ask or try."""
    rows = (
        Subsystem.objects.select_related("member")
        .filter(member__unit_id__in=set(unit_ids), member__server__isnull=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .order_by("member__name", "code")
    )
    return [(client_of(row), f"{row.member.name}: {row.name}") for row in rows]


def upcoming_windows(*, actor: Actor, at: datetime) -> tuple[WindowRow, ...]:
    """Windows of maintenance under way or to come, the next first."""
    require(permissions.can_see_catalogue(actor))
    return _windows(Maintenance.objects.all(), at)


def service_pk(service: ServiceId) -> int | None:
    """The number of a service in the registry."""
    rows = Service.objects.filter(
        subsystem__member__instance=service.instance, subsystem__member__member_class=service.member_class,
        subsystem__member__code=service.member_code, subsystem__code=service.subsystem, code=service.service,
    )  # fmt: skip
    return rows.values_list("pk", flat=True).first()


def unit_ids_using(service: ServiceId, on: date) -> list[int]:
    """Units whose systems hold a right to a service: whom its maintenance concerns."""
    pk = service_pk(service)
    rows = AccessRight.objects.filter(service_id=pk or 0, revoked_at__isnull=True, client__member__unit__isnull=False)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    return sorted(set(rows.values_list("client__member__unit_id", flat=True)))


def _rights(rows: Any, on: date) -> tuple[RightRow, ...]:
    held = rows.filter(revoked_at__isnull=True).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    held = list(held.select_related("client__member").order_by("path", "method", "valid_from", "client__member__name"))
    used: dict[int, int] = defaultdict(int)
    for right_id, calls in Usage.objects.filter(day=on, right_id__in=[row.pk for row in held]).values_list(
        "right_id", "calls"
    ):
        used[right_id] += calls
    groups: dict[tuple[Any, ...], list[AccessRight]] = defaultdict(list)
    for row in held:
        said = (row.method, row.path, row.document, row.article, row.purpose, tuple(row.fields))
        groups[(*said, row.quota_per_day, row.valid_from, row.valid_to)].append(row)
    days = operations().renewal_days
    found = []
    for rows in groups.values():
        first = rows[0]
        found.append(
            RightRow(
                method=first.method, path=first.path, document=first.document, article=first.article,
                purpose=first.purpose, fields=tuple(first.fields), quota_per_day=first.quota_per_day,
                valid_from=first.valid_from, valid_to=first.valid_to,
                clients=tuple((str(client_of(row.client)), row.client.member.name, used[row.pk], row.pk) for row in rows),
                used_today=sum(used[row.pk] for row in rows), most_used=max(used[row.pk] for row in rows),
                can_renew=rules.can_renew(valid_to=first.valid_to, on=on, days=days), first_id=first.pk,
            )
        )  # fmt: skip
    return tuple(found)


def _windows(rows: Any, at: datetime) -> tuple[WindowRow, ...]:
    found = rows.filter(cancelled_at__isnull=True, ends_at__gt=at).select_related("service").defer("service__openapi")
    return tuple(
        WindowRow(
            row.pk, row.service_id, row.service.name, Window(row.starts_at, row.ends_at, row.reason),
            row.announced_by_name, row.starts_at <= at,
        )
        for row in found.order_by("starts_at", "pk")
    )  # fmt: skip


def _service_row(row: Service, rights: int, windows: Iterable[WindowRow]) -> ServiceRow:
    member = row.subsystem.member
    return ServiceRow(
        pk=row.pk, id=service_of(row), name=row.name, system=row.subsystem.name, member=member.name, member_pk=member.pk,
        is_described=row.kind == "OPENAPI", is_simulator=row.is_simulator, is_mandatory=row.is_mandatory, rights=rights,
        ends=row.valid_to, window=next((one for one in windows if one.service_pk == row.pk), None),
    )  # fmt: skip


def _member_row(row: Member, systems: int, services: int, days: dict[str, int | None]) -> MemberRow:
    name = str(member_id(row))
    return MemberRow(row.pk, member_id(row), row.name, systems, services, days.get(name), row.valid_to)


def _fewest_days(at: datetime) -> dict[str, int | None]:
    rows = Certificate.objects.filter(revoked_at__isnull=True, valid_to__gt=at).order_by("-valid_to")
    return {
        "/".join(owner.split("/")[:3]): (ends - at).days for owner, ends in rows.values_list("owner", "valid_to")
    }  # fmt: skip
