"""Rights of one system to the data of another, given and taken one by one."""

from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.actions._registry import lock_registry
from tinhso.apps.exchange.data import NoSuchParty, RegistryInvalid, RightEnded, RightNotFound
from tinhso.apps.exchange.events import STREAM, AccessGranted, AccessRevoked
from tinhso.apps.exchange.models import AccessRight, Service, Subsystem
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError
from tinhso.lib.xroad import ClientId, ServiceId


@action
def grant_access(
    *, client: ClientId, service: ServiceId, document: str, purpose: str, fields: list[str], valid_from: date,
    article: str = "", method: str = "*", path: str = "/**", quota_per_day: int | None = None,
    valid_to: date | None = None, actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Cấp quyền khai thác dữ liệu. Returns the right's number.

    Raises:
        NoSuchParty: client or service is not in the registry.
        RegistryInvalid: no legal basis, no purpose, or a period that ends before it begins.
    """
    require(permissions.can_manage(actor))
    return grant(
        client=client, service=service, document=document, purpose=purpose, fields=fields, valid_from=valid_from,
        article=article, method=method, path=path, quota_per_day=quota_per_day, valid_to=valid_to, actor=actor, at=at,
    )  # fmt: skip


@action(inner=True)
def grant(
    *, client: ClientId, service: ServiceId, document: str, purpose: str, fields: list[str], valid_from: date,
    article: str, method: str, path: str, quota_per_day: int | None, valid_to: date | None, actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Ghi quyền khai thác, under the right of the act that gives it. Returns the right's number.

    Raises:
        NoSuchParty, RegistryInvalid: as `grant_access`.
    """
    problems = [
        FieldError(name, message)
        for name, wrong, message in (
            ("document", not document.strip(), "Phải nêu căn cứ pháp lý."),
            ("purpose", not purpose.strip(), "Phải nêu mục đích."),
            ("path", not path.startswith("/"), "Đường dẫn bắt đầu bằng dấu /."),
            ("valid_to", valid_to is not None and valid_to < valid_from, "Hết hiệu lực trước khi có hiệu lực."),
            ("quota_per_day", quota_per_day is not None and quota_per_day < 1, "Hạn mức phải từ 1."),
        )
        if wrong
    ]
    if problems:
        raise RegistryInvalid(errors=problems)
    lock_registry()
    right = AccessRight(
        client=find_subsystem(client), service=find_service(service), method=method, path=path,
        document=document.strip(), article=article.strip(), purpose=purpose.strip(), fields=sorted(fields),
        quota_per_day=quota_per_day, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    right.save(force_insert=True)
    event = AccessGranted(
        right_id=right.pk, client=str(client), service=str(service), document=right.document, article=right.article,
        purpose=right.purpose, fields=right.fields, quota_per_day=quota_per_day, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    record(event, subject=STREAM, actor=actor, at=at)
    return right.pk


@action
def revoke_access(*, right_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Thu hồi quyền khai thác dữ liệu; the gateway refuses within seconds.

    Raises:
        RightNotFound: no such right.
        RightEnded: it was revoked before.
    """
    require(permissions.can_manage(actor))
    if not reason.strip():
        raise RegistryInvalid(errors=[FieldError("reason", "Phải nêu lý do thu hồi.")])
    lock_registry()
    right = AccessRight.objects.select_for_update().filter(pk=right_id).first()
    if right is None:
        raise RightNotFound()
    if right.revoked_at is not None:
        raise RightEnded()
    right.revoked_at, right.revoke_reason = at, reason.strip()
    right.save(update_fields=["revoked_at", "revoke_reason"])
    record(AccessRevoked(right_id=right_id, reason=right.revoke_reason), subject=STREAM, actor=actor, at=at)


def find_subsystem(client: ClientId) -> Subsystem:
    """The row of a subsystem.

    Raises:
        NoSuchParty: not in the registry.
    """
    found = Subsystem.objects.select_related("member").filter(
        member__instance=client.instance, member__member_class=client.member_class, member__code=client.member_code,
        code=client.subsystem,
    ).first()  # fmt: skip
    if found is None:
        raise NoSuchParty(f"Danh bạ không có hệ thống «{client}».")
    return found


def find_service(service: ServiceId) -> Service:
    """The row of a service.

    Raises:
        NoSuchParty: not in the registry.
    """
    found = Service.objects.filter(subsystem=find_subsystem(service.provider), code=service.service).first()
    if found is None:
        raise NoSuchParty(f"Danh bạ không có dịch vụ «{service}».")
    return found
