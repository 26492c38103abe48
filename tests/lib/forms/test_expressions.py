import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.forms.cel import (
    Context,
    ExpressionError,
    ceil,
    compile_expression,
    days_between,
    total,
    years_between,
)
from tinhso.lib.forms.references import Comparison, references_of
from tinhso.lib.forms.tokens import TokenError, bracket_depth, macro_depth, tokenize


def test_is_compiled_once():
    assert compile_expression("1 + 1") is compile_expression("1 + 1")
    assert compile_expression("1 + 1") == compile_expression("1 + 1")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "để trống"),
        ("  ", "để trống"),
        ("1 +", "viết không đúng"),
        ("answers.kind = 'a'", "vị trí 14"),
        ("'a", "vị trí 1"),
        ("r'a'", "dấu nháy"),
        ("'''a'''", "dấu nháy"),
        ("`a`", "vị trí 1"),
        ("1 + " * 300 + "1", "1000 ký tự"),
        ("(" * 25 + "1" + ")" * 25, "24 lớp ngoặc"),
        ("[1].all(a, [1].all(b, [1].all(c, true)))", "2 phép duyệt"),
        ("answers.?a", "viết không đúng"),
    ],
)
def test_what_cannot_be_compiled_says_why(source, words):
    with pytest.raises(ExpressionError, match=words):
        compile_expression(source)


@pytest.mark.parametrize(
    "source", ["answers.none == 1", "none", "1 / 0", "'a' + 1", "9223372036854775807 + 1", "answers.list[9]", "f(1)"]
)
def test_what_cannot_be_computed_does_not_hold(source):
    expression = compile_expression(source)
    situation = {"answers": {"list": []}}
    with pytest.raises(ExpressionError, match="Không tính được"):
        expression.evaluate(situation)
    assert not expression.holds(situation)


def test_only_true_holds():
    assert compile_expression("a == 1").holds({"a": 1})
    assert not compile_expression("a").holds({"a": 1})


def test_a_context_is_shared_and_can_change():
    situation = Context({"a": 1})
    assert compile_expression("a").evaluate(situation) == 1
    situation.set("a", 2)
    assert compile_expression("a").evaluate(situation) == 2


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        (years_between, ("1990-01-02", "2026-01-01"), 35),
        (years_between, ("1990-01-02", "2026-01-02"), 36),
        (years_between, ("2008-02-29", "2026-02-28"), 17),
        (years_between, (None, "2026-01-02"), None),
        (years_between, ("1990", "2026-01-02"), None),
        (days_between, ("2026-01-31", "2026-02-01"), 1),
        (days_between, ("2026-02-01", "2026-01-31"), -1),
        (days_between, ("2026-02-01", 5), None),
        (total, ([1, 2.5, None, "x", True],), 3.5),
        (total, (None,), 0),
        (ceil, (2.1,), 3),
        (ceil, (2,), 2),
        (ceil, (float("inf"),), None),
        (ceil, ("2",), None),
    ],
)
def test_our_functions(function, arguments, value):
    assert function(*arguments) == value
    names = [f"a{index}" for index in range(len(arguments))]
    source = f"{function.__name__}({', '.join(names)})"
    assert compile_expression(source).evaluate(dict(zip(names, arguments, strict=True))) == value


@given(st.text(max_size=60))
def test_no_text_brings_the_compiler_down(source):
    try:
        compile_expression(source).holds({"answers": {}})
    except ExpressionError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, only another exception is not


TOKENS = [
    "answers",
    ".",
    "kind",
    "==",
    "'a'",
    "(",
    ")",
    "[",
    "]",
    "?",
    ":",
    "!",
    "1",
    "2.5",
    "in",
    "exists",
    "x",
    ",",
    "true",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=14))
def test_no_heap_of_tokens_brings_the_reader_down(tokens):
    source = " ".join(tokens)
    references_of(source)
    assert bracket_depth(tokenize(source)) >= 0
    assert macro_depth(tokenize(source)) >= 0


def test_comments_and_spaces_are_no_tokens():
    assert [token.value for token in tokenize("a // b\n == \t'c\\'d'")] == ["a", "==", "c'd"]
    with pytest.raises(TokenError):
        tokenize("a # b")


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("answers.kind == 'a'", {("answers", "kind")}),
        ("answers['kind'] == 'a'", {("answers", "kind")}),
        ("answers.members[0].name", {("answers", "members", "[]", "name")}),
        ("answers.members[answers.i].name", {("answers", "members", "[]"), ("answers", "i")}),
        ("answers.members[answers.i + 1]", {("answers", "members", "[]"), ("answers", "i")}),
        ("answers.members[k]", {("answers", "members", "[]"), ("k",)}),
        ("size(answers.members) > 1", {("answers", "members")}),
        ("answers.name.startsWith('A')", {("answers", "name")}),
        (
            "answers.members.exists(m, m.age < 18 && item.x)",
            {("answers", "members"), ("answers", "members", "[]"), ("answers", "members", "[]", "age"), ("item", "x")},
        ),
        ("[1, 2].map(x, x * 2).size() > 1 && today > ''", {("",), ("today",)}),
        ("f(answers.a).b", {("answers", "a")}),
        ("true ? null : false", set()),
        ("answers", {("answers",)}),
        ("answers[k]", {("answers", "[]"), ("k",)}),
        ("a.b.", {("a", "b")}),
    ],
)
def test_what_an_expression_names(source, paths):
    assert references_of(source).paths == paths


def test_whole_answers_are_noticed():
    assert references_of("size(answers) > 1").uses_whole("answers")
    assert references_of("answers[k] == 1").uses_whole("answers")
    assert not references_of("answers['k'] == 1").uses_whole("answers")
    assert references_of("answers.a + item.b").keys_of("answers") == {"a"}


@pytest.mark.parametrize(
    ("source", "comparisons"),
    [
        ("answers.a == 'x'", [("a", "x")]),
        ("answers.a != 'x'", [("a", "x")]),
        ("'x' == answers.a", [("a", "x")]),
        ("'x' in answers.a", [("a", "x")]),
        ("answers.a in ['x', 'y', 1]", [("a", "x"), ("a", "y")]),
        ("answers.a == 1", []),
        ("answers.a < 'x'", []),
        ("'x' == size(answers.a)", []),
        ("'x' + answers.a", []),
        ("answers.a in answers.b", []),
    ],
)
def test_what_an_expression_compares(source, comparisons):
    assert references_of(source).comparisons == [Comparison(("answers", key), value) for key, value in comparisons]
