"""What the clock asks: keeping step every minute, comparing both sides every night."""

from tinhso.apps.reconciliation import flows
from tinhso.apps.reconciliation.data import PortalRefused, PortalUnavailable
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

# As many messages as one round sends: other work of the minute has its turn too.
_A_MINUTE = 150


@jobs.periodic(cron="* * * * *")
def keep_in_step() -> None:
    """Keep step with the national portal, every minute."""
    flows.keep_in_step(clock=now, limit=_A_MINUTE)


@jobs.periodic(cron="30 2 * * *")
def reconcile() -> None:
    """Compare both sides, every night; a portal that is out of reach is written down and asked again the next night."""
    if not flows.is_connected():
        return
    try:
        flows.reconcile(actor=SYSTEM, clock=now)
    except (PortalUnavailable, PortalRefused):
        return
