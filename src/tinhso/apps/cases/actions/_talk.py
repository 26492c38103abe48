"""Notes among officers, the thread with the applicant, what has been seen (ghi chú, trao đổi, đã xem)."""

from datetime import datetime

from django.db.models import QuerySet

from tinhso.apps.audit.actions import claim_idempotency, complete_idempotency, record
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.actions._common import lock_case
from tinhso.apps.cases.actions._streams import of_account
from tinhso.apps.cases.enums import MessageSide, ReminderKind
from tinhso.apps.cases.events import MessageSent, MessagesRead, NoteWritten, RemindersSeen
from tinhso.apps.cases.models import Case, Message, Note, Reminder
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid

LONGEST_MESSAGE = 4000


@action
def write_note(*, case_id: int, text: str, actor: Actor, at: datetime) -> Note:
    """Ghi chú nội bộ trên hồ sơ; the applicant never sees it.

    Raises:
        Invalid: nothing written.
    """
    case = lock_case(case_id)
    require(permissions.works_on(actor, case))
    note = Note.objects.create(
        case=case, text=_checked(text), by_account_id=actor.account_id, by_name=actor.name, written_at=at
    )
    record(NoteWritten(case_id=case.pk, note_id=note.pk), subject=case, actor=actor, at=at)
    return note


@action
def send_message(*, case_id: int, text: str, idempotency_key: str = "", actor: Actor, at: datetime) -> Message:
    """Gửi một tin trao đổi về hồ sơ: the applicant to the office, or who works on the case to the applicant.

    A connected system that submitted the case writes for the applicant. With the same `idempotency_key` the same message
    is given back, however often it is sent.

    It stops no clock and asks for no paper: that is a request to complete the file. The officer who has the case is told
    by his bell; without one the message waits, marked unread, on the list.

    Raises:
        Invalid: nothing written, or the key was used for other words.
    """
    case = lock_case(case_id)
    require(_may_talk(actor, case))
    scope = f"case.message:{actor.account_id}:{case.pk}"
    if idempotency_key:
        claim = claim_idempotency(scope=scope, key=idempotency_key, request=text, actor=actor, at=at)
        if not claim.fresh and claim.answer is not None:
            return Message.objects.get(pk=claim.answer["message_id"])
    side = MessageSide.OFFICE if actor.kind is ActorKind.OFFICER else MessageSide.APPLICANT
    message = Message.objects.create(
        case=case, side=side, text=_checked(text), by_account_id=actor.account_id, by_name=actor.name, sent_at=at
    )
    if side is MessageSide.APPLICANT and case.assignee_id is not None:
        Reminder.objects.create(
            case=case, kind=ReminderKind.MESSAGE, due_at=at, account_id=case.assignee_id, sent_at=at
        )
    event = MessageSent(case_id=case.pk, message_id=message.pk, side=side.value)
    record(event, subject=case, actor=actor, at=at)
    if idempotency_key:
        answer = {"message_id": message.pk}
        complete_idempotency(scope=scope, key=idempotency_key, answer=answer, actor=actor, at=at)
    return message


@action
def read_messages(*, case_id: int, actor: Actor, at: datetime) -> int:
    """Đánh dấu đã xem tin của bên kia; returns how many were new. With none new nothing is written.

    An auditor's reading does not count: the applicant would take it for the office's.
    """
    case = lock_case(case_id)
    require(_may_talk(actor, case))
    other = MessageSide.APPLICANT if actor.kind is ActorKind.OFFICER else MessageSide.OFFICE
    fresh = list(_unread(case, other).order_by("pk").values_list("pk", flat=True))
    if not fresh:
        return 0
    Message.objects.filter(pk__in=fresh).update(read_at=at)
    if other is MessageSide.APPLICANT:
        Reminder.objects.filter(case=case, kind=ReminderKind.MESSAGE, seen_at__isnull=True).update(seen_at=at)
    event = MessagesRead(case_id=case.pk, side=other.value, up_to=fresh[-1])
    record(event, subject=case, actor=actor, at=at)
    return len(fresh)


@action
def see_reminders(*, reminder_ids: list[int], actor: Actor, at: datetime) -> int:
    """Đánh dấu đã xem các nhắc việc của mình; returns how many were new."""
    require(actor.kind is ActorKind.OFFICER and actor.account_id is not None)
    mine = Reminder.objects.filter(pk__in=reminder_ids, account_id=actor.account_id or 0, seen_at__isnull=True)
    count = mine.update(seen_at=at)
    if count:
        event = RemindersSeen(account_id=actor.account_id or 0, count=count)
        record(event, subject=of_account(actor.account_id), actor=actor, at=at)
    return count


def _may_talk(actor: Actor, case: Case) -> bool:
    if permissions.can_carry_messages(actor, case):
        return queries.was_submitted_by(case, actor.account_id)
    return permissions.can_talk(actor, case)


def _unread(case: Case, side: MessageSide) -> QuerySet[Message]:
    return Message.objects.filter(case=case, side=side, read_at__isnull=True)


def _checked(text: str) -> str:
    kept = text.strip()
    if not kept:
        raise Invalid("Mời viết nội dung.")
    if len(kept) > LONGEST_MESSAGE:
        raise Invalid(f"Mời viết gọn trong {LONGEST_MESSAGE} chữ.")
    return kept
