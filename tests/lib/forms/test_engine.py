from datetime import date

import pytest

from tinhso.lib.forms import evaluate, expression_variables, summary, validate
from tinhso.lib.forms.answers import remembered
from tinhso.lib.forms.cel import compile_expression


def errors_of(result):
    return {error.path: error.message for error in result.errors}


GOOD = {
    "full_name": "Phạm Thị Mẫu",
    "kind": "house",
    "floors": "2",
    "truth": True,
}


def test_a_complete_form_is_clean(everything, situation):
    result = validate(everything, GOOD, context=situation)
    assert result.ok
    assert result.answers == {"full_name": "Phạm Thị Mẫu", "kind": "house", "floors": 2, "fee": 4000, "truth": True}
    assert list(result.answers) == ["full_name", "kind", "floors", "fee", "truth"]


def test_what_is_missing_is_said_in_the_order_of_the_page(everything, situation):
    result = validate(everything, {}, context=situation)
    assert [(error.path, error.message) for error in result.errors] == [
        ("full_name", "Hãy nhập họ và tên."),
        ("kind", "Hãy chọn loại công trình."),
        ("truth", "Hãy đánh dấu để xác nhận: tôi cam đoan khai đúng."),
    ]


def test_a_draft_may_have_gaps_but_no_nonsense(everything, situation):
    result = validate(everything, {"birth_date": "31/02/1990", "truth": False}, context=situation, partial=True)
    assert errors_of(result) == {"birth_date": "31/02/1990 không phải một ngày có thật."}


def test_a_question_not_asked_has_no_answer(everything, situation):
    result = validate(everything, {**GOOD, "kind": "other", "floors": "9"}, context=situation)
    assert result.ok
    assert "floors" not in result.answers
    assert "fee" not in result.answers
    assert result.dropped == ("floors",)


def test_nonsense_in_a_question_not_asked_is_no_error(everything, situation):
    result = validate(everything, {**GOOD, "kind": "other", "floors": "nhiều"}, context=situation)
    assert result.ok


def test_unknown_names_are_dropped_and_told(everything, situation):
    given = {**GOOD, "is_admin": True, "members": [{"name": "A Thiu", "birth_date": "1990-01-02", "rank": 1}]}
    result = validate(everything, given, context=situation)
    assert result.ok
    assert set(result.dropped) == {"is_admin", "members.0.rank"}


def test_necessity_may_depend_on_other_answers(everything, situation):
    given = {**GOOD, "basement": True, "floors": "4"}
    assert errors_of(validate(everything, given, context=situation)) == {"basement_note": "Hãy nhập mô tả tầng hầm."}
    state = evaluate(everything, given, context=situation)
    assert state.visible["basement_note"]
    assert state.required["basement_note"]
    assert not evaluate(everything, {**given, "floors": "3"}, context=situation).required["basement_note"]


def test_computed_values_come_from_the_server_alone(everything, situation):
    result = validate(everything, {**GOOD, "fee": 1}, context=situation)
    assert result.answers["fee"] == 4000
    assert "fee" in result.dropped
    assert evaluate(everything, GOOD, context=situation).computed == {"fee": 4000}


class TestGroups:
    def test_rows_have_conditions_and_values_of_their_own(self, everything, situation):
        members = [
            {"name": "A Thiu", "birth_date": "1990-01-02", "school": "bỏ"},
            {"name": "Y Hoa", "birth_date": "2015-03-04", "school": "Trường Mẫu"},
        ]
        result = validate(everything, {**GOOD, "members": members}, context=situation)
        assert result.ok
        assert result.answers["members"] == [
            {"name": "A Thiu", "birth_date": "1990-01-02", "age": 36},
            {"name": "Y Hoa", "birth_date": "2015-03-04", "age": 11, "school": "Trường Mẫu"},
        ]
        assert result.dropped == ("members.0.school",)

    def test_paths_of_errors_are_those_of_what_was_sent(self, everything, situation):
        members = [{}, {"birth_date": "1990-01-02"}, "dòng", {"name": ["x"]}]
        result = validate(everything, {**GOOD, "members": members[:3]}, context=situation)
        assert errors_of(result) == {
            "members.1.name": "Hãy nhập họ tên.",
            "members.2": "Phần này không đúng dạng. Hãy nhập lại.",
            "members.2.name": "Hãy nhập họ tên.",
        }
        assert result.answers["members"] == [{"birth_date": "1990-01-02", "age": 36}]
        result = validate(everything, {**GOOD, "members": members[3:]}, context=situation)
        assert errors_of(result) == {"members.0.name": "Câu trả lời này phải là chữ."}
        assert "members" not in result.answers

    def test_empty_rows_count_for_nothing(self, everything, situation):
        result = validate(everything, {**GOOD, "members": [{}, None, {"name": " "}]}, context=situation)
        assert result.ok
        assert "members" not in result.answers
        assert evaluate(everything, {"members": [{}]}, context=situation).visible["members.0.name"]

    def test_too_many_rows(self, everything, situation):
        rows = [{"name": "A Thiu", "birth_date": "1990-01-02"}] * 4
        result = validate(everything, {**GOOD, "members": rows}, context=situation)
        assert errors_of(result) == {"members": "Chỉ được nhập nhiều nhất 3 thành viên."}
        result = validate(everything, {**GOOD, "members": rows * 1000}, context=situation)
        assert errors_of(result) == {"members": "Chỉ được nhập nhiều nhất 3 thành viên."}
        assert len(result.answers["members"]) == 100

    def test_too_few_rows(self, form_of, situation):
        field = {"key": "rows", "type": "group", "label": "Dòng", "repeat": {"min": 2, "max": 3}}
        form = form_of({**field, "fields": [{"key": "a", "type": "text", "label": "A"}]})
        assert errors_of(validate(form, {"rows": [{"a": "x"}]}, context=situation)) == {
            "rows": "Hãy thêm ít nhất 2 dòng."
        }
        assert validate(form, {"rows": [{"a": "x"}]}, context=situation, partial=True).ok

    def test_a_group_that_is_no_list(self, everything, situation):
        result = validate(everything, {**GOOD, "members": {"0": {}}}, context=situation)
        assert errors_of(result) == {"members": "Câu trả lời này phải là một danh sách."}

    def test_a_group_once_is_an_object(self, everything, situation):
        given = {
            **GOOD,
            "members": [{"name": "A Thiu", "birth_date": "1990-01-02"}],
            "spouse": {"name": "Y Hoa", "alive": True},
        }
        result = validate(everything, given, context=situation)
        assert result.ok
        assert result.answers["spouse"] == {"name": "Y Hoa", "alive": True}
        alone = validate(everything, {**given, "members": []}, context=situation)
        assert "spouse" not in alone.answers
        assert "spouse" in alone.dropped
        wrong = validate(everything, {**given, "spouse": [1]}, context=situation)
        assert errors_of(wrong) == {"spouse": "Phần này không đúng dạng. Hãy nhập lại."}
        hidden = validate(everything, {**given, "members": [], "spouse": {"name": "2"}}, context=situation)
        assert hidden.ok

    def test_rules_over_a_whole_group(self, form_of, situation):
        form = form_of(
            {
                "key": "shares",
                "type": "group",
                "label": "Phần góp",
                "repeat": {"max": 5},
                "rules": [{"check": "total(answers.shares.map(s, s.part)) == 100", "message": "Tổng phải là 100."}],
                "fields": [{"key": "part", "type": "number", "integer": True, "label": "Phần"}],
            }
        )
        assert validate(form, {"shares": [{"part": 60}, {"part": 40}]}, context=situation).ok
        result = validate(form, {"shares": [{"part": 60}]}, context=situation)
        assert errors_of(result) == {"shares": "Tổng phải là 100."}
        result = validate(form, {"shares": [{"part": "x"}]}, context=situation)
        assert set(errors_of(result)) == {"shares.0.part"}


def test_rules_compare_answers_and_stop_at_the_first_broken_one(form_of, situation):
    rules = [
        {"check": "answers.end >= answers.start", "message": "Ngày kết thúc không được trước ngày bắt đầu."},
        {"check": "answers.end != answers.start", "message": "Hai ngày phải khác nhau."},
        {"check": "days_between(answers.start, answers.end) <= 30", "message": "Không quá 30 ngày."},
    ]
    form = form_of(
        {"key": "start", "type": "date", "label": "Từ ngày"},
        {"key": "end", "type": "date", "label": "Đến ngày", "rules": rules},
    )

    def judged(start, end):
        return errors_of(validate(form, {"start": start, "end": end}, context=situation)).get("end")

    assert judged("2026-01-02", "2026-01-01") == rules[0]["message"]
    assert judged("2026-01-02", "2026-01-02") == rules[1]["message"]
    assert judged("2026-01-02", "2026-03-01") == rules[2]["message"]
    assert judged("2026-01-02", "2026-01-03") is None
    assert judged("", "2026-01-03") is None


def test_conditions_chain_whatever_the_order_of_the_page(form_of, situation):
    form = form_of(
        {"key": "c", "type": "text", "label": "C", "visible_when": "answers.b == 'y'"},
        {"key": "b", "type": "text", "label": "B", "visible_when": "answers.a == 'y'"},
        {"key": "a", "type": "text", "label": "A"},
    )
    everything = {"a": "y", "b": "y", "c": "y"}
    assert validate(form, everything, context=situation).answers == {"c": "y", "b": "y", "a": "y"}
    gone = validate(form, {**everything, "a": "n"}, context=situation)
    assert gone.answers == {"a": "n"}
    assert set(gone.dropped) == {"b", "c"}


def test_a_section_may_depend_on_answers(situation):
    from tinhso.lib.forms import parse_form

    form = parse_form(
        {
            "title": "Đơn",
            "sections": [
                {"key": "one", "title": "Một", "fields": [{"key": "more", "type": "declaration", "label": "Thêm"}]},
                {
                    "key": "two",
                    "title": "Hai",
                    "visible_when": "answers.more",
                    "fields": [{"key": "note", "type": "text", "label": "Ghi chú", "required": True}],
                },
                {"key": "three", "title": "Ba", "visible_when": "channel == 'counter'", "fields": []},
            ],
        }
    )
    assert validate(form, {"note": "x"}, context=situation).answers == {}
    assert set(errors_of(validate(form, {"more": True}, context=situation))) == {"note"}
    state = evaluate(form, {"more": True}, context={**situation, "channel": "counter"})
    assert state.sections == {"one": True, "two": True, "three": True}
    assert evaluate(form, {}, context=situation).sections == {"one": True, "two": False, "three": False}


@pytest.mark.parametrize(
    ("field", "expression", "value"),
    [
        ({"type": "money"}, "1000.5", 1001),
        ({"type": "money"}, "2499.49", 2499),
        ({"type": "number"}, "10.0 / 3.0", 3.33),
        ({"type": "number", "integer": True}, "ceil(3.2)", 4),
        ({"type": "text"}, "'Xin chào ' + applicant.full_name", "Xin chào Mẫu"),
        ({"type": "date"}, "today", "2026-11-22"),
        ({"type": "money"}, "1 / 0", None),
        ({"type": "text"}, "answers.y + 'a'", None),
    ],
)
def test_computed_values_fit_their_type(form_of, situation, field, expression, value):
    form = form_of(
        {"key": "x", "label": "X", "computed": expression, **field}, {"key": "y", "type": "text", "label": "Y"}
    )
    situation = {**situation, "applicant": {"full_name": "Mẫu", "secret": object()}}
    result = validate(form, {}, context=situation)
    assert result.answers.get("x") == value
    assert type(result.answers.get("x")) is type(value)


def test_a_computed_value_beyond_its_limits_is_an_error(form_of, situation):
    form = form_of({"key": "x", "type": "money", "label": "Phí", "computed": "5000", "max": 10})
    assert errors_of(validate(form, {}, context=situation)) == {"x": "Phí nhiều nhất là 10 đồng."}
    form = form_of({"key": "x", "type": "money", "label": "Phí", "computed": "double(1e300) * 1e300"})
    assert errors_of(validate(form, {}, context=situation)) == {"x": "Phí lớn quá mức có thể."}


def test_a_computed_value_that_must_be_there(form_of, situation):
    form = form_of(
        {"key": "x", "type": "money", "label": "Lệ phí", "computed": "answers.y * 2", "required": True},
        {"key": "y", "type": "number", "integer": True, "label": "Số bản"},
    )
    assert errors_of(validate(form, {}, context=situation)) == {
        "x": "Chưa tính được lệ phí. Hãy trả lời các câu hỏi liên quan."
    }
    assert validate(form, {"y": 2}, context=situation).answers == {"x": 4, "y": 2}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"type": "text", "label": "Bạn xây gì?"}, "Hãy trả lời: Bạn xây gì?"),
        ({"type": "file", "label": "Bản vẽ", "help": "có dấu"}, "Hãy đính kèm bản vẽ."),
        ({"type": "text", "label": "CCCD"}, "Hãy nhập CCCD."),
        ({"type": "text", "label": "Ý kiến"}, "Hãy nhập ý kiến."),
    ],
)
def test_missing_answers_are_asked_for_in_words(form_of, situation, field, message):
    result = validate(form_of({"key": "x", "required": True, **field}), {}, context=situation)
    assert errors_of(result) == {"x": message}


@pytest.mark.parametrize("given", [None, 1, "x", [], [{}], True])
def test_what_is_no_form_at_all(everything, situation, given):
    result = validate(everything, given, context=situation)
    assert result.errors[0].path == ""
    assert result.errors[0].message == "Dữ liệu gửi lên không đúng dạng. Hãy tải lại trang và thử lại."
    assert result.answers == {}


def test_the_day_must_be_given(everything):
    with pytest.raises(KeyError):
        validate(everything, {}, context={})
    assert evaluate(everything, {}, context={"today": date(2026, 11, 22)}).visible["full_name"]


def test_expressions_outside_the_form_see_every_key(everything, situation):
    names = expression_variables(everything, {"floors": 2, "area": 120}, context=situation)
    assert compile_expression("answers.floors * 1000").evaluate(names) == 2000
    assert compile_expression("answers.area * 2.0").evaluate(names) == 240.0
    assert compile_expression("answers.kind == null && answers.members == [] && channel == 'online'").holds(names)
    assert compile_expression("answers.spouse.name == null && !answers.spouse.alive").holds(names)
    with_rows = expression_variables(everything, {"members": [{"name": "Y Hoa"}]}, context=situation)
    assert compile_expression("answers.members.exists(m, m.age == null)").holds(with_rows)


def test_places_are_asked_for_once(form_of, situation):
    class Counting:
        def __init__(self, lookup):
            self.lookup, self.asked = lookup, []

        def provinces(self, as_of):
            self.asked.append("provinces")
            return self.lookup.provinces(as_of)

        def communes(self, as_of):
            self.asked.append("communes")
            return self.lookup.communes(as_of)

    form = form_of(*({"key": key, "type": "address", "label": key} for key in ("one", "two", "three")))
    home = {"province_code": "51", "commune_code": "21001", "detail": "x"}
    counting = Counting(situation["lookup"])
    result = validate(form, dict.fromkeys(("one", "two", "three"), home), context={**situation, "lookup": counting})
    assert counting.asked == ["communes"]
    summary(form, result.answers, context={"lookup": counting})
    assert sorted(counting.asked) == ["communes", "communes", "provinces"]
    assert remembered(None) is None
    assert remembered(known := remembered(counting)) is known
