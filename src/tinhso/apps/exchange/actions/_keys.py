"""Keys and certificates: made here, or brought by a member; each with its end, told before it comes."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.actions._registry import lock_registry
from tinhso.apps.exchange.actions._rights import find_subsystem
from tinhso.apps.exchange.data import CertificateRefused, IssuedClientToken, NoSuchParty, RegistryInvalid
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.events import (
    STREAM,
    CertificateAdded,
    CertificateExpiring,
    CertificateRevoked,
    ClientTokenIssued,
    ClientTokenRevoked,
)
from tinhso.apps.exchange.models import Certificate, ClientToken, Member
from tinhso.apps.exchange.providers import keyfiles
from tinhso.apps.exchange.queries import connection_key, key_folder
from tinhso.apps.exchange.queries._registry import member_id
from tinhso.apps.exchange.rules import new_token, token_digest
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError
from tinhso.lib.xroad import ClientId

LOG_OWNER = "log"
EVENTS_OWNER = "events"
_REMIND_DAYS = (30, 14, 7, 3, 1)
_KEY_DAYS = 730


@action
def make_missing_keys(*, actor: Actor, at: datetime) -> int:
    """Tạo khóa ký cho thành viên chưa có, khóa niêm phong nhật ký, khóa ký sự kiện. Returns how many were made.

    For members this installation serves; one that signs elsewhere brings its certificate.
    """
    require(permissions.can_manage(actor))
    lock_registry()
    keyfiles.make_secret(key_folder(), keyfiles.SUBJECTS)
    owners = [(str(member_id(row)), KeyUse.SIGN) for row in Member.objects.filter(server__isnull=True).order_by("id")]
    wanted = [*owners, (LOG_OWNER, KeyUse.LOG), (EVENTS_OWNER, KeyUse.EVENTS)]
    held = set(Certificate.objects.filter(revoked_at__isnull=True, valid_to__gt=at).values_list("owner", "use"))
    missing = [(owner, use) for owner, use in wanted if (owner, use.value) not in held]
    for owner, use in missing:
        certificate, raw = keyfiles.make_key(key_folder(), owner, days=_KEY_DAYS, at=at)
        _add(certificate, raw, owner=owner, use=use, actor=actor, at=at)
    return len(missing)


@action
def make_connection_key(
    *, owner: str, use: KeyUse, hosts: tuple[str, ...], days: int = 365, actor: Actor, at: datetime
) -> str:
    """Tạo khóa kết nối (mTLS) của máy chủ trao đổi hoặc hệ thống thông tin. Returns its fingerprint."""
    require(permissions.can_manage(actor))
    lock_registry()
    certificate, _ = keyfiles.make_key(key_folder(), owner, hosts=hosts, days=days, at=at)
    return _add(certificate, b"", owner=owner, use=use, actor=actor, at=at).fingerprint


@action
def ensure_server_key(*, owner: str, hosts: tuple[str, ...], actor: Actor, at: datetime) -> str | None:
    """Tạo khóa của máy chủ trao đổi này khi chưa có khóa nào đang hiệu lực. Returns its fingerprint, or None."""
    require(permissions.can_manage(actor))
    if connection_key(at) is not None:
        return None
    return make_connection_key(owner=owner, use=KeyUse.SERVER, hosts=hosts, days=_KEY_DAYS, actor=actor, at=at)


@action
def add_certificate(*, owner: str, use: KeyUse, pem: bytes, actor: Actor, at: datetime) -> str:
    """Thêm chứng thư mà thành viên mang đến; its private key stays with the member. Returns its fingerprint.

    Raises:
        CertificateRefused: unreadable, ended, known already, or of a kind this use cannot take.
    """
    require(permissions.can_manage(actor))
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise CertificateRefused("Tệp không phải chứng thư dạng PEM.") from error
    if certificate.not_valid_after_utc <= at:
        raise CertificateRefused("Chứng thư đã hết hạn.")
    public = certificate.public_key()
    if use is KeyUse.SIGN and not isinstance(public, Ed25519PublicKey):
        raise CertificateRefused("Khóa ký thông điệp phải là Ed25519.")
    raw = public.public_bytes_raw() if isinstance(public, Ed25519PublicKey) else b""
    lock_registry()
    if Certificate.objects.filter(fingerprint=keyfiles.fingerprint_of(certificate)).exists():
        raise CertificateRefused("Chứng thư này đã có trong danh bạ.")
    return _add(certificate, raw, owner=owner, use=use, actor=actor, at=at).fingerprint


@action
def revoke_certificate(*, fingerprint: str, reason: str, actor: Actor, at: datetime) -> None:
    """Thu hồi chứng thư, khóa: nothing is signed or believed with it from now on.

    Raises:
        NoSuchParty: no such certificate in force.
    """
    require(permissions.can_manage(actor))
    if not reason.strip():
        raise RegistryInvalid(errors=[FieldError("reason", "Phải nêu lý do thu hồi.")])
    lock_registry()
    row = Certificate.objects.filter(fingerprint=fingerprint, revoked_at__isnull=True).first()
    if row is None:
        raise NoSuchParty("Danh bạ không có chứng thư này đang hiệu lực.")
    row.revoked_at, row.revoke_reason = at, reason.strip()
    row.save(update_fields=["revoked_at", "revoke_reason"])
    record(CertificateRevoked(certificate_id=row.pk, reason=row.revoke_reason), subject=STREAM, actor=actor, at=at)


@action
def tell_expiring(*, actor: Actor, at: datetime) -> int:
    """Nhắc chứng thư sắp hết hạn: 30, 14, 7, 3 and 1 days before, each once. Returns how many were told."""
    require(permissions.can_manage(actor))
    lock_registry()
    told = 0
    rows = Certificate.objects.filter(
        revoked_at__isnull=True, valid_to__gt=at, valid_to__lte=at + timedelta(days=_REMIND_DAYS[0])
    ).order_by("id")
    for row in rows:
        days = min(day for day in _REMIND_DAYS if row.valid_to - at <= timedelta(days=day))
        if days in row.told_days:
            continue
        row.told_days = [*row.told_days, days]
        row.save(update_fields=["told_days"])
        event = CertificateExpiring(certificate_id=row.pk, owner=row.owner, days=days)
        record(event, subject=STREAM, actor=actor, at=at)
        told += 1
    return told


@action
def issue_client_token(
    *, client: ClientId, name: str, expires_at: datetime, actor: Actor, at: datetime
) -> IssuedClientToken:
    """Cấp mã truy cập cổng trao đổi cho một hệ thống nhỏ; the text is shown once and kept nowhere.

    Raises:
        NoSuchParty: the system is not in the registry.
        RegistryInvalid: it would end before it begins.
    """
    require(permissions.can_manage(actor))
    if expires_at <= at:
        raise RegistryInvalid(errors=[FieldError("expires_at", "Thời hạn phải ở sau lúc cấp.")])
    lock_registry()
    text = new_token()
    row = ClientToken(
        subsystem=find_subsystem(client), name=name.strip(), digest=token_digest(text), created_at=at,
        expires_at=expires_at,
    )  # fmt: skip
    row.save(force_insert=True)
    event = ClientTokenIssued(token_id=row.pk, client=str(client), expires_at=expires_at)
    record(event, subject=STREAM, actor=actor, at=at)
    return IssuedClientToken(id=row.pk, text=text, expires_at=expires_at)


@action
def revoke_client_token(*, token_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Thu hồi mã truy cập cổng trao đổi.

    Raises:
        NoSuchParty: no such token in force.
    """
    require(permissions.can_manage(actor))
    lock_registry()
    row = ClientToken.objects.filter(pk=token_id, revoked_at__isnull=True).first()
    if row is None:
        raise NoSuchParty("Không có mã truy cập này đang hiệu lực.")
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record(ClientTokenRevoked(token_id=token_id, reason=reason.strip()), subject=STREAM, actor=actor, at=at)


def _add(
    certificate: x509.Certificate, raw: bytes, *, owner: str, use: KeyUse, actor: Actor, at: datetime
) -> Certificate:
    row = Certificate(
        owner=owner, use=use, fingerprint=keyfiles.fingerprint_of(certificate), public_key=raw,
        pem=certificate.public_bytes(Encoding.PEM).decode(), valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )  # fmt: skip
    row.save(force_insert=True)
    event = CertificateAdded(
        certificate_id=row.pk, owner=owner, use=use.value, fingerprint=row.fingerprint, valid_to=row.valid_to
    )
    record(event, subject=STREAM, actor=actor, at=at)
    return row
