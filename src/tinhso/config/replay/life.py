"""One case of a replay, from its submission to its end or to the last day. Every draw comes before the acts: a life that
is taken up again after a kill goes the same way."""

import random
from collections.abc import Generator, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.payments import queries as orders
from tinhso.apps.payments.enums import OrderStatus
from tinhso.config.demo.life import Life
from tinhso.config.demo.names import Person
from tinhso.config.demo.stage import Step
from tinhso.config.replay.stage import ReplayStage

_SHARES = {"assignment": 0.08, "appraisal": 0.6, "review": 0.12, "approval": 0.12}
_OWING = {OrderStatus.DUE, OrderStatus.PARTLY_PAID}


class ReplayLife(Life):
    """A life at the scenario's shape; `number` decides everything about it."""

    stage: ReplayStage

    def __init__(self, stage: ReplayStage, number: int) -> None:
        self.stage, self.number, self.till = stage, number, None  # a replay pays in acts of its own
        self.draw = random.Random(f"{stage.seed}-{number}")  # noqa: S311 - play data, repeatable on purpose
        self._case, self._citizen = None, None
        day = stage.moments.day(self.draw)
        self.package, scenarios = stage.package_on(day, self.draw)
        self.scenario = self.draw.choice(scenarios)
        self.commune = stage.commune(self.draw)
        commune_level = self.package.facts.level == "commune"
        unit = directory.competent_unit(
            level=self.package.facts.level, field=self.package.facts.field,
            commune_unit_id=self.commune.id if commune_level else None, on=day,
        )  # fmt: skip
        assert unit is not None  # noqa: S101 - a package's field has a competent unit (content check)
        self.unit = unit
        self.one_stop = directory.one_stop_of(unit.id) or unit
        self.calendar = get_working_calendar(calendar_key=unit.calendar_key, at=stage.start)
        self.begins_at, self.is_online = self._beginning(day)
        self.is_refused = self._share("refused")
        self.satisfaction = self.draw.choices(("very_satisfied", "satisfied", "dissatisfied"), (55, 41, 4))[0]

    @property
    def personal_id(self) -> str:
        """Whose case it is: of two million lives no two have the same, so a case tells its number."""
        return self.stage.names.citizen(self.number).personal_id

    def resume(self, case_id: int) -> None:
        """Go on with a case that an earlier run has begun."""
        self._case = Case.objects.get(pk=case_id)
        if self._case.account_id is not None:
            self._citizen = accounts.get_actor(self._case.account_id, at=self.begins_at, assurance=2)

    def play(self) -> Iterator[tuple[datetime, Step]]:
        at = self.begins_at
        yield at, self._submit_online if self.is_online else self._take_at_counter
        if self._share("paid_online") or not self.is_online:
            at += timedelta(minutes=self.draw.randint(1, 9), seconds=self.draw.randint(0, 59))
            yield at, self.pay
        if self.is_online:
            at = self._later(at, 5, 180)
            if self._share("refused_at_intake"):
                yield at, self._refuse_intake
                return
            if self._share("supplement_at_intake"):
                yield at, self._ask
                at = self._later(at, 300, 1500)
                yield at, self._answer
                at = self._later(at, 10, 120)
            yield at, self._receive
        if self._share("withdrawn"):
            yield self._later(at, 5, 200), self._withdraw
            return
        at = yield from self._work(at)
        at = self._later(at, 20, 900)
        if self._share("delivered"):
            yield at, self._deliver
            if self.is_online and self._share("rated"):
                yield at + timedelta(hours=self.draw.randint(1, 40), minutes=self.draw.randint(0, 59)), self._rate

    def _work(self, at: datetime) -> Generator[tuple[datetime, Step], None, datetime]:
        budget = self._budget_minutes()
        pace = self.draw.uniform(1.15, 1.5) if self._share("late") else self.draw.uniform(0.3, 0.85)
        for step in self.package.workflow.steps:
            if step.kind in {"reception", "issue", "delivery"}:
                continue
            share = _SHARES.get(str(step.kind), 0.08)
            at = self._later(at, int(budget * share * pace * 0.8), int(budget * share * pace) + 2)
            if step.kind == "appraisal" and self._share("supplement"):
                if self.package.policies.supplement_by_head:
                    yield at, self._propose_asking
                    at = self._later(at, 20, 200)
                yield at, self._ask
                if not self._share("answered"):
                    return at + timedelta(days=400)
                at = self._later(at, 400, 2400)
                yield at, self._answer
                at = self._later(at, 60, 200)
            verb = {"appraisal": self._propose, "approval": self._approve}.get(str(step.kind), self._forward)
            yield at, verb
        return at

    def _beginning(self, day: date) -> tuple[datetime, bool]:
        """On line at any hour; at the counter while the office is open."""
        version = self.stage.version(self.package.code, day)
        is_working = self.calendar.is_working_day(day)
        online = (self._share("online") or not is_working) and version.accepts_online(day)
        if online:
            return self.stage.moments.instant(day, self.draw, evening=self._share("evening")), True
        while not self.calendar.is_working_day(day):
            day += timedelta(days=1)
        return self.calendar.next_open(self.stage.moments.instant(day, self.draw)), False

    def _share(self, key: str) -> bool:
        return self._chance_of(self.stage.scenario.shares[key])

    def _chance_of(self, per_cent: float) -> bool:
        return self.draw.random() * 100 < per_cent

    def _applicant(self) -> tuple[Person, dict[str, Any]]:
        person = self.stage.names.citizen(self.number)
        given = {
            "kind": "person", "full_name": person.full_name, "personal_id": person.personal_id,
            "birth_date": person.birth_date.isoformat(), "phone": person.phone,
            "address": f"{person.hamlet}, {self.commune.name}",
        }  # fmt: skip
        return person, given

    # --- what happens otherwise than in the demonstration

    def pay(self, at: datetime) -> None:
        """What is owed at this moment; done already, nothing is owed."""
        for order in orders.orders_of(f"case:{self.case.pk}"):
            if order.status not in _OWING:
                continue
            if self._citizen is not None:
                self.stage.pay_online(order, self._citizen, at)
            else:
                assert self.case.intake_unit_id is not None  # noqa: S101 - filed
                self.stage.collect(order, self._counter(), self.case.intake_unit_id, at)

    def _propose(self, at: datetime) -> None:
        result = actions.propose_result(
            case_id=self.case.pk, step=self.case.step_key, outcome="refuse" if self.is_refused else "grant",
            text="Không đủ điều kiện theo quy định." if self.is_refused else "Hồ sơ đủ điều kiện.", fields={},
            actor=self._at_step("case.propose"), at=at,
        )  # fmt: skip
        self._case = result.case

    def _rate(self, at: datetime) -> None:
        assert self._citizen is not None  # noqa: S101 - only who filed on line rates
        actions.rate_service(
            case_id=self.case.pk, satisfaction=self.satisfaction, comment="", actor=self._citizen, at=at
        )
