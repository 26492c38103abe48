"""One case through several levels of government: department and provincial committee, commune and department.

The two shapes are those of published processes (five working days in nine steps; ten and fifteen working days).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import directory as units
from tests.factories.procedures import package_value
from tests.factories.world import CONTENT, World, citizen, officer, world
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.procedures.actions import publish_package
from tinhso.apps.procedures.content import package_folders, read_package_folder
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME, travel

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=PROVINCE_TIME)
Step = dict[str, Any]


def step(key: str, kind: str, role: str, unit: Any, hours: float) -> Step:
    return {"key": key, "name": key, "kind": kind, "role": role, "unit": unit, "hours": hours}


HANDOVER: Step = {
    "key": "handover", "kind": "delivery", "role": "one_stop_officer", "unit": "one_stop", "counted": False,
}  # fmt: skip
OFFICE = {"province_office": True, "inside": "economy"}
# 0.25, 0.25, 1.5, 0.5, 0.5 and 0.25 days at the department, then 1.5 and 0.25 at the committee's office.
TO_THE_PROVINCE = [
    step("reception", "reception", "one_stop_officer", "one_stop", 2),
    step("assignment", "assignment", "division_head", "division", 2),
    step("appraisal", "appraisal", "specialist", "division", 12),
    step("review", "review", "division_head", "division", 4),
    step("submission", "submission", "leader", "resolving", 4),
    step("dispatch", "dispatch", "clerk", "resolving", 2),
    step("examination", "examination", "specialist", OFFICE, 6),
    step("approval", "approval", "leader", "province", 6),
    step("issue", "issue", "clerk", "province_office", 2),
    HANDOVER,
]
HEALTH = {"department": "health", "inside": "social_protection"}
TO_THE_DEPARTMENT = [
    step("reception", "reception", "one_stop_officer", "one_stop", 4),
    step("assignment", "assignment", "division_head", "division", 8),
    step("examination", "examination", "specialist", "division", 48),
    step("review", "review", "division_head", "division", 8),
    step("submission", "submission", "leader", "resolving", 8),
    step("dispatch", "dispatch", "clerk", "resolving", 4),
    step("assignment_above", "assignment", "division_head", HEALTH, 4),
    step("appraisal", "appraisal", "specialist", HEALTH, 56),
    step("review_above", "review", "division_head", HEALTH, 32),
    step("approval", "approval", "leader", {"department": "health"}, 20),
    step("issue", "issue", "clerk", {"department": "health"}, 8),
    HANDOVER,
]


def publish(steps: list[Step], *, code: str, field: str, level: str, division: str, limit: str) -> None:
    basis = {"document": "1/2026/NĐ-CP", "article": "Điều 5"}
    results = [{"key": "refusal", "name": "Thông báo từ chối", "outcome": "refuse"}]
    value = package_value(
        code=code, field=field, level=level, agency="Cơ quan mẫu", documents=[], results=results,
        limits=[{"key": "all", "name": "Thời hạn", "limit": limit, "basis": basis}],
    )  # fmt: skip
    value["workflow"] = {"assumed": True, "division": division, "steps": steps}
    shipped = read_package_folder(package_folders(CONTENT)[0], root=CONTENT)[0]["letters"]
    value["letters"] |= {name: text for name, text in shipped.items() if name.startswith("letters/")}
    publish_package(value=value, actor=SYSTEM, at=MORNING - timedelta(days=30))


class Walk:
    """Moves one case through its steps: each by an officer made for that role at that very desk."""

    def __init__(self, place: World, code: str, commune: UnitData | None) -> None:
        self.place, self.person = place, citizen()
        self.desks: list[tuple[str, str]] = []
        self.officers: dict[tuple[str, int], Actor] = {}
        answers = {"full_name": "Nguyễn Thị Ví Dụ", "kind": "house", "pages": 2}
        applicant = {"full_name": "Nguyễn Thị Ví Dụ", "personal_id": "051190000019", "kind": "person"}
        no_documents: list[DocumentInput] = []
        self.case = actions.submit_case(
            procedure_code=code, unit_id=commune.id if commune else None, applicant=applicant, answers=answers,
            documents=no_documents, channel="online", idempotency_key=code, actor=self.person, at=MORNING,
        )  # fmt: skip

    def of(self, role: str, unit: UnitData) -> Actor:
        """The officer of the small province, or a new one."""
        return self.place.officers.get(f"{role}@{unit.path}") or officer(role, unit)

    def at_desk(self, role: str) -> Actor:
        assert self.case.step_unit_id is not None
        key = (role, self.case.step_unit_id)
        if key not in self.officers:
            self.officers[key] = self.of(role, directory.get_unit(self.case.step_unit_id))
        return self.officers[key]

    def go(self, drain: Callable[[], int]) -> Case:
        place = self.place.province if self.case.unit_id != self.place.commune.id else self.place.commune
        actor = self.place.officer("one_stop_officer", place)
        actions.receive_case(case_id=self.case.pk, actor=actor, at=MORNING)
        for hour in range(1, 30):
            self.case.refresh_from_db()
            if self.case.status == "resolved":
                break
            at = MORNING + timedelta(hours=hour)
            with travel(at):
                self.one(at)
                drain()
        return self.case

    def one(self, at: datetime) -> None:
        case, actor = self.case, self.at_desk(self.case.step_role)
        self.desks.append((case.step_key, directory.get_unit(case.step_unit_id or 0).name))
        if case.step_kind == "appraisal":
            actions.propose_result(
                case_id=case.pk, step=case.step_key, outcome="refuse", text="Không đủ điều kiện.", fields={}, actor=actor,
                at=at,
            )  # fmt: skip
        elif case.step_kind == "approval":
            actions.approve_result(case_id=case.pk, step=case.step_key, actor=actor, at=at)
        else:
            actions.forward_case(case_id=case.pk, step=case.step_key, actor=actor, at=at)


def test_a_department_appraises_and_the_provincial_committee_decides(drain_jobs: Callable[[], int]) -> None:
    place = world()
    publish(TO_THE_PROVINCE, code="9.000013", field="Hoạt động xây dựng", level="province", division="planning",
            limit="5 working_day")  # fmt: skip
    walk = Walk(place, "9.000013", None)
    case = walk.go(drain_jobs)
    assert walk.desks == [
        ("assignment", "Phòng Quy hoạch - Kiến trúc"),
        ("appraisal", "Phòng Quy hoạch - Kiến trúc"),
        ("review", "Phòng Quy hoạch - Kiến trúc"),
        ("submission", "Sở Xây dựng"),
        ("dispatch", "Sở Xây dựng"),
        ("examination", "Phòng Kinh tế"),
        ("approval", "Tỉnh Quảng Ngãi"),
    ]
    assert case.status == "resolved"
    result = case.results.get()
    assert result.book_entry is not None
    assert result.book_entry.book.unit_id == place.province.id, "the number is of the book of who decides"
    assert case.unit_id == units.department("construction").id, "the department stays responsible for the case"
    stays = list(case.steps.order_by("sequence"))
    assert [stay.key for stay in stays] == [s["key"] for s in TO_THE_PROVINCE]
    assert directory.get_unit(stays[8].unit_id).name.startswith("Văn phòng Ủy ban nhân dân")


def test_a_commune_examines_and_a_department_decides(drain_jobs: Callable[[], int]) -> None:
    place = world()
    publish(TO_THE_DEPARTMENT, code="9.000014", field="Bảo trợ xã hội", level="commune", division="society",
            limit="25 working_day")  # fmt: skip
    walk = Walk(place, "9.000014", place.commune)
    case = walk.go(drain_jobs)
    assert [name for key, name in walk.desks if key in {"examination", "submission", "assignment_above", "approval"}] == [
        directory.get_unit(case.steps.get(key="examination").unit_id).name, place.commune.name,
        units_division("health", "social_protection").name, "Sở Y tế",
    ]  # fmt: skip
    assert case.status == "resolved"
    result = case.results.get()
    assert result.book_entry is not None
    assert result.book_entry.book.unit_id == units.department("health").id
    # Whoever worked on it keeps sight of it: the commune that sent it up, and the department.
    for unit in (place.commune, units.department("health")):
        assert queries.visible_to(walk.of("auditor", unit)).filter(pk=case.pk).exists()
    graph = queries.process_of_case(case, queries.get_package(case), on=MORNING.date())
    assert [lane.name for lane in graph.lanes][-1] == "Sở Y tế"
    assert graph.steps[-1].lane == 0, "the result is handed over where the case was filed"


def units_division(department: str, key: str) -> UnitData:
    found = directory.division_of(units.department(department).id, key)
    assert found is not None
    return found


def test_a_desk_nobody_has_stops_the_case_with_a_sentence() -> None:
    place = world()
    steps = [*TO_THE_DEPARTMENT]
    steps[1] = step("assignment", "assignment", "division_head", {"department": "health", "inside": "moon"}, 8)
    publish(steps, code="9.000015", field="Bảo trợ xã hội", level="commune", division="society", limit="25 working_day")
    walk = Walk(place, "9.000015", place.commune)
    with pytest.raises(Exception, match="Không tìm thấy đơn vị làm bước «assignment»"):
        actions.receive_case(case_id=walk.case.pk, actor=place.officer("one_stop_officer"), at=MORNING)
