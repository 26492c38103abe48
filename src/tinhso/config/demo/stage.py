"""What the demo province's cases are played with: packages, places, people, officers."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.queries import get_entry
from tinhso.apps.cases import actions, permissions
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.documents.actions import store_file
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.content import load_scenarios
from tinhso.apps.procedures.data import Package, VersionData
from tinhso.apps.procedures.enums import StepKind
from tinhso.config.demo.names import Names
from tinhso.config.demo.people import staffed_places
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now
from tinhso.kernel.jobs import run_task
from tinhso.lib.typesetting import typeset
from tinhso.lib.yamltext import load_yaml

Step = Callable[[datetime], None]

# So few cases are mostly of these days: there is work on every desk.
FEW, FEW_RECENT_SHARE, RECENT_SHARE, RECENT_DAYS = 100, 0.7, 0.18, 12
# How far back letters and results are really made and signed, and for about how many of the newest cases at most.
PAPERS_FOR_DAYS, MOST_WITH_PAPERS = 10, 40
LINKED_PAPERS_FOR = timedelta(days=3)


# What moves the legs of a linked case; and what would call the ministries' systems, which may not be running yet.
_LEGS = {"cases.jobs.start_first_legs", "cases.jobs.follow_moved_leg", "cases.jobs.follow_mended_result"}
# What the worker does a little later: the typesetter's threads do not pass into the processes that play.
_LATER = {"receipts.jobs.make_receipt"}
_ELSEWHERE = {"cases.jobs.send_started_leg", "cases.jobs.tell_ministries"}


class Stage:
    """The province's packages, people and officers, ready to play."""

    def __init__(self, *, seed: int, count: int) -> None:
        self.seed = seed
        self.names = Names(settings.CONTENT_DIR, seed=seed)
        self.start = now()
        self.recent_share = FEW_RECENT_SHARE if count <= FEW else RECENT_SHARE
        self.mark = f"{seed}-{self.start:%Y%m%d%H%M%S}"
        self.packages = self._packages()
        self.groups = self._groups()
        self.communes = self._staffed_communes()
        self.packages = [(package, scenarios) for package, scenarios in self.packages if self._is_playable(package)]
        people = (settings.CONTENT_DIR / "demo" / "people.yaml").read_text(encoding="utf-8")
        self.citizens = load_yaml(people)["people"]
        self.file_id = self._sample_file()
        newest = count * RECENT_SHARE / RECENT_DAYS  # cases a day
        self.papers_for = timedelta(days=min(PAPERS_FOR_DAYS, MOST_WITH_PAPERS / newest))
        self._officers: dict[tuple[str, int, str], Actor] = {}
        self.version: Callable[[str, date], VersionData] = cache(procedures.get_version)

    def after(
        self, at: datetime, waiting: list[tuple[str, dict[str, Any]]], *, linked: bool = False, whole: bool = False
    ) -> None:
        """What follows from a step. Papers of weeks ago are not typeset and signed one by one: their results show one
        sample page, which keeps a large province quick to make. The legs of a `linked` case always follow; of a `whole`
        one every paper is made and signed, and what it decides enters its owner's vault."""
        old = not whole and self.start - at > (min(self.papers_for, LINKED_PAPERS_FOR) if linked else self.papers_for)
        while waiting:
            task, arguments = waiting.pop(0)
            handler = str(arguments.get("handler", ""))
            if old and handler == "cases.jobs.sign_approved_result":
                self._sign_with_sample(get_entry(arguments["entry_id"]).payload["result_id"], at)
            elif handler not in _ELSEWHERE | _LATER and (
                not old or (linked and handler in _LEGS) or not handler.startswith("cases.jobs.")
            ):
                run_task(task, arguments)

    def _sign_with_sample(self, result_id: int, at: datetime) -> None:
        actions.record_result_signed(result_id=result_id, file_id=self.file_id, actor=SYSTEM, at=at)

    def officer(self, permission: str, unit_id: int, field: str) -> Actor:
        """An officer who holds the permission there; an empty field stands for any."""
        key = (permission, unit_id, field)
        if key not in self._officers:
            found = accounts.officers_holding(permission, unit_id=unit_id, at=self.start, field=field or None)
            self._officers[key] = accounts.get_actor(found[0].id, at=self.start)
        return self._officers[key]

    def has_officer(self, permission: str, unit_id: int, field: str) -> bool:
        """Whether anybody holds the permission there."""
        return bool(accounts.officers_holding(permission, unit_id=unit_id, at=self.start, field=field or None))

    def officer_at(self, unit_ids: list[int], permission: str) -> Actor:
        """An officer of the first of these units where anybody holds the permission."""
        place = next(unit_id for unit_id in unit_ids if self.has_officer(permission, unit_id, ""))
        return self.officer(permission, place, "")

    def _is_playable(self, package: Package) -> bool:
        """Whether the procedure's agency is one that the demo staffs. A linked group runs through several agencies, by
        steps of its own."""
        if package.group is not None:
            return False
        facts = package.facts
        home = self.communes[0].id if facts.level == "commune" else None
        unit = directory.competent_unit(
            level=facts.level, field=facts.field, commune_unit_id=home, on=self.start.date()
        )
        return unit is not None and self._is_staffed(package, unit)

    def _is_staffed(self, package: Package, unit: UnitData) -> bool:
        """Whether every step of the package has somebody to do it at this unit; the seal itself does the issuing."""
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
            if step.kind != StepKind.ISSUE
        )

    def _packages(self) -> list[tuple[Package, list[Any]]]:
        found = []
        for summary in procedures.list_procedures(runs_here=True, on=self.start.date(), limit=100).items:
            package = procedures.get_package(summary.code, self.start.date())[1]
            scenarios, _ = load_scenarios(package, root=settings.CONTENT_DIR)
            if scenarios:
                found.append((package, list(scenarios)))
        return found

    def _groups(self) -> list[Package]:
        """The linked groups that take applications here."""
        listed = procedures.list_procedures(runs_here=True, on=self.start.date(), limit=100).items
        found = [procedures.get_package(summary.code, self.start.date())[1] for summary in listed]
        return [package for package in found if package.group is not None]

    def _staffed_communes(self) -> list[UnitData]:
        field = next(p.facts.field for p, _ in self.packages if p.facts.level == "commune")
        staffed = [
            unit
            for unit in directory.list_communes(self.start.date())
            if accounts.officers_holding("case.approve", unit_id=unit.id, at=self.start, field=field)
        ]
        order = {code: place for place, code in enumerate(staffed_places()["communes"])}
        return sorted(staffed, key=lambda unit: (order.get(unit.gso_code, len(order)), unit.gso_code))

    def _sample_file(self) -> int:
        # In a process of its own: the typesetter leaves threads behind, and the shares of the work are forked from here.
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
            pdf = apart.submit(_sample_page).result()
        return store_file(content=pdf, name="giay-to-dinh-kem.pdf", made_here=True, actor=SYSTEM, at=self.start).id


def _sample_page() -> bytes:
    data = {"case": {"code": "", "procedure_name": ""}, "title": "Giấy tờ đính kèm (mẫu)"}
    return typeset(template="demo/attachment.typ", data=data, root=settings.CONTENT_DIR, beside=settings.BASE_DIR)
