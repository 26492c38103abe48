"""Checks of a submission: who files, what is answered, which papers are there, who is competent."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tinhso.apps.cases import rules
from tinhso.apps.cases.data import DocumentInput, UnitNotCompetent
from tinhso.apps.cases.enums import ApplicantKind
from tinhso.apps.cases.models import Case, Supplement
from tinhso.apps.cases.queries import form_context, is_needed, unit_by_place
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, VersionData
from tinhso.apps.procedures.enums import Level
from tinhso.kernel.errors import FieldError, Invalid
from tinhso.lib import forms
from tinhso.lib.identifiers import IdentifierError, check_tax_code, parse_personal_id, parse_phone

_TEXTS = {"full_name": 200, "birth_date": 10, "address": 400, "email": 254, "phone": 20, "organisation_name": 300}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check_applicant(applicant: Mapping[str, Any]) -> dict[str, Any]:
    """The applicant's particulars, cleaned; what a file must know of its owner.

    Keys: `kind`, `full_name`, `personal_id`, and optionally `birth_date` (ISO), `address`, `phone`, `email`,
    `organisation_name`, `tax_code`, `representative` (as told by the mandate).

    Raises:
        Invalid: with one sentence a wrong value.
    """
    errors: list[FieldError] = []
    clean: dict[str, Any] = {"kind": applicant.get("kind") or ApplicantKind.PERSON}
    if clean["kind"] not in ApplicantKind.values:
        errors.append(FieldError("applicant.kind", "Loại người nộp không hợp lệ."))
    for key, length in _TEXTS.items():
        value = applicant.get(key) or ""
        if not isinstance(value, str) or len(value) > length:
            errors.append(FieldError(f"applicant.{key}", f"Nội dung này dài quá {length} ký tự hoặc không phải chữ."))
            continue
        if value.strip():
            clean[key] = " ".join(value.split())
    if not clean.get("full_name"):
        errors.append(FieldError("applicant.full_name", "Mời nhập họ và tên người nộp."))
    for key, check in (("personal_id", _personal_id), ("tax_code", _tax_code), ("phone", _phone), ("email", _email)):
        value = applicant.get(key) or ""
        if not value:
            continue
        try:
            clean[key] = check(value)
        except IdentifierError as error:
            errors.append(FieldError(f"applicant.{key}", str(error)))
    if clean["kind"] == ApplicantKind.PERSON and not applicant.get("personal_id"):
        errors.append(FieldError("applicant.personal_id", "Mời nhập số định danh cá nhân của người nộp."))
    if applicant.get("representative"):
        clean["representative"] = applicant["representative"]
    if errors:
        raise Invalid(errors=errors)
    return clean


def check_answers(package: Package, answers: Mapping[str, Any], *, context: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as the form takes them.

    Raises:
        Invalid: with one sentence a wrong or missing answer, paths as `answers.<key>`.
    """
    outcome = forms.validate(package.form, dict(answers), context=context)
    if outcome.errors:
        raise Invalid(errors=[FieldError(f"answers.{e.path}", e.message) for e in outcome.errors])
    return outcome.answers


def check_asked(
    case: Case,
    package: Package,
    supplement: Supplement,
    after: Mapping[str, Any],
    documents: Sequence[DocumentInput],
    *,
    context: Mapping[str, Any],
) -> None:
    """Only what the notice names is handed in or changed, and what follows from it: questions that open, computed values.

    A notice that names nothing opens the whole file.

    Raises:
        Invalid: one sentence a component or question that nobody asked for.
    """
    if not supplement.document_keys and not supplement.field_keys:
        return
    names = {document.key: document.name for document in package.documents}
    errors = [
        FieldError(f"documents.{given.key}", f"«{names.get(given.key, given.key)}» không nằm trong yêu cầu bổ sung.")
        for given in documents
        if given.key not in supplement.document_keys
    ]
    changed = rules.touched_elsewhere(before=case.answers, after=after, asked=supplement.field_keys)
    if changed:
        was = forms.evaluate(package.form, case.answers, context=context).visible
        labels = {field.key: field.label for field in package.form.fields if not field.computed}
        errors += [
            FieldError(f"answers.{key}", f"«{labels[key]}» không nằm trong yêu cầu bổ sung nên không sửa được.")
            for key in changed
            if key in labels and was.get(key, True)
        ]
    if errors:
        raise Invalid(errors=errors)


def check_draft(case: Case, package: Package, fields: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """What the specialist wrote into the draft of the result, as the package's draft form takes it.

    Raises:
        Invalid: with one sentence a wrong, missing or unknown field, paths as `fields.<key>`.
    """
    asked = {field.key for field in package.draft.fields} if package.draft else set()
    # What is printed over a signature is never dropped in silence.
    errors = [
        FieldError(f"fields.{key}", "Dự thảo kết quả của thủ tục này không có nội dung này.")
        for key in sorted(fields.keys() - asked)
    ]
    if package.draft is None or errors:
        if errors:
            raise Invalid(errors=errors)
        return {}
    context = form_context(applicant=case.applicant, channel=case.channel, today=on)
    outcome = forms.validate(package.draft, dict(fields), context=context)
    if outcome.errors:
        raise Invalid(errors=[FieldError(f"fields.{e.path}", e.message) for e in outcome.errors])
    return outcome.answers


def check_documents(
    package: Package, given: Sequence[DocumentInput], *, context: Mapping[str, Any], channel: str
) -> None:
    """Every required component is there in some way.

    Raises:
        Invalid: one sentence a missing component, paths as `documents.<key>`.
    """
    present = {document.key for document in given}
    known = {document.key for document in package.documents}
    errors = [
        FieldError(f"documents.{key}", f"Thủ tục này không có thành phần hồ sơ «{key}».")
        for key in sorted(present - known)
    ]
    errors += [
        FieldError(f"documents.{document.key}", f"Còn thiếu: {document.name}.")
        for document in procedures.applicable_documents(package, context)
        if document.key not in present and is_needed(document, channel=channel)
    ]
    if errors:
        raise Invalid(errors=errors)


def place_case(case: Case, version: VersionData, *, on: date) -> None:
    """Set the unit that resolves the case and the one-stop unit that receives it.

    Raises:
        UnitNotCompetent: no unit, or not one that resolves this procedure.
    """
    facts = version.facts
    if facts.level == Level.COMMUNE and case.unit_id is None and version.package is not None:
        case.unit_id = unit_by_place(version.package, case.answers, on)
    if facts.level == Level.COMMUNE and case.unit_id is None:
        raise UnitNotCompetent(errors=[FieldError("unit", "Mời chọn xã, phường, đặc khu giải quyết hồ sơ.")])
    try:
        competent = directory.competent_unit(level=facts.level, field=facts.field, commune_unit_id=case.unit_id, on=on)
    except ValueError:
        competent = None
    if competent is None or (facts.level == Level.COMMUNE and competent.id != case.unit_id):
        raise UnitNotCompetent(errors=[FieldError("unit", str(UnitNotCompetent.__doc__))])
    case.unit_id = competent.id
    if case.intake_unit_id is None:
        one_stop = directory.one_stop_of(competent.id, on)
        case.intake_unit_id = one_stop.id if one_stop else competent.id


def _personal_id(value: str) -> str:
    return parse_personal_id(value).value


def _tax_code(value: str) -> str:
    return str(check_tax_code(value))


def _phone(value: str) -> str:
    return str(parse_phone(value))


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise IdentifierError("Địa chỉ thư điện tử không đúng.")
    return value
