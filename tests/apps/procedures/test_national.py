"""National records: known kinds of errors are named, what the record itself says is put right, nothing breaks."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.procedures import national, national_value
from tinhso.apps.procedures.content import (
    NationalFileError,
    facts_from_json,
    read_national,
    read_national_file,
)
from tinhso.apps.procedures.data import to_json
from tinhso.apps.procedures.enums import DataProblem


def kinds(**values: Any) -> set[DataProblem]:
    return {kind for kind, _ in national(**values).problems}


def method(**values: Any) -> list[dict[str, Any]]:
    return [{"channel": "direct", "time_value": 5, "time_unit": "working_day", **values}]


def fee(amount: int | None, note: str = "") -> list[dict[str, Any]]:
    return method(fees=[{"amount": amount, "note": note}])


def test_a_sound_record_has_no_problem() -> None:
    record = national()
    assert record.problems == ()
    assert record.facts is not None
    assert str(record.facts.limits[0].limit) == "5 working_day"
    assert record.facts.fees[0].amount_vnd == 20000
    assert record.facts.channels.online == "full"
    assert record.facts.channels.postal is False
    assert record.facts.legal_basis[0].issued_on is not None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"code": "1.2"}, DataProblem.CODE),
        ({"name": "  "}, DataProblem.NAME),
        ({"field": None}, DataProblem.FIELD),
        ({"flags": ["portal_test_record"]}, DataProblem.TEST_RECORD),
    ],
)
def test_what_cannot_be_used_is_rejected(values: dict[str, Any], kind: DataProblem) -> None:
    record = national(**values)
    assert record.rejected
    assert record.facts is None
    assert kind in {kind for kind, _ in record.problems}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"level": None}, DataProblem.LEVEL),
        ({"decision_no": "2565"}, DataProblem.DECISION),
        ({"subjects": ["nhóm 1"]}, DataProblem.SUBJECT),
        ({"methods": method(time_unit=None)}, DataProblem.LIMIT_UNIT),
        ({"methods": method(time_value=None, time_unit=None)}, DataProblem.LIMIT_ABSENT),
        ({"methods": method(time_value=2.5, time_unit="month")}, DataProblem.LIMIT_VALUE),
        ({"methods": method(time_value=0)}, DataProblem.LIMIT_VALUE),
        ({"methods": method() + method(channel="online", time_value=3)}, DataProblem.LIMITS_DIFFER),
        ({"methods": fee(100)}, DataProblem.FEE_TOO_SMALL),
        ({"methods": fee(100, "100.000 đồng/lần")}, DataProblem.FEE_THOUSANDS),
        ({"methods": fee(25, "25 USD/thẻ")}, DataProblem.FEE_CURRENCY),
        ({"methods": fee(0, "Hội đồng nhân dân tỉnh quy định")}, DataProblem.FEE_ZERO_BUT_NOTED),
        ({"documents": [{"name": "Đơn", "o": 1}, {"name": "Lưu ý", "o": 0, "c": 0}]}, DataProblem.DOCUMENT_IS_NOTE),
        ({"documents": []}, DataProblem.DOCUMENTS_ABSENT),
        ({"legal_basis": []}, DataProblem.LEGAL_BASIS_ABSENT),
        ({"result": ""}, DataProblem.RESULT_ABSENT),
    ],
)
def test_known_errors_are_named_and_the_record_stays(values: dict[str, Any], kind: DataProblem) -> None:
    record = national(**values)
    assert kind in {kind for kind, _ in record.problems}
    assert record.facts is not None


@pytest.mark.parametrize(
    ("amount", "note", "expected"),
    [
        (100, "100.000 đồng/lần", 100000),
        (100, "100.0000 đồng", None),
        (10, "/bản", None),
        (25, "25 USD/thẻ", None),
        (0, "Không", 0),
        (0, "Miễn phí", 0),
        (0, "Mức thu theo quy định của Bộ Tài chính", None),
        (0, "", 0),
        (8000, "", 8000),
        (None, "Chi tiết tại biểu phí", None),
    ],
)
def test_amounts(amount: int | None, note: str, expected: int | None) -> None:
    facts = national(methods=fee(amount, note)).facts
    assert facts is not None
    assert [line.amount_vnd for line in facts.fees] == [expected]


def test_a_limit_said_only_in_words_is_read_from_them() -> None:
    facts = national(methods=method(time_value=None, time_unit=None, note="Không quá 07 ngày làm việc")).facts
    assert facts is not None
    assert str(facts.limits[0].limit) == "7 working_day"


def test_words_with_two_numbers_stay_words() -> None:
    note = "10 ngày làm việc, hoặc 7 ngày làm việc với nhà ở"
    facts = national(methods=method(time_value=None, time_unit=None, note=note)).facts
    assert facts is not None
    assert (facts.limits[0].limit, facts.limits[0].text) == (None, note)


def test_words_that_name_another_case_are_kept_beside_the_number() -> None:
    facts = national(methods=method(time_value=10, note="10 ngày làm việc (7 ngày làm việc với nhà ở)")).facts
    assert facts is not None
    assert "7 ngày" in facts.limits[0].text
    plain = national(methods=method(time_value=10, note="10 ngày làm việc kể từ ngày nhận đủ hồ sơ")).facts
    assert plain is not None
    assert plain.limits[0].text == ""


def test_where_all_documents_lack_numbers_they_are_documents() -> None:
    facts = national(documents=[{"name": "1. Đơn", "o": 0, "c": 0}, {"name": "- Bản vẽ", "o": 0, "c": 0}]).facts
    assert facts is not None
    assert [document.name for document in facts.documents] == ["Đơn", "Bản vẽ"]


def test_a_group_tells_how_papers_are_given() -> None:
    documents = [
        {"name": "Căn cước", "o": 1, "c": 0, "group": "Giấy tờ phải xuất trình"},
        {"name": "Tờ khai", "o": 1, "c": 0, "group": "Giấy tờ phải nộp"},
        {"name": "Bản vẽ", "o": 1, "c": 0, "group": "Đối với nhà ở"},
    ]
    facts = national(documents=documents).facts
    assert facts is not None
    assert [(d.mode, d.group) for d in facts.documents] == [
        ("present", ""), ("submit", ""), ("submit", "Đối với nhà ở"),
    ]  # fmt: skip


def test_a_province_s_own_procedure_says_so() -> None:
    facts = national(scope="local", province_guess="Đắk Lắk").facts
    assert facts is not None
    assert facts.locality == "Đắk Lắk"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(national_value())), json_values))
def test_no_record_breaks_the_reader_and_facts_survive_storage(changes: dict[str, Any]) -> None:
    record = read_national({**national_value(), **changes})
    assert record.facts is not None or record.rejected
    if record.facts is not None:
        stored = json.loads(json.dumps(to_json(record.facts)))
        assert to_json(facts_from_json(stored)) == stored


# ------------------------------------------------------------------------------------------------ files


def test_both_spellings_of_the_file_are_read(tmp_path: Path) -> None:
    text = "\n".join(json.dumps(national_value(f"9.20000{n}")) for n in range(3)) + "\n\n"
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.xz"
    plain.write_text(text)
    with lzma.open(packed, "wt") as handle:
        handle.write(text)
    assert list(read_national_file(plain)) == list(read_national_file(packed))
    assert len(list(read_national_file(plain))) == 3


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"x", "phải có đuôi .jsonl"),
        ("a.jsonl", b'{"code": 1}\n{"code"', "dòng 2: không phải JSON"),
        ("a.jsonl", b"[1]", "dòng 1: phải là một bản ghi"),
        ("a.jsonl.xz", b"not xz at all", "tệp hỏng"),
        ("a.jsonl.xz", lzma.compress(b"{}\n" * 9000)[:-40], "tệp hỏng"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NationalFileError, match=sentence):
        list(read_national_file(path))
