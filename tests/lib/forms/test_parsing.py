import pytest

from tinhso.lib.forms import FieldType, FormError, parse_form
from tinhso.lib.forms.properties import properties_of


def problems_of(*fields, **form):
    data = {"title": "Đơn", "sections": [{"key": "main", "title": "Phần", "fields": list(fields)}], **form}
    with pytest.raises(FormError) as caught:
        parse_form(data)
    return {(problem.path, problem.code) for problem in caught.value.problems}


def test_reads_every_part(everything):
    assert everything.version == 3
    assert [section.key for section in everything.sections] == ["applicant", "works", "household"]
    floors = everything.field("floors")
    assert (floors.type, floors.min, floors.unit) == (FieldType.NUMBER, 1, "tầng")
    assert floors.visible_when.source == "answers.kind == 'house'"
    assert floors.is_conditional
    assert not everything.field("kind").is_conditional
    assert everything.field("drawings").accept == ("application/pdf",)
    assert everything.field("members.0.name").label == "Họ tên"
    assert everything.field("spouse.name").label == "Họ tên vợ hoặc chồng"
    assert everything.field("spouse.none") is None
    assert everything.field("") is None
    assert everything.section("works").title == "Công trình"
    assert everything.section("none") is None


def test_reads_dates_as_yaml_gives_them(form_of):
    from datetime import date

    form = form_of({"key": "a", "type": "date", "label": "A", "min": date(1900, 1, 1), "max": "today"})
    assert form.field("a").min == "1900-01-01"


def test_a_property_left_empty_counts_as_not_written(form_of):
    assert form_of({"key": "a", "type": "text", "label": "A", "visible_when": None}).field("a").visible_when is None


def test_every_problem_is_told_at_once():
    assert problems_of(
        {"key": "Họ tên", "type": "text"},
        {"key": "a", "type": "word"},
        {"key": "b", "type": ["text"]},
        {"key": "c", "type": "text", "options": [], "colour": "red"},
        "text",
    ) == {
        ("main[0]", "bad_key"),
        ("main.a", "unknown_type"),
        ("main.b", "unknown_type"),
        ("main.c", "unknown_property"),
        ("main[4]", "not_mapping"),
        ("main[4]", "bad_key"),
        ("main[4]", "unknown_type"),
    }


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"label": 5}, ("main.x.label", "not_text")),
        ({"required": "yes"}, ("main.x.required", "not_flag")),
        ({"max_length": -1}, ("main.x.max_length", "not_count")),
        ({"max_length": True}, ("main.x.max_length", "not_count")),
        ({"visible_when": "1 +"}, ("main.x.visible_when", "bad_expression")),
        ({"visible_when": 5}, ("main.x.visible_when", "not_text")),
        ({"visible_when": "size(answers) > 1"}, ("main.x.visible_when", "whole_answers")),
        ({"visible_when": "item[answers.x] == 1"}, ("main.x.visible_when", "whole_answers")),
        ({"pattern": "("}, ("main.x.pattern", "bad_pattern")),
        ({"pattern": "a(?=b)"}, ("main.x.pattern", "bad_pattern")),
        ({"rules": [{"check": "true"}]}, ("main.x.rules[0]", "no_message")),
        ({"rules": [{"check": "true", "message": "a", "if": 1}]}, ("main.x.rules[0]", "unknown_property")),
        ({"rules": {"check": "true"}}, ("main.x.rules", "not_list")),
        ({"type": "number", "min": "1"}, ("main.x.min", "not_number")),
        ({"type": "number", "min": True}, ("main.x.min", "not_number")),
        ({"type": "date", "min": "01/01/1990"}, ("main.x.min", "not_date")),
        ({"type": "date", "min": 1990}, ("main.x.min", "not_date")),
        ({"type": "address", "as_of": "yesterday"}, ("main.x.as_of", "not_date")),
        ({"type": "choice"}, ("main.x", "no_options")),
        ({"type": "choice", "options": [{"label": "A"}]}, ("main.x.options[0]", "no_value")),
        ({"type": "choice", "options": ["a"]}, ("main.x.options[0]", "not_mapping")),
        ({"type": "choice", "options": [{"value": "a"}] * 2}, ("main.x.options.a", "duplicate")),
        ({"type": "several", "options": [{"value": "a"}], "min": 1.5}, ("main.x.min", "not_count")),
        ({"type": "file", "accept": "pdf"}, ("main.x.accept", "not_list")),
        ({"type": "group"}, ("main.x", "empty")),
        ({"type": "group", "fields": [{"key": "a", "type": "group", "fields": []}]}, ("main.x.a", "nested_group")),
        ({"type": "group", "fields": [{"key": "a", "type": "text"}] * 2}, ("main.x.a", "duplicate")),
        (
            {"type": "group", "fields": [{"key": "a", "type": "text"}], "repeat": {"min": 3, "max": 2}},
            ("main.x.repeat", "bad_repeat"),
        ),
        (
            {"type": "group", "fields": [{"key": "a", "type": "text"}], "repeat": {"max": 101}},
            ("main.x.repeat", "bad_repeat"),
        ),
        (
            {"type": "group", "fields": [{"key": "a", "type": "text"}], "repeat": {"max": 0}},
            ("main.x.repeat", "bad_repeat"),
        ),
        (
            {"type": "group", "fields": [{"key": "a", "type": "text", "visible_when": "item.a == 'x'"}]},
            ("main.x", "cycle"),
        ),
    ],
)
def test_each_problem_has_a_place_and_a_code(field, problem):
    assert problem in problems_of({"key": "x", "type": "text", "label": "X", **field})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": ["x"]}, ("title", "not_text")),
        ({"version": "1"}, ("version", "not_count")),
        ({"sections": []}, ("sections", "empty")),
        ({"sections": {}}, ("sections", "not_list")),
        ({"sections": None}, ("sections", "not_list")),
        ({"steps": []}, ("", "unknown_property")),
        ({"sections": [{"key": "a"}]}, ("a.fields", "not_list")),
        ({"sections": [{"key": "a", "fields": []}, {"key": "a", "fields": []}]}, ("sections.a", "duplicate")),
        ({"sections": [{"key": "a", "fields": [], "colour": 1}]}, ("sections[0]", "unknown_property")),
        ({"sections": [{"fields": []}]}, ("sections[0]", "bad_key")),
        ({"sections": [{"key": "a", "fields": [], "visible_when": "("}]}, ("a.visible_when", "bad_expression")),
    ],
)
def test_the_form_itself_is_judged_too(change, problem):
    assert problem in problems_of(**change)


def test_a_form_that_is_no_mapping():
    with pytest.raises(FormError, match="các cặp tên"):
        parse_form(["x"])


def test_a_key_may_stand_once_in_the_whole_form():
    one = {"key": "one", "title": "1", "fields": [{"key": "a", "type": "text"}]}
    assert problems_of(sections=[one, {**one, "key": "two"}]) == {("two.a", "duplicate")}


def test_circles_are_named():
    fields = [
        {"key": "a", "type": "text", "visible_when": "answers.b == 'x'"},
        {"key": "b", "type": "text", "visible_when": "answers.c == 'x'"},
        {"key": "c", "type": "text", "computed": "answers.a"},
        {"key": "d", "type": "text", "visible_when": "answers.a == 'x'"},
    ]
    with pytest.raises(FormError, match=r"a → b → c → a|b → c → a → b|c → a → b → c") as caught:
        parse_form({"title": "Đơn", "sections": [{"key": "main", "title": "Phần", "fields": fields}]})
    assert caught.value.problems[0].code == "cycle"
    assert str(caught.value.problems[0]).startswith("Các trường phụ thuộc vòng tròn")


def test_a_circle_may_run_through_a_section_or_a_group():
    group = {"key": "g", "type": "group", "fields": [{"key": "x", "type": "text", "visible_when": "answers.a == 'x'"}]}
    assert problems_of({"key": "a", "type": "text", "visible_when": "answers.g.x == 'y'"}, group) == {("", "cycle")}
    section = {"key": "s", "visible_when": "answers.a == 'x'", "fields": [{"key": "a", "type": "text"}]}
    assert problems_of(sections=[section]) == {("", "cycle")}


def test_a_rule_may_speak_of_its_own_field(form_of):
    rules = [{"check": "answers.a != 'x'", "message": "Không."}]
    assert form_of({"key": "a", "type": "text", "rules": rules, "required_when": "answers.a == null"})


def test_long_values_are_shortened_in_messages():
    with pytest.raises(FormError, match="…”"):
        parse_form({"title": "Đơn", "sections": [{"key": "a", "fields": [{"key": "b", "type": "x" * 5000}]}]})


def test_problems_read_as_place_and_sentence():
    with pytest.raises(FormError, match=r"^main\.x\.label: Giá trị phải là chữ"):
        parse_form({"title": "Đ", "sections": [{"key": "main", "fields": [{"key": "x", "type": "text", "label": 1}]}]})


def test_every_type_takes_the_common_properties():
    for field_type in FieldType:
        assert {"key", "type", "label", "help", "visible_when"} <= properties_of(field_type).keys()
