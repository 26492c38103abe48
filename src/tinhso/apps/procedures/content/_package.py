"""A procedure package: the folder read to one JSON value, that value parsed and checked to typed objects.

The JSON value is what a published version stores, so the same parser serves the folder and the database.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

from tinhso.apps.procedures.content._expressions import Names, check_expression, names_of
from tinhso.apps.procedures.content._facts import (
    check_keys,
    read_basis,
    read_channels,
    read_code,
    read_decision,
    read_document,
    read_legal_document,
    read_result,
    read_subjects,
    read_uploads,
)
from tinhso.apps.procedures.content._linked import MAIN, read_group
from tinhso.apps.procedures.content._linked import PARTS as GROUP_PARTS
from tinhso.apps.procedures.content._lookups import read_lookups
from tinhso.apps.procedures.content._reader import ContentError, Reader, load_yaml
from tinhso.apps.procedures.content._workflow import check_hours, read_workflow
from tinhso.apps.procedures.content._workflow_check import workflow_problems
from tinhso.apps.procedures.data import (
    Basis,
    FeeFact,
    FeeReduction,
    FeeRule,
    LimitFact,
    LimitRule,
    Package,
    Policies,
    Problem,
    ProcedureFacts,
    Workflow,
)
from tinhso.apps.procedures.enums import AfterSupplement, FeeKind, FeeTime, Level
from tinhso.lib.forms import FieldType, Form, FormError, check_form, parse_form
from tinhso.lib.worktime import Limit, LimitUnit

SHARED_LETTERS = PurePosixPath("letters")
PARTS = ("procedure", "form", "workflow", "fees")
DRAFT = "draft"  # the one part a package may lack


def read_package_folder(folder: Path, *, root: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The JSON value of a package folder, templates (the shared ones too) as text; problems of reading."""
    problems: list[Problem] = []
    value: dict[str, Any] = {"folder": folder.relative_to(root).as_posix()}
    if (folder / f"{MAIN}.yaml").exists():
        whole = load_yaml(folder / f"{MAIN}.yaml", root=root, problems=problems) or {}
        value[MAIN] = {part: whole.pop(part, None) for part in GROUP_PARTS}
        value["procedure"] = whole
    for part in PARTS:
        if part not in value and not (part == "workflow" and MAIN in value):
            value[part] = load_yaml(folder / f"{part}.yaml", root=root, problems=problems)
    if (folder / f"{DRAFT}.yaml").exists():
        value[DRAFT] = load_yaml(folder / f"{DRAFT}.yaml", root=root, problems=problems)
    templates = [*sorted((folder / "letters").glob("**/*.typ")), *sorted((root / SHARED_LETTERS).glob("**/*.typ"))]
    value["letters"] = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in templates}
    return value, problems


def load_package(folder: Path, *, root: Path) -> tuple[dict[str, Any], Package]:
    """Read and parse a package folder.

    Raises:
        ContentError: every problem found, with file and path.
    """
    value, problems = read_package_folder(folder, root=root)
    if problems:
        raise ContentError(problems)
    return value, check_package(value)


def check_package(value: dict[str, Any]) -> Package:
    """Typed objects of a package that is to be published: what a published version may have is not enough.

    Raises:
        ContentError: every problem found, with file and path.
    """
    package = parse_package(value)
    problems = workflow_problems(package)
    if problems:
        raise ContentError(problems)
    return package


def parse_package(value: dict[str, Any]) -> Package:
    """Typed objects of a package value.

    Raises:
        ContentError: every problem found, with file and path.
    """
    problems: list[Problem] = []
    folder = str(value.get("folder", ""))
    form = _parse_form(value.get("form"), f"{folder}/form.yaml", problems)
    draft = _parse_form(value[DRAFT], f"{folder}/{DRAFT}.yaml", problems) if DRAFT in value else None
    names = names_of(value.get("form"))
    fees = _read_fees(value.get("fees"), f"{folder}/fees.yaml", names, problems)
    file = f"{folder}/{MAIN if MAIN in value else 'procedure'}.yaml"
    reader = Reader(value.get("procedure"), file=file, path="", problems=problems)
    workflow_reader = Reader(value.get("workflow"), file=f"{folder}/workflow.yaml", path="", problems=problems)
    workflow = Workflow(()) if MAIN in value else read_workflow(workflow_reader, names)
    package = _read_procedure(reader, folder, value.get("letters") or {}, names, (form, workflow, fees))
    package = replace(package, lookups=read_lookups(reader, form, package.documents, names))
    reader.close()
    if MAIN in value:
        keys = tuple(document.key for document in package.documents)
        legs = read_group(Reader(value[MAIN], file=file, path="", problems=problems), names, keys)
        package = replace(package, group=legs)
    else:
        _check_folder(reader, package)
        check_hours(workflow, package.limits, workflow_reader)
    if problems or form is None:
        raise ContentError(problems)
    return replace(package, draft=draft)


def _check_folder(reader: Reader, package: Package) -> None:
    name = PurePosixPath(package.folder).name
    if package.code and name not in ("", package.code):
        reader.problem("code", f"mã “{package.code}” khác tên thư mục “{name}”")


def _parse_form(value: Any, file: str, problems: list[Problem]) -> Form | None:
    try:
        form = parse_form(value if isinstance(value, dict) else {})
        faults = check_form(form)
    except FormError as error:
        form, faults = None, list(error.problems)
    problems.extend(Problem(file, fault.path, fault.message) for fault in faults if fault.severity == "error")
    return form


def _read_procedure(
    reader: Reader, folder: str, letters: dict[str, str], names: Names, parts: tuple[Any, Any, tuple[FeeRule, ...]]
) -> Package:
    form, workflow, fees = parts
    code, name = read_code(reader), reader.text("name", required=True)
    effective_from = reader.day("effective_from", required=True)
    limits = reader.many("limits", lambda item: _read_limit(item, names), required=True)
    documents = reader.many("documents", read_document)
    for position, document in enumerate(documents):
        check_expression(reader, f"documents[{position}].when", document.when, names)
        if document.replaced_by and not (document.replaced_by.basis or document.replaced_by.assumed):
            reader.problem(f"documents[{position}].replaced_by", "phải có căn cứ (basis) hoặc ghi assumed: true")
    results = reader.many("results", read_result, required=True)
    for position, result in enumerate(results):
        path = f"{folder}/{result.template}"
        if result.template and path not in letters:
            reader.problem(f"results[{position}].template", f"không có mẫu “{path}”")
        check_expression(reader, f"results[{position}].copy_when", result.copy_when, names)
        check_expression(reader, f"results[{position}].copy_title", result.copy_title, names)
        if result.copy_of and result.copy_of not in {document.key for document in documents}:
            reader.problem(f"results[{position}].copy_of", f"không có thành phần “{result.copy_of}”")
    for path, items in (("limits", limits), ("documents", documents), ("results", results)):
        check_keys(reader, path, [item.key for item in items])
    facts = ProcedureFacts(
        code=code,
        name=name,
        field=reader.text("field", required=True),
        level=reader.choice("level", Level, default=Level.COMMUNE, required=True).value,
        short_name=reader.text("short_name"),
        agency=reader.text("agency", required=True),
        processed_by=reader.text("processed_by"),
        decision=read_decision(reader),
        subjects=read_subjects(reader),
        channels=read_channels(reader),
        own_portal_from=reader.day("own_portal_from"),
        limits=tuple(LimitFact(rule.name, rule.limit, "", rule.basis, rule.assumed) for rule in limits),
        documents=documents,
        results=results,
        fees=tuple(_fee_fact(rule) for rule in fees),
        legal_basis=reader.many("legal_basis", read_legal_document, required=True),
        everyday_words=reader.texts("everyday_words"),
        essential=reader.flag("essential", default=True),
        note=reader.text("note"),
        sources=reader.texts("sources", required=True),
    )
    return Package(
        facts=facts,
        effective_from=effective_from or date.min,
        limits=limits,
        policies=_read_policies(reader),
        documents=documents,
        results=results,
        fees=fees,
        workflow=workflow,
        form=form,
        folder=folder,
        letters=letters,
        routed_by=_read_routing(reader, form),
        uploads=read_uploads(reader),
    )


def _read_routing(reader: Reader, form: Form | None) -> str:
    """The address field that says which commune is competent."""
    key = reader.text("routed_by")
    if key and form is not None and not any(f.key == key and f.type == FieldType.ADDRESS for f in form.fields):
        reader.problem("routed_by", f"biểu mẫu không có câu hỏi địa chỉ “{key}”")
    return key


def _read_limit(reader: Reader, names: Names) -> LimitRule:
    limit = reader.limit("limit")
    rule = LimitRule(
        key=reader.key(),
        name=reader.text("name"),
        limit=limit or Limit(Decimal(1), LimitUnit.WORKING_DAY),
        when=reader.text("when"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if limit is None:
        reader.problem("limit", "bắt buộc phải có, ví dụ “7 working_day”")
    _require_basis(reader, rule)
    national, national_basis = _read_variant(reader, "national", rule.assumed)
    mountain, mountain_basis = _read_variant(reader, "mountain", rule.assumed)
    rule = replace(
        rule, national=national, national_basis=national_basis, mountain=mountain, mountain_basis=mountain_basis
    )
    if limit is not None:
        _check_variants(reader, rule)
    check_expression(reader, "when", rule.when, names)
    reader.close()
    return rule


def _read_variant(owner: Reader, key: str, assumed: bool) -> tuple[Limit | None, Basis | None]:
    """The national value behind a shortened limit, or the one of an area, with its own basis."""
    if not owner.has(key):
        return None, None
    reader = owner.group(key)
    limit, basis = reader.limit("limit"), read_basis(reader)
    if limit is None:
        reader.problem("limit", "bắt buộc phải có, ví dụ “10 working_day”")
    if basis is None and not reader.flag("assumed", default=assumed):
        reader.problem("basis", "giá trị có hiệu lực pháp lý phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.raw("assumed")
    reader.close()
    return limit, basis


def _check_variants(reader: Reader, rule: LimitRule) -> None:
    """The province may only shorten; an area may only lengthen (thời hạn của tỉnh không dài hơn của trung ương)."""
    for key, variant, wrong in (
        ("national", rule.national, "thời hạn của tỉnh phải ngắn hơn thời hạn của trung ương"),
        ("mountain", rule.mountain, "thời hạn theo địa bàn phải dài hơn thời hạn chung"),
    ):
        if variant is None:
            continue
        if variant.unit != rule.limit.unit:
            reader.problem(key, f"phải cùng đơn vị với thời hạn ({rule.limit.label()}) để so sánh được")
        elif variant.amount <= rule.limit.amount:
            reader.problem(key, f"{wrong}: {rule.limit.label()}, {variant.label()}")


def _read_fees(value: Any, file: str, names: Names, problems: list[Problem]) -> tuple[FeeRule, ...]:
    reader = Reader(value, file=file, path="", problems=problems)
    fees = reader.many("fees", lambda item: _read_fee(item, names))
    check_keys(reader, "fees", [fee.key for fee in fees])
    reader.raw("version")
    reader.close()
    return fees


def _read_fee(reader: Reader, names: Names) -> FeeRule:
    amount = reader.raw("amount_vnd")
    rule = FeeRule(
        key=reader.key(),
        name=reader.text("name", required=True),
        kind=reader.choice("kind", FeeKind, default=FeeKind.FEE, required=True).value,
        amount_vnd="" if amount is None else str(amount),
        when=reader.text("when"),
        collected=reader.choice("collected", FeeTime, default=FeeTime.AT_RECEPTION),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
        reductions=reader.many("reductions", lambda item: _read_reduction(item, names)),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
    )
    check_keys(reader, "reductions", [one.key for one in rule.reductions])
    if not rule.amount_vnd:
        reader.problem("amount_vnd", "bắt buộc phải có (số đồng hoặc biểu thức)")
    check_expression(reader, "amount_vnd", rule.amount_vnd, names)
    check_expression(reader, "when", rule.when, names)
    _require_basis(reader, rule)
    reader.close()
    return rule


def _read_reduction(reader: Reader, names: Names) -> FeeReduction:
    percent = reader.integer("percent", default=0, minimum=1) or 0
    found = FeeReduction(
        key=reader.key(),
        name=reader.text("name", required=True),
        percent=percent,
        when=reader.text("when"),
        evidence=reader.text("evidence"),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if not 1 <= percent <= 100:
        reader.problem("percent", "phải từ 1 đến 100")
    check_expression(reader, "when", found.when, names)
    _require_basis(reader, found)
    reader.close()
    return found


def _require_basis(reader: Reader, value: LimitRule | FeeRule | FeeReduction) -> None:
    if value.basis is None and not value.assumed:
        reader.problem("basis", "giá trị có hiệu lực pháp lý phải có căn cứ (basis) hoặc ghi assumed: true")


def _fee_fact(rule: FeeRule) -> FeeFact:
    amount = int(rule.amount_vnd) if rule.amount_vnd.isdigit() else None
    return FeeFact(rule.name, amount, "", "", rule.basis, rule.assumed)


def _whole(value: int | None) -> int:
    return value if value is not None else 1


def _read_policies(owner: Reader) -> Policies:
    owner_has_policies = owner.has("policies")
    reader = owner.group("policies")
    policies = Policies(
        after_supplement=reader.choice("after_supplement", AfterSupplement, default=AfterSupplement.RESUME),
        last_hour_tomorrow=reader.flag("last_hour_tomorrow"),
        supplement_days=reader.integer("supplement_days", default=30, minimum=1) or 30,
        supplement_by_head=reader.flag("supplement_by_head"),
        extensions=_whole(reader.integer("extensions", default=1)),
        second_limit=reader.limit("second_limit"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if owner_has_policies and policies.basis is None and not policies.assumed:
        reader.problem("basis", "giá trị có hiệu lực pháp lý phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.close()
    return policies
