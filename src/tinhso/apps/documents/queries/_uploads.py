"""Files that arrive in portions."""

from datetime import datetime

from django.db.models import Sum
from django.db.models.functions import Coalesce

from tinhso.apps.documents.data import UploadData, UploadNotFound
from tinhso.apps.documents.enums import UploadStatus
from tinhso.apps.documents.models import Upload, UploadPart
from tinhso.kernel.actor import Actor


def get_upload(token: str, *, actor: Actor, at: datetime) -> UploadData:
    """An upload of the person's own.

    Raises:
        UploadNotFound: none, somebody else's, expired or given up: all look alike.
    """
    return upload_data(find_upload(token, actor=actor, at=at))


def find_upload(token: str, *, actor: Actor, at: datetime) -> Upload:
    """As `get_upload`; the row, for the actions of this app."""
    if actor.account_id is None:
        raise UploadNotFound
    found = Upload.objects.filter(token=token, account_id=actor.account_id, expires_at__gt=at)
    upload = found.exclude(status=UploadStatus.ENDED).first()
    if upload is None:
        raise UploadNotFound
    return upload


def upload_data(upload: Upload) -> UploadData:
    """An upload as others see it."""
    offset = upload.length
    if upload.status != UploadStatus.COMPLETE:
        offset = offset_of(upload)
    return UploadData(
        id=upload.pk, token=upload.token, name=upload.name, length=upload.length, offset=offset, status=upload.status,
        expires_at=upload.expires_at, file_id=upload.file_id,
    )  # fmt: skip


def offset_of(upload: Upload) -> int:
    """How many bytes of it are here."""
    here = UploadPart.objects.filter(upload=upload).aggregate(here=Coalesce(Sum("size"), 0))["here"]
    return int(here)


def expired_uploads(*, at: datetime, limit: int = 200) -> list[int]:
    """Unfinished uploads whose time is over, oldest first; for the clock."""
    found = Upload.objects.filter(expires_at__lte=at).order_by("expires_at", "pk")
    return list(found.values_list("pk", flat=True)[:limit])
