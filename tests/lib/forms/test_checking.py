import pytest

from tinhso.lib.forms import check_condition, check_expression, check_form, compile_expression, parse_form, sample
from tinhso.lib.forms.checking import APPLICANT_KINDS, CHANNELS

FIELDS = [
    {
        "key": "kind",
        "type": "choice",
        "label": "Loại",
        "options": [{"value": v, "label": v} for v in ("house", "other")],
    },
    {
        "key": "uses",
        "type": "several",
        "label": "Dùng",
        "options": [{"value": v, "label": v} for v in ("live", "shop")],
    },
    {"key": "agreed", "type": "declaration", "label": "Đồng ý"},
    {"key": "floors", "type": "number", "integer": True, "label": "Số tầng", "min": 2},
    {"key": "area", "type": "number", "label": "Diện tích"},
    {"key": "name", "type": "text", "label": "Tên"},
    {"key": "home", "type": "address", "label": "Nơi ở"},
    {"key": "papers", "type": "file", "label": "Giấy", "help": "Bản chụp"},
    {
        "key": "members",
        "type": "group",
        "label": "Thành viên",
        "item_label": "Thành viên",
        "repeat": {"max": 3},
        "fields": [
            {"key": "name", "type": "text", "label": "Tên"},
            {"key": "sex", "type": "choice", "label": "Giới tính", "options": [{"value": "male", "label": "Nam"}]},
            {"key": "home", "type": "address", "label": "Nơi ở"},
        ],
    },
    {"key": "spouse", "type": "group", "label": "Vợ", "fields": [{"key": "name", "type": "text", "label": "Tên"}]},
]


def build(*fields, title="Đơn", **section):
    parts = {"key": "main", "title": "Phần", **section, "fields": [*FIELDS, *fields]}
    return parse_form({"title": title, "sections": [parts]})


def codes_of(problems):
    return {problem.code for problem in problems}


def test_a_good_form_has_no_problem(everything):
    assert check_form(everything) == []
    assert check_form(build()) == []


@pytest.mark.parametrize(
    "source",
    [
        "answers.kind == 'house'",
        "answers.kind in ['house'] || answers.agreed",
        "'live' in answers.uses",
        "answers.floors > 3 && answers.area > 2",
        "answers.home.province_code == '51'",
        "answers.papers.exists(p, p.size > 10)",
        "answers.papers[0].name == 'x'",
        "answers.uses[0] == 'live'",
        "answers.members.exists(m, m.sex == 'male' && m.home.detail != '')",
        "answers.members[0].name == 'x'",
        "size(answers.members[0]) > 1",
        "answers.spouse.name != null",
        "applicant.kind == 'organisation'",
        "channel != 'online'",
        "today > '2026-07-01'",
        "years_between(answers.name, today) == null && answers.agreed",
        "[1, 2].exists(x, x == answers.floors)",
        "[answers.name].exists(x, x == 'a')",
        "answers.floors / (answers.floors - 2) > 1",
        "answers.members.filter(m, m.name != '').map(k, k.name).size() > 1",
    ],
)
def test_good_conditions(source):
    assert check_condition(build(), compile_expression(source), path="x") == []


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("answers.none == 'x'", "unknown_name", "answers.none"),
        ("answers.kind.house", "unknown_name", "answers.kind.house"),
        ("answers.home.street == 'x'", "unknown_name", "answers.home.street"),
        ("answers.members.name == 'x'", "unknown_name", "answers.members.name"),
        ("answers.members.exists(m, m.age > 1)", "unknown_name", "age"),
        ("answers.members.exists(m, m.home.street == '')", "unknown_name", "street"),
        ("answers.spouse.age > 1", "unknown_name", "answers.spouse.age"),
        ("answers.papers[0].owner == 'x'", "unknown_name", "owner"),
        ("item.name == 'x'", "unknown_name", "item.name"),
        ("applicant.age > 1", "unknown_name", "applicant.age"),
        ("applicant != null", "unknown_name", "applicant"),
        ("today.year == 2026", "unknown_name", "today.year"),
        ("kind == 'house'", "unknown_name", "kind"),
        ("max(answers.floors) > 1", "unknown_name", "max"),
        ("has(answers.kind)", "unknown_name", "null"),
        ("answers.kind == 'hose'", "dead_condition", "hose"),
        ("answers.kind in ['house', 'flat']", "dead_condition", "flat"),
        ("'sell' in answers.uses", "dead_condition", "sell"),
        ("answers.agreed == 'yes'", "dead_condition", "yes"),
        ("answers.floors == '3'", "dead_condition", "3"),
        ("answers.members.exists(m, m.sex == 'men')", "dead_condition", "men"),
        ("applicant.kind == 'company'", "dead_condition", "company"),
        ("channel == 'web'", "dead_condition", "web"),
        ("answers.area * 2 > 1", "bad_types", "area"),
        ("answers.name > 5", "bad_types", "name"),
        ("true", "dead_condition", "lúc nào cũng đúng"),
        ("answers.kind == 'house' && answers.kind == 'other'", "dead_condition", "không bao giờ đúng"),
        ("answers.agreed || !answers.agreed", "dead_condition", "lúc nào cũng đúng"),
        ("channel != 'online' && channel == 'online'", "dead_condition", "không bao giờ đúng"),
        ("applicant.kind == 'person' && applicant.kind != 'person'", "dead_condition", "không bao giờ đúng"),
        ("answers.kind", "dead_condition", "không bao giờ đúng"),
    ],
)
def test_bad_conditions(source, code, words):
    problems = check_condition(build(), compile_expression(source), path="here")
    assert codes_of(problems) == {code}
    assert any(words in problem.message for problem in problems)
    assert {problem.path for problem in problems} == {"here"}


def test_the_words_are_those_of_cases():
    from tinhso.apps.cases.enums import ApplicantKind, Channel

    assert set(APPLICANT_KINDS) == set(ApplicantKind.values)
    assert set(CHANNELS) == set(Channel.values)


def test_too_many_combinations_are_not_tried():
    options = [{"value": f"v{index}", "label": "x"} for index in range(60)]
    fields = [{"key": key, "type": "choice", "label": key, "options": options} for key in ("a", "b")]
    expression = compile_expression("answers.a == 'v1' && answers.a == 'v2' && answers.b == 'v1'")
    assert check_condition(build(*fields), expression, path="x") == []


def test_values_are_only_judged_by_name_and_type():
    assert check_expression(build(), compile_expression("2000"), path="amount") == []


@pytest.mark.parametrize(
    ("field", "path", "code"),
    [
        ({"label": ""}, "main.x", "missing_text"),
        ({"pattern": "a"}, "main.x.message", "missing_text"),
        ({"type": "file"}, "main.x.help", "missing_text"),
        ({"type": "choice", "options": [{"value": "a"}]}, "main.x.options.a", "missing_text"),
        (
            {"type": "group", "repeat": {}, "fields": [{"key": "a", "type": "text", "label": "A"}]},
            "main.x.item_label",
            "missing_text",
        ),
        ({"prefill": "identity.shoe_size"}, "main.x.prefill", "unknown_name"),
        ({"prefill": "full_name"}, "main.x.prefill", "unknown_name"),
        ({"computed": "'a'", "prefill": "identity.full_name"}, "main.x", "contradiction"),
        ({"computed": "answers.none"}, "main.x.computed", "unknown_name"),
        ({"required": True, "required_when": "answers.agreed"}, "main.x.required_when", "dead_condition"),
        ({"required_when": "answers.none"}, "main.x.required_when", "unknown_name"),
        ({"rules": [{"check": "answers.none", "message": "a"}]}, "main.x.rules[0].check", "unknown_name"),
        ({"type": "number", "min": 5, "max": 4}, "main.x.min", "contradiction"),
        (
            {"type": "group", "fields": [{"key": "a", "type": "text", "label": "A", "visible_when": "item.b == ''"}]},
            "main.x.a.visible_when",
            "unknown_name",
        ),
    ],
)
def test_fields_are_judged(field, path, code):
    problems = check_form(build({"key": "x", "type": "text", "label": "X", **field}))
    assert (path, code) in {(problem.path, problem.code) for problem in problems}


def test_titles_sections_and_their_conditions_are_judged():
    form = parse_form({"sections": [{"key": "a", "fields": [], "visible_when": "answers.none"}]})
    assert {(problem.path, problem.code) for problem in check_form(form)} == {
        ("title", "missing_text"),
        ("a", "missing_text"),
        ("a", "empty"),
        ("a.visible_when", "unknown_name"),
    }


def test_conditions_inside_a_group_know_its_row():
    inner = [
        {"key": "sex", "type": "choice", "label": "Giới", "options": [{"value": "male", "label": "Nam"}]},
        {"key": "note", "type": "text", "label": "Ghi chú", "visible_when": "item.sex == 'male'"},
        {"key": "dead", "type": "text", "label": "Chết", "visible_when": "item.sex == 'x'"},
    ]
    form = build({"key": "rows", "type": "group", "label": "Dòng", "fields": inner})
    assert [(problem.path, problem.code) for problem in check_form(form)] == [
        ("main.rows.dead.visible_when", "dead_condition")
    ]


def test_samples_are_answers(everything, situation):
    from tinhso.lib.forms import validate

    answers = {field.key: sample(field) for field in everything.fields if field.key not in {"uses", "plot", "fee"}}
    assert validate(everything, answers, context=situation).ok
