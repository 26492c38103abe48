"""Cases of the demo province over the past year, lived through the real actions under a moved clock.

Everything is drawn from one seed, so the same seed and day give the same province. What happens to all cases is played
in the order of time, so that case codes, book numbers and the log read as they would have.
"""

import heapq
import itertools
import random
import re
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import yaml
from django.conf import settings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import register_citizen_login
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.audit.queries import get_entry
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import actions, permissions
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import Presence
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import count_filed, form_context, is_needed, variables
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.documents.actions import store_file
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.content import load_scenarios
from tinhso.apps.procedures.data import Package
from tinhso.config.demo.names import Names, Person
from tinhso.config.demo.people import staffed_places
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME, now, travel
from tinhso.kernel.jobs import held, run_task
from tinhso.lib.forms import FieldType
from tinhso.lib.typesetting import typeset
from tinhso.lib.worktime import WorkingCalendar

# How often each thing happens, in per cent; chosen to look like a province's year, measured nowhere.
ONLINE, REFUSED_AT_INTAKE, SUPPLEMENT_AT_INTAKE, SUPPLEMENT, ANSWERED, WITHDRAWN, REFUSED, LATE, RATED = (
    62, 3, 4, 7, 85, 2, 4, 4, 45,
)  # fmt: skip
RECENT_SHARE, RECENT_DAYS, AT_HOME_SHARE = 0.18, 12, 0.7
FEW = 100  # so few cases are mostly of these days: there is work on every desk
# How far back letters and results are really made and signed, and for about how many of the newest cases at most.
PAPERS_FOR_DAYS, MOST_WITH_PAPERS = 10, 40
_OWN_CASES = 6  # of the first demo citizen, so that "my cases" is not empty

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
Step = Callable[[datetime], None]


def missing_cases(wanted: int) -> int:
    """How many cases are still to be made so that the province has `wanted`."""
    return max(wanted - count_filed(), 0)


def load_cases(count: int, *, seed: int) -> None:
    """Make `count` cases. Progress is shown; each case's steps end where the present begins."""
    if count == 0:
        return
    directory.begin_request()  # the directory does not change while this runs: read it once
    stage = _Stage(seed, count)
    queue: list[tuple[datetime, int, Iterator[tuple[datetime, Step]], Step]] = []
    ticket = itertools.count()
    for life in (stage.life(number) for number in range(count)):
        _enqueue(queue, ticket, life)
    until = now()
    columns = (TextColumn("      {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("hồ sơ", total=count)
        while queue and queue[0][0] <= until:
            at, _, life, step = heapq.heappop(queue)
            with travel(at), held() as waiting:
                step(at)
                stage.after(at, waiting)
            if not _enqueue(queue, ticket, life):
                progress.advance(task)
        progress.update(task, completed=count)


def _enqueue(queue: list[Any], ticket: Iterator[int], life: Iterator[tuple[datetime, Step]]) -> bool:
    following = next(life, None)
    if following is None:
        return False
    heapq.heappush(queue, (following[0], next(ticket), life, following[1]))
    return True


class _Stage:
    """The province's packages, people and officers, ready to play."""

    def __init__(self, seed: int, count: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - play data, repeatable on purpose
        self.names = Names(settings.CONTENT_DIR, seed=seed)
        self.start = now()
        self.recent_share = 0.7 if count <= FEW else RECENT_SHARE
        self.mark = f"{seed}-{self.start:%Y%m%d%H%M%S}"
        self.packages = self._packages()
        self.communes = self._staffed_communes()
        self.citizens = yaml.safe_load((settings.CONTENT_DIR / "demo" / "people.yaml").read_text(encoding="utf-8"))[
            "people"
        ]
        self.file_id = self._sample_file()
        newest = count * RECENT_SHARE / RECENT_DAYS  # cases a day
        self.papers_for = timedelta(days=min(PAPERS_FOR_DAYS, MOST_WITH_PAPERS / newest))
        self._officers: dict[tuple[str, int, str], Actor] = {}

    def life(self, number: int) -> Iterator[tuple[datetime, Step]]:
        """The steps of one case, each with its instant; drawn as it is played."""
        return _Life(self, number).play()

    def after(self, at: datetime, waiting: list[tuple[str, dict[str, Any]]]) -> None:
        """What follows from a step. Papers of weeks ago are not typeset and signed one by one: their results show one
        sample page, which keeps a large province quick to make."""
        old = self.start - at > self.papers_for
        while waiting:
            task, arguments = waiting.pop(0)
            handler = str(arguments.get("handler", ""))
            if old and handler == "cases.jobs.sign_approved_result":
                self._sign_with_sample(get_entry(arguments["entry_id"]).payload["result_id"], at)
            elif not (old and handler.startswith("cases.jobs.")):
                run_task(task, arguments)

    def _sign_with_sample(self, result_id: int, at: datetime) -> None:
        actions.record_result_signed(result_id=result_id, file_id=self.file_id, actor=SYSTEM, at=at)

    def officer(self, permission: str, unit_id: int, field: str) -> Actor:
        """An officer who holds the permission there."""
        key = (permission, unit_id, field)
        if key not in self._officers:
            found = accounts.officers_holding(permission, unit_id=unit_id, at=self.start, field=field)
            self._officers[key] = accounts.get_actor(found[0].id, at=self.start)
        return self._officers[key]

    def is_staffed(self, package: Package, unit: UnitData) -> bool:
        """Whether every step of the package has somebody to do it at this unit."""
        field, on = package.facts.field, self.start.date()
        one_stop = directory.one_stop_of(unit.id, on) or unit
        division = directory.division_of(unit.id, package.workflow.division, on) or directory.handling_division(
            unit_id=unit.id, field=field, on=on
        )
        places = {"one_stop": one_stop, "resolving": unit, "division": division}
        return all(
            (place := places[step.unit]) is not None
            and accounts.officers_holding(
                str(permissions.STEP_PERMISSION[step.kind]), unit_id=place.id, at=self.start, field=field
            )
            for step in package.workflow.steps
        )

    def _packages(self) -> list[tuple[Package, list[Any]]]:
        found = []
        for summary in procedures.list_procedures(runs_here=True, on=self.start.date(), limit=100).items:
            package = procedures.get_package(summary.code, self.start.date())[1]
            scenarios, _ = load_scenarios(package, root=settings.CONTENT_DIR)
            if scenarios:
                found.append((package, list(scenarios)))
        return found

    def _staffed_communes(self) -> list[UnitData]:
        field = next(p.facts.field for p, _ in self.packages if p.facts.level == "commune")
        staffed = [
            unit
            for unit in directory.list_communes(self.start.date())
            if accounts.officers_holding("case.approve", unit_id=unit.id, at=self.start, field=field)
        ]
        order = staffed_places()["communes"]
        return sorted(staffed, key=lambda unit: order.index(unit.gso_code))

    def _sample_file(self) -> int:
        data = {"case": {"code": "", "procedure_name": ""}, "title": "Giấy tờ đính kèm (mẫu)"}
        pdf = typeset(template="demo/attachment.typ", data=data, root=settings.CONTENT_DIR)
        return store_file(content=pdf, name="giay-to-dinh-kem.pdf", actor=SYSTEM, at=self.start).id


class _Life:
    """One case from submission to its end, or to the present."""

    def __init__(self, stage: _Stage, number: int) -> None:
        self.stage, self.number, self.draw = stage, number, stage.random
        self.package, scenarios = self.draw.choice(stage.packages)
        self.scenario = self.draw.choice(scenarios)
        self._case: Case | None = None  # as the last action left it
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
        self.calendar: WorkingCalendar = get_working_calendar(calendar_key=unit.calendar_key, at=stage.start)

    def play(self) -> Iterator[tuple[datetime, Step]]:
        """Submission, reception, the workflow, the end; each draw decides what comes."""
        draw = self.draw
        at = self._first_instant()
        version = procedures.get_version(self.package.code, at.date())
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
        day = (self.stage.start - timedelta(days=days)).astimezone(PROVINCE_TIME).date()
        while not self.calendar.is_working_day(day):
            day -= timedelta(days=1)
        minute = draw.choices((draw.randint(425, 680), draw.randint(815, 1010)), (6, 4))[0]
        return datetime.combine(day, time(minute // 60, minute % 60, draw.randint(0, 59)), PROVINCE_TIME)

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
        actor = accounts.get_actor(account.id, at=at, assurance=2)
        self._case = actions.submit_case(
            procedure_code=self.package.code, unit_id=self._unit_id(), applicant=applicant,
            answers=self._answers(person, at), documents=self._documents(Presence.UPLOADED, person, at), channel="online",
            idempotency_key=f"demo-{self.stage.mark}-{self.number}", actor=actor, at=at,
        )  # fmt: skip

    def _take_at_counter(self, at: datetime) -> None:
        person, applicant = self._applicant()
        one_stop = directory.one_stop_of(self.unit.id) or self.unit
        self._case = actions.take_at_counter(
            procedure_code=self.package.code, unit_id=self._unit_id(), intake_unit_id=one_stop.id, applicant=applicant,
            answers=self._answers(person, at), documents=self._documents(Presence.PAPER, person, at),
            idempotency_key=f"demo-{self.stage.mark}-{self.number}",
            actor=self.stage.officer("case.receive", one_stop.id, self.package.facts.field), at=at,
        )  # fmt: skip

    def _receive(self, at: datetime) -> None:
        self._case = actions.receive_case(case_id=self.case.pk, actor=self._counter(), at=at)

    def _refuse_intake(self, at: datetime) -> None:
        reason = "Hồ sơ không thuộc thẩm quyền tiếp nhận của đơn vị; mời nộp đúng nơi theo hướng dẫn."
        actions.refuse_intake(case_id=self.case.pk, reason=reason, actor=self._counter(), at=at)

    def _ask(self, at: datetime) -> None:
        at_step = self.case.step_unit_id is not None
        actor = self._at_step("case.request_supplement") if at_step else self._counter()
        actions.request_supplement(
            case_id=self.case.pk, items=["Bản chụp rõ nét của giấy tờ đã nộp", "Thông tin còn thiếu trong tờ khai"],
            reason="Hồ sơ chưa đủ căn cứ để giải quyết.", actor=actor, at=at,
        )  # fmt: skip

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
        if self.case.account_id is None:
            return
        actor = accounts.get_actor(self.case.account_id, at=at, assurance=2)
        choice = self.draw.choices(("very_satisfied", "satisfied", "dissatisfied"), (55, 41, 4))[0]
        actions.rate_service(case_id=self.case.pk, satisfaction=choice, comment="", actor=actor, at=at)

    def _withdraw(self, at: datetime) -> None:
        reason = "Người nộp xin rút để chuẩn bị lại hồ sơ."
        actions.withdraw_case(case_id=self.case.pk, reason=reason, actor=self._counter(), at=at)

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
        person = self.stage.names.person()
        if self.number < _OWN_CASES:
            own = self.stage.citizens[0]
            person = Person(
                own["full_name"], own["personal_id"], own["birth_date"], own["sex"], own["phone"], person.hamlet
            )
        address = f"{person.hamlet}, {self.commune.name}"
        given = {
            "kind": "person", "full_name": person.full_name, "personal_id": person.personal_id,
            "birth_date": person.birth_date.isoformat(), "phone": person.phone, "address": address,
        }  # fmt: skip
        return person, given

    def _answers(self, person: Person, at: datetime) -> dict[str, Any]:
        """The scenario's answers in this person's name and place, its dates moved with the day."""
        told = {
            "identity.full_name": person.full_name, "identity.personal_id": person.personal_id,
            "identity.birth_date": person.birth_date.isoformat(), "identity.phone": person.phone,
            "identity.sex": person.sex,
        }  # fmt: skip
        played = self.scenario.steps[0].at.astimezone(PROVINCE_TIME).date()
        days = (at.astimezone(PROVINCE_TIME).date() - played).days
        answers: dict[str, Any] = _moved(dict(self.scenario.answers), days, played)
        for field in self.package.form.fields:
            if field.key not in answers:
                continue
            if field.prefill in told:
                answers[field.key] = told[field.prefill]
            elif field.type is FieldType.ADDRESS and isinstance(answers[field.key], dict):
                place = {"commune_code": self.commune.gso_code, "detail": person.hamlet}
                answers[field.key] = {**answers[field.key], **place}
        return answers

    def _documents(self, presence: str, person: Person, at: datetime) -> list[DocumentInput]:
        """What the scenario hands in, and whatever else this channel asks for."""
        channel = "counter" if presence == Presence.PAPER else "online"
        context = form_context(applicant={}, channel=channel, today=at.astimezone(PROVINCE_TIME).date())
        known = variables(self.package, self._answers(person, at), context)
        wanted = {d.key for d in procedures.applicable_documents(self.package, known) if is_needed(d, channel=channel)}
        file_id = self.stage.file_id if presence == Presence.UPLOADED else None
        keys = sorted(wanted | set(self.scenario.documents))
        return [DocumentInput(key=key, presence=presence, file_id=file_id) for key in keys]


def _moved(value: Any, days: int, around: date) -> Any:
    """The value with every ISO date of the years around the scenario moved by so many days: past stays past."""
    if isinstance(value, dict):
        return {key: _moved(item, days, around) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, days, around) for item in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        told = date.fromisoformat(value)
        return (told + timedelta(days=days)).isoformat() if abs((told - around).days) < 1100 else value
    return value
