"""Publishing the registry from content: what is new is made, what is changed follows, what is gone ends."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.enums import Connection
from tinhso.apps.exchange.events import STREAM, RegistryPublished
from tinhso.apps.exchange.models import AccessRight, Endpoint, Member, Server, Service, Subsystem
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.canonical import digest

_AGENCIES = "agencies/"
_GONE = "Danh bạ công bố không còn quyền này"


def lock_registry() -> None:
    """One change of the registry at a time, which orders its stream."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('exchange.registry', 0))")


@action
def publish_registry(*, value: dict[str, Any], actor: Actor, at: datetime) -> int | None:
    """Công bố danh bạ chia sẻ dữ liệu: members, subsystems, services and rights as content declares them.

    Agencies of the province are members by their identification codes. What content no longer names ends that day.
    Returns the number of members, or None when nothing has changed since the last publication.
    """
    require(permissions.can_manage(actor))
    lock_registry()
    on = at.astimezone(PROVINCE_TIME).date()
    declared, servers = [*_agencies(value, on), *value["members"]], value.get("servers", [])
    mark = digest([declared, value["rights"], settings.SIMULATORS_URL, servers])
    before = entries_of(STREAM, types=[RegistryPublished.type])
    if before and before[-1].payload["digest"] == mark:
        return None
    publication = _Publication(value["instance"], on)
    publication.take_servers(servers)
    for member in declared:
        publication.member(member)
    publication.end_members()
    rights = publication.rights(value["rights"], at)
    event = RegistryPublished(
        digest=mark, members=len(declared), services=len(publication.services), rights=rights
    )  # fmt: skip
    record(event, subject=STREAM, actor=actor, at=at)
    return len(declared)


def _agencies(value: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """The province's agencies as members, spelled out."""
    rule = value.get("agencies")
    if rule is None:
        return []
    units = [directory.get_province(on), *directory.list_departments(on), *directory.list_communes(on)]
    return [
        {
            "class": rule["class"], "code": unit.code, "name": unit.name, "unit_id": unit.id,
            "valid_from": rule["valid_from"], "subsystems": rule["subsystems"],
        }
        for unit in units
        if unit.code
    ]  # fmt: skip


class _Publication:
    """One publication under way: what has been seen, so that the rest can be ended."""

    def __init__(self, instance: str, on: date) -> None:
        self.instance, self.on = instance, on
        self.known = {(row.member_class, row.code): row for row in Member.objects.filter(instance=instance)}
        self.seen: set[int] = set()
        self.subsystems: dict[str, Subsystem] = {}
        self.own: dict[str, list[Subsystem]] = {}
        self.services: dict[str, Service] = {}
        self.servers: dict[str, Server] = {}

    def take_servers(self, declared: list[dict[str, Any]]) -> None:
        """Servers of other organisations; those that content no longer names end today."""
        known = {row.code: row for row in Server.objects.all()}
        for value in declared:
            row = known.pop(value["code"], None) or Server(code=value["code"])
            row.base_url, row.timeout_s, row.at_once = (
                value["address"], value.get("timeout_s", 60), value.get("at_once", 64)
            )  # fmt: skip
            row.valid_from, row.valid_to = _day(value["valid_from"]), _day_or_none(value.get("valid_to"))
            row.save()
            self.servers[row.code] = row
        for gone in known.values():
            _end(gone, self.on)

    def member(self, value: dict[str, Any]) -> None:
        """Make or follow one member with all below it."""
        row = self.known.get((value["class"], value["code"])) or Member(
            instance=self.instance, member_class=value["class"], code=value["code"]
        )
        row.name, row.unit_id = value["name"], value.get("unit_id")
        row.server = self.servers[value["server"]] if "server" in value else None
        row.valid_from, row.valid_to = _day(value["valid_from"]), _day_or_none(value.get("valid_to"))
        row.save()
        self.seen.add(row.pk)
        known = {one.code: one for one in row.subsystems.all()}
        for declared in value["subsystems"]:
            subsystem = known.pop(declared["code"], None) or Subsystem(member=row, code=declared["code"])
            subsystem.name = declared["name"]
            subsystem.connection = Connection.SERVER if row.server else declared["connection"]
            subsystem.networks = declared.get("networks", [])
            subsystem.valid_from, subsystem.valid_to = row.valid_from, row.valid_to
            subsystem.save()
            name = f"{self.instance}/{row.member_class}/{row.code}/{subsystem.code}"
            self.subsystems[name] = subsystem
            if "unit_id" in value:
                self.own.setdefault(_AGENCIES + subsystem.code, []).append(subsystem)
            self._services(subsystem, name, declared.get("services", []))
        for gone in known.values():
            _end(gone, self.on)

    def _services(self, subsystem: Subsystem, name: str, declared: list[dict[str, Any]]) -> None:
        known = {one.code: one for one in subsystem.services.all()} if subsystem.pk else {}
        for value in declared:
            service = known.pop(value["code"], None) or Service(subsystem=subsystem, code=value["code"])
            service.name, service.kind = value["name"], value["kind"]
            address = value.get("address", "")  # none where another server hosts it
            service.base_url = address.replace("{simulators}", settings.SIMULATORS_URL)
            service.timeout_s, service.at_once = value.get("timeout_s", 60), value.get("at_once", 64)
            service.openapi, service.bodies_days = value.get("openapi"), value.get("bodies_days", 0)
            service.is_simulator = "{simulators}" in address
            service.is_mandatory, service.is_published = value.get("mandatory", False), value.get("published", True)
            service.valid_from = _day_or_none(value.get("valid_from")) or subsystem.valid_from
            service.valid_to = _day_or_none(value.get("valid_to"))
            service.save()
            service.endpoints.all().delete()
            Endpoint.objects.bulk_create(
                Endpoint(
                    service=service,
                    method=one["method"],
                    path=one["path"],
                    is_safe=one.get("safe", False),
                    subject=one.get("subject"),
                )
                for one in value["endpoints"]
            )
            self.services[f"{name}/{service.code}"] = service
        for gone in known.values():
            _end(gone, self.on)

    def end_members(self) -> None:
        """Members that content no longer names take part until today."""
        for row in self.known.values():
            if row.pk not in self.seen:
                _end(row, self.on)

    def rights(self, declared: list[dict[str, Any]], at: datetime) -> int:
        """Give the declared rights; those declared before and no more are revoked. Returns how many hold."""
        known = {
            (row.client_id, row.service_id, row.method, row.path, row.valid_from): row
            for row in AccessRight.objects.filter(from_content=True, revoked_at__isnull=True)
        }
        count, fresh = 0, []
        for value in declared:
            service = self.services[value["service"]]
            for client in self._clients(value["clients"]):
                key = (
                    client.pk, service.pk, value.get("method", "*"), value.get("path", "/**"), _day(value["valid_from"])
                )  # fmt: skip
                row = known.pop(key, None) or AccessRight(
                    client=client, service=service, method=key[2], path=key[3], valid_from=key[4], from_content=True
                )
                row.document, row.article, row.purpose = value["document"], value.get("article", ""), value["purpose"]
                row.fields, row.quota_per_day = value["fields"], value.get("quota_per_day")
                row.valid_to = _day_or_none(value.get("valid_to"))
                fresh.append(row) if row.pk is None else row.save()
                count += 1
        AccessRight.objects.bulk_create(fresh)
        for row in known.values():
            row.revoked_at, row.revoke_reason = at, _GONE
            row.save(update_fields=["revoked_at", "revoke_reason"])
        return count

    def _clients(self, value: str | list[str]) -> list[Subsystem]:
        return self.own.get(value, []) if isinstance(value, str) else [self.subsystems[name] for name in value]


def _end(row: Member | Server | Subsystem | Service, on: date) -> None:
    if row.valid_to is None or row.valid_to > on:
        row.valid_to = max(on, row.valid_from)
        row.save(update_fields=["valid_to"])


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _day_or_none(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
