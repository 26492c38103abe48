"""Whose turn it is: urgent messages first, then each unit that tells an equal share of the round."""

from datetime import datetime

from django.db import connection

from tinhso.apps.notifications.models import Delivery

# The (lane, unit) pairs that have something waiting, each found by one step down the partial index.
_WAITING_FOR = """
WITH RECURSIVE found AS (
  (SELECT lane, payer FROM notifications_delivery WHERE state IN ('queued', 'sending') ORDER BY lane, payer LIMIT 1)
  UNION ALL
  SELECT step.lane, step.payer FROM found CROSS JOIN LATERAL (
    SELECT lane, payer FROM notifications_delivery
    WHERE state IN ('queued', 'sending') AND (lane, payer) > (found.lane, found.payer) ORDER BY lane, payer LIMIT 1
  ) step
)
SELECT lane, payer FROM found
WHERE EXISTS (
  SELECT 1 FROM notifications_delivery one
  WHERE one.state IN ('queued', 'sending') AND one.lane = found.lane AND one.payer = found.payer AND one.next_at <= %s
)
ORDER BY lane, payer
"""
_LOCK = """
SELECT turn.id FROM unnest(%s::int[], %s::bigint[]) AS whose(lane, payer) CROSS JOIN LATERAL (
  SELECT id, next_at FROM notifications_delivery
  WHERE state IN ('queued', 'sending') AND lane = whose.lane AND payer = whose.payer AND next_at <= %s
  ORDER BY next_at, id LIMIT %s FOR UPDATE SKIP LOCKED
) turn
ORDER BY whose.lane, turn.next_at, turn.id LIMIT %s
"""


def take_turns(*, limit: int, at: datetime) -> list[Delivery]:
    """At most `limit` due messages, locked, with notice and contact; workers that ask at once get different ones.

    A unit alone gets the whole round; among several each gets its share, and what one leaves is there in the next round.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_FOR, [at])
        whose = cursor.fetchall()
        if not whose:
            return []
        share = max(-(-limit // len(whose)), 1)
        cursor.execute(_LOCK, [[lane for lane, _ in whose], [payer for _, payer in whose], at, share, limit])
        ids = [row[0] for row in cursor.fetchall()]
    return list(
        Delivery.objects.filter(pk__in=ids).select_related("notice", "contact").order_by("lane", "next_at", "id")
    )
