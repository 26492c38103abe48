"""Drafts: what a citizen has typed is kept at every field, until she submits or throws it away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import permissions
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, save, version_in_force
from tinhso.apps.cases.actions._vault import place_document
from tinhso.apps.cases.data import CaseNotDraft, DocumentInput
from tinhso.apps.cases.enums import ApplicantKind, CaseStatus, Channel, Presence
from tinhso.apps.cases.events import DocumentAttached, DocumentRemoved, DraftDiscarded, DraftSaved, DraftStarted
from tinhso.apps.cases.models import Case, CaseDocument
from tinhso.apps.documents import queries as documents
from tinhso.apps.procedures.data import Package, RequiredDocument
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import FieldError, Invalid

_MAX_DRAFTS = 50


@action
def start_draft(
    *, procedure_code: str, applicant: dict[str, Any], answers: dict[str, Any], actor: Actor, at: datetime
) -> Case:
    """Bắt đầu soạn hồ sơ: a draft under the version in force today, prefilled by the caller.

    A person who already drafts this procedure gets that draft again, so that two taps make one.

    Raises:
        ProcedureNotInForce: abolished, not yet in force, or only described here.
        Invalid: too many open drafts.
    """
    require(actor.kind is ActorKind.CITIZEN)
    assert actor.account_id is not None  # noqa: S101 - a citizen has an account
    version = version_in_force(procedure_code, civil_date(at))
    own = Case.objects.select_for_update(of=("self",)).filter(account_id=actor.account_id, status=CaseStatus.DRAFT)
    drafts = [draft for draft in own.order_by("-id") if draft.mandate_id == actor.mandate_id]
    for draft in drafts:
        if draft.version_id == version.id:
            return draft
    if len(drafts) >= _MAX_DRAFTS:
        raise Invalid("Bạn đang có quá nhiều hồ sơ soạn dở, mời nộp hoặc bỏ bớt trước khi soạn hồ sơ mới.")
    case = Case.objects.create(
        version_id=version.id, procedure_code=version.code, procedure_name=version.facts.name,
        field=version.facts.field, channel=Channel.ONLINE, account_id=actor.account_id, mandate_id=actor.mandate_id,
        applicant_kind=applicant.get("kind", ApplicantKind.PERSON), applicant_name=applicant.get("full_name", ""),
        applicant_personal_id=applicant.get("personal_id", ""), applicant=applicant, answers=answers,
        created_at=at, updated_at=at,
    )  # fmt: skip
    event = DraftStarted(case_id=case.pk, procedure=version.code, version_id=version.id)
    record(event, subject=case, actor=actor, at=at)
    return case


@action
def save_draft(*, case_id: int, answers: dict[str, Any], actor: Actor, at: datetime) -> Case:
    """Lưu bản nháp: merge the given answers, complete or not; nothing typed is refused here.

    Raises:
        CaseNotDraft: already submitted.
    """
    case = lock_draft(case_id, actor)
    changed = sorted(key for key, value in answers.items() if case.answers.get(key) != value)
    if changed:
        case.answers = {**case.answers, **answers}
        save(case, at, "answers")
        record(DraftSaved(case_id=case.pk, fields=changed), subject=case, actor=actor, at=at)
    return case


@action
def choose_unit(*, case_id: int, unit_id: int | None, actor: Actor, at: datetime) -> Case:
    """Chọn nơi giải quyết cho bản nháp: the commune whose committee is to resolve it (checked at submission).

    None leaves it to the address the procedure is routed by (`routed_by`).
    """
    case = lock_draft(case_id, actor)
    if case.unit_id != unit_id:
        case.unit_id = unit_id
        save(case, at, "unit")
        record(DraftSaved(case_id=case.pk, fields=["unit"]), subject=case, actor=actor, at=at)
    return case


@action
def attach_to_draft(
    *, case_id: int, key: str, presence: str, file_id: int | None, file_name: str, actor: Actor, at: datetime
) -> CaseDocument:
    """Đính kèm một thành phần hồ sơ vào bản nháp.

    Raises:
        CaseNotDraft: already submitted.
        Invalid: the procedure knows no such component.
    """
    case = lock_draft(case_id, actor)
    given = DocumentInput(key=key, presence=presence, file_id=file_id, name=file_name)
    return attach_locked(case, given, actor=actor, at=at)


@action
def reuse_in_draft(*, case_id: int, key: str, uuid: str, actor: Actor, at: datetime) -> CaseDocument:
    """Dùng lại giấy tờ trong kho cho một thành phần của bản nháp: a reference to the very bytes, no copy.

    Chosen twice, it stands there once.

    Raises:
        CaseNotDraft: already submitted. VaultOutOfReach: not the applicant's own vault.
        DocumentNotFound, DocumentNotFitting, DocumentNotUsable: no such document for this component.
    """
    case = lock_draft(case_id, actor)
    wanted = _uuid(uuid)
    same = case.documents.filter(key=key, vault_document__uuid=wanted).first() if wanted else None
    if same is not None:
        return same
    given = DocumentInput(key=key, presence=Presence.VAULT, vault=uuid)
    return attach_locked(case, given, actor=actor, at=at)


@action
def remove_from_draft(*, case_id: int, document_id: int, actor: Actor, at: datetime) -> None:
    """Bỏ một tệp khỏi bản nháp."""
    case = lock_draft(case_id, actor)
    document = CaseDocument.objects.filter(case=case, pk=document_id).first()
    if document is None:
        return
    event = DocumentRemoved(case_id=case.pk, key=document.key, file_id=document.file_id)
    document.delete()
    record(event, subject=case, actor=actor, at=at)


@action
def discard_draft(*, case_id: int, actor: Actor, at: datetime) -> None:
    """Bỏ bản nháp: the answers and attachments are deleted, the log keeps that it happened."""
    case = lock_draft(case_id, actor)
    record(DraftDiscarded(case_id=case.pk), subject=case, actor=actor, at=at)
    case.delete()


def attach_locked(case: Case, given: DocumentInput, *, actor: Actor, at: datetime) -> CaseDocument:
    """One component of a locked draft, told in its log."""
    document = add_document(case, package_of(case), given, actor=actor, at=at)
    event = DocumentAttached(case_id=case.pk, key=given.key, presence=given.presence, file_id=document.file_id)
    record(event, subject=case, actor=actor, at=at)
    return document


def add_document(case: Case, package: Package, given: DocumentInput, *, actor: Actor, at: datetime) -> CaseDocument:
    """One component of the file as a row.

    Raises:
        Invalid: the procedure knows no such component, or the way it is given makes no sense.
    """
    known = next((document for document in package.documents if document.key == given.key), None)
    if known is None:
        raise Invalid(f"Thủ tục này không có thành phần hồ sơ «{given.key}».")
    if given.presence not in Presence.values or (given.presence == Presence.UPLOADED) != (given.file_id is not None):
        raise Invalid(f"Thành phần «{known.name}»: mời đính kèm tệp hoặc chọn cách cung cấp khác.")
    if given.presence == Presence.DATABASE and known.replaced_by is None:
        raise Invalid(f"Thành phần «{known.name}» chưa có dữ liệu thay thế, cần nộp giấy tờ.")
    _check_size(case, package, known, given)
    source = known.replaced_by.database if given.presence == Presence.DATABASE and known.replaced_by else given.name
    return place_document(case, known, given, source=source, actor=actor, at=at)


def _check_size(case: Case, package: Package, known: RequiredDocument, given: DocumentInput) -> None:
    """However a file came in, the procedure's own limits hold for it.

    A leg gets the files of its whole, which were checked there; what another leg has decided is no upload.
    """
    if given.file_id is None or given.carried or case.parent_id is not None:
        return
    limits = package.upload_limits(known.key)
    problem = documents.over_limits(given.file_id, most_bytes=limits.most_bytes, most_pages=limits.most_pages)
    if problem:
        raise Invalid(problem, errors=[FieldError(f"documents.{known.key}", problem)])


def lock_draft(case_id: int, actor: Actor) -> Case:
    """The actor's own draft, locked.

    Raises:
        CaseNotDraft: already submitted.
    """
    case = lock_case(case_id)
    require(permissions.can_edit_draft(actor, case))
    if case.status != CaseStatus.DRAFT:
        raise CaseNotDraft
    return case


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
