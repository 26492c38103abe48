"""Questions of a package to the data sources of the exchange (`lookups` in procedure.yaml)."""

from tinhso.apps.procedures.content._expressions import Names, check_expression
from tinhso.apps.procedures.content._facts import check_keys
from tinhso.apps.procedures.content._reader import Reader
from tinhso.apps.procedures.data import LookupRule, RequiredDocument
from tinhso.lib.forms import FieldType, Form

_FACTS = {
    "personal_id": {FieldType.PERSONAL_ID}, "full_name": {FieldType.PERSON_NAME}, "birth_date": {FieldType.DATE},
    "tax_code": {FieldType.TAX_CODE},
}  # fmt: skip


def read_lookups(
    owner: Reader, form: Form | None, documents: tuple[RequiredDocument, ...], names: Names
) -> tuple[LookupRule, ...]:
    """The questions, each against the form; and that the papers which rest on one name one that is asked."""
    rules = owner.many("lookups", lambda reader: _read(reader, form, names))
    check_keys(owner, "lookups", [rule.key for rule in rules])
    known = {rule.key for rule in rules}
    for position, document in enumerate(documents):
        wanted = document.replaced_by.lookup if document.replaced_by else ""
        if wanted and wanted not in known:
            owner.problem(f"documents[{position}].replaced_by.lookup", f"không có câu hỏi “{wanted}” trong lookups")
    return rules


def _read(reader: Reader, form: Form | None, names: Names) -> LookupRule:
    rule = LookupRule(
        key=reader.key(), name=reader.text("name", required=True), source=reader.key("source"),
        section=reader.key("section"), about=_words(reader, "about"), fills=_words(reader, "fills"),
        check=reader.text("check"), when=reader.text("when"), purpose=reader.text("purpose"),
    )  # fmt: skip
    check_expression(reader, "when", rule.when, names)
    if form is not None:
        fields = {field.key: field.type for field in form.fields}
        if rule.section not in {section.key for section in form.sections}:
            reader.problem("section", f"biểu mẫu không có phần “{rule.section}”")
        for fact, key in rule.about.items():
            if fields.get(key) not in _FACTS.get(fact, set()):
                reader.problem(f"about.{fact}", f"biểu mẫu không có câu hỏi “{key}” thuộc loại cần cho {fact}")
        for key in rule.fills:
            if key not in fields:
                reader.problem(f"fills.{key}", "biểu mẫu không có câu hỏi này")
    reader.close()
    return rule


def _words(reader: Reader, key: str) -> dict[str, str]:
    value = reader.raw(key) or {}
    if isinstance(value, dict) and all(isinstance(inner, str) for inner in value.values()):
        return {str(name): inner for name, inner in value.items()}
    reader.problem(key, "phải là các cặp tên: tên")
    return {}
