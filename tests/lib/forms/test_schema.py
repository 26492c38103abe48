import jsonschema
import pytest

from tinhso.lib.forms import json_schema, validate

Validator = jsonschema.Draft202012Validator


def test_is_a_schema_of_2020_12(everything):
    schema = json_schema(everything)
    Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["x-version"] == 3
    assert set(schema["required"]) == {"full_name", "kind", "truth"}
    floors = schema["properties"]["floors"]
    assert floors["x-visible-when"] == "answers.kind == 'house'"
    assert (floors["type"], floors["minimum"], floors["maximum"]) == ("integer", 1, 50)
    assert schema["properties"]["fee"]["readOnly"]


def test_says_what_a_person_reads(form_of):
    form = form_of(
        {"key": "a", "type": "text", "label": "A", "help": "Giúp", "example": "Ví dụ", "required_when": "true"}
    )
    field = json_schema(form)["properties"]["a"]
    assert (field["title"], field["description"], field["x-example"]) == ("A", "Giúp", "Ví dụ")
    assert field["x-required-when"] == "true"
    assert "description" not in json_schema(form)


def test_a_hidden_section_requires_nothing(form_of):
    field = {"key": "a", "type": "text", "label": "A", "required": True}
    assert json_schema(form_of(field))["required"] == ["a"]
    assert json_schema(form_of(field, visible_when="channel == 'online'"))["required"] == []
    assert json_schema(form_of({**field, "visible_when": "channel == 'online'"}))["required"] == []


def test_groups_are_required_when_they_must_have_content(form_of):
    inner = {"key": "x", "type": "text", "label": "X", "required": True}
    once = {"key": "g", "type": "group", "label": "G", "fields": [inner]}
    assert json_schema(form_of(once))["required"] == ["g"]
    assert json_schema(form_of({**once, "fields": [{**inner, "required": False}]}))["required"] == []
    assert json_schema(form_of({**once, "repeat": {"min": 1}}))["required"] == ["g"]
    assert json_schema(form_of({**once, "repeat": {"min": 0}}))["required"] == []


FULL = {
    "full_name": "Phạm Thị Mẫu",
    "personal_id": "051190000002",
    "birth_date": "02/01/1990",
    "phone": "0912345678",
    "email": "mau@example.vn",
    "home": {"province_code": "51", "commune_code": "21001", "detail": ""},
    "tax_code": "1234567893-001",
    "kind": "house",
    "floors": 4,
    "area": "120,5",
    "basement": True,
    "basement_note": "Sâu\n2 m",
    "deposit": "1.250.000",
    "uses": ["shop", "live"],
    "first_built": "01/1957",
    "drawings": [{"id": 7, "media_type": "application/pdf"}],
    "plot": "12",
    "members": [{"name": "A Thiu", "birth_date": "1990-01-02"}],
    "spouse": {"name": "Y Hoa", "alive": True},
    "truth": True,
}


def test_accepts_a_full_set_of_clean_answers(everything, situation):
    result = validate(everything, FULL, context=situation)
    assert result.ok
    assert set(result.answers) == {field.key for field in everything.fields}
    Validator(json_schema(everything)).validate(result.answers)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("full_name", 5),
        ("full_name", "a" * 101),
        ("personal_id", "05119000000"),
        ("birth_date", "02/01/1990"),
        ("first_built", "57"),
        ("phone", "0912345678"),
        ("tax_code", "12"),
        ("kind", "hut"),
        ("floors", 51),
        ("floors", 1.5),
        ("deposit", -1),
        ("uses", ["live", "live"]),
        ("uses", ["live", "shop", "farm"]),
        ("drawings", [{"id": "7", "media_type": "text/html"}]),
        ("drawings", []),
        ("plot", "a"),
        ("home", {"detail": "x"}),
        ("truth", False),
        ("members", [{}]),
        ("members", [{"name": "A"}] * 4),
        ("spouse", []),
        ("secret", 1),
    ],
)
def test_refuses_what_is_no_clean_answer(everything, situation, path, value):
    answers = validate(everything, FULL, context=situation).answers
    assert not Validator(json_schema(everything)).is_valid({**answers, path: value})
