"""Who signs with what, pictures of signers, and the queues an operator looks at."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from django.db.models import Count, Min, Q

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import permissions
from tinhso.apps.signatures.data import CertificateData, Identity, PictureNotUsable, QueuedPaper, SignerState
from tinhso.apps.signatures.enums import OPEN_REQUESTS, OwnerKind, PaperLevel, ServiceKind
from tinhso.apps.signatures.models import (
    KeptPaper,
    SignerChoice,
    SignerPicture,
    SigningKey,
    SigningRequest,
    SigningService,
)
from tinhso.apps.signatures.providers import sandbox
from tinhso.apps.signatures.rules import signers as rules
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.lib.identifiers import certificate_serial

_QUEUE_SHOWN = 50
_LARGEST_PICTURE = 5 * 1_048_576


def may_manage_signer(actor: Actor, *, owner_kind: str, owner_id: int, own_too: bool = False) -> bool:
    """Whether the actor may say with what this person or agency signs; `own_too`: or is this person."""
    if own_too and owner_kind == OwnerKind.PERSON and actor.account_id == owner_id:
        return actor.kind is ActorKind.OFFICER
    units = [owner_id]
    if owner_kind == OwnerKind.PERSON:
        units = [one.unit_id for one in accounts.list_assignments(owner_id)]
    return permissions.can_manage_signer(actor, unit_ids=units)


def signer_states(*, owner_kind: str, owner_ids: Sequence[int], at: datetime) -> dict[int, SignerState]:
    """With what each of these owners signs at an instant. The caller has checked who asks."""
    owners = list(owner_ids)
    held = SignerPicture.objects.filter(owner_kind=owner_kind, owner_id__in=owners)
    pictures = dict(held.values_list("owner_id", "file_id"))
    own = SigningKey.objects.filter(owner_kind=owner_kind, owner_id__in=owners, revoked_at__isnull=True)
    keys = {key.owner_id: key for key in own}
    chosen = SignerChoice.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), owner_kind=owner_kind, owner_id__in=owners, valid_from__lte=at
    )
    usual = {choice.owner_id: choice for choice in chosen.select_related("service").order_by("valid_from", "id")}
    return {
        owner_id: _state(owner_kind, owner_id, usual.get(owner_id), keys.get(owner_id), pictures.get(owner_id), at)
        for owner_id in owners
    }


def _state(
    owner_kind: str,
    owner_id: int,
    choice: SignerChoice | None,
    key: SigningKey | None,
    picture: int | None,
    at: datetime,
) -> SignerState:
    pem, name, choice_id, key_id = "", "", None, None
    if choice is not None and choice.service.kind != ServiceKind.PKCS12:
        pem, name, choice_id = choice.certificates_pem, choice.service.name, choice.pk
    elif key is not None:
        pem, name, key_id = key.certificate_pem, "Khóa trên máy chủ", key.pk
    certificate = _certificate(pem)
    alarm = rules.alarm(certificate, nothing=not name, at=at)
    return SignerState(owner_kind, owner_id, name, choice_id, key_id, certificate, alarm, picture)


def identity_of_pem(pem: bytes) -> Identity:
    """The certificates of a PEM file, the signer's first.

    Raises:
        Invalid: there is none.
    """
    try:
        found = [one.public_bytes(serialization.Encoding.DER) for one in x509.load_pem_x509_certificates(pem)]
    except ValueError as error:
        raise Invalid("Tệp chứng thư không đúng dạng PEM.") from error
    return Identity(found[0], tuple(found[1:]))


def _in_words(name: x509.Name) -> str:
    """Who a certificate names: the person or the authority, and where they belong."""
    parts = (name.get_attributes_for_oid(oid) for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME))
    return ", ".join(dict.fromkeys(str(part.value) for found in parts for part in found)) or name.rfc4514_string()


def _certificate(pem: str) -> CertificateData | None:
    if not pem:
        return None
    first = x509.load_pem_x509_certificates(pem.encode())[0]
    return CertificateData(
        subject=_in_words(first.subject), issuer=_in_words(first.issuer),
        serial=certificate_serial(first.serial_number),
        valid_from=first.not_valid_before_utc, valid_to=first.not_valid_after_utc,
    )  # fmt: skip


def picture_of(owner_kind: str, owner_id: int) -> bytes:
    """The picture of a signer's mark (PNG); empty where none was brought. For flows that sign."""
    file_id = SignerPicture.objects.filter(owner_kind=owner_kind, owner_id=owner_id).values_list("file_id", flat=True)
    found = file_id.first()
    return b"" if found is None else read_file(found)


def redrawn_picture(content: bytes, *, role: str) -> bytes:
    """A brought picture drawn anew, in a process with limited memory and time.

    Raises:
        PictureNotUsable: with the reason.
    """
    from tinhso.apps.signatures.rules import picture  # the name of the confined module

    if len(content) > _LARGEST_PICTURE:
        raise PictureNotUsable("Ảnh chữ ký không dùng được: tệp lớn hơn 5 MB.")
    try:
        told = sandbox.run(picture.__name__, role.encode() + b"\n" + content, seconds=10, megabytes=1_024)
    except sandbox.SandboxError as error:
        raise PictureNotUsable from error
    if not told.startswith(b"1"):
        raise PictureNotUsable(f"Ảnh chữ ký không dùng được: {told[1:].decode(errors='replace')}.")
    return told[1:]


def services_to_choose() -> list[tuple[str, str, str]]:
    """(key, name, kind) of every service declared. Public: no address, account or secret."""
    return list(SigningService.objects.order_by("name", "key").values_list("key", "name", "kind"))


def list_papers_in_queue(*, actor: Actor) -> list[QueuedPaper]:
    """Signed papers whose next step is due or failed, those that wait longest first."""
    require(permissions.can_manage_keys(actor))
    found = KeptPaper.objects.filter(due_at__isnull=False).exclude(level=PaperLevel.ARCHIVED)
    return [
        QueuedPaper(
            one.subject, PaperLevel(one.level), PaperLevel(one.wanted), one.kept_at, one.due_at, one.tries, one.failure
        )
        for one in found.order_by("kept_at", "id")[:_QUEUE_SHOWN]
    ]


def requests_state(*, actor: Actor) -> list[tuple[str, int, datetime]]:
    """(service, how many papers wait for their signer there, since when the oldest does), for the page of operation."""
    require(permissions.can_manage_keys(actor))
    found = SigningRequest.objects.filter(status__in=OPEN_REQUESTS, choice__isnull=False)
    rows = found.values_list("choice__service__name").annotate(count=Count("id"), first=Min("asked_at"))
    return [(str(name), int(count), oldest) for name, count, oldest in rows.order_by("-count")]
