"""The legs of a linked group (nhóm liên thông): read, and checked against the packages they name."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from tinhso.apps.procedures.content._expressions import APPLICANT_NAMES, Names, check_expression
from tinhso.apps.procedures.content._facts import CODE, check_keys, read_basis
from tinhso.apps.procedures.content._reader import Reader
from tinhso.apps.procedures.data import Group, LegRule, LinkedRules, Package, Problem
from tinhso.apps.procedures.enums import DocumentMode
from tinhso.lib.forms.cel import FUNCTIONS, ExpressionError, compile_expression
from tinhso.lib.forms.references import references_of
from tinhso.lib.worktime import Limit, LimitUnit

FOLDER = "linked"
MAIN = "group"  # the file that stands for procedure.yaml
PARTS = ("legs", "rules")
GIVEN = frozenset({"number", "date", "issuer", "fields"})
_ROOTS = frozenset({"answers", "applicant", "today", "channel", "legs"})
_TWO_HOURS = Limit(Decimal(2), LimitUnit.WORKING_HOUR)


def linked_folders(root: Path) -> list[Path]:
    """The folders of linked groups `linked/<key>`, by key."""
    return sorted(path.parent for path in (root / FOLDER).glob(f"*/{MAIN}.yaml"))


def read_group(reader: Reader, names: Names, documents: tuple[str, ...]) -> Group:
    """Legs and rules; every fault is reported to the reader."""
    legs = reader.many("legs", lambda item: _read_leg(item, names, documents), required=True)
    check_keys(reader, "legs", [leg.key for leg in legs])
    known: set[str] = set()
    for leg in legs:
        for key in (*leg.after, *leg.receives.values(), *_legs_named(leg)):
            if key not in known:
                # Naming only legs above makes circles impossible.
                reader.problem(f"legs.{leg.key}", f"bước “{key}” không có hoặc không đứng trước bước này")
            elif key not in leg.after:
                reader.problem(f"legs.{leg.key}.after", f"dùng kết quả của “{key}” thì phải chờ bước ấy (after)")
        known.add(leg.key)
    rules = _read_rules(reader.group("rules"))
    reader.close()
    return Group(legs, rules)


def _read_leg(reader: Reader, names: Names, documents: tuple[str, ...]) -> LegRule:
    limit = reader.limit("limit")
    leg = LegRule(
        key=reader.key(),
        name=reader.text("name", required=True),
        procedure=reader.text("procedure", required=True),
        agency=reader.text("agency", required=True),
        limit=limit or _TWO_HOURS,
        after=reader.texts("after"),
        when=reader.text("when"),
        system=reader.text("system"),
        result=reader.text("result"),
        answers=_texts(reader, "answers"),
        documents=_texts(reader, "documents"),
        receives=_texts(reader, "receives"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if limit is None:
        reader.problem("limit", "bắt buộc phải có, ví dụ “3 working_day”")
    if leg.basis is None and not leg.assumed:
        reader.problem("basis", "giá trị có hiệu lực pháp lý phải có căn cứ (basis) hoặc ghi assumed: true")
    if leg.procedure and not CODE.fullmatch(leg.procedure):
        reader.problem("procedure", f"“{leg.procedure}” không phải mã thủ tục")
    check_expression(reader, "when", leg.when, names)
    for key, source in leg.answers.items():
        _check_mapping(reader, f"answers.{key}", source, names)
    for key, source in leg.documents.items():
        if source not in documents:
            reader.problem(f"documents.{key}", f"nhóm không có thành phần hồ sơ “{source}”")
    reader.close()
    return leg


def _read_rules(reader: Reader) -> LinkedRules:
    cutoff = reader.text("cutoff")
    hour, _, minute = cutoff.partition(":")
    if cutoff and not (hour.isdecimal() and minute.isdecimal()):
        reader.problem("cutoff", "phải là giờ trong ngày, ví dụ “15:00”")
        cutoff = ""
    rules = LinkedRules(
        acknowledge=reader.limit("acknowledge") or _TWO_HOURS,
        supplement=reader.limit("supplement"),
        stop_after=reader.limit("stop_after"),
        cutoff_minute=int(hour) * 60 + int(minute) if cutoff else None,
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if rules.basis is None and not rules.assumed:
        reader.problem("basis", "giá trị có hiệu lực pháp lý phải có căn cứ (basis) hoặc ghi assumed: true")
    reader.close()
    return rules


def check_group(package: Package, packages: Mapping[str, Package]) -> list[Problem]:
    """What only the packages of the legs can tell: questions and components that exist, limits and rules that agree."""
    assert package.group is not None  # noqa: S101 - asked for groups only
    problems: list[Problem] = []
    for leg in package.group.legs:
        if leg.system:
            continue
        path = f"legs.{leg.key}"
        own = packages.get(leg.procedure)
        if own is None:
            message = f"thủ tục {leg.procedure} chưa có gói, bước này không chạy trên hệ thống được"
            problems.append(Problem(f"{package.folder}/{MAIN}.yaml", path, message))
            continue
        problems += [
            Problem(f"{package.folder}/{MAIN}.yaml", f"{path}.{place}", message)
            for place, message in _disagreements(leg, own, package)
        ]
    return problems


def _disagreements(leg: LegRule, own: Package, package: Package) -> list[tuple[str, str]]:
    questions = {field.key: field for field in own.form.fields}
    found = [
        (f"answers.{key}", f"biểu mẫu của {own.code} không hỏi “{key}”")
        for key in sorted(leg.answers.keys() - questions.keys())
    ]
    unanswered = [
        key
        for key, question in questions.items()
        if question.required and not question.visible_when and not question.computed and key not in leg.answers
    ]
    found += [("answers", f"chưa nói lấy “{key}” ở đâu, mà {own.code} bắt buộc trả lời") for key in unanswered]
    components = {document.key: document for document in own.documents}
    given = {*leg.documents, *leg.receives}
    found += [
        ("documents", f"{own.code} không có thành phần hồ sơ “{key}”") for key in sorted(given - components.keys())
    ]
    found += [
        ("documents", f"chưa nói lấy “{key}” ở đâu, mà {own.code} bắt buộc nộp")
        for key, document in components.items()
        if document.required and not document.when and document.replaced_by is None
        and document.mode == DocumentMode.SUBMIT and key not in given
    ]  # fmt: skip
    if leg.limit not in {rule.limit for rule in own.limits}:
        found.append(("limit", f"gói {own.code} không có thời hạn {leg.limit.label()}"))
    if own.policies.after_supplement != package.policies.after_supplement:
        found.append(("procedure", f"gói {own.code} tính thời hạn sau bổ sung khác quy tắc của nhóm"))
    return found


def _texts(reader: Reader, key: str) -> dict[str, str]:
    value = reader.raw(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        reader.problem(key, "phải là một nhóm khóa: chữ")
        return {}
    return {str(name): item.strip() for name, item in value.items()}


def _check_mapping(reader: Reader, path: str, source: str, names: Names) -> None:
    try:
        compile_expression(source)
    except ExpressionError as error:
        reader.problem(path, str(error))
        return
    found = references_of(source)
    unknown = {place[0] for place in found.paths if place[0] and place[0] not in _ROOTS} - set(FUNCTIONS)
    unknown |= {f"answers.{key}" for key in found.keys_of("answers") - names if key != "[]"}
    unknown |= {f"applicant.{key}" for key in found.keys_of("applicant") - APPLICANT_NAMES}
    unknown |= {
        ".".join(place) for place in found.paths if place[0] == "legs" and len(place) > 2 and place[2] not in GIVEN
    }
    for name in sorted(unknown):
        reader.problem(path, f"biểu thức “{source}” dùng “{name}”, nhóm không có tên này")


def _legs_named(leg: LegRule) -> set[str]:
    named: set[str] = set()
    for source in leg.answers.values():
        try:
            named |= references_of(source).keys_of("legs")
        except ValueError:  # reported where the mapping is checked
            continue
    return named
