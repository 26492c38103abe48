"""The language of the process: places, optional steps, opinions beside a step; what may not be published."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.procedures import CONTENT, package_value
from tinhso.apps.procedures.content import ContentError, check_package, load_package, package_folders, parse_package
from tinhso.apps.procedures.content._workflow_check import unit_problems
from tinhso.apps.procedures.data import Place
from tinhso.apps.procedures.enums import Asked, Silence, StepUnit
from tinhso.apps.procedures.rules import take_steps

BASIS = {"document": "1/2026/NĐ-CP"}
OPINION: dict[str, Any] = {
    "key": "planning", "name": "Ý kiến về quy hoạch", "unit": {"department": "construction", "inside": "planning"},
    "limit": "3 working_day", "basis": BASIS,
}  # fmt: skip


def value_with(*steps: dict[str, Any], at: int = 2, **appraisal: Any) -> dict[str, Any]:
    """The small package with steps put in, and keys of its appraisal changed."""
    value = package_value()
    listed = value["workflow"]["steps"]
    listed[1].update(copy.deepcopy(appraisal))
    listed[at:at] = [copy.deepcopy(step) for step in steps]
    return value


def step(key: str = "extra", **changed: Any) -> dict[str, Any]:
    return {"key": key, "kind": "review", "role": "division_head", "unit": "division", "hours": 0, **changed}


def problems(value: dict[str, Any]) -> str:
    with pytest.raises(ContentError) as refused:
        check_package(value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("one_stop", Place(StepUnit.ONE_STOP)),
        ({"resolving": True, "inside": "office"}, Place(StepUnit.RESOLVING, "", "office")),
        ({"department": "health"}, Place(StepUnit.DEPARTMENT, "health")),
        ({"department": "health", "inside": "office"}, Place(StepUnit.DEPARTMENT, "health", "office")),
        ("province_office", Place(StepUnit.PROVINCE_OFFICE)),
        ("province", Place(StepUnit.PROVINCE)),
        ({"commune_of": "site"}, Place(StepUnit.COMMUNE_OF, "site")),
    ],
)
def test_a_step_says_where_it_is_done(written: Any, place: Place) -> None:
    package = parse_package(value_with(step(unit=written)))
    assert package.workflow.get("extra").place == place


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "bắt buộc phải có"),
        ("cellar", "đúng một nơi làm"),
        ({"department": "health", "province": True}, "đúng một nơi làm"),
        ({"department": True}, "khóa của sở"),
        ("commune_of", "khóa của câu hỏi địa chỉ"),
        ({"department": "health", "inside": 3}, "khóa của phòng"),
    ],
)
def test_a_place_nobody_finds_is_refused(written: Any, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        parse_package(value_with(step(unit=written)))


def test_an_opinion_has_its_own_deadline_and_rule() -> None:
    given = {**OPINION, "silence": "consent", "asked": "on_entry", "required": False}
    rule = check_package(value_with(parallel=[given])).workflow.consultation("planning")
    assert rule.place == Place(StepUnit.DEPARTMENT, "construction", "planning")
    assert (rule.silence, rule.asked, rule.required, rule.pauses) == (Silence.CONSENT, Asked.ON_ENTRY, False, False)
    assert (str(rule.limit), rule.question) == ("3 working_day", "Ý kiến về quy hoạch")
    with pytest.raises(KeyError):
        check_package(package_value()).workflow.consultation("planning")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"limit": None}, "trả lời trong bao lâu"),
        ({"basis": None}, "phải có căn cứ"),
        ({"when": "answers.nobody == 1"}, "không có tên này"),
        ({"colour": "red"}, "không có khóa này"),
    ],
)
def test_an_opinion_that_says_too_little_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ContentError, match=said):
        parse_package(value_with(parallel=[{**OPINION, **changed}]))


def test_two_opinions_of_one_unit_or_key_are_refused() -> None:
    assert "hãy gộp câu hỏi" in problems(value_with(parallel=[OPINION, {**OPINION, "key": "again"}]))
    other = {**OPINION, "unit": {"department": "health"}}
    with pytest.raises(ContentError, match="planning"):
        parse_package(value_with(parallel=[OPINION, other]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (value_with(step(), at=4), "đứng sau bước trả kết quả"),
        (value_with(step(), at=3), "sau phê duyệt chỉ còn phát hành"),
        (value_with(step(kind="appraisal", role="specialist")), "chỉ có một bước “Thẩm định"),
        (value_with(kind="review"), "không ai trình dự thảo"),
        (value_with(when="answers.kind == 'house'"), "hồ sơ nào cũng qua"),
        (value_with(step(when="false")), "luôn sai"),
        (value_with(step(when="1 < 2")), "luôn đúng"),
        (value_with(step(unit={"commune_of": "site"})), "không biết là xã nào"),
        (value_with(step(unit={"division": True, "inside": "office"})), "bỏ inside"),
        (value_with(step(counted=False, hours=None, basis=None, assumed=False)), "phải có căn cứ"),
        (value_with(step(counted=False)), "thì không có số giờ"),
        (value_with(step(parallel=[OPINION])), "chỉ hỏi ý kiến ở bước"),
    ],
)
def test_what_cannot_run_is_not_published(value: dict[str, Any], said: str) -> None:
    assert said in problems(value)


def test_versions_published_before_these_checks_are_still_read() -> None:
    old = value_with(step(), at=4)
    assert len(parse_package(old).workflow.steps) == 5
    assert "đứng sau" in problems(old)


def test_the_longest_way_fills_the_limit() -> None:
    house, works = "answers.kind == 'house'", "!(answers.kind == 'house')"
    apart = value_with(step("a", when=house, hours=2), step("b", when=works, hours=2), hours={"house": 6, "other": 14})
    workflow = check_package(apart).workflow
    assert workflow.longest("house") == Decimal(16)
    both = value_with(step("a", when=house, hours=2), step("b", hours=2), hours={"house": 6, "other": 14})
    assert "đường dài nhất" in problems(both)


def test_a_case_takes_the_steps_that_hold_for_it() -> None:
    package = check_package(value_with(step("a", when="answers.kind == 'house'")))
    house = take_steps(package, {"answers": {"kind": "house"}})
    works = take_steps(package, {"answers": {"kind": "works"}})
    assert [s.key for s in house.workflow.taken] == ["reception", "appraisal", "a", "approval", "handover"]
    assert house.workflow.skipped == frozenset()
    assert [s.key for s in works.workflow.taken] == ["reception", "appraisal", "approval", "handover"]
    after = works.workflow.after("appraisal")
    assert after is not None
    assert after.key == "approval"
    assert [s.key for s in works.workflow.before("approval")] == ["reception", "appraisal"]
    # A case that stands on a step when its answers change goes on from there.
    standing = take_steps(package, {"answers": {"kind": "works"}}, at_step="a")
    following = standing.workflow.after("a")
    assert following is not None
    assert following.key == "approval"


def test_units_that_the_province_lacks_are_told() -> None:
    def told(unit: Any) -> list[str]:
        return [p.message for p in unit_problems(check_package(value_with(step(unit=unit))), CONTENT)]

    assert told({"department": "magic"}) == ["tỉnh không có sở, ban, ngành mang khóa “magic”"]
    assert told({"department": "health", "inside": "transport"}) == ["đơn vị không có phòng mang khóa “transport”"]
    assert told({"department": "health", "inside": "social_protection"}) == []
    assert told({"province_office": True, "inside": "economy"}) == []
    assert told({"resolving": True, "inside": "society"}) == []


@pytest.mark.parametrize("folder", package_folders(CONTENT), ids=lambda folder: str(folder.name))
def test_every_shipped_process_may_be_published(folder: Any) -> None:
    _, package = load_package(folder, root=CONTENT)
    assert unit_problems(package, CONTENT) == []
