"""Sending prepared papers, asking the services, ending what waited too long."""

from datetime import datetime, timedelta

from tinhso.apps.signatures import flows
from tinhso.apps.signatures.events import SignatureAsked
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(SignatureAsked)
def send_asked(*, event: SignatureAsked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Gửi văn bản vừa chuẩn bị; the queue is in order, so papers approved together are prepared before this runs."""
    flows.send_prepared(choice_id=event.choice_id, at=now())


@jobs.periodic(cron="* * * * *")
def strengthen_papers() -> None:
    """Bổ sung dấu thời gian và bằng chứng cho văn bản đã ký, as long as some paper goes a step further, up to a minute."""
    until = now() + timedelta(minutes=1)
    while flows.strengthen_papers(at=now()) and now() < until:
        continue


@jobs.periodic(cron="* * * * *")
def look_after_signing() -> None:
    """Hỏi các nơi ký về những yêu cầu đang chờ."""
    flows.look_after_requests(at=now())


@jobs.periodic(cron="17 */4 * * *")
def refresh_revocation_lists() -> None:
    """Tải lại danh sách thu hồi của các nơi cấp chứng thư được tin cậy."""
    flows.refresh_revocation_lists(actor=SYSTEM, at=now())
