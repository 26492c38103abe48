"""The vault and the case: what enters one from the other, what is reused, what follows when a document ends.

The flags of QĐ 766/QĐ-TTg (số hóa, tái sử dụng, lấy từ kho) are columns written here and nowhere else: each by the act
that it tells of.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions, queries
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, save
from tinhso.apps.cases.data import DocumentInput, SourceNotOpen, SourceUnsettled
from tinhso.apps.cases.enums import (
    VAULT_WATCHED,
    MessageSide,
    Presence,
    ReminderKind,
    ResultOutcome,
    ResultStatus,
    Reuse,
    SourceSettlement,
)
from tinhso.apps.cases.events import ComponentDigitised, ComponentReused, MessageSent, SourceEnded, SourceSettled
from tinhso.apps.cases.models import Case, CaseDocument, Message, Result, SourceAlert
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.data import Package, RequiredDocument
from tinhso.apps.vault import queries as vault
from tinhso.apps.vault.actions import end_document, keep_document, renew_document
from tinhso.apps.vault.data import DocumentData, HolderKey, NewDocument, VaultOutOfReach
from tinhso.apps.vault.enums import Origin, Standing
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid
from tinhso.kernel.prepared import Prepared

_REUSE_OF = {Origin.RESULT: Reuse.RESULT, Origin.COMPONENT: Reuse.COMPONENT}


# --- what a component is, and its flags

_RESULT = Prepared(
    lambda result_id: Result.objects.select_related("case", "book_entry__book").filter(pk=result_id), result_id=int
)
_COMPONENT = Prepared(
    lambda document_id: CaseDocument.objects.select_related("case").filter(pk=document_id), document_id=int
)
_UNSETTLED = Prepared(
    lambda case_id: SourceAlert.objects.filter(case_id=case_id, settled_at__isnull=True).values_list("pk", flat=True)[
        :1
    ],
    case_id=int,
)


def place_document(
    case: Case, known: RequiredDocument, given: DocumentInput, *, source: str, actor: Actor, at: datetime
) -> CaseDocument:
    """One component as a row, with the flags that this very act sets.

    Raises:
        Invalid: a document of the vault that is not the applicant's, of another kind, or no longer valid.
    """
    taken = _from_vault(case, known, given, actor=actor, at=at) if given.presence == Presence.VAULT else None
    reuse = _REUSE_OF[taken.origin] if taken else Reuse.RESULT if given.carried else Reuse.NONE
    document = CaseDocument.objects.create(
        case=case, key=known.key, name=known.name, presence=given.presence,
        file_id=taken.file_id if taken else given.file_id, originals=known.originals, copies=known.copies,
        source=(taken.told if taken else source)[:200], added_at=at, vault_document_id=taken.id if taken else None,
        reused=reuse,
    )  # fmt: skip
    _tell_flags(document, taken, actor=actor, at=at)
    return document


def carry_result(
    case: Case, *, key: str, name: str, file_id: int | None, source: str, actor: Actor, at: datetime
) -> None:
    """The mended result of another leg of the same linked case, as a component of this locked one."""
    document = CaseDocument.objects.create(
        case=case, key=key, name=name, presence=Presence.UPLOADED, file_id=file_id, source=source[:200], added_at=at,
        reused=Reuse.RESULT if file_id is not None else Reuse.NONE,
    )  # fmt: skip
    _tell_flags(document, None, actor=actor, at=at)


def flag_digitised(document: CaseDocument, *, actor: Actor, at: datetime) -> None:
    """The flag of a paper component whose signed scan has just entered the case."""
    document.digitised_at = at
    document.save(update_fields=["digitised_at"])
    told = ComponentDigitised(
        case_id=document.case_id, key=document.key, document_id=document.pk, file_id=document.file_id or 0
    )
    record(told, subject=document.case, actor=actor, at=at)


def _tell_flags(document: CaseDocument, taken: DocumentData | None, *, actor: Actor, at: datetime) -> None:
    if document.reused and document.file_id is not None:
        reused = ComponentReused(
            case_id=document.case_id, key=document.key, document_id=document.pk, file_id=document.file_id,
            reuse=document.reused, vault_document_id=document.vault_document_id, type_code=taken.type_code if taken else "",
        )  # fmt: skip
        record(reused, subject=document.case, actor=actor, at=at)


def _from_vault(
    case: Case, known: RequiredDocument, given: DocumentInput, *, actor: Actor, at: datetime
) -> DocumentData:
    """The document that stands in for a component: the applicant's own, of the right kind, valid on that day."""
    owner = queries.owner_of(case.applicant)
    if actor.kind is ActorKind.CITIZEN and (owner is None or not _same(vault.holder_key(actor), owner)):
        raise VaultOutOfReach
    if actor.kind not in {ActorKind.CITIZEN, ActorKind.OFFICER}:
        raise VaultOutOfReach("Chỉ người nộp hoặc cán bộ tiếp nhận lấy được giấy tờ từ kho.")
    try:
        uuid = UUID(given.vault)
    except ValueError:
        raise Invalid(f"Thành phần «{known.name}»: mời chọn giấy tờ trong kho.") from None
    wanted = queries.wanted_of(case.procedure_code, known)
    return vault.get_usable(uuid=uuid, key=owner, wanted=wanted, on=civil_date(at))


def _same(one: HolderKey | None, other: HolderKey) -> bool:
    return one is not None and (one.kind, one.identifier) == (other.kind, other.identifier)


def require_valid_sources(case: Case, *, at: datetime) -> None:
    """Refuse to file what was taken from the vault and has ended since.

    Raises:
        Invalid: one sentence a document, paths `documents.<key>`.
    """
    problems = queries.ended_sources(case, on=civil_date(at))
    if problems:
        raise Invalid(errors=problems)


# --- into the vault


@action
def keep_result(*, result_id: int, report: Mapping[str, Any], actor: Actor, at: datetime) -> int | None:
    """Đưa kết quả đã ký vào kho của chủ hồ sơ; a correction takes the place of what it corrects.

    Returns the document's number; None where nothing enters: a refusal, or an applicant without a number of any kind.
    """
    require(actor.kind is ActorKind.SYSTEM)
    result = _RESULT.first(result_id=result_id)
    if result is None:
        raise Result.DoesNotExist(f"no result {result_id}")
    case = result.case
    owner = queries.owner_of(case.applicant)
    kept = {ResultStatus.SIGNED, ResultStatus.REPLACED, ResultStatus.REVOKED}
    if owner is None or result.file_id is None or result.outcome != ResultOutcome.GRANT or result.status not in kept:
        return None
    package = package_of(case)
    kind = next((known for known in package.results if known.key == result.key), None)
    found = vault.type_of_result(procedure_code=case.procedure_code, key=result.key, code=kind.code if kind else "")
    unit_id = result.book_entry.book.unit_id if result.book_entry else case.unit_id
    of_what = queries.title_of_copy(case, kind, today=civil_date(result.proposed_at)) if kind else ""
    new = NewDocument(
        source_key=f"result:{result.pk}", origin=Origin.RESULT,
        name=f"{result.name}: {of_what}"[:1000] if of_what else result.name, file_id=result.file_id,
        case_code=case.code or "", procedure_code=case.procedure_code, component_key="",
        issued_on=civil_date(result.signed_at or at), issuer=directory.get_unit(unit_id).agency_name if unit_id else "",
        issuer_unit_id=unit_id, type_code=found.code if found else "", number=result.number,
        check_code=result.check_code, report=report, replaces=f"result:{result.replaces_id}" if result.replaces_id else "",
    )  # fmt: skip
    return keep_document(holder=owner, new=new, actor=actor, at=at)


@action
def keep_component(*, document_id: int, report: Mapping[str, Any], actor: Actor, at: datetime) -> int | None:
    """Đưa thành phần hồ sơ đã kiểm tra khi tiếp nhận vào kho của chủ hồ sơ. Told twice, it happens once.

    Returns the document's number; None where nothing enters (its bytes lie there already, or nobody owns it).
    """
    require(actor.kind is ActorKind.SYSTEM)
    document = _COMPONENT.first(document_id=document_id)
    if document is None:
        raise CaseDocument.DoesNotExist(f"no component {document_id}")
    case = document.case
    owner = queries.owner_of(case.applicant)
    if owner is None or document.file_id is None or case.received_at is None or document.presence != Presence.UPLOADED:
        return None
    known = _required(package_of(case), document.key)
    found = vault.type_of_component(
        procedure_code=case.procedure_code, key=document.key, code=known.code if known else ""
    )
    desk = case.intake_unit_id or case.unit_id
    new = NewDocument(
        source_key=f"component:{document.pk}", origin=Origin.COMPONENT, name=found.name if found else document.name,
        file_id=document.file_id, case_code=case.code or "", procedure_code=case.procedure_code,
        component_key=document.key, issued_on=civil_date(case.received_at),
        issuer=f"{directory.get_unit(desk).name} đã kiểm tra" if desk else "", issuer_unit_id=desk,
        type_code=found.code if found else "", report=report,
    )  # fmt: skip
    return keep_document(holder=owner, new=new, actor=actor, at=at)


@action
def renew_kept_result(*, result_id: int, report: Mapping[str, Any], actor: Actor, at: datetime) -> int | None:
    """Kho dùng bản của kết quả có thêm dấu thời gian, bằng chứng; None where the result is in no vault."""
    require(actor.kind is ActorKind.SYSTEM)
    file_id = Result.objects.filter(pk=result_id).values_list("file_id", flat=True).first()
    if file_id is None:
        return None
    return renew_document(source_key=f"result:{result_id}", file_id=file_id, report=report, actor=actor, at=at)


@action
def end_kept_result(*, result_id: int, reason: str, actor: Actor, at: datetime) -> int | None:
    """Ghi kết quả trong kho đã bị hủy bỏ, thu hồi; returns the document's number, None where it is in no vault."""
    require(actor.kind is ActorKind.SYSTEM)
    return end_document(source_key=f"result:{result_id}", how=Standing.REVOKED, reason=reason, actor=actor, at=at)


def _required(package: Package, key: str) -> RequiredDocument | None:
    return next((known for known in package.documents if known.key == key), None)


# --- when a document ends


@action
def flag_source(*, document_id: int, ended_id: int, actor: Actor, at: datetime) -> bool:
    """Báo hồ sơ đang giải quyết rằng một giấy tờ nó dùng đã được thay thế hoặc thu hồi; whether it was told now.

    The officer in whose work it is gets it in his bell, the applicant as a message of the office; approval waits until
    somebody has said what follows. Told twice, it happens once.
    """
    require(actor.kind is ActorKind.SYSTEM)
    case_id = CaseDocument.objects.filter(pk=document_id).values_list("case_id", flat=True).first()
    if case_id is None:
        return False
    case = lock_case(case_id)
    document = CaseDocument.objects.get(pk=document_id)
    ended = vault.list_by_id([ended_id], on=civil_date(at))[ended_id]
    if case.status not in VAULT_WATCHED or SourceAlert.objects.filter(document=document, ended_id=ended_id).exists():
        return False
    replacement = queries.replacement_of(ended, on=civil_date(at))
    alert = SourceAlert.objects.create(
        case=case, document=document, ended_id=ended_id, replacement_id=replacement.id if replacement else None,
        how=ended.state.value, reason=ended.end_reason, raised_at=at,
    )  # fmt: skip
    event = SourceEnded(
        case_id=case.pk, alert_id=alert.pk, key=document.key, name=document.name, how=ended.state.value,
        reason=ended.end_reason, replacement_id=alert.replacement_id,
        account_ids=queries.recipients_of(case, ReminderKind.MESSAGE, at=at),
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    _write_to_applicant(case, document, ended, actor=actor, at=at)
    return True


def _write_to_applicant(case: Case, document: CaseDocument, ended: DocumentData, *, actor: Actor, at: datetime) -> None:
    text = (
        f"«{document.name}» mà hồ sơ của bạn đang dùng ({ended.told}) {ended.state.label.lower()}. "
        "Cán bộ đang xử lý hồ sơ sẽ xem có ảnh hưởng hay không; bạn chưa phải làm gì."
    )
    message = Message.objects.create(case=case, side=MessageSide.OFFICE, text=text, by_name="Hệ thống", sent_at=at)
    told = MessageSent(case_id=case.pk, message_id=message.pk, side=MessageSide.OFFICE.value)
    record(told, subject=case, actor=actor, at=at)


@action
def settle_source(*, alert_id: int, settlement: str, note: str, actor: Actor, at: datetime) -> SourceAlert:
    """Xử lý giấy tờ nguồn đã bị thay thế, thu hồi: take the mended document in its place, or confirm that it applies.

    Raises:
        SourceNotOpen: no such alert, settled already, or nothing to put in its place.
        Invalid: no reason given for keeping what has ended.
    """
    case_id = SourceAlert.objects.filter(pk=alert_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise SourceNotOpen
    case = lock_case(case_id)
    require(permissions.works_on(actor, case))
    alert = SourceAlert.objects.select_for_update(of=("self",)).select_related("document").get(pk=alert_id)
    if alert.settled_at is not None or case.status not in VAULT_WATCHED:
        raise SourceNotOpen
    if settlement == SourceSettlement.REPLACED:
        _put_in_place(case, alert, actor=actor, at=at)
    elif settlement == SourceSettlement.CONFIRMED:
        if not note.strip():
            raise Invalid("Mời ghi vì sao giấy tờ này vẫn dùng được cho hồ sơ.")
    else:
        raise Invalid("Mời chọn thay bằng giấy tờ mới hoặc xác nhận vẫn dùng được.")
    alert.settlement, alert.settled_at, alert.settled_by = settlement, at, actor.name
    alert.note = note.strip()[:2_000]
    alert.save(update_fields=["settlement", "settled_at", "settled_by", "note"])
    event = SourceSettled(
        case_id=case.pk, alert_id=alert.pk, key=alert.document.key, settlement=settlement, note=alert.note,
        file_id=alert.document.file_id,
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    save(case, at)
    return alert


def _put_in_place(case: Case, alert: SourceAlert, *, actor: Actor, at: datetime) -> None:
    ended = vault.list_by_id([alert.ended_id], on=civil_date(at))[alert.ended_id]
    fresh = queries.replacement_of(ended, on=civil_date(at))
    if fresh is None or not fresh.is_usable:
        raise SourceNotOpen("Chưa có giấy tờ thay thế còn hiệu lực trong kho.")
    document = alert.document
    document.presence, document.vault_document_id, document.file_id = Presence.VAULT, fresh.id, fresh.file_id
    document.reused, document.source, document.digitised_at = _REUSE_OF[fresh.origin], fresh.told[:200], None
    document.save(update_fields=["presence", "vault_document", "file", "reused", "source", "digitised_at"])
    _tell_flags(document, fresh, actor=actor, at=at)


def require_sources_settled(case: Case) -> None:
    """Refuse a signature while a paper of the case has ended and nobody has said what follows.

    Raises:
        SourceUnsettled: there is one.
    """
    if _UNSETTLED.first(case_id=case.pk) is not None:
        raise SourceUnsettled
