"""Documents in vaults, by the acts that put them there."""

from datetime import date, datetime
from typing import Any

from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker, scenario
from tests.factories.files import PDF
from tests.factories.world import World, citizen
from tinhso.apps.documents.actions import store_file
from tinhso.apps.vault.actions import end_document, keep_document
from tinhso.apps.vault.data import HolderKey, NewDocument
from tinhso.apps.vault.enums import HolderKind, Origin, Standing
from tinhso.apps.vault.models import Document
from tinhso.kernel.actions import action
from tinhso.kernel.actor import SYSTEM, Actor

BIRTH = "KQ.G15.000342"  # what the allowance asks for as the child's birth certificate
KEY, KIND = "disability_certificate", "QNG.BTXH.000002"  # a component of the allowance, and the kind that answers it


def pdf(mark: str = "") -> bytes:
    """A PDF whose bytes no other test has."""
    return PDF + f"\n% {mark}\n".encode()


def file_of(mark: str, *, at: datetime = RECEIVED_AT) -> int:
    """The number of a stored file with bytes of its own."""
    return store_file(content=pdf(mark), name=f"{mark}.pdf", actor=SYSTEM, at=at).id


@action
def put(*, holder: HolderKey, new: NewDocument, actor: Actor, at: datetime) -> int | None:
    """Đưa thẳng một giấy tờ vào kho, for tests of what follows."""
    return keep_document(holder=holder, new=new, actor=actor, at=at)


def kept(
    person: str = "051190000019", *, mark: str = "a", kind: HolderKind = HolderKind.PERSON, at: datetime = RECEIVED_AT,
    issued_on: date = date(2026, 3, 2), valid_to: date | None = None, type_code: str = BIRTH, name: str = "",
    number: str = "12/TLHT", unit_id: int | None = None, origin: Origin = Origin.RESULT, replaces: str = "",
    procedure_code: str = "2.000635", component_key: str = "",
) -> Document:  # fmt: skip
    """A document in a holder's vault."""
    new = NewDocument(
        source_key=f"{origin}:{mark}", origin=origin, name=name or f"Bản sao trích lục {mark}",
        file_id=file_of(mark, at=at), case_code="H48.12-260302-0001", procedure_code=procedure_code,
        component_key=component_key, issued_on=issued_on, issuer="UBND phường Cẩm Thành", issuer_unit_id=unit_id,
        type_code=type_code,
        number=number, valid_to=valid_to, replaces=replaces, report={"checked": True, "ok": True, "headline": "Chữ ký hợp lệ"},
    )  # fmt: skip
    number_of = put(holder=HolderKey(kind, person, "Nguyễn Thị Ví Dụ"), new=new, actor=SYSTEM, at=at)
    return Document.objects.get(pk=number_of)


@action
def end(*, document: Document, how: Standing, reason: str, actor: Actor, at: datetime) -> None:
    """Kết thúc thẳng một giấy tờ, for tests of what follows."""
    end_document(source_key=document.source_key, how=how, reason=reason, actor=actor, at=at)


def certificate(person: str, **values: Any) -> Document:
    """A document of the kind that the component `KEY` asks for."""
    return kept(person, **{"type_code": KIND, **values})


def in_her_own_name(place: World) -> CaseMaker:
    """Somebody who files the allowance for herself, so that her vault answers for the case."""
    applicant = scenario(ALLOWANCE).applicant
    return CaseMaker(place, person=citizen(applicant["personal_id"], applicant["full_name"]))
