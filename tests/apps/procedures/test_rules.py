"""The rules of a case: which limit, papers and fees; versions on the line of days; labels."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.procedures import package_value
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.content import parse_package
from tinhso.apps.procedures.data import FeeFact, FeeNotComputable, LimitFact, NoLimitApplies, Package
from tinhso.lib.worktime import Limit

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def package() -> Package:
    return parse_package(package_value())


def context(**answers: Any) -> dict[str, Any]:
    applicant = {"full_name": "An", "personal_id": "051090000001", "kind": "citizen"}
    return {"answers": answers, "applicant": applicant, "today": "2026-03-02", "channel": "online"}


def test_the_first_limit_whose_condition_holds(package: Package) -> None:
    assert rules.choose_limit(package, context(kind="house")).key == "house"
    assert rules.choose_limit(package, context(kind="works")).key == "other"


def test_a_condition_about_an_answer_not_given_does_not_hold(package: Package) -> None:
    assert rules.choose_limit(package, context()).key == "other"


def test_no_limit_applies_is_a_sentence() -> None:
    value = package_value()
    value["procedure"]["limits"][1]["when"] = "answers.kind == 'works'"
    with pytest.raises(NoLimitApplies, match="Chưa xác định được thời hạn"):
        rules.choose_limit(parse_package(value), context(kind="tower"))


def test_documents_follow_their_conditions(package: Package) -> None:
    assert [d.key for d in rules.applicable_documents(package, context(kind="house"))] == ["application", "drawing"]
    assert [d.key for d in rules.applicable_documents(package, context(kind="works"))] == ["application"]


def test_fees_are_whole_dong(package: Package) -> None:
    house, works = context(kind="house"), context(kind="works", pages=3)
    assert [(f.name, f.amount_vnd) for f in rules.compute_fees(package, house)] == [("Lệ phí cấp giấy", 50000)]
    lines = rules.compute_fees(package, works)
    assert [(f.key, f.amount_vnd, f.assumed) for f in lines] == [("charge", 50000, False), ("pages", 6000, True)]
    assert lines[0].basis is not None
    assert lines[0].basis.label() == "Điều 1, 1/2026/NĐ-CP"


def test_the_best_reduction_that_is_proved_is_taken_and_said() -> None:
    value = package_value()
    value["fees"]["fees"][0]["reductions"] = [
        {"key": "online", "name": "nộp trực tuyến", "percent": 50, "when": "channel == 'online'", "assumed": True,
         "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
        {"key": "poor", "name": "hộ nghèo", "percent": 100, "evidence": "drawing", "basis": "2/2026/NĐ-CP"},
    ]  # fmt: skip
    package = parse_package(value)
    online = {**context(kind="house"), "channel": "online", "today": "2026-05-04"}
    counter = {**online, "channel": "counter"}

    def first(known: dict[str, object], **given: object) -> tuple[int, str]:
        line = rules.compute_fees(package, known, **given)[0]  # type: ignore[arg-type]
        return line.amount_vnd, line.words

    paper = next(document.name for document in package.documents if document.key == "drawing")
    assert first(online) == (
        25000, f"Mức 50.000 đồng, giảm 50%: nộp trực tuyến. Được miễn (hộ nghèo) khi có: {paper}.",
    )  # fmt: skip
    assert first({**online, "today": "2027-01-01"}, evidence=set()) == (50000, f"Được miễn (hộ nghèo) khi có: {paper}.")
    assert rules.compute_fees(package, online)[0].assumed is not rules.compute_fees(package, counter)[0].assumed
    assert first(counter, evidence={"drawing"}) == (0, "Mức 50.000 đồng, miễn: hộ nghèo (2/2026/NĐ-CP).")


def test_a_fee_holds_between_its_days() -> None:
    value = package_value()
    value["fees"]["fees"][0]["valid_from"] = "2026-07-01"
    package = parse_package(value)
    early, late = ({**context(kind="house"), "today": day} for day in ("2026-06-30", "2026-07-01"))
    assert (len(rules.compute_fees(package, early)), len(rules.compute_fees(package, late))) == (0, 1)


@pytest.mark.parametrize("pages", [None, -1, 0.25, "ba", 1.0001])
def test_a_fee_that_is_no_amount_is_refused(package: Package, pages: object) -> None:
    with pytest.raises(FeeNotComputable):
        rules.compute_fees(package, context(kind="works", **({} if pages is None else {"pages": pages})))


def test_a_whole_double_is_an_amount() -> None:
    value = package_value()
    value["fees"]["fees"][0]["amount_vnd"] = "12.5 * 400.0"
    line = rules.compute_fees(parse_package(value), context(kind="house"))[0]
    assert (line.amount_vnd, type(line.amount_vnd)) == (5000, int)


def test_hours_of_a_step_by_limit(package: Package) -> None:
    appraisal = package.workflow.get("appraisal")
    assert (appraisal.hours_for("house"), appraisal.hours_for("other")) == (Decimal(8), Decimal(16))
    assert package.workflow.get("reception").hours_for("house") == 4
    assert package.workflow.get("handover").hours_for("house") == 0
    after = package.workflow.after("approval")
    assert after is not None
    assert after.key == "handover"
    assert package.workflow.after("handover") is None


# ------------------------------------------------------------------------------------------------ versions


def test_a_new_version_ends_the_one_in_force() -> None:
    assert rules.place_version([rules.Span(1, JAN, None)], MAR) == ({1: MAR}, None)


def test_a_version_of_the_same_day_replaces() -> None:
    assert rules.place_version([rules.Span(1, MAR, None)], MAR) == ({1: MAR}, None)


def test_a_version_before_a_future_one_ends_where_that_begins() -> None:
    spans = [rules.Span(1, JAN, APR), rules.Span(2, APR, None)]
    assert rules.place_version(spans, MAR) == ({1: MAR}, APR)


def test_a_higher_source_replaces_later_versions_of_a_lower_one() -> None:
    spans = [rules.Span(1, MAR, None, rank=1)]
    assert rules.place_version(spans, JAN, rank=3) == ({1: MAR}, None)
    assert rules.place_version(spans, JAN, rank=1) == ({}, MAR)


def test_abolishing_ends_what_holds_and_cancels_what_would_come() -> None:
    spans = [rules.Span(1, JAN, FEB), rules.Span(2, FEB, APR), rules.Span(3, APR, None)]
    assert rules.abolish(spans, MAR) == {2: MAR, 3: APR}
    assert rules.abolish([rules.Span(1, JAN, FEB)], MAR) == {}


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))


@settings(deadline=None)
@given(st.lists(st.tuples(days, st.integers(1, 3)), max_size=12), st.one_of(st.none(), days))
def test_whatever_is_published_no_day_has_two_versions(published: list[tuple[date, int]], end: date | None) -> None:
    spans: dict[int, rules.Span] = {}
    for number, (start, rank) in enumerate(published):
        ends, own = rules.place_version(list(spans.values()), start, rank)
        for key, value in ends.items():
            old = spans[key]
            assert old.end is None or value <= old.end, "an end may only come nearer"
            spans[key] = rules.Span(key, old.start, value, old.rank)
        spans[number] = rules.Span(number, start, own, rank)
    if end is not None:
        for key, value in rules.abolish(list(spans.values()), end).items():
            spans[key] = rules.Span(key, spans[key].start, value)
    held = sorted((s for s in spans.values() if s.holds_some_day), key=lambda span: span.start)
    for first, second in itertools.pairwise(held):
        assert first.end is not None
        assert first.end <= second.start
    if end is not None:
        assert all(span.end is not None and span.end <= max(end, span.start) for span in held)


# ------------------------------------------------------------------------------------------------ labels


def test_labels_of_limits() -> None:
    seven = LimitFact(limit=Limit.parse("7 working_day"))
    assert rules.limit_label([seven, seven]) == "7 ngày làm việc"
    assert (
        rules.limit_label([seven, LimitFact(limit=Limit.parse("same_day"))])
        == "7 ngày làm việc hoặc trong ngày làm việc"
    )
    assert rules.limit_label([LimitFact(text="x" * 61)]) == ""
    assert rules.limit_label([]) == ""


@pytest.mark.parametrize(
    ("fees", "label"),
    [
        ([], ""),
        ([FeeFact(amount_vnd=0)], "Miễn phí"),
        ([FeeFact(note="HĐND tỉnh quy định")], "Theo quy định"),
        ([FeeFact(amount_vnd=8000)], "8.000 đồng"),
        ([FeeFact(amount_vnd=20000), FeeFact(amount_vnd=1000000), FeeFact()], "20.000 – 1.000.000 đồng"),
    ],
)
def test_labels_of_fees(fees: list[FeeFact], label: str) -> None:
    assert rules.fee_label(fees) == label


def test_differences_name_the_parts() -> None:
    before = {"name": "A", "limits": [{"limit": "5 working_day"}], "decision": {"number": "1/QĐ"}, "level": "commune"}
    after = {
        "name": "B",
        "limits": [{"limit": "3 working_day"}, {"text": "x"}],
        "decision": {"number": "2/QĐ"},
        "level": "commune",
    }
    found = {row["part"]: (row["before"], row["after"]) for row in rules.differences(before, after)}
    assert found["name"] == ("A", "B")
    assert found["decision"] == ("1/QĐ", "2/QĐ")
    assert found["limits"][1] == {"count": 2, "items": ["3 working_day", "x"]}
    assert "level" not in found
    parts = rules.differences({"results": ["Giấy"], "agency": ""}, {"results": [{}], "agency": {"tel": 1}})
    assert [row["after"] for row in parts] == [{"tel": 1}, {"count": 1, "items": [""]}]


def test_the_digest_takes_fractions_and_ignores_order() -> None:
    assert rules.content_digest({"a": 1.5, "b": [1]}) == rules.content_digest({"b": [1], "a": "1.5"})
    assert rules.content_digest({"a": 1}) != rules.content_digest({"a": 2})
