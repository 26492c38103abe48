"""Every scenario of every package runs through the real actions and ends as its file says."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.factories import directory as units
from tests.factories.world import CONTENT, World, citizen, world
from tests.sweeps import every
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import NATIONAL_STATUS, CaseStatus
from tinhso.apps.cases.models import Case, Consultation
from tinhso.apps.procedures.content import load_package, load_scenarios, package_folders
from tinhso.apps.procedures.data import Package, Scenario, ScenarioStep
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import DomainError


@cache
def _packages() -> dict[str, Package]:
    return {
        package.code: package
        for folder in package_folders(CONTENT)
        for package in [load_package(folder, root=CONTENT)[1]]
    }


def _scenarios() -> list[Any]:
    found = []
    for package in _packages().values():
        scenarios, problems = load_scenarios(package, root=CONTENT)
        assert problems == []
        found += every(
            len(scenarios),
            [(package, s) for s in scenarios],
            name=lambda one: f"{one[0].code}-{one[1].file.rsplit('/', 1)[-1]}",
        )
    return found


class Runner:
    """Plays one scenario: each verb is one action by whoever does that in the workflow."""

    def __init__(self, package: Package, scenario: Scenario, place: World, drain: Callable[[], int]) -> None:
        self.package, self.scenario, self.place, self.drain = package, scenario, place, drain
        self.person = citizen(
            str(scenario.applicant.get("personal_id", "051190000019")), str(scenario.applicant["full_name"])
        )
        self.case: Case | None = None

    def play(self) -> Case:
        for step in self.scenario.steps:
            with travel(step.at):
                self._do(step)
                self.drain()
        assert self.case is not None
        self.case.refresh_from_db()
        return self.case

    def _do(self, step: ScenarioStep) -> None:
        """One step; where it says `refused`, the product must refuse it with those words."""
        act = getattr(self, "return_case" if step.verb == "return" else step.verb)
        if "refused" not in step.values:
            act(step)
            return
        with pytest.raises(DomainError, match=str(step.values["refused"])):
            act(step)

    def consult(self, step: ScenarioStep) -> None:
        case, given = self._fresh(), step.values
        actor = self._at_step("specialist")
        if "ask" in given:
            question = str(given.get("question", ""))
            actions.ask_consultation(
                case_id=case.pk, step=case.step_key, unit_ids=[], question=question, key=str(given["ask"]), actor=actor,
                at=step.at,
            )  # fmt: skip
            return
        actions.ask_consultation(
            case_id=case.pk, step=case.step_key, unit_ids=[units.department(str(given["unit"])).id],
            question=str(given["question"]), working_days=int(given["days"]), basis=str(given.get("basis", "")),
            silence=str(given.get("silence", "none")), actor=actor, at=step.at,
        )  # fmt: skip

    def answer(self, step: ScenarioStep) -> None:
        asked = self._asked(step)
        actor = next(
            officer for officer in self.place.officers.values()
            if officer.has("case.answer_consultation", unit_id=asked.unit_id, field=self._fresh().field)
        )  # fmt: skip
        actions.answer_consultation(
            consultation_id=asked.pk, opinion=str(step.values["opinion"]), text=str(step.values.get("text", "")),
            actor=actor, at=step.at,
        )  # fmt: skip

    def expire_consultation(self, step: ScenarioStep) -> None:
        """The round that looks after consultations: what falls due at this instant falls due, nothing else."""
        asked = self._asked(step)
        assert asked.pk in queries.consultations_due(step.at), "the asked unit still has time"
        flows.look_after_consultations(at=step.at)

    def _asked(self, step: ScenarioStep) -> Consultation:
        return self._opinions()[str(step.values["from"])]

    def _opinions(self) -> dict[str, Consultation]:
        """The latest consultation of each opinion: by its key in the process, or by the department asked."""
        keys = {units.department(key).id: key for key in ("construction", "culture", "police")}
        rows = Consultation.objects.filter(case=self._fresh()).order_by("pk")
        return {row.key or keys[row.unit_id]: row for row in rows}

    def submit(self, step: ScenarioStep) -> None:
        scenario = self.scenario
        commune_level = self.package.facts.level == "commune"
        unit_id = self.place.commune.id if commune_level else None
        documents = [DocumentInput(key=key, presence="paper") for key in scenario.documents]
        if scenario.channel == "counter":
            officer = self._one_stop()
            self.case = actions.take_at_counter(
                procedure_code=self.package.code, unit_id=unit_id, intake_unit_id=self._intake_unit(), documents=documents,
                applicant=scenario.applicant, answers=scenario.answers, idempotency_key=scenario.file, actor=officer,
                at=step.at,
            )  # fmt: skip
        else:
            self.case = actions.submit_case(
                procedure_code=self.package.code, unit_id=unit_id, applicant=scenario.applicant, answers=scenario.answers,
                documents=documents, channel=scenario.channel, idempotency_key=scenario.file, actor=self.person, at=step.at,
            )  # fmt: skip

    def receive(self, step: ScenarioStep) -> None:
        if self._fresh().status == "submitted":
            actions.receive_case(case_id=self._fresh().pk, actor=self._one_stop(), at=step.at)

    def refuse_intake(self, step: ScenarioStep) -> None:
        actions.refuse_intake(case_id=self._fresh().pk, reason=_text(step), actor=self._one_stop(), at=step.at)

    def request_supplement(self, step: ScenarioStep) -> None:
        case = self._fresh()
        officer = (
            self._one_stop()
            if case.step_unit_id is None
            else self._at_step("specialist", "division_head", "one_stop_officer")
        )
        items = list(step.values.get("items") or ["Bổ sung giấy tờ"])
        actions.request_supplement(case_id=case.pk, items=items, reason=_text(step), actor=officer, at=step.at)

    def answer_supplement(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actor = self.person if case.account_id else self._one_stop()
        actions.answer_supplement(
            case_id=case.pk, answers=step.values.get("answers") or {}, documents=[],
            note=str(step.values.get("note") or "Đã bổ sung"), actor=actor, at=step.at,
        )  # fmt: skip

    def forward(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actions.forward_case(case_id=case.pk, step=case.step_key, actor=self._at_step(case.step_role), at=step.at)

    def return_case(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actor = self._at_step(case.step_role)
        actions.return_case(case_id=case.pk, step=case.step_key, note=_text(step), actor=actor, at=step.at)

    def propose(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actions.propose_result(
            case_id=case.pk, step=case.step_key, outcome=str(step.values["outcome"]), text=_text(step),
            fields=dict(step.values.get("fields") or {}), actor=self._at_step(case.step_role), at=step.at,
        )  # fmt: skip

    def approve(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actions.approve_result(case_id=case.pk, step=case.step_key, actor=self._at_step("leader"), at=step.at)

    def deliver(self, step: ScenarioStep) -> None:
        actions.deliver_result(
            case_id=self._fresh().pk, to_name="", method="counter", actor=self._one_stop(), at=step.at
        )

    def withdraw(self, step: ScenarioStep) -> None:
        case = self._fresh()
        actor = self.person if case.account_id else self._one_stop()
        actions.withdraw_case(case_id=case.pk, reason=_text(step), actor=actor, at=step.at)

    def suspend(self, step: ScenarioStep) -> None:
        actions.suspend_clock(
            case_id=self._fresh().pk, reason=str(step.values["reason"]), basis=str(step.values["basis"]), note="",
            expected_until=None, actor=self._at_step("specialist", "division_head"), at=step.at,
        )  # fmt: skip

    def resume(self, step: ScenarioStep) -> None:
        actions.resume_clock(
            case_id=self._fresh().pk, reason=str(step.values["reason"]),
            actor=self._at_step("specialist", "division_head"), at=step.at,
        )  # fmt: skip

    def extend(self, step: ScenarioStep) -> None:
        leader = next(a for k, a in self.place.officers.items() if k.startswith("leader@") and any(
            self._fresh().unit_id in grant.unit_ids for grant in a.grants
        ))  # fmt: skip
        actions.extend_deadline(
            case_id=self._fresh().pk, working_days=int(step.values["days"]), reason=_text(step), basis="", actor=leader,
            at=step.at,
        )  # fmt: skip

    def financial_duty(self, step: ScenarioStep) -> None:
        actions.begin_financial_duty(
            case_id=self._fresh().pk, basis=str(step.values["basis"]), note="", at=step.at,
            actor=self._at_step("specialist", "division_head"),
        )  # fmt: skip

    def financial_duty_paid(self, step: ScenarioStep) -> None:
        officer = self._at_step("specialist", "division_head")
        actions.end_financial_duty(case_id=self._fresh().pk, actor=officer, at=step.at)

    def _fresh(self) -> Case:
        assert self.case is not None
        self.case.refresh_from_db()
        return self.case

    def _one_stop(self) -> Actor:
        return self.place.officer(
            "one_stop_officer", None if self.package.facts.level == "commune" else self.place.province
        )

    def _intake_unit(self) -> int:
        unit_id = self._one_stop().grants[0].unit_ids
        if self.package.facts.level == "commune":
            from tinhso.apps.directory.queries import one_stop_of

            found = one_stop_of(self.place.commune.id)
            assert found is not None
            return found.id
        return next(iter(unit_id))

    def _at_step(self, *roles: str) -> Actor:
        """The officer of one of these roles who works where the case lies."""
        case = self._fresh()
        for role in roles:
            for key, actor in self.place.officers.items():
                if key.startswith(f"{role}@") and any(case.step_unit_id in grant.unit_ids for grant in actor.grants):
                    return actor
        raise AssertionError(f"nobody of {roles} works at {case.step_name}")


def _text(step: ScenarioStep) -> str:
    return str(step.values.get("text") or step.values.get("reason") or "Nêu trong kịch bản")


@pytest.mark.django_db
@pytest.mark.parametrize(("package", "scenario"), _scenarios())
def test_scenario(package: Package, scenario: Scenario, drain_jobs: Callable[[], int]) -> None:
    place = world(departments=("construction", "culture", "police"))
    runner = Runner(package, scenario, place, drain_jobs)
    case = runner.play()
    told = dict(scenario.expect)
    seen = {
        "limit_key": case.limit_key,
        "due_at": case.due_at.astimezone(PROVINCE_TIME).strftime("%Y-%m-%dT%H:%M") if case.due_at else None,
        "fee_vnd": case.fee_vnd,
        "status": case.status,
        "lateness": case.lateness or None,
        "national_status": NATIONAL_STATUS[CaseStatus(case.status)],
        "opinions": {key: row.opinion or row.status for key, row in runner._opinions().items()},
        "result": case.results.exclude(status="cancelled").values_list("outcome", flat=True).first(),
    }
    assert {key: seen[key] for key in told} == told
    assert queries.timeline_of(case)[-1].type.startswith("case.")
