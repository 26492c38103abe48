"""What must hold for every form and every heap of answers."""

import json

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sweeps import every
from tinhso.lib.forms import evaluate, json_schema, parse_form, summary, validate

from .conftest import EVERYTHING, Lookup
from .test_schema import FULL

FORM = parse_form(EVERYTHING)
SCHEMA = jsonschema.Draft202012Validator(json_schema(FORM))
SITUATION = {"today": "2026-11-22", "channel": "online", "lookup": Lookup()}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
wild = st.dictionaries(
    st.sampled_from([field.key for field in FORM.fields]) | st.text(max_size=5), anything, max_size=8
)

# Answers a person could give, so that conditions go both ways; now and then something else.
DATES = st.sampled_from(["2/1/1990", "2015-03-04", "31/02/1990", "1957", "", "23/11/2026"])
NAMES = st.sampled_from(["A Thiu", "H'Hen Niê", "😀", "", "Phạm Thị Mẫu"])
member = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "birth_date": DATES,
        "school": st.text(max_size=5),
        "age": st.integers(0, 5),
        "x": scalars,
    },
)
lifelike = st.fixed_dictionaries(
    {},
    optional={
        "full_name": NAMES,
        "birth_date": DATES,
        "first_built": DATES,
        "kind": st.sampled_from(["house", "other", "hut", None]),
        "floors": st.integers(0, 60) | st.sampled_from(["3", "nhiều"]),
        "area": st.floats(-10, 1e6) | st.sampled_from(["12,5", "1.250"]),
        "basement": st.booleans(),
        "basement_note": st.text(max_size=20),
        "deposit": st.integers(-1, 2_000_000_000) | st.sampled_from(["1.250.000 ₫"]),
        "uses": st.lists(st.sampled_from(["live", "shop", "farm", "x"]), max_size=4),
        "members": st.lists(member, max_size=5),
        "spouse": member,
        "truth": st.booleans(),
        "plot": st.text("0123456789a", max_size=5),
        "home": st.sampled_from([FULL["home"], {"province_code": "48"}, "x"]),
        "drawings": st.sampled_from([FULL["drawings"], [{"id": 1, "media_type": "text/html"}]]),
    },
)
answers = wild | lifelike
usual = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@usual
@given(anything | answers, st.booleans())
def test_validation_answers_whatever_it_is_given(given, partial):
    result = validate(FORM, given, context=SITUATION, partial=partial)
    json.dumps(result.answers, allow_nan=False).encode()
    assert all(error.message for error in result.errors)


@usual
@given(answers, st.booleans())
def test_cleaning_clean_answers_changes_nothing(given, partial):
    once = validate(FORM, given, context=SITUATION, partial=partial)
    again = validate(FORM, once.answers, context=SITUATION, partial=partial)
    assert again.answers == once.answers
    if once.ok:
        assert again.ok
    through_json = validate(FORM, json.loads(json.dumps(once.answers)), context=SITUATION, partial=partial)
    assert through_json.answers == once.answers


@usual
@given(answers)
def test_no_answer_outlives_its_question(given):
    clean = validate(FORM, given, context=SITUATION).answers
    state = evaluate(FORM, clean, context=SITUATION)
    for path, visible in state.visible.items():
        if not visible:
            assert _at(clean, path) is None, path


@usual
@given(answers)
def test_the_page_and_the_judge_see_the_same(given):
    """What is asked does not depend on whether the answers were cleaned before."""
    raw = evaluate(FORM, given, context=SITUATION)
    clean = evaluate(FORM, validate(FORM, given, context=SITUATION).answers, context=SITUATION)
    for key in (field.key for field in FORM.fields):
        assert raw.visible[key] == clean.visible[key]


@usual
@given(lifelike)
def test_what_is_accepted_fits_the_schema(given):
    base = {"full_name": "Phạm Thị Mẫu", "kind": "other", "truth": True, **given}
    result = validate(FORM, base, context=SITUATION)
    if result.ok:
        SCHEMA.validate(result.answers)


@usual
@given(answers)
def test_clean_answers_can_be_shown(given):
    for section in summary(FORM, validate(FORM, given, context=SITUATION).answers, context=SITUATION):
        assert all(isinstance(value, str) for _, value in section.rows)


FIELD_TYPES = [
    "text",
    "person_name",
    "personal_id",
    "tax_code",
    "date",
    "partial_date",
    "phone",
    "email",
    "money",
    "number",
]


@pytest.mark.parametrize("kind", every(4, [*FIELD_TYPES, "address", "choice", "several", "declaration", "file"]))
@usual
@given(raw=anything | st.text(max_size=40))
def test_every_type_takes_anything_and_is_steady(kind, raw):
    options = {"options": [{"value": "a", "label": "A"}]} if kind in {"choice", "several"} else {}
    field = {"key": "x", "type": kind, "label": "X", **options}
    form = parse_form({"title": "Đơn", "sections": [{"key": "main", "title": "Phần", "fields": [field]}]})
    once = validate(form, {"x": raw}, context=SITUATION)
    assert validate(form, once.answers, context=SITUATION).answers == once.answers
    assert ("x" in once.answers) <= (not once.errors)
    if once.ok:
        jsonschema.Draft202012Validator(json_schema(form)).validate(once.answers)


def _at(answers, path):
    place = answers
    for part in path.split("."):
        if isinstance(place, list):
            place = place[int(part)] if int(part) < len(place) else None
        else:
            place = place.get(part) if isinstance(place, dict) else None
    return place
