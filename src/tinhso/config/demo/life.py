"""One case of the demo province, from its submission to its end or to the present."""

import random
from collections.abc import Generator, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import register_citizen_login
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import actions, permissions
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import Presence
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import form_context, is_needed, variables
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.config.demo.answers import answers_of
from tinhso.config.demo.money import Till
from tinhso.config.demo.names import Person
from tinhso.config.demo.stage import RECENT_DAYS, Stage, Step
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.worktime import WorkingCalendar

# How often each thing happens, in per cent; chosen to look like a province's year, measured nowhere.
ONLINE, REFUSED_AT_INTAKE, SUPPLEMENT_AT_INTAKE, SUPPLEMENT, ANSWERED, WITHDRAWN, REFUSED, LATE, RATED = (
    62, 3, 4, 7, 85, 2, 4, 4, 45,
)  # fmt: skip
AT_HOME_SHARE = 0.7
MISSING = ("Bản chụp rõ nét của giấy tờ đã nộp", "Thông tin còn thiếu trong tờ khai")
WHY_MISSING = "Hồ sơ chưa đủ căn cứ để giải quyết."
OWN_CASES = 6  # of the first demo citizen, so that "my cases" is not empty


class Life:
    """One case from submission to its end, or to the present; its number decides all that is drawn."""

    def __init__(self, stage: Stage, number: int, till: Till | None = None) -> None:
        self.stage, self.number, self.till = stage, number, till
        self.draw = random.Random(f"{stage.seed}-{number}")  # noqa: S311 - play data, repeatable on purpose
        self.package, scenarios = self.draw.choice(stage.packages)
        self.scenario = self.draw.choice(scenarios)
        self._case: Case | None = None  # as the last action left it
        self._citizen: Actor | None = None
        commune_level = self.package.facts.level == "commune"
        self.is_recent = self.draw.random() < stage.recent_share
        # What is still open lies mostly where the shown officers work, so that each of them finds something to do.
        self.is_at_home = self.is_recent and self.draw.random() < AT_HOME_SHARE
        self.commune = stage.communes[0] if self.is_at_home else self.draw.choice(stage.communes)
        unit = directory.competent_unit(
            level=self.package.facts.level, field=self.package.facts.field,
            commune_unit_id=self.commune.id if commune_level else None, on=stage.start.date(),
        )  # fmt: skip
        assert unit is not None  # noqa: S101 - a package's field has a competent unit (content check)
        self.unit = unit
        self.one_stop = directory.one_stop_of(unit.id) or unit
        self.calendar: WorkingCalendar = get_working_calendar(calendar_key=unit.calendar_key, at=stage.start)
        self.begins_at = self._first_instant()

    def play(self) -> Iterator[tuple[datetime, Step]]:
        """Submission, reception, the workflow, the end; each draw decides what comes."""
        draw = self.draw
        at = self.begins_at
        version = self.stage.version(self.package.code, at.date())
        online = self._chance(ONLINE) and version.accepts_online(at.date())
        yield at, self._submit_online if online else self._take_at_counter
        if online:
            at = self._later(at, 5, 180)
            if self._chance(REFUSED_AT_INTAKE):
                yield at, self._refuse_intake
                return
            if self._chance(SUPPLEMENT_AT_INTAKE):
                yield at, self._ask
                at = self._later(at, 300, 1500)
                yield at, self._answer
                at = self._later(at, 10, 120)
            yield at, self._receive
        if self._chance(WITHDRAWN):
            yield self._later(at, 30, 400), self._withdraw
            return
        at = yield from self._work(at)
        at = self._later(at, 20, 900)
        if self._chance(92):
            yield at, self._deliver
            if online and self._chance(RATED):
                yield at + timedelta(hours=draw.randint(1, 40)), self._rate

    def _work(self, at: datetime) -> Generator[tuple[datetime, Step], None, datetime]:
        budget = self._budget_minutes()
        shares = {"assignment": 0.08, "appraisal": 0.6, "review": 0.12, "approval": 0.12}
        pace = self.draw.uniform(1.15, 1.5) if self._chance(LATE) else self.draw.uniform(0.35, 0.9)
        for step in self.package.workflow.steps:
            if step.kind in {"reception", "issue", "delivery"}:
                continue
            share = shares.get(str(step.kind), 0.08)
            at = self._later(at, int(budget * share * pace * 0.8), int(budget * share * pace) + 2)
            if step.kind == "appraisal" and self._chance(SUPPLEMENT):
                if self.package.policies.supplement_by_head:
                    yield at, self._propose_asking
                    at = self._later(at, 20, 200)
                yield at, self._ask
                if not self._chance(ANSWERED):
                    return at + timedelta(days=400)
                at = self._later(at, 400, 2400)
                yield at, self._answer
                at = self._later(at, 60, 200)
            verb = {"appraisal": self._propose, "approval": self._approve}.get(str(step.kind), self._forward)
            yield at, verb
        return at

    def _first_instant(self) -> datetime:
        draw = self.draw
        # A year back, but never before the version of the procedure that is played came into force.
        known = max((self.stage.start.date() - self.package.effective_from).days - 4, RECENT_DAYS + 1)
        days = draw.uniform(0, RECENT_DAYS) if self.is_recent else draw.uniform(RECENT_DAYS, min(known, 365))
        day = self.stage.start.astimezone(PROVINCE_TIME).date() - timedelta(days=int(days))
        minute = draw.choices((draw.randint(425, 680), draw.randint(815, 1010)), (6, 4))[0]
        clock = time(minute // 60, minute % 60, draw.randint(0, 59))
        while not self.calendar.is_working_day(day) or datetime.combine(day, clock, PROVINCE_TIME) > self.stage.start:
            day -= timedelta(days=1)
        return datetime.combine(day, clock, PROVINCE_TIME)

    def _budget_minutes(self) -> int:
        hours = sum(step.hours_for(self.scenario.expect.get("limit_key", "")) for step in self.package.workflow.steps)
        return int(hours * 60) or 480

    def _later(self, at: datetime, low: int, high: int) -> datetime:
        minutes = self.draw.randint(max(low, 1), max(high, low + 1))
        return self.calendar.add(at, minutes) + timedelta(seconds=self.draw.randint(1, 59))

    def _chance(self, per_cent: int) -> bool:
        return self.draw.random() * 100 < per_cent

    # --- what happens

    def _submit_online(self, at: datetime) -> None:
        person, applicant = self._applicant()
        claims = IdentityClaims(
            issuer="vneid", personal_id=person.personal_id, full_name=person.full_name, birth_date=person.birth_date,
            sex=person.sex, phone=person.phone, address=applicant["address"], level=2,
        )  # fmt: skip
        account = register_citizen_login(claims=claims, actor=SYSTEM, at=at)
        self._citizen = accounts.get_actor(account.id, at=at, assurance=2)
        answers = self._answers(person, at)
        self._case = actions.submit_case(
            procedure_code=self.package.code, unit_id=self._unit_id(), applicant=applicant, answers=answers,
            documents=self._documents(Presence.UPLOADED, answers, at), channel="online",
            idempotency_key=f"demo-{self.stage.mark}-{self.number}", actor=self._citizen, at=at,
        )  # fmt: skip
        self._pay(at, None)

    def _take_at_counter(self, at: datetime) -> None:
        person, applicant = self._applicant()
        answers = self._answers(person, at)
        self._case = actions.take_at_counter(
            procedure_code=self.package.code, unit_id=self._unit_id(), intake_unit_id=self.one_stop.id,
            applicant=applicant, answers=answers, documents=self._documents(Presence.PAPER, answers, at),
            idempotency_key=f"demo-{self.stage.mark}-{self.number}",
            actor=self.stage.officer("case.receive", self.one_stop.id, self.package.facts.field), at=at,
        )  # fmt: skip
        self._pay(at, self._counter())

    def _receive(self, at: datetime) -> None:
        self._case = actions.receive_case(case_id=self.case.pk, actor=self._counter(), at=at)

    def _refuse_intake(self, at: datetime) -> None:
        reason = "Hồ sơ không thuộc thẩm quyền tiếp nhận của đơn vị; mời nộp đúng nơi theo hướng dẫn."
        actions.refuse_intake(case_id=self.case.pk, reason=reason, actor=self._counter(), at=at)

    def _propose_asking(self, at: datetime) -> None:
        actor = self._at_step("case.request_supplement")
        actions.propose_supplement(case_id=self.case.pk, items=MISSING, reason=WHY_MISSING, actor=actor, at=at)

    def _ask(self, at: datetime) -> None:
        at_step = self.case.step_unit_id is not None
        if at_step and self.package.policies.supplement_by_head:
            actions.decide_supplement(case_id=self.case.pk, accept=True, actor=self._at_step("case.assign"), at=at)
            return
        actor = self._at_step("case.request_supplement") if at_step else self._counter()
        actions.request_supplement(case_id=self.case.pk, items=MISSING, reason=WHY_MISSING, actor=actor, at=at)

    def _answer(self, at: datetime) -> None:
        note = "Đã bổ sung theo yêu cầu."
        self._case = actions.answer_supplement(
            case_id=self.case.pk, answers={}, documents=[], note=note, actor=self._counter(), at=at
        )

    def _forward(self, at: datetime) -> None:
        actor = self._at_step(str(permissions.STEP_PERMISSION[self.case.step_kind]))
        self._case = actions.forward_case(case_id=self.case.pk, step=self.case.step_key, actor=actor, at=at)

    def _propose(self, at: datetime) -> None:
        refuse = self._chance(REFUSED)
        result = actions.propose_result(
            case_id=self.case.pk, step=self.case.step_key, outcome="refuse" if refuse else "grant",
            text="Không đủ điều kiện theo quy định." if refuse else "Hồ sơ đủ điều kiện.", fields={},
            actor=self._at_step("case.propose"), at=at,
        )  # fmt: skip
        self._case = result.case

    def _approve(self, at: datetime) -> None:
        actor = self._at_step("case.approve")
        actions.approve_result(case_id=self.case.pk, step=self.case.step_key, actor=actor, at=at)

    def _deliver(self, at: datetime) -> None:
        actions.deliver_result(case_id=self.case.pk, to_name="", method="counter", actor=self._counter(), at=at)

    def _rate(self, at: datetime) -> None:
        if self._citizen is None:
            return
        choice = self.draw.choices(("very_satisfied", "satisfied", "dissatisfied"), (55, 41, 4))[0]
        actions.rate_service(case_id=self.case.pk, satisfaction=choice, comment="", actor=self._citizen, at=at)

    def _withdraw(self, at: datetime) -> None:
        reason = "Người nộp xin rút để chuẩn bị lại hồ sơ."
        actions.withdraw_case(case_id=self.case.pk, reason=reason, actor=self._counter(), at=at)

    def _pay(self, at: datetime, counter: Actor | None) -> None:
        """The fees of the case; every other one of the shown citizen's own waits for her."""
        if self.till is not None and (self.number >= OWN_CASES or self.number % 2):
            draw = random.Random(f"{self.stage.seed}-{self.number}-fees")  # noqa: S311 - play data
            self.till.pay(self.case, draw, at=at, counter=counter)

    @property
    def case(self) -> Case:
        """The case as filed; where it lies and at which step only this life's own actions change."""
        assert self._case is not None  # noqa: S101 - a life begins with its filing
        return self._case

    def _counter(self) -> Actor:
        assert self.case.intake_unit_id is not None  # noqa: S101 - filed
        return self.stage.officer("case.receive", self.case.intake_unit_id, self.case.field)

    def _at_step(self, permission: str) -> Actor:
        assert self.case.step_unit_id is not None  # noqa: S101 - at a step
        return self.stage.officer(permission, self.case.step_unit_id, self.case.field)

    def _unit_id(self) -> int | None:
        return self.unit.id if self.package.facts.level == "commune" else None

    def _applicant(self) -> tuple[Person, dict[str, Any]]:
        person = self.stage.names.citizen(self.number)
        address = f"{person.hamlet}, {self.commune.name}"
        if self.number < OWN_CASES:
            own = self.stage.citizens[0]
            address = own["address"]
            person = Person(
                own["full_name"], own["personal_id"], own["birth_date"], own["sex"], own["phone"], person.hamlet
            )
        given = {
            "kind": "person", "full_name": person.full_name, "personal_id": person.personal_id,
            "birth_date": person.birth_date.isoformat(), "phone": person.phone, "address": address,
        }  # fmt: skip
        return person, given

    def _answers(self, person: Person, at: datetime) -> dict[str, Any]:
        return answers_of(self.package, self.scenario, person=person, commune=self.commune, at=at)

    def _documents(self, presence: str, answers: dict[str, Any], at: datetime) -> list[DocumentInput]:
        """What the scenario hands in, and whatever else this channel asks for."""
        channel = "counter" if presence == Presence.PAPER else "online"
        context = form_context(applicant={}, channel=channel, today=at.astimezone(PROVINCE_TIME).date())
        known = variables(self.package, answers, context)
        wanted = {d.key for d in procedures.applicable_documents(self.package, known) if is_needed(d, channel=channel)}
        file_id = self.stage.file_id if presence == Presence.UPLOADED else None
        keys = sorted(wanted | set(self.scenario.documents))
        return [DocumentInput(key=key, presence=presence, file_id=file_id) for key in keys]
