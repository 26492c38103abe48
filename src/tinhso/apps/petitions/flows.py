"""Work on petitions that no single transaction covers."""

from datetime import datetime

from tinhso.apps.documents.actions import start_retention
from tinhso.apps.documents.queries import retention_kinds
from tinhso.apps.petitions import queries
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.flows import flow

_RETENTION = "petition_attachment"  # of content/retention/files.yaml


@flow
def begin_retention(*, at: datetime) -> int:
    """Bắt đầu tính thời hạn lưu giữ tệp kèm phản ánh, kiến nghị đã giải quyết xong. Returns how many began."""
    if _RETENTION not in retention_kinds():
        return 0
    return sum(
        start_retention(file_ids=[file_id], kind=_RETENTION, since=since, unit_id=unit_id, actor=SYSTEM, at=at)
        for unit_id, since, file_id in queries.iterate_done_with()
    )
