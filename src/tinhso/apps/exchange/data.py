"""Values of the exchange that its gateway and other apps see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from uuid import UUID

from tinhso.apps.exchange.enums import Connection, MessageKind, Refusal, ServiceKind
from tinhso.kernel.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from tinhso.lib.xroad import ClientId, ServiceId
from tinhso.lib.xroad.identifiers import path_matches

Network = IPv4Network | IPv6Network


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

    def subsystem(self, client: ClientId, on: date) -> SubsystemData | None:
        """A subsystem that takes part on the day, its member too."""
        found = self.subsystems.get(client)
        member = self.members.get(ClientId(client.instance, client.member_class, client.member_code))
        if found is None or member is None or not holds(member.valid_from, member.valid_to, on):
            return None
        return found if holds(found.valid_from, found.valid_to, on) else None

    def service(self, service: ServiceId, on: date) -> ServiceData | Denied:
        """The service, when it and its subsystem are in force."""
        if self.subsystem(service.provider, on) is None:
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


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line for the message log, before it has a number (dòng nhật ký thông điệp)."""

    at: datetime
    kind: MessageKind
    exchange_id: UUID
    message_id: str
    client: str
    service: str
    method: str
    right_id: int | None
    purpose: str
    user_id: str
    issue: str
    represented: str
    request_head: bytes
    request_size: int | None
    request_hash: bytes | None
    request_signature: bytes | None
    request_key: str
    response_head: bytes | None = None
    response_size: int | None = None
    response_hash: bytes | None = None
    response_signature: bytes | None = None
    response_key: str = ""
    status: int | None = None
    error: str = ""
    duration_us: int | None = None


@dataclass(frozen=True, slots=True)
class SealProblem:
    """One breach found in the message log (sai lệch)."""

    seal: int | None
    message_id: int | None
    message: str


@dataclass(frozen=True, slots=True)
class MessageLogReport:
    """Outcome of a check of the message log (kết quả kiểm tra)."""

    messages: int
    seals: int
    stamped: int
    unsealed: int
    problems: tuple[SealProblem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class IssuedClientToken:
    """A token, shown once (mã truy cập)."""

    id: int
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryContent:
    """The registry as content declares it, units of the province spelled out (danh bạ khai báo)."""

    instance: str
    members: tuple[Mapping[str, Any], ...]
    services: tuple[Mapping[str, Any], ...]
    rights: tuple[Mapping[str, Any], ...]


class RegistryInvalid(Invalid):
    """Danh bạ chia sẻ dữ liệu chưa đúng."""


class RightNotFound(NotFound):
    """Không có quyền khai thác này."""


class RightEnded(Conflict):
    """Quyền khai thác này đã bị thu hồi."""


class NoSuchParty(NotFound):
    """Không có thành viên, hệ thống hoặc dịch vụ này trong danh bạ."""


class CertificateRefused(Invalid):
    """Chứng thư hoặc khóa không dùng được."""


class MessageNotFound(NotFound):
    """Nhật ký không có thông điệp này."""


class MessageNotSealed(Conflict):
    """Thông điệp này chưa được niêm phong, mời thử lại sau một phút."""


class LogUnavailable(Unavailable):
    """Không ghi được nhật ký thông điệp nên không trao đổi."""


class StampUnavailable(DomainError):
    """Nơi cấp dấu thời gian không trả lời; nhật ký vẫn niêm phong, sẽ xin lại."""

    status = 503
