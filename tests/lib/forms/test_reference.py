"""The reference page says what the parser obeys."""

from tinhso.lib.forms import FieldType, check_form, parse_form
from tinhso.lib.forms.cel import FUNCTIONS, MAX_BRACKETS, MAX_LENGTH, MAX_MACROS
from tinhso.lib.forms.prefill import IDENTITY_NAMES
from tinhso.lib.forms.properties import PROPERTIES, TYPE_MEANINGS, TYPE_VALUES
from tinhso.lib.yamltext import load_yaml


def type_table():
    lines = ["| type | answer | meaning |", "|---|---|---|"]
    lines += [f"| `{kind}` | {TYPE_VALUES[kind]} | {TYPE_MEANINGS[kind]} |" for kind in FieldType]
    return "\n".join(lines)


def property_table():
    lines = ["| property | value | types | meaning |", "|---|---|---|---|"]
    for item in PROPERTIES:
        others = frozenset(FieldType) - item.types
        if not item.types:
            kinds = "all"
        elif len(others) < 4:
            kinds = "all but " + ", ".join(f"`{kind}`" for kind in FieldType if kind in others)
        else:
            kinds = ", ".join(f"`{kind}`" for kind in FieldType if kind in item.types)
        lines.append(f"| `{item.name}` | {item.kind} | {kinds} | {item.meaning} |")
    return "\n".join(lines)


def test_types_are_listed(project_root):
    page = (project_root / "docs/reference/forms.md").read_text(encoding="utf-8")
    assert type_table() in page, f"docs/reference/forms.md must contain:\n{type_table()}"


def test_properties_are_listed(project_root):
    page = (project_root / "docs/reference/forms.md").read_text(encoding="utf-8")
    assert property_table() in page, f"docs/reference/forms.md must contain:\n{property_table()}"


def test_functions_bounds_and_names_are_listed(project_root):
    page = (project_root / "docs/reference/forms.md").read_text(encoding="utf-8")
    for name in FUNCTIONS:
        assert f"| `{name}(" in page
    for bound in (MAX_LENGTH, MAX_BRACKETS, MAX_MACROS):
        assert f" {bound} " in page
    for name in IDENTITY_NAMES:
        assert f"`{name}`" in page


def test_the_example_is_a_form_without_problems(project_root):
    page = (project_root / "docs/reference/forms.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert check_form(parse_form(load_yaml(example))) == []
