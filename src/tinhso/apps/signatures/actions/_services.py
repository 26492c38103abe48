"""Services that keep keys, and who signs with which."""

from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions, queries
from tinhso.apps.signatures.data import ChoiceData, RemoteCertificate, SignerNotSet
from tinhso.apps.signatures.enums import OwnerKind, ServiceKind
from tinhso.apps.signatures.events import SignerChosen, SigningServiceSet
from tinhso.apps.signatures.models import SignerChoice, SigningService
from tinhso.apps.signatures.providers.pkcs12 import write_durably
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid, NotFound
from tinhso.lib.identifiers import certificate_serial


@action
def set_service(
    *, key: str, kind: ServiceKind, name: str, base_url: str, account: str, secret: str, options: dict[str, Any],
    actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Khai báo hoặc sửa một dịch vụ ký số; an empty `secret` leaves the one kept. Returns the service's id.

    Raises:
        Invalid: an address that is none, or a key of other letters than a-z, 0-9 and hyphens.
    """
    require(permissions.can_manage_keys(actor))
    if not key or not key.replace("-", "").isalnum() or not key.isascii():
        raise Invalid("Mã dịch vụ chỉ gồm chữ không dấu, số và dấu gạch nối.")
    if base_url and not base_url.startswith(("https://", "http://")):
        raise Invalid("Địa chỉ dịch vụ phải bắt đầu bằng https:// hoặc http://.")
    values = {"kind": kind.value, "name": name, "base_url": base_url, "account": account, "options": options}
    service, _ = SigningService.objects.update_or_create(key=key, defaults=values)
    if secret:
        write_durably(queries.secret_file(key), secret.encode())
    event = SigningServiceSet(key=key, kind=kind.value, base_url=base_url)
    record(event, subject=f"signing_service:{service.pk}", actor=actor, at=at)
    return service.pk


@action
def choose_signer(
    *, owner_kind: OwnerKind, owner_id: int, service_key: str, user_id: str, certificate: RemoteCertificate | None,
    valid_from: datetime, valid_to: datetime | None, actor: Actor, at: datetime,
) -> ChoiceData:  # fmt: skip
    """Ghi nơi ký của một người hoặc một cơ quan; the newest one in force is the usual one, the others can be picked.

    `certificate` is what the service showed; None for the desktop plug-in, whose certificate comes with the file.
    """
    require(queries.may_manage_signer(actor, owner_kind=owner_kind.value, owner_id=owner_id))
    service = SigningService.objects.filter(key=service_key).first()
    if service is None:
        raise SignerNotSet
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("Ngày kết thúc phải sau ngày bắt đầu.")
    ders = [certificate.identity.certificate, *certificate.identity.chain] if certificate else []
    parsed = [x509.load_der_x509_certificate(der) for der in ders]
    names = parsed[0].subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME) if parsed else []
    choice = SignerChoice.objects.create(
        owner_kind=owner_kind.value, owner_id=owner_id, service=service, user_id=user_id,
        credential_id=certificate.credential_id if certificate else "",
        common_name=str(names[0].value) if names else "",
        certificates_pem="".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in parsed),
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    event = SignerChosen(
        choice_id=choice.pk, owner_kind=owner_kind.value, owner_id=owner_id, service=service.key,
        serial=certificate_serial(parsed[0].serial_number) if parsed else "", valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    record(event, subject=f"signing_service:{service.pk}", actor=actor, at=at)
    return queries.choice_data(choice)


@action
def end_choice(*, choice_id: int, actor: Actor, at: datetime) -> None:
    """Thôi dùng một nơi ký từ bây giờ; what waits there goes on waiting.

    Raises:
        NotFound: no such choice, or it has ended.
    """
    choice = SignerChoice.objects.select_for_update().filter(pk=choice_id, valid_to__isnull=True).first()
    owner = (choice.owner_kind, choice.owner_id) if choice else ("", 0)
    require(queries.may_manage_signer(actor, owner_kind=owner[0], owner_id=owner[1]))
    if choice is None or choice.valid_from >= at:
        raise NotFound("Không có nơi ký nào đang dùng với số này.")
    choice.valid_to = at
    choice.save(update_fields=["valid_to"])
    event = SignerChosen(
        choice_id=choice.pk, owner_kind=choice.owner_kind, owner_id=choice.owner_id, service=choice.service.key, serial="",
        valid_from=choice.valid_from, valid_to=at,
    )  # fmt: skip
    record(event, subject=f"signing_service:{choice.service_id}", actor=actor, at=at)
