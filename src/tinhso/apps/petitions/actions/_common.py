"""What the acts on a petition share: the lock, the check of the step, the dates."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import finish_upload, store_file
from tinhso.apps.documents.data import FileRefused
from tinhso.apps.petitions import permissions, queries, rules
from tinhso.apps.petitions.data import AttachmentInput, NotTheSender, PetitionMoved, PetitionNotFound
from tinhso.apps.petitions.enums import PetitionAct, PetitionStatus, Stage
from tinhso.apps.petitions.models import Attachment, Petition
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.identifiers import IdentifierError, parse_phone
from tinhso.lib.worktime import WorkingCalendar

LONGEST_TEXT = 10_000


def lock(petition_id: int) -> Petition:
    """The petition, locked until the action ends.

    Raises:
        PetitionNotFound: there is none.
    """
    found = Petition.objects.select_for_update(of=("self",)).filter(pk=petition_id).first()
    if found is None:
        raise PetitionNotFound
    return found


def require_step(act: PetitionAct, petition: Petition) -> None:
    """Refuse an act that does not belong to the present status.

    Raises:
        PetitionMoved: it does not.
    """
    if not rules.is_done_in(act, PetitionStatus(petition.status)):
        raise PetitionMoved


def calendar_of(petition: Petition) -> WorkingCalendar:
    """The calendar of the unit that has it, in its latest version."""
    return get_working_calendar(calendar_key=directory.calendar_key_of(petition.handling_unit_id))


def set_dues(petition: Petition) -> None:
    """Compute every date of an open petition anew from what it holds."""
    asked = [(petition.asked_at, petition.given_at)] if petition.asked_at is not None else []
    dues = rules.compute_dues(
        queries.limits_on(petition.sent_at.astimezone(PROVINCE_TIME).date()),
        sent_at=petition.sent_at, here_since=petition.here_since, asked=asked, calendar=calendar_of(petition),
    )  # fmt: skip
    petition.refuse_due_at, petition.ask_due_at, petition.answer_due_at = dues.refuse_by, dues.ask_by, dues.answer_by


def text_of(text: str, message: str) -> str:
    """A text that has to be there.

    Raises:
        Invalid: empty, or longer than anybody writes.
    """
    value = text.replace("\x00", "").strip()
    if not value:
        raise Invalid(message)
    if len(value) > LONGEST_TEXT:
        raise Invalid("Nội dung dài quá 10.000 ký tự, mời viết gọn lại hoặc đính kèm tệp.")
    return value


def attach(petition: Petition, files: Sequence[AttachmentInput], stage: Stage, *, actor: Actor, at: datetime) -> None:
    """Keep the sender's files. Nobody's account stands behind an anonymous sender's; the system keeps them.

    Raises:
        Invalid: too many, or one that cannot be taken; it is named and nothing of the act is kept.
    """
    most = queries.sending_rules().most_files
    if len(files) > most:
        raise Invalid(f"Đính kèm nhiều nhất {most} tệp.")
    keeper = actor if actor.is_authenticated else SYSTEM
    for file in files:
        try:
            if file.upload:
                stored = finish_upload(token=file.upload, actor=actor, at=at)
            else:
                stored = store_file(content=file.content, name=file.name, actor=keeper, at=at)
        except FileRefused as refusal:
            raise FileRefused(f"{file.name}: {refusal.message}") from refusal
        Attachment.objects.create(petition=petition, file_id=stored.id, stage=stage)


def require_sender(petition: Petition, *, contact: str, actor: Actor) -> None:
    """Refuse whoever did not send it: signed in, the account counts; else the contact given when it was sent.

    Raises:
        PetitionNotFound: a stranger who is signed in. NotTheSender: the contact is not the one given.
    """
    if permissions.is_sender(actor, petition):
        return
    if petition.account_id is not None or actor.kind is ActorKind.OFFICER:
        raise PetitionNotFound
    given = contact.strip()
    known = {petition.sender_phone, petition.sender_email.lower()} - {""}
    try:
        phone = parse_phone(given, landline=True)
    except IdentifierError:
        phone = ""
    if not known & {phone, given.lower()}:
        raise NotTheSender
