"""The retention period of what was handed in with a case begins when the case is over (thời hạn lưu giữ giấy tờ)."""

from datetime import datetime

from django.db import connection

from tinhso.apps.cases import queries
from tinhso.apps.documents.actions import start_retention
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind

_PORTION = 200
# Taken away first: a case that ends again meanwhile waits for this transaction and is written anew.
_TAKE = """
DELETE FROM cases_endedcase WHERE case_id IN (
    SELECT case_id FROM cases_endedcase ORDER BY case_id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING case_id
"""


@action
def begin_retention_of_ended(*, kind: str, actor: Actor, at: datetime) -> tuple[int, bool]:
    """Bắt đầu tính thời hạn lưu giữ giấy tờ của một số hồ sơ vừa kết thúc.

    Returns for how many files it began, and whether other cases may wait.
    """
    require(actor.kind is ActorKind.SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [_PORTION])
        ended = [row[0] for row in cursor.fetchall()]
    begun = 0
    for done in queries.done_with(ended) if ended else ():
        begun += start_retention(
            file_ids=done.file_ids, kind=kind, since=done.closed_on, unit_id=done.unit_id, actor=actor, at=at
        )
    return begun, len(ended) == _PORTION
