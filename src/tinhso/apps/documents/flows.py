"""Housekeeping of the files on disk, which no transaction covers."""

from datetime import datetime, timedelta

from tinhso.apps.documents import queries
from tinhso.apps.documents.providers import disk
from tinhso.kernel.flows import flow

# No upload takes this long; younger leftovers may still be on their way in.
_ABANDONED = timedelta(days=1)


@flow
def sweep_incoming(*, at: datetime) -> int:
    """Xóa tệp tải lên dở dang: temporary files that a crash or a power cut left behind. Returns how many."""
    return disk.sweep_incoming(queries.files_folder(), before=at - _ABANDONED)
