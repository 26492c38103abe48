"""Time stamps for seals: asked of the authority outside any transaction. When it is down, sealing goes on."""

from datetime import datetime

from django.conf import settings

from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import StampUnavailable
from tinhso.apps.exchange.providers import stamps
from tinhso.kernel.actor import Actor
from tinhso.kernel.flows import flow


@flow
def stamp_seals(*, actor: Actor, at: datetime) -> int:
    """Xin dấu thời gian cho các niêm phong chưa có, the oldest first. Returns how many were stamped.

    Stops at the first failure: the next minute tries again, so nothing is lost by an outage of hours.
    """
    url = settings.TIME_STAMPS["url"]
    if not url:
        return 0
    stamped = 0
    for number, wanted in queries.seals_without_stamp():
        try:
            token, attested_at = stamps.ask_stamp(url, wanted, seconds=settings.TIME_STAMPS["seconds"])
        except StampUnavailable:
            break
        actions.record_stamp(number=number, token=token, attested_at=attested_at, actor=actor, at=at)
        stamped += 1
    return stamped
