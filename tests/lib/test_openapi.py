"""Descriptions read for people, and answers compared with them without a word of what they say."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.exchange import OPENAPI
from tinhso.lib.openapi import covers, differences, operations

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8,
)  # fmt: skip


def differs(value: Any, *, status: int = 200, media_type: str = "application/json; charset=utf-8") -> list[str]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return differences(OPENAPI, method="GET", path="/people/7", status=status, media_type=media_type, body=body)


def test_operations_are_read_with_examples_and_fields() -> None:
    one, add = operations(OPENAPI)
    assert (one.method, one.path, one.title, one.example_path) == ("GET", "/people/{id}", "Một người", "/people/7")
    assert [(field.name, field.is_required, field.kind) for field in one.responses[0].fields] == [
        ("name", True, "chữ"), ("friends", False, "danh sách")
    ]  # fmt: skip
    assert json.loads(add.example_body) == {"name": "Nguyễn Văn Thử"}
    assert (add.media_type, [field.name for field in add.body]) == ("application/json", ["name", "friends"])


def test_differences_name_places_and_kinds() -> None:
    assert differs({"name": "Bí Mật"}) == []
    assert differs({"friends": ["x", 7, 8]}) == ["$: thiếu «name».", "$.friends[]: phải là chữ."]
    assert differs(b"Bi mat") == ["Nội dung không phải JSON."]
    assert differs({}, media_type="text/html") == ["Kiểu nội dung là «text/html», mô tả ghi «application/json»."]
    assert differs({}, status=500) == ["Mô tả không có mã trả lời 500."]
    assert differs({}, status=404) == []
    assert differences(OPENAPI, method="PUT", path="/x", status=200, media_type="", body=b"") == [
        "Mô tả không có PUT /x."
    ]


@given(anything)
def test_a_difference_never_tells_a_value(value: Any) -> None:
    secret = {"name": ["bi-mat-7391", value], "friends": {"bi-mat-7391": value}}
    found = differs(secret)
    assert found
    assert "bi-mat-7391" not in " ".join(found)


@given(anything)
def test_no_description_makes_it_stumble(document: Any) -> None:
    for odd in (document, {"paths": document}, {"paths": {"/x": document}}, {"paths": {"/x": {"get": document}}}):
        operations(odd)
        differences(odd, method="GET", path="/x", status=200, media_type="application/json", body=b"{}")


def test_templates_cover_whole_segments_only() -> None:
    assert covers("/people/{id}", "/people/7")
    assert not covers("/people/{id}", "/people/7/8")
    assert not covers("/people/{id}", "/people/")
