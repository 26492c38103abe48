"""Reading keys and checking files."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from tinhso.apps.signatures import permissions
from tinhso.apps.signatures.data import SigningKeyData, Verdict
from tinhso.apps.signatures.models import SigningKey
from tinhso.apps.signatures.providers import pkcs12, sandbox
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor

if TYPE_CHECKING:
    from tinhso.apps.signatures.rules.verification import Trust

# A paper of ten pages takes about a second and 150 MB; a file of 20 MB made of many small parts some seconds.
_CHECK_SECONDS, _CHECK_MEGABYTES = 20, 1_024


def verify_pdf(content: bytes, *, at: datetime) -> Verdict:
    """Check the signatures of a file of our own store (kiểm tra chữ ký số của văn bản). Public: reads no case.

    Certificates must be valid at `at`; pass the present. Never raises on hostile content.
    """
    from tinhso.apps.signatures.rules import verification  # slow to import, and few processes check files

    return verification.verify(content, trust=_trust(), at=at)


def verify_upload(content: bytes, *, at: datetime) -> Verdict:
    """Check a file a stranger brings, in a process with limited memory and time; for the public page.

    Takes about half a second more than `verify_pdf`. A file that exhausts the limits is called unreadable.
    """
    from tinhso.apps.signatures.rules import child, verification  # slow to import, and few processes check files

    question = child.question(content, trust=_trust(), at=at)
    try:
        output = sandbox.run(child.__name__, question, seconds=_CHECK_SECONDS, megabytes=_CHECK_MEGABYTES)
        return child.answer(output)
    except (sandbox.SandboxError, ValueError):
        return verification.unreadable(content)


def _trust() -> "Trust":
    from tinhso.apps.signatures.rules.verification import Trust

    folder = keys_folder()
    return Trust(
        roots=pkcs12.read_roots(folder),
        revocation_lists=tuple(pkcs12.read_revocation_lists(folder)),
        demo_mark=pkcs12.DEMO_MARK,
        intermediates=pkcs12.read_intermediates(folder),
    )


def find_key(*, owner_kind: str, owner_id: int, at: datetime) -> SigningKeyData | None:
    """The key in use of a person or an agency, or None. For signing; the caller has checked who may."""
    key = SigningKey.objects.filter(
        owner_kind=owner_kind, owner_id=owner_id, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at
    ).first()
    return as_data(key) if key else None


def list_keys(*, actor: Actor, owner_kind: str = "", owner_id: int | None = None) -> list[SigningKeyData]:
    """Keys, newest first, for those who manage them."""
    require(permissions.can_manage_keys(actor))
    keys = SigningKey.objects.order_by("-id")
    if owner_kind:
        keys = keys.filter(owner_kind=owner_kind)
    if owner_id is not None:
        keys = keys.filter(owner_id=owner_id)
    return [as_data(key) for key in keys]


def as_data(key: SigningKey) -> SigningKeyData:
    """A key as others see it."""
    return SigningKeyData(
        id=key.id, owner_kind=key.owner_kind, owner_id=key.owner_id, common_name=key.common_name,
        organisation=key.organisation, serial=key.serial, certificate_pem=key.certificate_pem, path=key.path,
        valid_from=key.valid_from, valid_to=key.valid_to, revoked_at=key.revoked_at,
    )  # fmt: skip


def keys_folder() -> Path:
    """Where the key files, the test authority and the trusted roots lie."""
    return Path(settings.DATA_DIR) / "keys"
