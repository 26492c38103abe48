"""Linked cases of the demo province (hồ sơ liên thông): the groups' own scenarios, each told up to some moment.

The last act of each lies shortly before the present, so the legs wait where the shown officers find them.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import register_citizen_login
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import DocumentInput, LegReport
from tinhso.apps.cases.enums import CaseStatus, LegStatus, Presence
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.procedures.content import load_linked_scenarios
from tinhso.apps.procedures.data import Package, Scenario, ScenarioStep
from tinhso.config.demo.answers import answers_of
from tinhso.config.demo.names import Person
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import DomainError
from tinhso.lib.yamltext import load_yaml

# Numbers of the made-up people, far from those of the ordinary cases.
_FIRST_PERSON = 1_500_000


def linked_lives(stage: Stage) -> Iterator["LinkedLife"]:
    """Every linked case of `content/demo/linked.yaml`; groups that are not in force yet are left out."""
    told = load_yaml((settings.CONTENT_DIR / "demo" / "linked.yaml").read_text(encoding="utf-8"))["cases"]
    groups = {package.folder: package for package in stage.groups}
    for number, row in enumerate(told):
        package = groups.get(row["group"])
        if package is not None:
            scenarios, _ = load_linked_scenarios(package, root=settings.CONTENT_DIR)
            scenario = next(s for s in scenarios if s.file.endswith(f"/{row['scenario']}.yaml"))
            yield LinkedLife(stage, package, scenario, number=number, count=row.get("steps"))


class LinkedLife:
    """One application for a whole group, from its filing to the step it is told to."""

    def __init__(self, stage: Stage, package: Package, scenario: Scenario, *, number: int, count: int | None) -> None:
        self.stage, self.package, self.scenario = stage, package, scenario
        self.steps = scenario.steps if count is None else scenario.steps[:count]
        self.commune = stage.communes[0]
        self.calendar = get_working_calendar(calendar_key=self.commune.calendar_key, at=stage.start)
        self.person: Person = stage.names.citizen(_FIRST_PERSON + number)
        self.number, self.whole_id = number, 0
        self.citizen: Actor = SYSTEM

    def play(self) -> Iterator[tuple[datetime, Step]]:
        """The steps of the scenario with the working time between them kept, the last one just before the present."""
        first = self.scenario.steps[0].at
        offsets = [self.calendar.between(first, step.at) for step in self.steps]
        begins = self._beginning(offsets[-1] + 1)
        for index, (step, minutes) in enumerate(zip(self.steps, offsets, strict=True)):
            at = self.calendar.add(begins, minutes) + timedelta(seconds=index)
            verb = getattr(self, f"_{step.verb}")
            yield at, lambda at, verb=verb, step=step: verb(step, at)  # type: ignore[misc]

    def _beginning(self, minutes: int) -> datetime:
        """The latest morning from which so much working time fits before the present."""
        day = self.stage.start.astimezone(PROVINCE_TIME).date()
        while True:
            begins = datetime.combine(day, time(7, 40 + self.number), PROVINCE_TIME)
            if self.calendar.is_working_day(day) and self.calendar.add(begins, minutes) < self.stage.start:
                return begins
            day -= timedelta(days=1)

    # --- what happens, by the verbs of the scenarios

    def _submit(self, step: ScenarioStep, at: datetime) -> None:
        person, address = self.person, f"{self.person.hamlet}, {self.commune.name}"
        claims = IdentityClaims(
            issuer="vneid", personal_id=person.personal_id, full_name=person.full_name, birth_date=person.birth_date,
            sex=person.sex, phone=person.phone, address=address, level=2,
        )  # fmt: skip
        account = register_citizen_login(claims=claims, actor=SYSTEM, at=at)
        self.citizen = accounts.get_actor(account.id, at=at, assurance=2)
        applicant = {
            "kind": "person", "full_name": person.full_name, "personal_id": person.personal_id,
            "birth_date": person.birth_date.isoformat(), "phone": person.phone, "address": address,
        }  # fmt: skip
        case = actions.submit_case(
            procedure_code=self.package.code, unit_id=self.commune.id, applicant=applicant,
            answers=answers_of(self.package, self.scenario, person=person, commune=self.commune, at=at),
            documents=[
                DocumentInput(key=key, presence=Presence.UPLOADED, file_id=self.stage.file_id)
                for key in self.scenario.documents
            ],
            channel="online", idempotency_key=f"demo-linked-{self.stage.mark}-{self.number}", actor=self.citizen, at=at,
        )  # fmt: skip
        self.whole_id = case.pk

    def _receive(self, step: ScenarioStep, at: datetime) -> None:
        case = self._case(step)
        if case.status == CaseStatus.SUBMITTED:
            actions.receive_case(case_id=case.pk, actor=self._counter(case), at=at)

    def _request_supplement(self, step: ScenarioStep, at: datetime) -> None:
        case = self._case(step)
        actor = self._counter(case) if case.step_unit_id is None else self._holder(case, "case.request_supplement")
        items = list(step.values.get("items") or ["Bổ sung giấy tờ"])
        actions.request_supplement(case_id=case.pk, items=items, reason=_text(step), actor=actor, at=at)

    def _answer_supplement(self, step: ScenarioStep, at: datetime) -> None:
        actions.answer_supplement(
            case_id=self._case(step).pk, answers={}, documents=[], note="Đã bổ sung", actor=self.citizen, at=at
        )

    def _forward(self, step: ScenarioStep, at: datetime) -> None:
        case = self._case(step)
        actor = self._holder(case, str(_FORWARDING.get(case.step_kind, "case.forward")))
        actions.forward_case(case_id=case.pk, step=case.step_key, actor=actor, at=at)

    def _propose(self, step: ScenarioStep, at: datetime) -> None:
        case = self._case(step)
        actions.propose_result(
            case_id=case.pk, step=case.step_key, outcome=str(step.values["outcome"]), text=_text(step),
            fields=dict(step.values.get("fields") or {}), actor=self._holder(case, "case.propose"), at=at,
        )  # fmt: skip

    def _approve(self, step: ScenarioStep, at: datetime) -> None:
        case = self._case(step)
        actor = self._holder(case, "case.approve")
        actions.approve_result(case_id=case.pk, step=case.step_key, actor=actor, at=at)

    def _deliver(self, step: ScenarioStep, at: datetime) -> None:
        case = Case.objects.get(pk=self.whole_id)
        actions.deliver_result(case_id=case.pk, to_name="", method="counter", actor=self._counter(case), at=at)

    def _withdraw(self, step: ScenarioStep, at: datetime) -> None:
        actions.withdraw_case(case_id=self.whole_id, reason=_text(step), actor=self.citizen, at=at)

    def _look(self, step: ScenarioStep, at: datetime) -> None:
        """Time passes."""

    def _take(self, step: ScenarioStep, at: datetime) -> None:
        """A ministry's system takes its leg."""
        self._reported(step, at, LegReport(national_status=2, reported_at=at, taken_at=at))

    def _report(self, step: ScenarioStep, at: datetime) -> None:
        """A ministry's system tells how a leg stands; at its end there is a number and a paper, or a reason."""
        status = int(step.values["status"])
        done = status == _DONE
        report = LegReport(
            national_status=status, reported_at=at, taken_at=at, finished_at=at if done else None,
            note=str(step.values.get("note") or ""), result_number=str(step.values.get("number") or ""),
            result_fields={"SoDinhDanh": f"0512260099{self.number:02d}"} if done else {},
            file_id=self.stage.file_id if done else None,
        )  # fmt: skip
        self._reported(step, at, report)

    def _reported(self, step: ScenarioStep, at: datetime, report: LegReport) -> None:
        leg = Leg.objects.get(parent_id=self.whole_id, key=str(step.values["leg"]))
        if leg.status == LegStatus.READY:
            code = f"MAU-{leg.system.upper()}-{leg.pk:06d}"
            actions.record_leg_sent(leg_id=leg.pk, external_code=code, actor=SYSTEM, at=at)
        actions.record_leg_report(leg_id=leg.pk, report=report, actor=SYSTEM, at=at)

    def _case(self, step: ScenarioStep) -> Case:
        """The case a step is about: the leg's own, or the whole."""
        key = step.values.get("leg")
        if key is None:
            return Case.objects.get(pk=self.whole_id)
        leg = Leg.objects.select_related("child").get(parent_id=self.whole_id, key=str(key))
        if leg.child is None:
            raise DomainError(leg.note or f"Bước «{leg.name}» chưa có hồ sơ.")
        return leg.child

    def _counter(self, case: Case) -> Actor:
        assert case.intake_unit_id is not None  # noqa: S101 - filed
        return self.stage.officer("case.receive", case.intake_unit_id, case.field)

    def _holder(self, case: Case, permission: str) -> Actor:
        assert case.step_unit_id is not None  # noqa: S101 - at a step
        return self.stage.officer(permission, case.step_unit_id, case.field)


_DONE = 9
_FORWARDING: dict[str, Any] = {"assignment": "case.assign", "appraisal": "case.appraise", "review": "case.forward"}


def _text(step: ScenarioStep) -> str:
    return str(step.values.get("text") or step.values.get("reason") or "Nêu trong kịch bản")
