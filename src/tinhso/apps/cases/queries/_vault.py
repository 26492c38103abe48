"""The vault as a case sees it: whose it is, what it offers, which sources have ended, what the flags say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from tinhso.apps.cases.enums import (
    VAULT_WATCHED,
    ApplicantKind,
    CaseStatus,
    Presence,
    ResultOutcome,
    ResultStatus,
    Reuse,
)
from tinhso.apps.cases.models import Case, CaseDocument, Result, SourceAlert
from tinhso.apps.cases.queries._case import get_package, needed_documents
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.apps.procedures.data import RequiredDocument, UploadLimits
from tinhso.apps.procedures.enums import DocumentMode
from tinhso.apps.vault import queries as vault
from tinhso.apps.vault.data import DocumentData, HolderKey, Wanted
from tinhso.apps.vault.enums import HolderKind
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import FieldError
from tinhso.kernel.prepared import Prepared

MOST_OFFERS = 3
_NOT_A_DOCUMENT = {DocumentMode.DECLARE, DocumentMode.GENERATED}
_CASE = Prepared(lambda case_id: Case.objects.filter(pk=case_id), case_id=int)
_BROUGHT = Prepared(
    lambda case_id: CaseDocument.objects.filter(
        case_id=case_id, presence=Presence.UPLOADED, file__isnull=False, reused=Reuse.NONE
    ).order_by("pk"),
    case_id=int,
)


@dataclass(frozen=True, slots=True)
class FlagFigures:
    """Components of received cases and their flags by QĐ 766/QĐ-TTg, for steering (số liệu số hóa, tái sử dụng)."""

    cases: int
    cases_digitised: int
    components: int
    digitised: int
    reused: int
    reused_results: int
    from_vault: int


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """One component that a supplement notice asks for: what may be sent, what the applicant's vault offers instead."""

    key: str
    name: str
    limits: UploadLimits
    offers: Sequence[DocumentData] = ()


def owner_of(applicant: Mapping[str, Any]) -> HolderKey | None:
    """Whose vault the papers of a case belong to: the applicant's, who under a mandate is the one represented.

    None for an organisation without a tax code and for a person without a number.
    """
    if (applicant.get("kind") or ApplicantKind.PERSON) == ApplicantKind.PERSON:
        number = str(applicant.get("personal_id") or "").replace(" ", "")
        return HolderKey(HolderKind.PERSON, number, str(applicant.get("full_name", ""))) if number else None
    code = str(applicant.get("tax_code") or "").replace(" ", "")
    name = str(applicant.get("organisation_name") or applicant.get("full_name", ""))
    return HolderKey(HolderKind.ORGANISATION, code, name) if code else None


def wanted_of(procedure_code: str, document: RequiredDocument) -> Wanted:
    """A required component as the vault looks for it."""
    return Wanted(
        key=document.key, procedure_code=procedure_code, code=document.code,
        takes_copies=document.copies > 0 and document.mode == DocumentMode.SUBMIT,
    )  # fmt: skip


def is_document(document: RequiredDocument) -> bool:
    """Whether a component is a document of its owner, as against a form filled in for one case (đơn, tờ khai)."""
    return not document.form and document.mode not in _NOT_A_DOCUMENT


def vault_offers(
    *, actor: Actor, case: Case, documents: Sequence[RequiredDocument], on: date
) -> Mapping[str, list[DocumentData]]:
    """What the applicant's own vault holds for each component of her draft, by its key. One query.

    Empty for anybody but the holder: a representative needs a mandate whose paper has been seen.
    """
    owner, standing = owner_of(case.applicant), vault.holder_key(actor)
    if owner is None or standing is None or (owner.kind, owner.identifier) != (standing.kind, standing.identifier):
        return {}
    return _offers(owner, case.procedure_code, documents, on)


def counter_offers(
    *, applicant: Mapping[str, Any], procedure_code: str, documents: Sequence[RequiredDocument], on: date
) -> tuple[int | None, Mapping[str, list[DocumentData]]]:
    """What the vault of the person at the counter holds for the components asked of her, and her vault's number.

    For the page of a case being received; the view has checked the right to receive, and records the disclosure before
    it shows anything. Nothing but what the procedure asks for is told, and no content.
    """
    owner = owner_of(applicant)
    holder_id = vault.find_holder(owner)
    if owner is None or holder_id is None:
        return None, {}
    return holder_id, _offers(owner, procedure_code, documents, on)


def _offers(
    owner: HolderKey, procedure_code: str, documents: Sequence[RequiredDocument], on: date
) -> Mapping[str, list[DocumentData]]:
    wanted = [wanted_of(procedure_code, one) for one in documents if is_document(one) and one.replaced_by is None]
    return vault.list_offers(key=owner, wanted=wanted, on=on) if wanted else {}


def asked_papers(
    case: Case, *, on: date, actor: Actor | None = None, offers: Mapping[str, Sequence[DocumentData]] | None = None
) -> list[AskedPaper]:
    """The components that the open notice of a case asks for; all that apply where it names none.

    With `actor` each carries what the applicant's own vault offers her; `offers` are those that an officer was shown.
    """
    package = get_package(case)
    supplement = next((one for one in case.supplements.all() if one.answered_at is None), None)
    asked = supplement.document_keys if supplement else []
    named = bool(supplement and (asked or supplement.field_keys))
    wanted = [one for one in needed_documents(case, today=on) if not named or one.key in asked]
    found = offers or (vault_offers(actor=actor, case=case, documents=wanted, on=on) if actor else {})
    used = {row.vault_document_id for row in case.documents.all()}
    return [
        AskedPaper(
            one.key, one.name, package.upload_limits(one.key),
            [offer for offer in found.get(one.key, ()) if offer.id not in used][:MOST_OFFERS],
        )
        for one in wanted
    ]  # fmt: skip


def fitting_offers(case: Case, shown: Sequence[DocumentData], *, on: date) -> Mapping[str, list[DocumentData]]:
    """Those of the documents an officer was just shown that may stand for a component, by its key."""
    owner, known = owner_of(case.applicant), {one.id for one in shown}
    if owner is None:
        return {}
    found = _offers(owner, case.procedure_code, needed_documents(case, today=on), on)
    return {key: [one for one in offers if one.id in known] for key, offers in found.items()}


def consult_vault(*, actor: Actor, case: Case, on: date) -> tuple[int | None, list[DocumentData]]:
    """The applicant's documents of the kinds this case asks for, for an officer in whose work it is (xem kho).

    Returns the vault's number, for the record of the disclosure, and the documents. The view records it, with its
    purpose, before it shows them.

    Raises:
        Forbidden: the officer has no such right at a desk of this case.
    """
    owner = owner_of(case.applicant)
    documents = [document for document in get_package(case).documents if is_document(document)]
    wanted = [wanted_of(case.procedure_code, document) for document in documents]
    desks = {
        unit_id for unit_id in (case.unit_id, case.intake_unit_id, case.step_unit_id, *case.desk_unit_ids) if unit_id
    }
    if owner is None:
        return None, []
    found = vault.consult(actor=actor, key=owner, wanted=wanted, unit_ids=desks, field=case.field, on=on)
    return vault.find_holder(owner), found


def is_in_work(case: Case) -> bool:
    """Whether a case is in work: filed and not ended. Only then may its officers look into a vault."""
    return case.status in VAULT_WATCHED


def components_to_keep(case_id: int) -> list[tuple[int, int]]:
    """(component, file) of a received case that belong in the applicant's vault; for the flow that checks them."""
    case = _CASE.first(case_id=case_id)
    if case is None or case.received_at is None or owner_of(case.applicant) is None:
        return []
    known = {document.key: document for document in get_package(case).documents}
    return [
        (row.pk, row.file_id)
        for row in _BROUGHT.all(case_id=case_id)
        if row.file_id is not None and row.key in known and is_document(known[row.key])
    ]


@dataclass(frozen=True, slots=True)
class OldResult:
    """A signed result that is in no vault yet (kết quả cũ chưa vào kho); `ended` says why it no longer holds."""

    id: int
    file_id: int
    ended: str


def results_to_backfill(*, after: int = 0, limit: int = 200) -> tuple[list[OldResult], int | None]:
    """Results from before there were vaults, oldest first, of `limit` looked at; and after which to go on, None at the end."""
    signed = {ResultStatus.SIGNED, ResultStatus.REPLACED, ResultStatus.REVOKED}
    rows = Result.objects.filter(pk__gt=after, status__in=signed, outcome=ResultOutcome.GRANT, file__isnull=False)
    looked_at = list(
        rows.filter(file__disposed_at__isnull=True)
        .order_by("pk")
        .values_list("pk", "file_id", "status", "end_reason", "case__applicant")[:limit]
    )
    known = vault.kept_sources(f"result:{row[0]}" for row in looked_at)
    found = [
        OldResult(pk, file_id, (reason or "Đã hủy bỏ, thu hồi") if status == ResultStatus.REVOKED else "")
        for pk, file_id, status, reason, applicant in looked_at
        if file_id is not None and f"result:{pk}" not in known and owner_of(applicant) is not None
    ]
    return found, looked_at[-1][0] if len(looked_at) == limit else None


def sources_to_flag(ended: DocumentData) -> list[int]:
    """Components of cases in work that rest on a document: taken from the vault, or handed in as the same bytes."""
    rows = CaseDocument.objects.filter(case__status__in=VAULT_WATCHED)
    same = Q(vault_document_id=ended.id) | Q(presence=Presence.UPLOADED, file__sha256=ended.sha256)
    return list(rows.filter(same).order_by("case_id", "pk").values_list("pk", flat=True))


def replacement_of(ended: DocumentData, *, on: date) -> DocumentData | None:
    """The document that has taken another's place in the end, None where there is none."""
    return vault.latest_after(ended, on=on)


def ended_sources(case: Case, *, on: date) -> list[FieldError]:
    """What was taken from the vault into a draft and has ended since, each as a sentence."""
    taken = [(d.key, d.vault_document_id) for d in case.documents.filter(vault_document__isnull=False)]
    known = vault.list_by_id([document_id for _, document_id in taken if document_id], on=on) if taken else {}
    return [
        FieldError(
            f"documents.{key}", f"{known[number].told}: {known[number].state.label.lower()}, mời chọn giấy tờ khác."
        )
        for key, number in taken
        if number in known and not known[number].is_usable
    ]


def source_alerts(case: Case) -> list[SourceAlert]:
    """What the case has been told of its sources, the open ones first. The caller has checked the right to the case."""
    if not any(document.vault_document_id for document in case.documents.all()):
        return []  # only a document out of a vault can have ended there
    rows = case.source_alerts.select_related("document", "ended", "replacement")
    return sorted(rows, key=lambda alert: (alert.settled_at is not None, alert.pk))


def flag_figures(*, actor: Actor, since: datetime, until: datetime) -> FlagFigures:
    """The flags of components of the cases received in a span, of the units the actor sees. One statement over the components.

    The flags are what the acts have set; there is nothing to fill in.
    """
    seen = visible_to(actor).filter(received_at__gte=since, received_at__lt=until).exclude(status=CaseStatus.DRAFT)
    rows = CaseDocument.objects.filter(case__in=seen).exclude(presence=Presence.DECLARED)
    counted = rows.aggregate(
        n_cases=Count("case", distinct=True),
        n_cases_digitised=Count("case", distinct=True, filter=Q(digitised_at__isnull=False)),
        n_components=Count("pk"),
        n_digitised=Count("pk", filter=Q(digitised_at__isnull=False)),
        n_reused=Count("pk", filter=~Q(reused=Reuse.NONE)),
        n_reused_results=Count("pk", filter=Q(reused=Reuse.RESULT)),
        n_from_vault=Count("pk", filter=Q(vault_document__isnull=False)),
    )
    return FlagFigures(**{name.removeprefix("n_"): count for name, count in counted.items()})


def own_streams(actor: Actor, *, most: int = 200) -> list[str]:
    """The streams of a citizen's newest cases, whose readings concern her; none for anybody else."""
    if actor.kind is not ActorKind.CITIZEN:
        return []
    ids: Iterable[int] = visible_to(actor).order_by("-pk").values_list("pk", flat=True)[:most]
    return [f"case:{case_id}" for case_id in ids]


def uses_of(actor: Actor, document_id: int) -> list[tuple[str, str, datetime]]:
    """(code, procedure, when) of one's own cases that use a document of one's vault, newest first."""
    rows = CaseDocument.objects.filter(vault_document_id=document_id, case__in=visible_to(actor)).select_related("case")
    return [(row.case.code or "", row.case.procedure_name, row.added_at) for row in rows.order_by("-pk")[:50]]
