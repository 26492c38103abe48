"""What documents do by the clock."""

from tinhso.apps.documents import flows
from tinhso.kernel.clock import now
from tinhso.kernel.jobs import periodic


@periodic(cron="20 3 * * *")
def sweep_incoming() -> None:
    """Dọn tệp tải lên dở dang."""
    flows.sweep_incoming(at=now())
