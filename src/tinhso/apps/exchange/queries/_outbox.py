"""Reading the outbox: how it stands, and the dead letters a clerk decides about."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet

from tinhso.apps.exchange import permissions
from tinhso.apps.exchange.data import OutboxState
from tinhso.apps.exchange.enums import OutboxStatus
from tinhso.apps.exchange.models import OutboxMessage
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor, ActorKind

_HELD_BACK = """
SELECT count(*) FROM exchange_outboxmessage m WHERE m.destination = %s AND m.status = 'waiting' AND EXISTS (
  SELECT 1 FROM exchange_outboxmessage b WHERE b.destination = m.destination AND b.key = m.key
  AND b.position < m.position AND b.status = 'dead')
"""


def outbox_state(*, destination: str, day_began: datetime) -> OutboxState:
    """How the outbox to one system stands; no content. `held_back` wait behind a dead letter of their own key."""
    rows = OutboxMessage.objects.filter(destination=destination)
    waiting = rows.filter(status__in=[OutboxStatus.WAITING, OutboxStatus.SENDING]).aggregate(
        count=Count("position"), oldest=Min("caused_at")
    )
    done = rows.filter(status=OutboxStatus.DELIVERED, finished_at__gte=day_began).aggregate(
        count=Count("position"), latest=Max("finished_at")
    )
    dead = rows.filter(status=OutboxStatus.DEAD).count()
    held_back = 0
    if dead:
        with connection.cursor() as cursor:
            cursor.execute(_HELD_BACK, [destination])
            held_back = cursor.fetchone()[0]
    return OutboxState(
        destination=destination, waiting=waiting["count"], dead=dead, held_back=held_back,
        delivered_today=done["count"], oldest_waiting=waiting["oldest"], latest_delivered=done["latest"],
    )  # fmt: skip


def visible_messages(actor: Actor) -> QuerySet[OutboxMessage]:
    """Those an actor may see: of the units whose messages he settles; all of them for who views the exchange."""
    if actor.kind is ActorKind.SYSTEM or actor.has(permissions.ExchangePermission.VIEW):
        return OutboxMessage.objects.all()
    units = actor.unit_ids_for(permissions.ExchangePermission.SETTLE)
    return OutboxMessage.objects.filter(unit_id__in=units)


def list_dead(*, actor: Actor, before: int | None = None, limit: int = 50) -> list[OutboxMessage]:
    """Messages that could not be sent, the newest first; pages go on with `before` = the last one's position."""
    require(permissions.can_see_outbox(actor))
    rows = visible_messages(actor).filter(status=OutboxStatus.DEAD).order_by("-position")
    if before is not None:
        rows = rows.filter(position__lt=before)
    return list(rows.defer("body")[:limit])


def list_outbox(
    *, actor: Actor, status: str = "", words: str = "", before: int | None = None, limit: int = 50
) -> list[OutboxMessage]:
    """Messages in any state, the newest first; `words` is the key (the code of a case), whole."""
    require(permissions.can_see_outbox(actor))
    rows = visible_messages(actor).order_by("-position")
    if status:
        rows = rows.filter(status=status)
    if words:
        rows = rows.filter(key=words.strip().upper())
    if before is not None:
        rows = rows.filter(position__lt=before)
    return list(rows.defer("body")[:limit])


def count_dead(actor: Actor) -> int:
    """How many wait for this officer's word."""
    return visible_messages(actor).filter(status=OutboxStatus.DEAD).count()


def open_messages(*, destination: str, keys: list[str]) -> dict[str, str]:
    """The state of the oldest open message of each of these keys; keys without one are left out."""
    rows = OutboxMessage.objects.filter(
        Q(status__in=[OutboxStatus.WAITING, OutboxStatus.SENDING, OutboxStatus.DEAD]), destination=destination,
        key__in=keys,
    )  # fmt: skip
    return dict(rows.order_by("-position").values_list("key", "status"))  # of one key the oldest comes last, and stays


def messages_about(subject: str) -> list[dict[str, Any]]:
    """What went out about one subject, oldest first: for the page of a case. The caller has checked the right."""
    rows = OutboxMessage.objects.filter(subject=subject).order_by("position")
    names = ("position", "kind", "summary", "status", "caused_at", "finished_at", "failure")
    return [{name: getattr(row, name) for name in names} for row in rows.defer("body")]


def latest_failure(*, destination: str) -> str:
    """What the latest try that did not succeed came to, in words; empty without one."""
    rows = OutboxMessage.objects.filter(destination=destination, status=OutboxStatus.WAITING).exclude(failure="")
    return rows.order_by("-due_at").values_list("failure", flat=True).first() or ""
