"""What changes signing keys, and the record of every use of one."""

from datetime import datetime, timedelta

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions, queries
from tinhso.apps.signatures.data import SigningKeyData, SigningKeyMissing, SigningUnavailable
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.apps.signatures.events import (
    AuthorityCreated,
    PaperKeyCreated,
    PaperSigned,
    SigningKeyIssued,
    SigningKeyRevoked,
)
from tinhso.apps.signatures.models import SigningKey
from tinhso.apps.signatures.providers import paperkeys, pkcs12
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import NotFound

KEY_LIFE = timedelta(days=5 * 365)
# The demonstration replays a past year in any order: a key made while replaying June must serve a paper of March.
_BACKDATED = timedelta(days=3 * 365)
_EXPIRED = "hết hạn"


@action
def create_test_authority(*, actor: Actor, at: datetime) -> bool:
    """Tạo CA thử nghiệm của hệ thống. Returns False when it exists already; it is never made anew."""
    require(permissions.can_manage_keys(actor))
    _lock("authority")
    folder = queries.keys_folder()
    if pkcs12.exists(folder):
        return False
    pkcs12.create_authority(folder, at=at, valid_from=at - _BACKDATED)
    record(AuthorityCreated(name=pkcs12.ISSUING_NAME), subject="signing_authority", actor=actor, at=at)
    return True


@action
def create_paper_key(*, only_first: bool = False, actor: Actor, at: datetime) -> bool:
    """Tạo khóa ký mã QR trên giấy tờ. It signs from now on; keys before it go on checking the papers they signed.

    `only_first`: nothing is done where there is a key already. Returns whether one was made.
    """
    require(permissions.can_manage_keys(actor))
    _lock("paper_keys")
    if only_first and queries.list_paper_keys():
        return False
    key = paperkeys.create(queries.keys_folder(), at=at)
    record(PaperKeyCreated(key=key.id), subject="paper_keys", actor=actor, at=at)
    return True


@action
def issue_key(
    *, owner_kind: OwnerKind, owner_id: int, common_name: str, organisation: str, actor: Actor, at: datetime
) -> SigningKeyData:
    """Cấp khóa và chứng thư chữ ký số thử nghiệm; the key already in use is returned as it is.

    Raises:
        SigningUnavailable: the test authority has not been made, or its key cannot be opened.
    """
    require(permissions.can_manage_keys(actor))
    _lock(f"{owner_kind}:{owner_id}")
    current = SigningKey.objects.filter(owner_kind=owner_kind, owner_id=owner_id, revoked_at__isnull=True).first()
    if current is not None and current.valid_to > at:
        return queries.as_data(current)
    if current is not None:
        current.revoked_at, current.revoked_reason = at, _EXPIRED
        current.save(update_fields=["revoked_at", "revoked_reason"])
    try:
        issued = pkcs12.issue_key(
            queries.keys_folder(), kind=owner_kind.value, owner_id=owner_id, common_name=common_name,
            organisation=organisation, valid_from=at - _BACKDATED, valid_to=at + KEY_LIFE,
        )  # fmt: skip
    except pkcs12.KeyStoreError as error:
        raise SigningUnavailable(str(error)) from error
    key = SigningKey.objects.create(
        owner_kind=owner_kind, owner_id=owner_id, common_name=common_name, organisation=organisation,
        serial=issued.serial, certificate_pem=issued.certificate_pem, path=issued.path,
        valid_from=issued.valid_from, valid_to=issued.valid_to, issued_at=at,
    )  # fmt: skip
    event = SigningKeyIssued(
        key_id=key.id, owner_kind=key.owner_kind, owner_id=owner_id, serial=key.serial, valid_to=key.valid_to
    )
    record(event, subject=_stream(key.id), actor=actor, at=at)
    return queries.as_data(key)


@action
def revoke_key(*, key_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Thu hồi chứng thư; from now on files signed with it are refused.

    Raises:
        SigningUnavailable: the authority's key cannot be opened, so its revocation list cannot be published.
    """
    key = SigningKey.objects.select_for_update().filter(pk=key_id).first()
    owner = (key.owner_kind, key.owner_id) if key else ("", 0)
    require(queries.may_manage_signer(actor, owner_kind=owner[0], owner_id=owner[1]))
    if key is None:
        raise NotFound("Không có chứng thư này.")
    if key.revoked_at is not None:
        return
    key.revoked_at, key.revoked_reason = at, reason
    key.save(update_fields=["revoked_at", "revoked_reason"])
    _lock("authority")
    ended = SigningKey.objects.filter(revoked_at__isnull=False).exclude(revoked_reason=_EXPIRED)
    revoked = {key.serial: key.revoked_at for key in ended if key.revoked_at}
    try:
        pkcs12.publish_revocation_list(queries.keys_folder(), revoked=revoked, at=at)
    except pkcs12.KeyStoreError as error:
        raise SigningUnavailable(str(error)) from error
    event = SigningKeyRevoked(key_id=key.id, serial=key.serial, reason=reason)
    record(event, subject=_stream(key.id), actor=actor, at=at)


@action
def take_key(
    *, owner_kind: OwnerKind, owner_id: int, common_name: str, organisation: str, may_issue: bool,
    actor: Actor, at: datetime,
) -> SigningKeyData:  # fmt: skip
    """Lấy khóa ký số đang dùng của người ký hoặc cơ quan, before a paper is signed.

    `may_issue`: a demonstration gives a key at first use, so that every demo officer can sign.

    Raises:
        SigningKeyMissing: nobody has issued a key to this owner.
    """
    require(permissions.can_use_key(actor, owner_kind=owner_kind, owner_id=owner_id))
    key = queries.find_key(owner_kind=owner_kind, owner_id=owner_id, at=at)
    if key is not None:
        return key
    if not may_issue:
        raise SigningKeyMissing
    create_test_authority(actor=SYSTEM, at=at)
    return issue_key(
        owner_kind=owner_kind, owner_id=owner_id, common_name=common_name, organisation=organisation,
        actor=SYSTEM, at=at,
    )  # fmt: skip


@action
def record_signature(*, key_id: int, digest_before: str, digest_after: str, actor: Actor, at: datetime) -> None:
    """Ghi lại một lần ký số: which key signed which file, by digests."""
    key = SigningKey.objects.select_for_update().get(pk=key_id)
    require(permissions.can_use_key(actor, owner_kind=key.owner_kind, owner_id=key.owner_id))
    event = PaperSigned(
        key_id=key.id, owner_kind=key.owner_kind, owner_id=key.owner_id,
        digest_before=digest_before, digest_after=digest_after,
    )  # fmt: skip
    record(event, subject=_stream(key.id), actor=actor, at=at)


def _stream(key_id: int) -> str:
    return f"signing_key:{key_id}"


def _lock(what: str) -> None:
    """One at a time for the same thing, until the end of the transaction; there may be no row to lock yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"signatures:{what}"])
