"""Linked groups for tests: a world with the police, the groups published, and a runner of their scenarios."""

from collections.abc import Callable
from functools import cache
from typing import Any

from tests.factories.world import CONTENT, World, citizen, world
from tinhso.apps.cases import actions, jobs
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.actions import publish_package
from tinhso.apps.procedures.content import linked_folders, load_linked_scenarios, load_package
from tinhso.apps.procedures.data import Package, Scenario, ScenarioStep
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import travel

KARAOKE = "9.000297"
BIRTH = "2.000986"
DEPARTMENTS = ("construction", "culture", "police")


@cache
def groups() -> dict[str, tuple[dict[str, Any], Package]]:
    """Every linked group of the content, by code."""
    loaded = [load_package(folder, root=CONTENT) for folder in linked_folders(CONTENT)]
    return {package.code: (value, package) for value, package in loaded}


@cache
def linked_scenarios(code: str) -> tuple[Scenario, ...]:
    """The scenarios of a group; a fault in one of them fails here."""
    found, problems = load_linked_scenarios(groups()[code][1], root=CONTENT)
    assert problems == []
    return found


def linked_world() -> World:
    """The small province with the police in it, and the groups published."""
    from tests.factories.world import AT

    place = world(departments=DEPARTMENTS)
    for value, _ in groups().values():
        publish_package(value=value, actor=SYSTEM, at=AT)
    return place


class LinkedRunner:
    """Plays what happens to a linked case: `leg` names the leg at hand, none the whole."""

    def __init__(self, scenario: Scenario, place: World, drain: Callable[[], int], *, code: str = KARAOKE) -> None:
        self.scenario, self.place, self.drain, self.code = scenario, place, drain, code
        self.person = citizen(str(scenario.applicant["personal_id"]), str(scenario.applicant["full_name"]))
        self.whole_id = 0

    def play(self) -> Case:
        """Every step under its own clock, and what follows from it at once."""
        for step in self.scenario.steps:
            self.do(step)
        return self.whole()

    def do(self, step: ScenarioStep) -> None:
        with travel(step.at):
            getattr(self, step.verb)(step)
            self.drain()

    def whole(self) -> Case:
        return Case.objects.get(pk=self.whole_id)

    def leg(self, key: str) -> Leg:
        return Leg.objects.select_related("child").get(parent_id=self.whole_id, key=key)

    def case_of(self, step: ScenarioStep) -> Case:
        """The case a step is about: the leg's own, or the whole."""
        key = step.values.get("leg")
        if key is None:
            return self.whole()
        child = self.leg(str(key)).child
        assert child is not None, f"{key} has no case yet: {self.leg(str(key)).note}"
        return child

    def look(self, step: ScenarioStep) -> None:
        """Time passes; the rounds of the night (`nightly`) and of the watch (`watch`) come by."""
        if step.values.get("nightly"):
            jobs.stop_unanswered()
        if step.values.get("watch"):
            jobs.watch_legs()

    def submit(self, step: ScenarioStep) -> None:
        case = actions.submit_case(
            procedure_code=self.code, unit_id=self.place.commune.id, applicant=self.scenario.applicant,
            answers=self.scenario.answers,
            documents=[DocumentInput(key=key, presence="paper") for key in self.scenario.documents],
            channel=self.scenario.channel, idempotency_key=self.scenario.file, actor=self.person, at=step.at,
        )  # fmt: skip
        self.whole_id = case.pk

    def receive(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        actions.receive_case(case_id=case.pk, actor=self.one_stop(case), at=step.at)

    def refuse_intake(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        actions.refuse_intake(case_id=case.pk, reason=_text(step), actor=self.one_stop(case), at=step.at)

    def request_supplement(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        officer = (
            self.one_stop(case) if case.step_unit_id is None else self.at_step(case, "specialist", "division_head")
        )
        items = list(step.values.get("items") or ["Bổ sung giấy tờ"])
        actions.request_supplement(case_id=case.pk, items=items, reason=_text(step), actor=officer, at=step.at)

    def answer_supplement(self, step: ScenarioStep) -> None:
        actions.answer_supplement(
            case_id=self.case_of(step).pk, answers=step.values.get("answers") or {}, documents=[],
            note=str(step.values.get("note") or "Đã bổ sung"), actor=self.person, at=step.at,
        )  # fmt: skip

    def forward(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        officer = self.at_step(case, case.step_role)
        actions.forward_case(case_id=case.pk, step=case.step_key, actor=officer, at=step.at)

    def propose(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        actions.propose_result(
            case_id=case.pk, step=case.step_key, outcome=str(step.values["outcome"]), text=_text(step),
            fields=dict(step.values.get("fields") or {}), actor=self.at_step(case, case.step_role), at=step.at,
        )  # fmt: skip

    def approve(self, step: ScenarioStep) -> None:
        case = self.case_of(step)
        actions.approve_result(case_id=case.pk, step=case.step_key, actor=self.at_step(case, "leader"), at=step.at)

    def deliver(self, step: ScenarioStep) -> None:
        case = self.whole()
        actions.deliver_result(case_id=case.pk, to_name="", method="counter", actor=self.one_stop(case), at=step.at)

    def withdraw(self, step: ScenarioStep) -> None:
        actions.withdraw_case(case_id=self.whole_id, reason=_text(step), actor=self.person, at=step.at)

    def correct(self, step: ScenarioStep) -> None:
        """The officer of a leg asks the agency of an earlier one (`of`) to mend its result."""
        case = self.case_of(step)
        actions.ask_leg_correction(
            case_id=case.pk, leg=str(step.values["of"]), reason=_text(step),
            actor=self.at_step(case, "specialist", "division_head"), at=step.at,
        )  # fmt: skip

    def grant(self, key: str, at: Any) -> None:
        """A leg from its reception to its signed result, at one instant."""
        for verb in ("receive", "forward", "forward", "propose", "forward", "approve"):
            case = self.case_of(ScenarioStep(verb, at, {"leg": key}))
            if verb == "receive" and case.status != "submitted":
                continue
            if verb == "forward" and case.step_kind in {"appraisal", "approval"}:
                continue
            self.do(ScenarioStep(verb, at, {"leg": key, "outcome": "grant"}))

    def one_stop(self, case: Case) -> Actor:
        return self._who("one_stop_officer", case.intake_unit_id)

    def at_step(self, case: Case, *roles: str) -> Actor:
        """The officer of one of these roles who works where a case lies."""
        for role in roles:
            if (found := self._find(role, case.step_unit_id)) is not None:
                return found
        raise AssertionError(f"nobody of {roles} works at {case.step_name}")

    def _who(self, role: str, unit_id: int | None) -> Actor:
        found = self._find(role, unit_id)
        assert found is not None, f"no {role} at {directory.get_unit(unit_id or 0).name}"
        return found

    def _find(self, role: str, unit_id: int | None) -> Actor | None:
        for key, actor in self.place.officers.items():
            if key.startswith(f"{role}@") and any(unit_id in grant.unit_ids for grant in actor.grants):
                return actor
        return None


def _text(step: ScenarioStep) -> str:
    return str(step.values.get("text") or step.values.get("reason") or "Nêu trong kịch bản")
