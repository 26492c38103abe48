"""Reading documents: one's own, through a case in work, or as a connected system."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.enums import SubjectKind
from tinhso.apps.vault import permissions, rules
from tinhso.apps.vault.data import (
    DocumentData,
    DocumentNotFitting,
    DocumentNotFound,
    DocumentNotUsable,
    DocumentPage,
    HolderKey,
    Wanted,
)
from tinhso.apps.vault.enums import DocumentState, HolderKind, Origin, Standing
from tinhso.apps.vault.models import Document, Holder
from tinhso.apps.vault.permissions import VaultPermission
from tinhso.apps.vault.queries._types import copy_types, get_settings, wanted_type
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.keyset import decode_cursor, encode_cursor

PAGE = 30


def holder_key(actor: Actor) -> HolderKey | None:
    """Whose vault the actor stands before: the principal's under a checked mandate, else his own; None for others.

    A mandate that the representative only declared opens nobody's vault: its paper has not been seen yet.
    """
    if not permissions.is_own(actor):
        return None
    assert actor.account_id is not None  # noqa: S101 - is_own says so
    if actor.mandate_id is not None:
        mandate = accounts.get_mandate(actor.mandate_id)
        if not mandate.verified or mandate.revoked_at is not None:
            return None
        kind = HolderKind.PERSON if mandate.principal_subject == SubjectKind.PERSON else HolderKind.ORGANISATION
        return HolderKey(kind, mandate.principal_id, mandate.principal_name)
    if actor.personal_id:
        return HolderKey(HolderKind.PERSON, actor.personal_id, actor.name)
    organisation = str(accounts.identity_of(actor.account_id)["organisation_id"] or "")
    return HolderKey(HolderKind.ORGANISATION, organisation, actor.name) if organisation else None


def find_holder(key: HolderKey | None) -> int | None:
    """The inner number of a holder, None while nothing has entered the vault. The caller has checked the right."""
    if key is None:
        return None
    return Holder.objects.filter(kind=key.kind, identifier=key.identifier).values_list("pk", flat=True).first()


def visible_to(actor: Actor) -> QuerySet[Document]:
    """The documents an actor may read: one's own; a machine those issued or checked by the units of its scope.

    An officer has none of his own accord: he reads through a case in work (`consult`).
    """
    if actor.kind is ActorKind.SYSTEM:
        return Document.objects.all()
    if permissions.can_read(actor):
        return Document.objects.filter(issuer_unit_id__in=sorted(actor.unit_ids_for(VaultPermission.READ)))
    key = holder_key(actor)
    if key is None:
        return Document.objects.none()
    return Document.objects.filter(holder__kind=key.kind, holder__identifier=key.identifier)


def list_documents(
    *, actor: Actor, on: date, state: str = "", q: str = "", cursor: str | None = None, limit: int = PAGE
) -> DocumentPage:
    """One's own documents, newest first; `state` narrows to one of `DocumentState`, `q` to words of name or number."""
    rows = visible_to(actor)
    for word in q.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(number__icontains=word) | Q(issuer__icontains=word))
    return _page(_in_state(rows, state, on), on=on, cursor=cursor, limit=limit)


def documents_of(
    *, actor: Actor, key: HolderKey, on: date, type_code: str = "", cursor: str | None = None, limit: int = PAGE
) -> DocumentPage:
    """A holder's documents for a connected system; the caller has recorded the disclosure with its purpose."""
    require(permissions.can_read(actor))
    rows = visible_to(actor).filter(holder__kind=key.kind, holder__identifier=key.identifier)
    if type_code:
        rows = rows.filter(type_code=type_code)
    return _page(rows, on=on, cursor=cursor, limit=limit)


def get_document(*, actor: Actor, uuid: UUID, on: date) -> DocumentData:
    """One document the actor may read.

    Raises:
        DocumentNotFound: there is none, or none for this actor (the two look the same).
    """
    row = _whole(visible_to(actor).filter(uuid=uuid)).first()
    if row is None:
        raise DocumentNotFound
    return document_data(row, on)


def list_expiring(*, actor: Actor, on: date) -> list[DocumentData]:
    """One's own documents whose last day is near, the nearest first; at most twenty."""
    until = rules.furthest(on, get_settings().remind_days)
    rows = visible_to(actor).filter(standing=Standing.HELD, valid_to__gte=on, valid_to__lte=until)
    return [document_data(row, on) for row in _whole(rows).order_by("valid_to", "pk")[:20]]


def consult(
    *, actor: Actor, key: HolderKey, wanted: Sequence[Wanted], unit_ids: Iterable[int], field: str, on: date
) -> list[DocumentData]:
    """What a vault holds of the papers a case asks for, for the officer in whose work it is (xem kho qua hồ sơ).

    `unit_ids` are the desks of the case; nothing but the kinds the procedure asks for is shown. The caller has recorded
    the disclosure with its purpose.
    """
    require(permissions.can_consult(actor, unit_ids=frozenset(unit_ids), field=field))
    found = _fitting(key, wanted, on)
    return sorted({d.id: d for documents in found.values() for d in documents}.values(), key=lambda d: -d.id)


def list_offers(*, key: HolderKey, wanted: Sequence[Wanted], on: date) -> Mapping[str, list[DocumentData]]:
    """What may stand in for each component, by its key, newest first: valid documents only. The caller has checked
    that the case is the holder's, or that it lies at his desk."""
    found = _fitting(key, wanted, on)
    offers = {place: [document for document in documents if document.is_usable] for place, documents in found.items()}
    return {place: documents for place, documents in offers.items() if documents}


def get_usable(*, uuid: UUID, key: HolderKey | None, wanted: Wanted, on: date) -> DocumentData:
    """A document as a component of its holder's own case.

    Raises:
        DocumentNotFound: none of this holder. DocumentNotFitting: another kind. DocumentNotUsable: no longer valid.
    """
    rows = Document.objects.filter(uuid=uuid)
    rows = rows.filter(holder__kind=key.kind, holder__identifier=key.identifier) if key else rows.none()
    row = _whole(rows).first()
    if row is None:
        raise DocumentNotFound
    found = document_data(row, on)
    if not _fits(found, wanted, wanted_type(wanted)):
        raise DocumentNotFitting
    if not found.is_usable:
        raise DocumentNotUsable(f"{found.told}: {found.state.label.lower()}, không dùng lại được.")
    return found


def list_by_id(ids: Iterable[int], *, on: date) -> dict[int, DocumentData]:
    """Documents by inner number, for those who hold a reference to them and have checked the right."""
    return {row.pk: document_data(row, on) for row in _whole(Document.objects.filter(pk__in=set(ids)))}


def kept_sources(keys: Iterable[str]) -> set[str]:
    """Those of these sources ("result:17", "component:203") that a vault holds already."""
    return set(Document.objects.filter(source_key__in=list(keys)).values_list("source_key", flat=True))


def latest_after(ended: DocumentData, *, on: date) -> DocumentData | None:
    """The document at the end of the chain of replacements that begins with one; None where nothing took its place."""
    number, seen = ended.id, {ended.id}
    while True:
        following = Document.objects.filter(pk=number).values_list("replaced_by_id", flat=True).first()
        if following is None or following in seen:
            break
        number = following
        seen.add(number)
    return list_by_id([number], on=on)[number] if number != ended.id else None


def find_by_digest(*, actor: Actor, sha256: str, on: date) -> DocumentData | None:
    """The document with these very bytes, for a connected system that asks whether it holds."""
    require(permissions.can_verify(actor))
    row = _whole(Document.objects.filter(sha256=sha256.lower())).order_by("-pk").first()
    return document_data(row, on) if row else None


def find_by_uuid(*, actor: Actor, uuid: UUID, on: date) -> DocumentData | None:
    """The document with this number, for a connected system that asks whether it holds."""
    require(permissions.can_verify(actor))
    row = _whole(Document.objects.filter(uuid=uuid)).first()
    return document_data(row, on) if row else None


def due_reminders(*, on: date, after: int = 0, limit: int = 500) -> tuple[list[tuple[int, int]], int | None]:
    """(document, days) whose holders are to be told on a day, and the document behind which to go on; for the job."""
    days = get_settings().remind_days
    near = Document.objects.filter(
        standing=Standing.HELD, valid_to__gte=on, valid_to__lte=rules.furthest(on, days), pk__gt=after
    )
    rows = list(near.prefetch_related("reminders").order_by("pk")[:limit])
    found = []
    for row in rows:
        assert row.valid_to is not None  # noqa: S101 - asked for
        due = rules.reminder_due(valid_to=row.valid_to, on=on, days=days, told=[r.days for r in row.reminders.all()])
        if due is not None:
            found.append((row.pk, due))
    return found, rows[-1].pk if len(rows) == limit else None


def document_data(row: Document, on: date) -> DocumentData:
    """A document as others see it on a day."""
    return DocumentData(
        id=row.pk, uuid=row.uuid, name=row.name, type_code=row.type_code, type_name=row.type_name, number=row.number,
        issuer=row.issuer, issued_on=row.issued_on, valid_to=row.valid_to,
        state=rules.state_on(standing=row.standing, valid_to=row.valid_to, on=on), origin=Origin(row.origin),
        file_id=row.file_id, sha256=row.sha256, case_code=row.case_code, procedure_code=row.procedure_code,
        component_key=row.component_key, check_code=row.check_code, holder_id=row.holder_id,
        entered_at=row.entered_at, report=row.report, ended_at=row.ended_at, end_reason=row.end_reason,
        replaced_by=row.replaced_by.uuid if row.replaced_by else None,
    )  # fmt: skip


def _whole(rows: QuerySet[Document]) -> QuerySet[Document]:
    return rows.select_related("replaced_by")


def _in_state(rows: QuerySet[Document], state: str, on: date) -> QuerySet[Document]:
    past = Q(valid_to__isnull=False, valid_to__lt=on)
    narrowed: dict[str, Q] = {
        DocumentState.VALID: Q(standing=Standing.HELD) & ~past,
        DocumentState.EXPIRED: Q(standing=Standing.HELD) & past,
        DocumentState.REPLACED: Q(standing=Standing.REPLACED),
        DocumentState.REVOKED: Q(standing=Standing.REVOKED),
    }
    return rows.filter(narrowed[state]) if state in narrowed else rows


def _page(rows: QuerySet[Document], *, on: date, cursor: str | None, limit: int) -> DocumentPage:
    if cursor:
        rows = rows.filter(pk__lt=decode_cursor(cursor)[1])
    found = list(_whole(rows).order_by("-pk")[: limit + 1])
    following = encode_cursor(None, found[limit - 1].pk) if len(found) > limit else None
    return DocumentPage(items=tuple(document_data(row, on) for row in found[:limit]), next=following)


def _fitting(key: HolderKey, wanted: Sequence[Wanted], on: date) -> dict[str, list[DocumentData]]:
    """A holder's documents by the component they answer, newest first; one query."""
    kinds = {one.key: wanted_type(one) for one in wanted}
    asked = Q(type_code__in=[code for code in kinds.values() if code])
    if any(one.takes_copies for one in wanted):
        asked |= Q(type_code__in=copy_types())
    for one in wanted:
        asked |= Q(procedure_code=one.procedure_code, component_key=one.key)
    rows = Document.objects.filter(asked, holder__kind=key.kind, holder__identifier=key.identifier)
    documents: list[Any] = [document_data(row, on) for row in _whole(rows).order_by("-pk")[:200]] if wanted else []
    return {one.key: [d for d in documents if _fits(d, one, kinds[one.key])] for one in wanted}


def _fits(document: DocumentData, wanted: Wanted, kind: str) -> bool:
    return rules.fits(
        wanted=wanted, wanted_type=kind, type_code=document.type_code, procedure_code=document.procedure_code,
        component_key=document.component_key, copies=copy_types(),
    )  # fmt: skip
