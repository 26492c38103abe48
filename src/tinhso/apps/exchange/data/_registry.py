"""The registry in memory: who takes part, what they offer, who may ask what, and the servers they lie behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from math import ceil

from tinhso.apps.exchange.data._subjects import SubjectPlace
from tinhso.apps.exchange.enums import Connection, Refusal, ServiceKind
from tinhso.lib.xroad import ClientId, ServiceId
from tinhso.lib.xroad.identifiers import path_matches

Network = IPv4Network | IPv6Network
_LONGEST_RETRY_S = 3_600


@dataclass(frozen=True, slots=True)
class MemberData:
    """A member as the metaservices name it (thành viên)."""

    id: ClientId
    name: str
    valid_from: date
    valid_to: date | None
    server: str = ""


@dataclass(frozen=True, slots=True)
class SubsystemData:
    """A subsystem: how it proves itself (hệ thống thông tin). `server` empty: served here."""

    id: ClientId
    name: str
    connection: Connection
    networks: tuple[Network, ...]
    valid_from: date
    valid_to: date | None
    server: str = ""

    def is_near(self, address: str) -> bool:
        """Whether a network address is among those declared for it."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class ServerData:
    """The exchange server of another organisation: where it is, how long it may take (máy chủ trao đổi khác)."""

    code: str
    address: str
    timeout_s: int
    at_once: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a member's signing key (khóa kiểm tra chữ ký). Raw Ed25519."""

    owner: str
    public_key: bytes
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class ServiceData:
    """A service and its endpoints (dịch vụ). `address` is empty where another server hosts it."""

    id: ServiceId
    name: str
    kind: ServiceKind
    address: str
    timeout_s: int
    at_once: int
    endpoints: tuple[tuple[str, str], ...]
    has_openapi: bool
    valid_from: date
    valid_to: date | None
    bodies_days: int = 0
    subjects: Mapping[tuple[str, str], SubjectPlace] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RightData:
    """One right of a client to a service (quyền khai thác)."""

    id: int
    client: ClientId
    service: ServiceId
    method: str
    path: str
    purpose: str
    quota_per_day: int | None
    valid_from: date
    valid_to: date | None

    def covers(self, method: str, path: str, on: date) -> bool:
        """Whether it holds for this call on this day."""
        return (
            holds(self.valid_from, self.valid_to, on) and self.method in {"*", method} and path_matches(self.path, path)
        )


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a call is not allowed (lý do từ chối)."""

    refusal: Refusal
    message: str


def holds(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether a closed period contains the day."""
    return valid_from <= on and (valid_to is None or on <= valid_to)


@dataclass(frozen=True, slots=True)
class Window:
    """A window of maintenance that was announced (thời gian bảo trì)."""

    starts_at: datetime
    ends_at: datetime
    reason: str

    def retry_after_s(self, at: datetime) -> int:
        """When a client may ask again: at its end, at most an hour from now."""
        return max(1, min(_LONGEST_RETRY_S, ceil((self.ends_at - at).total_seconds())))


@dataclass(frozen=True, slots=True)
class Registry:
    """The whole registry at one version, in memory: every question of the gateway is a look-up (danh bạ)."""

    version: int
    instance: str
    members: Mapping[ClientId, MemberData]
    subsystems: Mapping[ClientId, SubsystemData]
    services: Mapping[ServiceId, ServiceData]
    rights: Mapping[tuple[ClientId, ServiceId], tuple[RightData, ...]]
    tokens: Mapping[str, tuple[ClientId, datetime]]
    certificates: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    maintenance: Mapping[ServiceId, tuple[Window, ...]] = field(default_factory=dict)
    servers: Mapping[str, ServerData] = field(default_factory=dict)
    server_certificates: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    verifying_keys: Mapping[str, VerifyingKey] = field(default_factory=dict)

    def server(self, code: str, on: date) -> ServerData | None:
        """Another organisation's server, when it is in force."""
        found = self.servers.get(code)
        return found if found is not None and holds(found.valid_from, found.valid_to, on) else None

    def server_of(self, party: ClientId, on: date) -> ServerData | None:
        """The other server that a system's member lies behind; None when it is served here, unknown, or has ended."""
        member = self.members.get(ClientId(party.instance, party.member_class, party.member_code))
        if member is None or not member.server or not holds(member.valid_from, member.valid_to, on):
            return None
        return self.server(member.server, on)

    def maintained(self, service: ServiceId, at: datetime) -> Window | None:
        """The window of maintenance a service is in at an instant."""
        windows = self.maintenance.get(service, ())
        return next((one for one in windows if one.starts_at <= at < one.ends_at), None)

    def subsystem(self, client: ClientId, on: date) -> SubsystemData | None:
        """A subsystem that takes part on the day, its member too."""
        found = self.subsystems.get(client)
        member = self.members.get(ClientId(client.instance, client.member_class, client.member_code))
        if found is None or member is None or not holds(member.valid_from, member.valid_to, on):
            return None
        return found if holds(found.valid_from, found.valid_to, on) else None

    def service(self, service: ServiceId, on: date) -> ServiceData | Denied:
        """The service, when it and its subsystem are in force, and served here."""
        provider = self.subsystem(service.provider, on)
        if provider is None or provider.server:
            return Denied(Refusal.UNKNOWN_MEMBER, f"Không có hệ thống «{service.provider}»")
        found = self.services.get(service)
        if found is None or not holds(found.valid_from, found.valid_to, on):
            return Denied(Refusal.UNKNOWN_SERVICE, f"Không có dịch vụ «{service}»")
        return found

    def right(self, client: ClientId, service: ServiceId, *, method: str, path: str, on: date) -> RightData | Denied:
        """The right under which a client may make this call."""
        for found in self.rights.get((client, service), ()):
            if found.covers(method, path, on):
                return found
        return Denied(Refusal.ACCESS_DENIED, f"«{client}» chưa được cấp quyền gọi «{service}» {method} {path or '/'}")

    def services_of(self, provider: ClientId, on: date) -> list[ServiceData]:
        """What a subsystem offers on the day, by code."""
        found = [one for one in self.services.values() if one.id.provider == provider]
        return sorted((one for one in found if holds(one.valid_from, one.valid_to, on)), key=lambda one: one.id.service)
