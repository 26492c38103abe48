"""Running cases moved to another version: seen before, approved by somebody else, each with its own trace."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker
from tests.factories.world import CONTENT, officer
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import MoveBySamePerson, MoveNotFound, MoveNotOpen
from tinhso.apps.cases.models import Case, VersionMove
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.actions import publish_package
from tinhso.apps.procedures.content import load_package, package_folders
from tinhso.apps.procedures.queries import list_versions
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden, Invalid

AT = RECEIVED_AT + timedelta(hours=6)
WHY: dict[str, Any] = {"reason": "Rút ngắn thời hạn.", "basis": "Điều khoản chuyển tiếp, 1/2026/QĐ-UBND"}


def package_value() -> dict[str, Any]:
    folder = next(folder for folder in package_folders(CONTENT) if folder.name == ALLOWANCE)
    return deepcopy(load_package(folder, root=CONTENT)[0])


def shorter() -> dict[str, Any]:
    """The same procedure in nine working days, in force a day after the cases came in."""
    value = package_value()
    value["procedure"]["effective_from"] = "2026-03-03"
    for rule in value["procedure"]["limits"]:
        rule["limit"] = "9 working_day"
        rule.pop("mountain", None)
    for step in value["workflow"]["steps"]:
        if step["key"] == "appraisal":
            step["hours"] = 40
    return value


@dataclass
class Stage:
    maker: CaseMaker
    proposer: Actor
    approver: Actor
    to_version: int


@pytest.fixture
def stage(maker: CaseMaker) -> Stage:
    publish_package(value=shorter(), actor=SYSTEM, at=RECEIVED_AT)
    province = directory.get_province(AT.date())
    first, second = officer("catalogue_admin", province), officer("catalogue_admin", maker.place.commune)
    return Stage(maker, first, second, list_versions(ALLOWANCE)[0].id)


def proposed(stage: Stage, **changed: Any) -> VersionMove:
    given = {"procedure_code": ALLOWANCE, "to_version_id": stage.to_version, "actor": stage.proposer, "at": AT, **WHY}
    return actions.propose_version_move(**{**given, **changed})


def test_what_would_change_is_told_case_by_case_before(stage: Stage) -> None:
    moving = stage.maker.at("appraisal")
    done, signing = stage.maker.at("resolved"), stage.maker.at("approved")
    found = {line.case_id: line for line in queries.preview_move(
        procedure_code=ALLOWANCE, to_version_id=stage.to_version, now=AT
    )}  # fmt: skip
    assert done.pk not in found
    assert (found[moving.pk].limit_before, found[moving.pk].limit_after) == ("10 ngày làm việc", "9 ngày làm việc")
    assert found[moving.pk].can_move
    assert found[signing.pk].obstacles == ("Kết quả đã được phê duyệt, đang ký số.",)


def test_another_person_approves_and_a_job_moves_each_case(stage: Stage) -> None:
    moving, signing = stage.maker.at("appraisal"), stage.maker.at("approved")
    before = Case.objects.get(pk=moving.pk)
    move = proposed(stage)
    with pytest.raises(MoveBySamePerson):
        actions.decide_version_move(move_id=move.pk, approve=True, actor=stage.proposer, at=AT)
    with pytest.raises(Forbidden):
        actions.decide_version_move(move_id=move.pk, approve=True, actor=stage.maker.officer("leader"), at=AT)
    actions.decide_version_move(move_id=move.pk, approve=True, actor=stage.approver, at=AT)
    flows.move_cases(move_id=move.pk, at=AT)
    flows.move_cases(move_id=move.pk, at=AT)
    after = Case.objects.get(pk=moving.pk)
    assert (after.version_id, after.time_limit) == (stage.to_version, "9 working_day")
    assert after.due_at == before.due_at - timedelta(days=3), "Friday instead of Monday"
    assert queries.explain_deadline(after, AT).deadline.due_at == after.due_at  # type: ignore[union-attr]
    assert Entry.objects.filter(stream=f"case:{moving.pk}", type="case.version_moved").count() == 1
    report = queries.get_move(move.pk)
    lines = {line.case_id: line for line in report.lines.all()}
    assert lines[moving.pk].moved_at == AT
    assert "đang ký số" in lines[signing.pk].failure
    assert report.status == "done"
    stage.maker.propose(moving, at=AT + timedelta(hours=1))


def test_rejected_nothing_moves(stage: Stage) -> None:
    moving = stage.maker.at("appraisal")
    move = proposed(stage)
    actions.decide_version_move(move_id=move.pk, approve=False, actor=stage.approver, at=AT)
    flows.move_cases(move_id=move.pk, at=AT)
    assert Case.objects.get(pk=moving.pk).version_id != stage.to_version
    with pytest.raises(MoveNotOpen):
        actions.decide_version_move(move_id=move.pk, approve=True, actor=stage.approver, at=AT)


def test_what_has_ended_meanwhile_stays(stage: Stage) -> None:
    moving = stage.maker.at("appraisal")
    move = proposed(stage)
    actions.decide_version_move(move_id=move.pk, approve=True, actor=stage.approver, at=AT)
    actions.withdraw_case(case_id=moving.pk, reason="Đổi ý.", actor=stage.maker.person, at=AT)
    flows.move_cases(move_id=move.pk, at=AT)
    assert "đã kết thúc" in queries.get_move(move.pk).lines.get().failure


def test_answers_and_steps_the_new_version_does_not_know_keep_a_case(stage: Stage) -> None:
    stricter = shorter()
    stricter["procedure"]["effective_from"] = "2026-03-04"
    for step in stricter["workflow"]["steps"]:
        if step["key"] == "appraisal":
            step["key"] = "examination"
    stricter["form"]["sections"][0]["fields"].append(
        {"key": "extra_word", "type": "text", "label": "Nội dung thêm", "required": True}
    )
    publish_package(value=stricter, actor=SYSTEM, at=RECEIVED_AT + timedelta(hours=1))
    stage.maker.at("appraisal")
    latest = list_versions(ALLOWANCE)[0].id
    found = queries.preview_move(procedure_code=ALLOWANCE, to_version_id=latest, now=AT)
    assert len(found) == 1
    assert any("Tờ khai mới" in obstacle for obstacle in found[0].obstacles)
    assert any("không có bước" in obstacle for obstacle in found[0].obstacles)


def test_a_proposal_says_why_and_there_is_one_at_a_time(stage: Stage) -> None:
    with pytest.raises(Invalid, match="Không có hồ sơ"):
        proposed(stage)
    stage.maker.at("appraisal")
    for missing in ({"reason": " "}, {"basis": ""}):
        with pytest.raises(Invalid, match="chuyển tiếp"):
            proposed(stage, **missing)
    with pytest.raises(Forbidden):
        proposed(stage, actor=stage.maker.officer("leader"))
    with pytest.raises(Invalid, match="không thuộc thủ tục này"):
        proposed(stage, procedure_code="2.000635")
    proposed(stage)
    with pytest.raises(MoveNotOpen, match="đang có một đề nghị"):
        proposed(stage)
    with pytest.raises(MoveNotFound):
        queries.get_move(987_654)


def test_every_version_tells_how_many_cases_run_under_it(stage: Stage) -> None:
    stage.maker.at("appraisal")
    stage.maker.at("resolved")
    counts = [found.running for found in queries.running_versions(ALLOWANCE)]
    assert counts == [0, 1]
