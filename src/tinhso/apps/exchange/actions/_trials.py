"""What came of trying a service, and of comparing its answers with its description."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from tinhso.apps.audit.actions import record
from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.actions._rights import find_service
from tinhso.apps.exchange.events import ContractChecked, ServiceTried
from tinhso.apps.exchange.models import ContractCheck
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.lib.xroad import ClientId, ServiceId

_TRIALS, _CONTRACTS = "exchange-trials", "exchange-contracts"
_MOST = 20


@action
def record_trial(
    *, service: ServiceId, client: ClientId, method: str, path: str, purpose: str, message_id: str, status: int,
    actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """Ghi lượt gọi thử và mục đích; the message itself is in the message log under its id."""
    require(permissions.can_manage(actor))
    _in_order(_TRIALS)
    event = ServiceTried(
        service=str(service), client=str(client), method=method, path=path, purpose=purpose, message_id=message_id,
        status=status,
    )  # fmt: skip
    record(event, subject=_TRIALS, actor=actor, at=at)


@action
def record_contract_check(
    *, service: ServiceId, origin: str, method: str, path: str, status: int | None, differences: Sequence[str],
    actor: Actor, at: datetime,
) -> int:  # fmt: skip
    """Ghi kết quả đối chiếu trả lời với mô tả. `origin`: `trial`, `demand` or `daily`. Returns the check's number."""
    require(permissions.can_manage(actor))
    _in_order(_CONTRACTS)
    row = ContractCheck(
        service=find_service(service), checked_at=at, origin=origin, method=method, path=path, status=status,
        differences=list(differences)[:_MOST],
    )  # fmt: skip
    row.save(force_insert=True)
    event = ContractChecked(
        service=str(service), origin=origin, method=method, path=path, status=status, differences=len(differences)
    )
    record(event, subject=_CONTRACTS, actor=actor, at=at)
    return row.pk


def _in_order(stream: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
