"""Questions to data sources that nobody has answered."""

from tinhso.apps.cases import actions
from tinhso.apps.exchange import queries as exchange
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now


@jobs.periodic(cron="* * * * *")
def close_unanswered_lookups() -> None:
    """Đóng những lượt hỏi dữ liệu quá thời hạn mà không có trả lời, every minute."""
    at = now()
    for message_id in exchange.unanswered_lookups(at=at):
        actions.close_unanswered_lookup(message_id=message_id, actor=SYSTEM, at=at)
