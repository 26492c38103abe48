"""Sealing the message log, and what else the clock asks of it."""

from datetime import datetime

from django.db import connection

from tinhso.apps.exchange import permissions, queries, rules
from tinhso.apps.exchange.actions._keys import LOG_OWNER
from tinhso.apps.exchange.enums import KeyUse
from tinhso.apps.exchange.models import MessageSeal, SealStamp
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict
from tinhso.lib.merkle import leaf_hash, root

BATCH = 10_000


@action
def seal_messages(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Niêm phong nhật ký thông điệp: the tree root of the lines since the last seal, chained to it and signed.

    Returns the number of lines sealed (0 when there were none). One sealer at a time.
    """
    require(permissions.can_manage(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('exchange.seal', 0))")
        if not cursor.fetchone()[0]:
            raise Conflict("Một tiến trình khác đang niêm phong nhật ký thông điệp.")
    before = queries.latest_seal()
    lines = queries.lines_between(before.last_id if before else 0, queries.settled_up_to(), limit=limit)
    if not lines:
        return 0
    signer = queries.open_signers(at, use=KeyUse.LOG).get(LOG_OWNER)
    if signer is None:
        raise Conflict("Chưa có khóa niêm phong nhật ký; chạy «tinhso exchange keys».")
    number = before.number + 1 if before else 1
    previous = bytes(before.head) if before else b""
    first_id, last_id = (before.last_id if before else 0) + 1, lines[-1]["id"]
    tree = root([rules.line_leaf(line) for line in lines])
    statement = rules.seal_bytes(
        number=number,
        first_id=first_id,
        last_id=last_id,
        size=len(lines),
        root=tree,
        previous_head=previous,
        sealed_at=at,
    )
    MessageSeal.objects.create(
        number=number, first_id=first_id, last_id=last_id, size=len(lines), root=tree, previous_head=previous,
        head=leaf_hash(statement), key=signer.fingerprint, signature=signer.sign(statement), sealed_at=at,
    )  # fmt: skip
    return len(lines)


@action
def record_stamp(*, number: int, token: bytes, attested_at: datetime, actor: Actor, at: datetime) -> None:
    """Ghi dấu thời gian của một niêm phong; a second one for the same seal changes nothing."""
    require(permissions.can_manage(actor))
    if not SealStamp.objects.filter(seal_id=number).exists():
        SealStamp.objects.create(seal_id=number, token=token, attested_at=attested_at)


@action
def make_partitions(*, actor: Actor, at: datetime, months: int = 3) -> int:
    """Chuẩn bị phân vùng tháng tới của nhật ký thông điệp. Returns how many were made."""
    require(permissions.can_manage(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT exchange_make_partitions(%s, %s)", [at.date(), months])
        return int(cursor.fetchone()[0])
