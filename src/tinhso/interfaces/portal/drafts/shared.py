"""What the pages of a draft share: who applies, what the form is judged with, where the steps are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.enums import SubjectKind
from tinhso.apps.cases import queries
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.procedures.enums import Level
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import NotFound
from tinhso.lib.identifiers import IdentifierError, check_tax_code

BY_ADDRESS = "dia-chi"
_PERSONAL = ("full_name", "personal_id", "birth_date", "address", "phone", "email")


@dataclass(frozen=True, slots=True)
class Destination:
    """Who resolves a draft (nơi giải quyết); `by_address` where nobody chose and the address of the form decides."""

    unit: UnitData | None
    by_address: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the three pages of a draft."""

    number: int
    name: str
    href: str
    is_current: bool
    is_done: bool


def stages(case_id: int, current: int) -> list[Stage]:
    """The three steps with the present one marked (các bước nộp hồ sơ)."""
    pages = (
        ("Khai thông tin", "portal:draft"),
        ("Giấy tờ", "portal:draft_documents"),
        ("Xem lại và nộp", "portal:draft_review"),
    )
    return [
        Stage(number, name, reverse(page, args=[case_id]), number == current, number < current)
        for number, (name, page) in enumerate(pages, start=1)
    ]


def context_of(case: Any) -> dict[str, Any]:
    """What the answers of a case are judged with today (ngữ cảnh của biểu mẫu)."""
    return queries.form_context(applicant=case.applicant, channel=case.channel, today=clock.today())


def destination_of(case: Any, answers: Mapping[str, Any], chosen: str | None = None) -> Destination:
    """Where a draft goes: the department that is competent, else the commune chosen, else that of the address.

    `chosen` is what the list of the page says: a commune's id, `BY_ADDRESS`, or nothing; None asks the draft itself.
    """
    package, on = queries.get_package(case), clock.today()
    facts = package.facts
    if facts.level != Level.COMMUNE:
        return Destination(directory.competent_unit(level=facts.level, field=facts.field, commune_unit_id=None, on=on))
    if chosen is None:
        chosen = str(case.unit_id or "") or (BY_ADDRESS if package.routed_by else "")
    if chosen == BY_ADDRESS and package.routed_by:
        unit_id = queries.unit_by_place(package, answers, on)
        return Destination(directory.get_unit(unit_id) if unit_id else None, by_address=True)
    return Destination(next((unit for unit in directory.list_communes(on) if str(unit.id) == chosen), None))


def own_province() -> str:
    """Code of the province that address fields offer first; empty while the directory is empty."""
    try:
        return next((code for code, _ in queries.PLACES.provinces(clock.today())), "")
    except NotFound:
        return ""


def identity_and_applicant(actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts that prefill the form, and the applicant in whose name the case runs (người nộp, người được đại diện).

    Under a mandate both are the principal's; the representative is named beside.
    """
    assert actor.account_id is not None  # noqa: S101 - the policy let a signed-in citizen in
    identity = accounts.identity_of(actor.account_id)
    if actor.mandate_id is None:
        return identity, _applicant(identity)
    mandate = accounts.get_mandate(actor.mandate_id)
    principal = {"kind": mandate.principal_subject, "full_name": mandate.principal_name}
    if mandate.principal_subject == SubjectKind.PERSON:
        principal["personal_id"] = mandate.principal_id
    else:
        principal["organisation_id"] = mandate.principal_id
    applicant = _applicant(principal)
    applicant["representative"] = {
        "full_name": actor.name,
        "personal_id": actor.personal_id,
        "document": mandate.document,
        "basis": mandate.basis,
    }
    return principal, applicant


def _applicant(identity: Mapping[str, Any]) -> dict[str, Any]:
    applicant = {name: identity[name] for name in _PERSONAL if identity.get(name)}
    if identity["kind"] == SubjectKind.PERSON:
        return {"kind": "person", **applicant}
    applicant["organisation_name"] = identity["full_name"]
    try:
        applicant["tax_code"] = str(check_tax_code(str(identity.get("organisation_id") or "")))
    except IdentifierError:
        # An organisation without a tax number keeps its name as its mark.
        applicant.pop("tax_code", None)
    return {"kind": "organisation", **applicant}
