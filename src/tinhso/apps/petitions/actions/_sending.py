"""Sending a petition."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, time

from django.db.models import Q

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import claim_idempotency, complete_idempotency, record
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import permissions, queries, rules
from tinhso.apps.petitions.actions._common import LONGEST_TEXT, attach, set_dues
from tinhso.apps.petitions.data import AttachmentInput, Sending, SentTooMuch
from tinhso.apps.petitions.enums import PetitionStatus, PetitionTopic, Stage
from tinhso.apps.petitions.events import PetitionSent
from tinhso.apps.petitions.models import Petition
from tinhso.apps.procedures import queries as procedures
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError, FieldError, Invalid
from tinhso.lib.canonical import digest
from tinhso.lib.identifiers import IdentifierError, parse_phone

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


@action
def send_petition(*, sending: Sending, files: Sequence[AttachmentInput] = (), actor: Actor, at: datetime) -> Petition:
    """Gửi phản ánh, kiến nghị: it gets its code and its dates at once. The same form sent twice is one petition.

    Raises:
        Invalid: with everything that is missing or wrong, by field. SentTooMuch: enough for one day.
        FileRefused, FileTooLarge, StorageUnavailable: nothing is sent then.
    """
    require(permissions.can_send(actor), "Cán bộ và hệ thống không gửi phản ánh, kiến nghị ở đây.")
    petition = _checked(sending, actor, at)
    key = f"{sending.key}:{_mark_of(sending)}"
    claim = claim_idempotency(scope="petition", key=key, request=_mark_of(sending), actor=actor, at=at)
    if not claim.fresh and claim.answer is not None:
        return Petition.objects.get(pk=claim.answer["petition_id"])
    _require_few(petition, at)

    token = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.TOKEN_LENGTH))
    petition.code = rules.petition_code(at.astimezone(PROVINCE_TIME), token)
    petition.status = PetitionStatus.SENT
    petition.sent_at = petition.here_since = at
    set_dues(petition)
    petition.save()
    attach(petition, files, Stage.SENT, actor=actor, at=at)
    complete_idempotency(scope="petition", key=key, answer={"petition_id": petition.pk}, actor=actor, at=at)
    event = PetitionSent(
        petition_id=petition.pk, code=petition.code, unit_id=petition.unit_id, topic=petition.topic,
        anonymous=petition.account_id is None, answer_due_at=petition.answer_due_at,
    )  # fmt: skip
    record(event, subject=petition, actor=actor, at=at)
    return petition


def _checked(sending: Sending, actor: Actor, at: datetime) -> Petition:
    """The petition as it would be, not saved yet; every problem told at once."""
    errors: list[FieldError] = []
    petition = Petition(topic=sending.topic, is_confidential=sending.is_confidential, network_mark=sending.network_mark)
    if sending.topic not in PetitionTopic.values:
        errors.append(FieldError("topic", "Mời chọn điều bạn muốn phản ánh."))
    petition.title, petition.content = _clean(sending.title)[:200], _clean(sending.content)
    if not petition.title:
        errors.append(FieldError("title", "Mời viết một câu nói điều bạn muốn phản ánh."))
    if len(petition.content) < 20:
        errors.append(FieldError("content", "Mời kể rõ hơn: việc gì, ở đâu, khi nào (ít nhất 20 ký tự)."))
    elif len(petition.content) > LONGEST_TEXT:
        errors.append(FieldError("content", "Nội dung dài quá 10.000 ký tự, mời viết gọn lại hoặc đính kèm tệp."))
    errors += _about(petition, sending, actor, at)
    errors += _place(petition, sending, at)
    errors += _sender(petition, sending, actor)
    if errors:
        raise Invalid(errors=errors)
    return petition


def _about(petition: Petition, sending: Sending, actor: Actor, at: datetime) -> list[FieldError]:
    """The case and the procedure it is about."""
    if sending.case_code:
        try:
            petition.case = cases.get_case(actor=actor, code=sending.case_code)
        except CaseNotFound:
            return [FieldError("case_code", "Không có hồ sơ nào của bạn mang mã này.")]
        petition.procedure_code, petition.procedure_name = petition.case.procedure_code, petition.case.procedure_name
        return []
    if sending.topic == PetitionTopic.COMPLAINT:
        sentence = "Mời đăng nhập và chọn hồ sơ của bạn, hoặc chọn một nội dung phản ánh khác."
        return [FieldError("case_code" if actor.is_authenticated else "topic", sentence)]
    if sending.procedure_code:
        try:
            version = procedures.get_version(sending.procedure_code, at.astimezone(PROVINCE_TIME).date())
        except DomainError:
            return [FieldError("procedure_code", "Không có thủ tục nào mang mã này; bạn có thể để trống.")]
        petition.procedure_code, petition.procedure_name = version.facts.code, version.facts.name
    return []


def _place(petition: Petition, sending: Sending, at: datetime) -> list[FieldError]:
    """The unit it goes to: that of the case, the one named, or the provincial centre."""
    day = at.astimezone(PROVINCE_TIME).date()
    unit_id = petition.case.unit_id if petition.case is not None else sending.unit_id
    if unit_id is None:
        unit_id = queries.default_unit(day).id
    known = {unit.id for units in queries.units_to_name(day) for unit in units} | {queries.default_unit(day).id}
    if petition.case is None and unit_id not in known:
        return [FieldError("unit", "Mời chọn một cơ quan trong danh sách.")]
    centre = directory.one_stop_of(unit_id, day)
    petition.unit_id = petition.handling_unit_id = unit_id
    petition.intake_unit_id = centre.id if centre is not None else None
    return []


def _sender(petition: Petition, sending: Sending, actor: Actor) -> list[FieldError]:
    """Name and contact: of the account, or as typed; without an account one contact has to be there."""
    if actor.is_authenticated:
        assert actor.account_id is not None  # noqa: S101 - a citizen has an account
        identity = accounts.identity_of(actor.account_id)
        petition.account_id, petition.sender_name = actor.account_id, identity["full_name"]
        phone, email = sending.phone or identity["phone"], sending.email or identity["email"]
    else:
        petition.sender_name, phone, email = _clean(sending.name)[:200], sending.phone, sending.email
    errors = []
    if phone.strip():
        try:
            petition.sender_phone = parse_phone(phone, landline=True)
        except IdentifierError as problem:
            errors.append(FieldError("phone", str(problem)))
    if email.strip():
        petition.sender_email = email.strip()[:254]
        if not _EMAIL.fullmatch(petition.sender_email):
            errors.append(FieldError("email", "Thư điện tử chưa đúng, ví dụ đúng: ten@vidu.vn."))
    if not actor.is_authenticated and not phone.strip() and not email.strip():
        errors.append(FieldError("phone", "Mời để lại số điện thoại hoặc thư điện tử, để cơ quan trả lời bạn."))
    return errors


def _require_few(petition: Petition, at: datetime) -> None:
    """Refuse the one too many of a day, by account, or by network address and by contact."""
    local = at.astimezone(PROVINCE_TIME)
    since = datetime.combine(local.date(), time(), tzinfo=PROVINCE_TIME)
    rules_, today = queries.sending_rules(), Petition.objects.filter(sent_at__gte=since)
    if petition.account_id is not None:
        counts = [(today.filter(account_id=petition.account_id).count(), rules_.account_a_day)]
    else:
        unknown = today.filter(account__isnull=True)
        contact = Q(pk__in=[])
        if petition.sender_phone:
            contact |= Q(sender_phone=petition.sender_phone)
        if petition.sender_email:
            contact |= Q(sender_email__iexact=petition.sender_email)
        counts = [
            (unknown.filter(network_mark=petition.network_mark).count(), rules_.network_a_day),
            (unknown.filter(contact).count(), rules_.contact_a_day),
        ]
    if any(count >= most for count, most in counts):
        raise SentTooMuch


def _mark_of(sending: Sending) -> str:
    return digest(
        [sending.topic, sending.title, sending.content, sending.unit_id, sending.procedure_code, sending.case_code,
         sending.name, sending.phone, sending.email, sending.is_confidential]
    )  # fmt: skip


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()
