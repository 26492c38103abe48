"""What the forms about the turns of a case need (vòng đời hồ sơ)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tinhso.apps.cases import queries
from tinhso.apps.cases.enums import ClockAfter, FeeEffect, ResultOutcome, ResultStatus, TransferKind
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.data import Package
from tinhso.interfaces.ui.forms import bind
from tinhso.kernel.errors import FieldError

# Key of the domain → path of the address.
SLUGS = {
    "decide-supplement": "ky-bo-sung",
    "accept-handover": "nhan-chuyen-den",
    "decline-handover": "khong-nhan",
    "transfer": "chuyen-co-quan",
    "stop": "dung",
    "reopen": "mo-lai",
    "correct": "dinh-chinh",
    "approve-correction": "ky-dinh-chinh",
    "drop-correction": "bo-dinh-chinh",
    "revoke": "thu-hoi",
}
_FEES = [(str(effect), str(effect.label)) for effect in (FeeEffect.KEPT, FeeEffect.REFUND)]


def needs(
    key: str, case: Any, package: Package, on: date, answers: dict[str, Any] | None, errors: Sequence[FieldError]
) -> dict[str, Any]:
    """Lists and bound forms for one act, by the names of `Desk`."""
    if key == "supplement":
        sections = [
            (section.title, [field for field in section.fields if not field.computed])
            for section in package.form.sections
        ]
        return {"components": queries.needed_documents(case, today=on), "sections": [s for s in sections if s[1]]}
    if key == "decide-supplement":
        return {"components": [queries.open_proposal(case)]}
    if key == "return":
        return {"components": list(reversed(package.workflow.before(case.step_key)))}
    if key in {"stop", "withdraw", "revoke"}:
        return {"components": _FEES if case.fee_vnd and case.received_at else []}
    if key == "transfer":
        kinds = (TransferKind.WRONG_UNIT, TransferKind.REORGANISATION)
        return {"components": _peers(case, on), "sections": [(str(kind), str(kind.label)) for kind in kinds]}
    if key == "reopen":
        return {"components": list(ClockAfter.choices)}
    if key == "correct":
        return _correction(case, package, on, answers, errors)
    return {}


def _peers(case: Any, on: date) -> list[Any]:
    """The other agencies of the same level."""
    level = directory.get_unit(case.unit_id).level
    units = directory.list_communes(on) if level == "commune" else directory.list_departments(on)
    return [unit for unit in units if unit.id != case.unit_id]


def _correction(
    case: Any, package: Package, on: date, answers: dict[str, Any] | None, errors: Sequence[FieldError]
) -> dict[str, Any]:
    signed = next((result for result in case.results.all() if result.status == ResultStatus.SIGNED), None)
    if signed is None or package.draft is None or signed.outcome == ResultOutcome.REFUSE:
        return {}
    context = queries.form_context(applicant=case.applicant, channel=case.channel, today=on)
    return {"draft": bind(package.draft, answers or dict(signed.fields), context=context, errors=errors)}
