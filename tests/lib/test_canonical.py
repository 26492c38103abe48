"""Canonical JSON: same value, same bytes, and the value comes back."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.canonical import canonical_json, digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_value_comes_back(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), VALUES, max_size=6), st.randoms())
def test_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    shuffled = {key: value[key] for key in keys}
    assert canonical_json(shuffled) == canonical_json(value)
    assert digest(shuffled) == digest(value)


@given(VALUES, VALUES)
def test_other_values_have_other_bytes(first: Any, second: Any) -> None:
    same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (canonical_json(first) == canonical_json(second)) is same


def test_spelling() -> None:
    assert canonical_json({"b": [1, True, None], "a": "Hòa"}) == '{"a":"Hòa","b":[1,true,null]}'.encode()
    assert digest({}) == hashlib.sha256(b"{}").hexdigest()
    assert canonical_json((1, 2)) == canonical_json([1, 2])


@pytest.mark.parametrize("value", [1.0, [1, 2.5], {"a": {"b": (float("nan"),)}}, float("inf")])
def test_floats_are_refused_wherever_they_hide(value: Any) -> None:
    with pytest.raises(TypeError, match="no canonical spelling"):
        canonical_json(value)


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({"a": {1, 2}})
