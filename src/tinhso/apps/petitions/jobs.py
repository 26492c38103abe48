"""What petitions do by the clock, and when a calendar changes."""

from datetime import datetime

from tinhso.apps.calendars.events import CalendarPublished
from tinhso.apps.petitions import actions, flows, queries
from tinhso.apps.petitions.data import PetitionMoved
from tinhso.apps.petitions.enums import ReminderKind
from tinhso.apps.petitions.events import InformationAsked, PetitionAnswered, PetitionRefused, PetitionReminded
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now


@jobs.on(CalendarPublished)
def move_dues(*, event: CalendarPublished, actor: Actor, at: datetime, entry_id: int) -> None:
    """Tính lại thời hạn của phản ánh, kiến nghị đang mở theo lịch vừa công bố."""
    actions.move_dues(calendar_key=event.key, calendar_number=event.number, actor=SYSTEM, at=now())


@jobs.periodic(cron="*/30 7-17 * * *")
def remind_units() -> None:
    """Nhắc các đơn vị phản ánh, kiến nghị sắp và đã quá hạn."""
    at = now()
    for petition_id, kind, due_at in queries.to_remind(at):
        actions.remind_unit(petition_id=petition_id, kind=kind, due_at=due_at, actor=SYSTEM, at=at)


@jobs.periodic(cron="25 1 * * *")
def lapse_unanswered() -> None:
    """Dừng phản ánh, kiến nghị mà người gửi không bổ sung trong thời hạn."""
    at = now()
    for petition_id in queries.due_to_lapse(at):
        try:
            actions.lapse_petition(petition_id=petition_id, actor=SYSTEM, at=at)
        except PetitionMoved:  # given meanwhile
            continue


@jobs.on(InformationAsked)
def tell_asked(*, event: InformationAsked, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người gửi cần bổ sung thông tin."""
    words = "Cơ quan đề nghị bạn bổ sung thông tin."
    actions.tell_of_petition(petition_id=event.petition_id, to_sender=words, entry_id=entry_id, actor=SYSTEM, at=at)


@jobs.on(PetitionAnswered)
def tell_answered(*, event: PetitionAnswered, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người gửi đã có trả lời."""
    words = "Đã có trả lời, mời xem và đánh giá."
    actions.tell_of_petition(petition_id=event.petition_id, to_sender=words, entry_id=entry_id, actor=SYSTEM, at=at)


@jobs.on(PetitionRefused)
def tell_refused(*, event: PetitionRefused, actor: Actor, at: datetime, entry_id: int) -> None:
    """Báo người gửi không được tiếp nhận, lý do ở trang phản ánh."""
    words = "Cơ quan không tiếp nhận; lý do ở trang phản ánh."
    actions.tell_of_petition(petition_id=event.petition_id, to_sender=words, entry_id=entry_id, actor=SYSTEM, at=at)


@jobs.on(PetitionReminded)
def tell_unit(*, event: PetitionReminded, actor: Actor, at: datetime, entry_id: int) -> None:
    """Nhắc cán bộ của đơn vị đang xử lý."""
    words = f"{ReminderKind(event.kind).label}."
    actions.tell_of_petition(petition_id=event.petition_id, to_unit=words, entry_id=entry_id, actor=SYSTEM, at=at)


@jobs.periodic(cron="55 1 * * *")
def begin_retention() -> None:
    """Bắt đầu tính thời hạn lưu giữ tệp của phản ánh, kiến nghị đã giải quyết xong."""
    flows.begin_retention(at=now())
