"""The registry, read whole: the gateway keeps it in memory and asks only whether its version has changed."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from tinhso.apps.exchange.data import (
    MemberData,
    Registry,
    RightData,
    ServerData,
    ServiceData,
    SubjectPlace,
    SubsystemData,
    VerifyingKey,
    Window,
)
from tinhso.apps.exchange.enums import Connection, KeyUse, ServiceKind, SubjectAt, SubjectOf
from tinhso.apps.exchange.events import STREAM
from tinhso.apps.exchange.models import (
    AccessRight,
    Certificate,
    ClientToken,
    Maintenance,
    Member,
    Server,
    Service,
    Subsystem,
    Usage,
)
from tinhso.lib.xroad import ClientId, ServiceId


def registry_version() -> int:
    """The number of the latest change; every change of the registry is an event of its stream."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(sequence), 0) FROM audit_entry WHERE stream = %s", [STREAM])
        return int(cursor.fetchone()[0])


def read_registry() -> Registry:
    """The whole registry. Reads some hundred rows in a handful of statements."""
    version = registry_version()
    members = {member_id(row): row for row in Member.objects.select_related("server").order_by("id")}
    subsystems = {row.pk: _subsystem(row) for row in Subsystem.objects.select_related("member__server").order_by("id")}
    services = {
        row.pk: _service(row, subsystems[row.subsystem_id])
        for row in Service.objects.prefetch_related("endpoints").defer("openapi").order_by("id")
    }
    # Which services are described is told by their kind; the descriptions themselves are read when asked for.
    rights: dict[tuple[ClientId, ServiceId], list[RightData]] = {}
    for row in AccessRight.objects.filter(revoked_at__isnull=True).order_by("id"):
        client, service = subsystems[row.client_id].id, services[row.service_id].id
        rights.setdefault((client, service), []).append(_right(row, client, service))
    return Registry(
        version=version,
        instance=next((key.instance for key in members), ""),
        members={
            key: MemberData(key, row.name, row.valid_from, row.valid_to, row.server.code if row.server else "")
            for key, row in members.items()
        },
        subsystems={one.id: one for one in subsystems.values()},
        services={one.id: one for one in services.values()},
        rights={key: tuple(found) for key, found in rights.items()},
        tokens={
            row.digest: (subsystems[row.subsystem_id].id, row.expires_at)
            for row in ClientToken.objects.filter(revoked_at__isnull=True)
        },
        certificates=_shown(KeyUse.CLIENT),
        maintenance=_maintenance({key: one.id for key, one in services.items()}),
        servers={row.code: _server(row) for row in Server.objects.order_by("id")},
        server_certificates=_shown(KeyUse.SERVER),
        verifying_keys={
            row.fingerprint: VerifyingKey(row.owner, bytes(row.public_key), row.valid_from, row.valid_to)
            for row in Certificate.objects.filter(use=KeyUse.SIGN, revoked_at__isnull=True)
        },
    )


def _shown(use: KeyUse) -> dict[str, tuple[str, datetime]]:
    rows = Certificate.objects.filter(use=use, revoked_at__isnull=True)
    return {
        fingerprint: (owner, ends) for fingerprint, owner, ends in rows.values_list("fingerprint", "owner", "valid_to")
    }


def _server(row: Server) -> ServerData:
    return ServerData(
        row.code, row.base_url.rstrip("/"), row.timeout_s, row.at_once, row.valid_from, row.valid_to
    )  # fmt: skip


def openapi_of(service: ServiceId) -> Any:
    """The description of a service, or None."""
    rows = Service.objects.filter(
        subsystem__member__instance=service.instance, subsystem__member__member_class=service.member_class,
        subsystem__member__code=service.member_code, subsystem__code=service.subsystem, code=service.service,
    )  # fmt: skip
    return rows.values_list("openapi", flat=True).first()


def is_offered(service: str) -> bool:
    """Whether the registry has a service of this address (`VN/GOV/G01/dvcqg/hoso`) that has not ended."""
    try:
        instance, member_class, member, subsystem, code = service.split("/")
    except ValueError:
        return False
    rows = Service.objects.filter(
        subsystem__member__instance=instance, subsystem__member__member_class=member_class,
        subsystem__member__code=member, subsystem__code=subsystem, code=code, valid_to__isnull=True,
    )  # fmt: skip
    return rows.exists()


def usage_today(day: date) -> dict[int, int]:
    """How often each right with a quota was used on a day."""
    limited = AccessRight.objects.filter(quota_per_day__isnull=False).values("id")
    return dict(_usage(Usage.objects.filter(day=day, right_id__in=limited).values_list("right_id", "calls")))


def _usage(rows: Any) -> Iterator[tuple[int, int]]:
    total: dict[int, int] = {}
    for right_id, calls in rows:
        total[right_id] = total.get(right_id, 0) + calls
    yield from total.items()


def client_of(row: Subsystem) -> ClientId:
    """The identifier of a subsystem."""
    member = row.member
    return ClientId(member.instance, member.member_class, member.code, row.code)


def service_of(row: Service) -> ServiceId:
    """The identifier of a service."""
    provider = client_of(row.subsystem)
    return ServiceId(provider.instance, provider.member_class, provider.member_code, provider.subsystem, row.code)


def known_services() -> frozenset[str]:
    """The identifiers of every service that is or was in the registry."""
    return frozenset(str(service_of(row)) for row in _services_with_names())


def _services_with_names() -> Any:
    return Service.objects.select_related("subsystem__member").defer("openapi")


def _maintenance(services: Mapping[int, ServiceId]) -> dict[ServiceId, tuple[Window, ...]]:
    """Windows by service; those long over are left out by the clock of the database, which needs no exactness here."""
    found: dict[ServiceId, tuple[Window, ...]] = {}
    rows = Maintenance.objects.filter(cancelled_at__isnull=True, ends_at__gt=Now() - timedelta(days=1))
    for row in rows.order_by("starts_at"):
        service = services[row.service_id]
        found[service] = (*found.get(service, ()), Window(row.starts_at, row.ends_at, row.reason))
    return found


def member_id(row: Member) -> ClientId:
    """The identifier of a member."""
    return ClientId(row.instance, row.member_class, row.code)


def _subsystem(row: Subsystem) -> SubsystemData:
    member = row.member
    return SubsystemData(
        id=ClientId(member.instance, member.member_class, member.code, row.code), name=row.name,
        connection=Connection(row.connection), networks=tuple(ip_network(text) for text in row.networks),
        valid_from=row.valid_from, valid_to=row.valid_to, server=member.server.code if member.server else "",
    )  # fmt: skip


def _service(row: Service, subsystem: SubsystemData) -> ServiceData:
    provider = subsystem.id
    return ServiceData(
        id=ServiceId(provider.instance, provider.member_class, provider.member_code, provider.subsystem, row.code),
        name=row.name, kind=ServiceKind(row.kind), address=row.base_url.rstrip("/"), timeout_s=row.timeout_s,
        at_once=row.at_once, endpoints=tuple((one.method, one.path) for one in row.endpoints.all()),
        has_openapi=row.kind == ServiceKind.OPENAPI, valid_from=row.valid_from, valid_to=row.valid_to,
        bodies_days=row.bodies_days,
        subjects={
            (one.method, one.path): SubjectPlace(
                SubjectOf(one.subject["about"]), SubjectAt(one.subject["in"]), one.subject["at"]
            )
            for one in row.endpoints.all()
            if one.subject
        },
    )  # fmt: skip


def _right(row: AccessRight, client: ClientId, service: ServiceId) -> RightData:
    return RightData(
        id=row.pk, client=client, service=service, method=row.method, path=row.path, purpose=row.purpose,
        quota_per_day=row.quota_per_day, valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip
