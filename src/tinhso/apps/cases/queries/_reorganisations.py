"""What handing the open cases of a unit to its successor would do, and the rounds that did it (bàn giao hồ sơ)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from tinhso.apps.cases.data import NotASuccessor, ReorganisationNotFound
from tinhso.apps.cases.enums import (
    INTAKE_STATUSES,
    OPEN_STATUSES,
    CaseStatus,
    ConsultationStatus,
    MoveStatus,
    ResultStatus,
)
from tinhso.apps.cases.models import (
    Case,
    Consultation,
    Reorganisation,
    ReorganisationLine,
    Result,
    Transfer,
    WorklistEntry,
)
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._places import unit_of_step
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import SuccessionExtent, UnitKind
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package
from tinhso.apps.procedures.enums import StepUnit
from tinhso.kernel.actor import Actor

# A result that waits to be handed over is handed over by the successor's counter.
INHERITED = (*INTAKE_STATUSES, *OPEN_STATUSES, CaseStatus.RESOLVED)
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Inheritance:
    """Which office of the successor takes the place of each office of the unit that went; None where there is none."""

    old: UnitData
    new: UnitData
    on: date
    offices: dict[int, int | None]

    @property
    def ids(self) -> list[int]:
        """The old unit with the offices inside it."""
        return sorted(self.offices)


@dataclass(frozen=True, slots=True)
class InheritedCase:
    """What the round changes for one case; an obstacle keeps it where it is."""

    case_id: int
    code: str
    procedure_code: str
    status: str
    unit_id: int | None
    intake_unit_id: int | None
    desk_id: int | None
    desk_before_id: int | None
    assigned: bool
    obstacle: str = ""

    @property
    def can_move(self) -> bool:
        return not self.obstacle


@dataclass(frozen=True, slots=True)
class HandoverPreview:
    """The whole round told before it happens: how many, which, what changes."""

    inheritance: Inheritance
    total: int
    movable: int
    assigned: int
    statuses: tuple[tuple[str, int], ...]
    desks: tuple[tuple[str, str, int], ...]
    obstacles: tuple[tuple[str, int], ...]
    changes_calendar: bool
    changes_area: bool
    lines: tuple[InheritedCase, ...] = field(default=())


def inheritance(*, from_unit_id: int, to_unit_id: int, on: date) -> Inheritance:
    """Old offices and their heirs on a day, from the dated directory (kế thừa theo danh mục đơn vị).

    Raises:
        UnitNotFound: there is no such unit.
        NotASuccessor: the directory does not name the new unit as the one that took the old one over whole.
    """
    old, new = directory.get_unit(from_unit_id), directory.get_unit(to_unit_id)
    heirs = [] if old.is_valid_on(on) else directory.successors_of(old.id, on)
    if not any(heir.unit.id == new.id and heir.extent == SuccessionExtent.WHOLE for heir in heirs):
        raise NotASuccessor
    offices: dict[int, int | None] = {old.id: new.id}
    for unit_id in directory.subtree_ids(old.id, old.valid_to) - {old.id}:
        # Communes below a province that went have successors, and rounds, of their own.
        if directory.resolving_unit_of(unit_id).id == old.id:
            offices[unit_id] = _heir_of(directory.get_unit(unit_id), new, on)
    return Inheritance(old, new, on, offices)


def successors_with_cases(on: date) -> list[tuple[UnitData, UnitData, int]]:
    """Units that went whole into one other and still have open cases, with how many they resolve; most first."""
    units = (directory.get_unit(unit_id) for unit_id in directory.unit_ids())
    gone = sorted(unit.id for unit in units if unit.valid_to is not None and unit.valid_to < on)
    # Entered by the lists of work of the units that went, which hold open cases only: asked by the state of a case, the
    # page would walk through all the open work of the province to find that nothing is left over.
    lying = WorklistEntry.objects.filter(unit_id__in=gone, case__unit_id=F("unit_id")).order_by()
    waiting = Counter(dict(lying.values_list("unit_id").annotate(number=Count("case_id"))))
    found = []
    for unit_id, number in waiting.most_common():
        heirs = directory.successors_of(unit_id or 0, on)
        if len(heirs) == 1 and heirs[0].extent == SuccessionExtent.WHOLE:
            found.append((directory.get_unit(unit_id or 0), heirs[0].unit, number))
    return found


def inherited_cases(heritage: Inheritance) -> QuerySet[Case]:
    """The open cases that a unit resolves, receives, has at a desk, is asked about or is being sent."""
    ids = heritage.ids
    asked = Consultation.objects.filter(status=ConsultationStatus.OPEN, unit_id__in=ids)
    sent = Transfer.objects.filter(accepted_at__isnull=True, declined_at__isnull=True, to_unit_id__in=ids)
    lying = Q(desk_unit_ids__overlap=ids) & (Q(step_unit_id__in=ids) | Q(intake_unit_id__in=ids))
    here = Q(unit_id__in=ids) | lying | Q(pk__in=asked.values("case_id")) | Q(pk__in=sent.values("case_id"))
    return Case.objects.filter(status__in=INHERITED).filter(here)


def plan_inheritance(cases: Sequence[Case], heritage: Inheritance) -> list[InheritedCase]:
    """What becomes of each case, in the order given; the number of queries does not grow with the number of cases."""
    signing = set(Result.objects.filter(case__in=cases, status=ResultStatus.APPROVED).values_list("case_id", flat=True))
    packages: dict[int, Package | None] = {}
    lacking: dict[tuple[int, str], str] = {}
    for case in cases:
        if case.version_id not in packages:
            packages[case.version_id] = procedures.get_version_by_id(case.version_id).package
    both = _asked_both(cases, heritage)
    plans = []
    for case in cases:
        obstacle, package = "", packages[case.version_id]
        if case.unit_id in heritage.offices and package is not None:
            key = (case.version_id, case.field)
            if key not in lacking:
                lacking[key] = _lacking(case, package, heritage)
            obstacle = lacking[key]
        if case.step_unit_id in heritage.offices and heritage.offices[case.step_unit_id] is None:
            obstacle = obstacle or f"Đơn vị kế thừa không có bộ phận làm bước «{case.step_name}»."
        if case.intake_unit_id in heritage.offices and heritage.offices[case.intake_unit_id] is None:
            obstacle = obstacle or "Đơn vị kế thừa không có Bộ phận Một cửa."
        if case.pk in signing:
            obstacle = "Kết quả đã được phê duyệt, đang ký số."
        if case.pk in both:
            obstacle = obstacle or "Đang hỏi ý kiến cả đơn vị cũ và đơn vị kế thừa."
        plans.append(_planned(case, heritage, obstacle))
    return plans


def preview_reorganisation(*, from_unit_id: int, to_unit_id: int, on: date, shown: int = 200) -> HandoverPreview:
    """How many cases, which, and what changes; nothing is written. `shown` lines are kept, all are counted.

    Raises:
        UnitNotFound, NotASuccessor: as `inheritance`.
    """
    heritage = inheritance(from_unit_id=from_unit_id, to_unit_id=to_unit_id, on=on)
    statuses: Counter[str] = Counter()
    desks: Counter[tuple[int, int]] = Counter()
    obstacles: Counter[str] = Counter()
    lines: list[InheritedCase] = []
    assigned = total = 0
    for chunk in _chunks(inherited_cases(heritage)):
        for line in plan_inheritance(chunk, heritage):
            total += 1
            statuses[line.status] += 1
            if line.obstacle:
                obstacles[line.obstacle] += 1
            else:
                assigned += line.assigned
                if line.desk_before_id and line.desk_id and line.desk_id != line.desk_before_id:
                    desks[line.desk_before_id, line.desk_id] += 1
            if len(lines) < shown:
                lines.append(line)
    return HandoverPreview(
        inheritance=heritage, total=total, movable=total - obstacles.total(), assigned=assigned,
        statuses=tuple((str(CaseStatus(key).label), number) for key, number in statuses.most_common()),
        desks=tuple((_name(old), _name(new), number) for (old, new), number in desks.most_common()),
        obstacles=tuple(obstacles.most_common()), lines=tuple(lines),
        changes_calendar=heritage.old.calendar_key != heritage.new.calendar_key,
        changes_area=heritage.old.area != heritage.new.area,
    )  # fmt: skip


def list_reorganisations(*, actor: Actor, limit: int = 50) -> list[Reorganisation]:
    """The rounds into units this actor may hand cases to, newest first (các đợt bàn giao)."""
    units = _units_of(actor)
    rows = Reorganisation.objects.select_related("from_unit", "to_unit").filter(to_unit_id__in=sorted(units))
    return list(rows.order_by("-id")[:limit])


def get_reorganisation(*, actor: Actor, reorganisation_id: int) -> Reorganisation:
    """One round (đợt bàn giao).

    Raises:
        ReorganisationNotFound: there is none, or none into a unit of this actor's.
    """
    rows = Reorganisation.objects.select_related("from_unit", "to_unit").filter(pk=reorganisation_id)
    found = rows.first()
    if found is None or found.to_unit_id not in _units_of(actor):
        raise ReorganisationNotFound
    return found


def reorganisation_lines(
    reorganisation_id: int, *, after: int = 0, kept_only: bool = False, limit: int = 100
) -> list[ReorganisationLine]:
    """A page of the report, by row number after `after`; codes only, no personal data."""
    rows = ReorganisationLine.objects.filter(reorganisation_id=reorganisation_id, pk__gt=after)
    if kept_only:
        rows = rows.filter(moved=False)
    return list(rows.select_related("case", "desk_before", "desk_after").order_by("pk")[:limit])


def open_reorganisation(from_unit_id: int) -> Reorganisation | None:
    """The round of a unit that waits to be decided or is under way."""
    going = (MoveStatus.PROPOSED, MoveStatus.APPROVED)
    return Reorganisation.objects.filter(from_unit_id=from_unit_id, status__in=going).first()


def _units_of(actor: Actor) -> frozenset[int]:
    proposing = actor.unit_ids_for(CasePermission.PROPOSE_REORGANISATION)
    return proposing | actor.unit_ids_for(CasePermission.APPROVE_REORGANISATION)


def _heir_of(office: UnitData, new: UnitData, on: date) -> int | None:
    if office.kind == UnitKind.ONE_STOP:
        heir = directory.one_stop_of(new.id, on)
    else:
        heir = directory.division_of(new.id, office.division_key, on) if office.division_key else None
    return heir.id if heir else None


def _lacking(case: Case, package: Package, heritage: Inheritance) -> str:
    """The step of the process that the successor has nobody for, as a sentence; empty when it has all."""
    probe = Case(unit_id=heritage.new.id, intake_unit_id=case.intake_unit_id, field=case.field)
    for step in package.workflow.steps:
        own = step.place.relation in {StepUnit.DIVISION, StepUnit.RESOLVING}
        if own and unit_of_step(probe, package, step, on=heritage.on) is None:
            return f"Đơn vị kế thừa không có bộ phận làm bước «{step.name}»."
    return ""


def _asked_both(cases: Sequence[Case], heritage: Inheritance) -> set[int]:
    rows = Consultation.objects.filter(case__in=cases, status=ConsultationStatus.OPEN).values_list("case_id", "unit_id")
    asked: Counter[tuple[int, int]] = Counter()
    for case_id, unit_id in rows:
        asked[case_id, heritage.offices.get(unit_id) or unit_id] += 1
    return {case_id for (case_id, _), number in asked.items() if number > 1}


def _planned(case: Case, heritage: Inheritance, obstacle: str) -> InheritedCase:
    def heir(unit_id: int | None) -> int | None:
        return unit_id if unit_id is None else heritage.offices.get(unit_id, unit_id)

    return InheritedCase(
        case_id=case.pk, code=case.code or "", procedure_code=case.procedure_code, status=case.status,
        unit_id=heir(case.unit_id), intake_unit_id=heir(case.intake_unit_id), desk_id=heir(case.step_unit_id),
        desk_before_id=case.step_unit_id, assigned=case.assignee_id is not None, obstacle=obstacle,
    )  # fmt: skip


def _chunks(rows: QuerySet[Case]) -> Iterable[list[Case]]:
    latest = 0
    slim = rows.defer("answers", "applicant", "fees", "search_text").order_by("pk")
    while found := list(slim.filter(pk__gt=latest)[:_CHUNK]):
        yield found
        latest = found[-1].pk


def _name(unit_id: int) -> str:
    return directory.get_unit(unit_id).name
