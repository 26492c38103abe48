"""What the clock asks of the exchange: seals and their stamps every minute, partitions and warnings once a day."""

from datetime import timedelta

from tinhso.apps.exchange import actions, flows
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now


@jobs.periodic(cron="* * * * *")
def seal() -> None:
    """Seal the message log, every minute."""
    while actions.seal_messages(actor=SYSTEM, at=now()) == 10_000:
        pass


@jobs.periodic(cron="* * * * *")
def stamp() -> None:
    """Have new seals stamped, every minute."""
    flows.stamp_seals(actor=SYSTEM, at=now())


@jobs.periodic(cron="10 1 * * *")
def make_partitions() -> None:
    """Make the partitions of the coming months, every night."""
    actions.make_partitions(actor=SYSTEM, at=now())


@jobs.periodic(cron="20 1 * * *")
def tell_expiring() -> None:
    """Tell of certificates that end soon, every night."""
    actions.tell_expiring(actor=SYSTEM, at=now())


@jobs.periodic(cron="40 1 * * *")
def forget_bodies() -> None:
    """Forget the content of messages acknowledged ninety days ago, every night."""
    at = now()
    actions.forget_bodies(before=at - timedelta(days=90), actor=SYSTEM, at=at)
