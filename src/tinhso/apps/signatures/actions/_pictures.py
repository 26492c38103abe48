"""The picture a signer's mark shows."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import queries
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.apps.signatures.events import SignerPictureSet
from tinhso.apps.signatures.models import SignerPicture
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor


@action
def set_picture(*, owner_kind: OwnerKind, owner_id: int, file_id: int | None, actor: Actor, at: datetime) -> None:
    """Đặt ảnh chữ ký của một người, ảnh con dấu của một cơ quan; `file_id` None: no picture any more."""
    require(queries.may_manage_signer(actor, owner_kind=owner_kind.value, owner_id=owner_id, own_too=True))
    if file_id is None:
        SignerPicture.objects.filter(owner_kind=owner_kind.value, owner_id=owner_id).delete()
    else:
        SignerPicture.objects.update_or_create(
            owner_kind=owner_kind.value, owner_id=owner_id, defaults={"file_id": file_id, "set_at": at}
        )
    event = SignerPictureSet(owner_kind=owner_kind.value, owner_id=owner_id, file_id=file_id)
    record(event, subject=f"signer:{owner_kind.value}:{owner_id}", actor=actor, at=at)
