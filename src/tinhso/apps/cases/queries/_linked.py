"""Linked cases as their readers see them: the legs with their clocks, what they have given, what needs attention."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.cases import permissions, rules
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import CaseStatus, LegStatus, ResultStatus
from tinhso.apps.cases.models import Case, Leg
from tinhso.apps.cases.queries._forms import form_context, variables
from tinhso.apps.cases.queries._visibility import visible_to
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Group, LegRule, Package, Policies, VersionData
from tinhso.apps.procedures.enums import Level
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.worktime import Limit

_WAITING_FOR_AGENCY = {LegStatus.READY, LegStatus.SENT}


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg as a page shows it; `alert` is a sentence when somebody should act, else empty."""

    id: int
    key: str
    name: str
    procedure_code: str
    agency: str
    after: tuple[str, ...]
    status: LegStatus
    system: str
    limit: str
    code: str
    national_status: int | None
    started_at: datetime | None
    taken_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    lateness: str
    paused: bool
    awaits_applicant: bool
    result_name: str
    result_number: str
    has_result: bool
    check_code: str
    note: str
    alert: str

    @property
    def is_over(self) -> bool:
        return self.status in rules.OVER

    @property
    def mark(self) -> str:
        """How the timeline draws it: done, now, stop, or nothing for what is still to come."""
        if self.status == LegStatus.DONE:
            return "done"
        if self.status in {LegStatus.REFUSED, LegStatus.STOPPED}:
            return "stop"
        return "now" if self.status in {LegStatus.READY, LegStatus.SENT, LegStatus.RUNNING} else ""

    @property
    def tone(self) -> str:
        """The colour of its pill."""
        if self.alert or self.status in {LegStatus.REFUSED, LegStatus.STOPPED}:
            return "late"
        if self.awaits_applicant:
            return "soon"
        return {"done": "ok", "now": "info"}.get(self.mark, "mute")

    @property
    def state(self) -> str:
        """Its state in words."""
        return "Chờ bổ sung" if self.awaits_applicant else str(self.status.label)


@dataclass(frozen=True, slots=True)
class LinkedView:
    """The whole of a linked case: its code, its legs, and which of them is the case at hand (None: the whole itself)."""

    parent_id: int
    code: str
    title: str
    status: CaseStatus
    due_at: datetime | None
    legs: tuple[LegView, ...]
    own: LegView | None
    visible: bool

    @property
    def alerts(self) -> tuple[LegView, ...]:
        return tuple(leg for leg in self.legs if leg.alert)

    @property
    def done(self) -> int:
        return sum(leg.status in {LegStatus.DONE, LegStatus.SKIPPED} for leg in self.legs)


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """One line of the list of linked cases."""

    code: str
    title: str
    applicant_name: str
    status: CaseStatus
    submitted_at: datetime | None
    due_at: datetime | None
    legs: tuple[LegView, ...]

    @property
    def alerts(self) -> tuple[LegView, ...]:
        return tuple(leg for leg in self.legs if leg.alert)


def linked_of(*, actor: Actor, case: Case, now: datetime) -> LinkedView | None:
    """The whole that a visible case is, or is a leg of; None for any other case.

    Whoever may see a leg may know how far the others are; the whole itself is opened only by who may see it.
    """
    parent = case if case.parent_id is None else case.parent
    if parent is None:
        return None
    legs = _legs([parent.pk]).get(parent.pk, [])
    if not legs:
        return None
    views = _views(parent, legs, now)
    own = next((view for view, leg in zip(views, legs, strict=True) if leg.child_id == case.pk), None)
    visible = parent.pk == case.pk or visible_to(actor).filter(pk=parent.pk).exists()
    return LinkedView(
        parent_id=parent.pk, code=parent.code or "", title=parent.procedure_name, status=CaseStatus(parent.status),
        due_at=parent.due_at, legs=views, own=own, visible=visible,
    )  # fmt: skip


def list_linked(
    *,
    actor: Actor,
    now: datetime,
    only_alerts: bool = False,
    procedure: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[LinkedRow], int | None]:
    """The linked cases an officer may see, open ones, newest first; with the cursor of the next page (theo dõi liên thông).

    `only_alerts` keeps those of the page that need attention.
    """
    rows = visible_to(actor).filter(legs__isnull=False).exclude(status=CaseStatus.DRAFT).distinct()
    if procedure:
        rows = rows.filter(procedure_code=procedure)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    legs = _legs([case.pk for case in found])
    listed = [
        LinkedRow(
            code=case.code or "", title=procedures.get_version_by_id(case.version_id).facts.title,
            applicant_name=case.applicant_name, status=CaseStatus(case.status), submitted_at=case.submitted_at,
            due_at=case.due_at, legs=_views(case, legs.get(case.pk, []), now),
        )
        for case in found
    ]  # fmt: skip
    shown = [row for row in listed if row.alerts] if only_alerts else listed
    return shown, (found[-1].pk if more and found else None)


@dataclass(frozen=True, slots=True)
class LegResult:
    """One paper of the bundle: which leg gave it, what it is, and its stored file."""

    key: str
    name: str
    number: str
    file_id: int


def results_of_whole(*, actor: Actor, code: str) -> list[LegResult]:
    """The result papers of a visible whole, in the order of its legs (bộ kết quả).

    Raises:
        CaseNotFound: no such linked case for this actor.
    """
    case = visible_to(actor).filter(code=code.strip().upper(), legs__isnull=False).first()
    if case is None:
        raise CaseNotFound
    legs = Leg.objects.filter(parent=case, result_file__isnull=False).order_by("position")
    return [
        LegResult(leg.key, leg.result_name, leg.result_number, leg.result_file_id)
        for leg in legs
        if leg.result_file_id is not None
    ]


def is_leg(case_id: int) -> bool:
    """Whether a case is a leg of a linked one; for the papers that only the whole gets."""
    return Case.objects.filter(pk=case_id, parent__isnull=False).exists()


def legs_to_send() -> list[int]:
    """Legs ready for a ministry's system, oldest first; for the job."""
    rows = Leg.objects.filter(status=LegStatus.READY).exclude(system="")
    return list(rows.order_by("started_at", "id").values_list("pk", flat=True))


def legs_to_ask() -> list[int]:
    """Legs that a ministry's system has and has not finished; for the job."""
    rows = Leg.objects.filter(status__in=[LegStatus.SENT, LegStatus.RUNNING]).exclude(external_code="")
    return list(rows.order_by("reported_at", "id").values_list("pk", flat=True))


def legs_of_withdrawn(case_id: int) -> list[int]:
    """Legs of a withdrawn whole that a ministry's system still has."""
    rows = Leg.objects.filter(parent_id=case_id).exclude(external_code="").exclude(status=LegStatus.DONE)
    return list(rows.values_list("pk", flat=True))


def held_wholes() -> list[int]:
    """Wholes with a leg of ours that could not start; for the job that tries again."""
    rows = Leg.objects.filter(status=LegStatus.READY, system="", child__isnull=True)
    return sorted(set(rows.values_list("parent_id", flat=True)))


def unacknowledged(now: datetime) -> list[int]:
    """Legs that nobody has taken in time and of which nothing has been recorded yet; for the job."""
    rows = Leg.objects.filter(status__in=_WAITING_FOR_AGENCY, alerted_at__isnull=True, started_at__isnull=False)
    found = []
    for leg in rows.select_related("parent"):
        until = take_until(leg.parent, leg, _group_of(leg.parent))
        if until is not None and until < now:
            found.append(leg.pk)
    return found


def take_until(parent: Case, leg: Leg, group: Group) -> datetime | None:
    """Until when the agency of a started leg has to take it."""
    if leg.started_at is None or parent.unit_id is None:
        return None
    calendar = get_working_calendar(calendar_key=directory.calendar_key_of(parent.unit_id), at=leg.started_at)
    return rules.acknowledge_until(leg.started_at, group.rules.acknowledge, calendar)


def policies_of_whole(parent_id: int) -> Policies:
    """The rules of the clock that a linked group lays on each of its legs."""
    version_id = Case.objects.values_list("version_id", flat=True).get(pk=parent_id)
    package = procedures.get_version_by_id(version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    return package.policies


def group_variables(parent: Case, package: Package, *, today: date) -> dict[str, Any]:
    """The names that the mapping of a leg's answers may use, `legs` aside."""
    context = form_context(applicant=parent.applicant, channel=parent.channel, today=today)
    return variables(package, parent.answers, context)


def given_by(legs: Iterable[Leg]) -> Mapping[str, Any]:
    """What the finished legs give the later ones: number, date, issuer and further facts of each result."""
    return {
        leg.key: {
            "number": leg.result_number,
            "date": leg.finished_at.astimezone(PROVINCE_TIME).date().isoformat() if leg.finished_at else "",
            "issuer": leg.result_fields.get("issuer", leg.agency),
            "fields": leg.result_fields.get("fields", {}),
        }
        for leg in legs
        if leg.status == LegStatus.DONE
    }


def is_communal(version: VersionData) -> bool:
    """Whether a procedure is resolved by the commune."""
    return version.facts.level == Level.COMMUNE


def message_of(leg_id: int, *, today: date) -> tuple[Leg, LegRule, dict[str, Any]]:
    """A leg that is to go to a ministry's system, its rule, and the data of its message."""
    leg = Leg.objects.select_related("parent").get(pk=leg_id)
    group = _group_of(leg.parent)
    rule = group.leg(leg.key)
    package = procedures.get_version_by_id(leg.parent.version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    given = given_by(Leg.objects.filter(parent_id=leg.parent_id))
    return leg, rule, rules.leg_answers(rule, group_variables(leg.parent, package, today=today), given)


def papers_for(leg: Leg, rule: LegRule) -> list[tuple[str, Leg]]:
    """The result papers of earlier legs that go with a leg: (component, the leg that gave it)."""
    before = {other.key: other for other in Leg.objects.filter(parent_id=leg.parent_id).select_related("result_file")}
    return [(key, before[source]) for key, source in rule.receives.items() if before[source].result_file_id is not None]


def _group_of(parent: Case) -> Group:
    package = procedures.get_version_by_id(parent.version_id).package
    assert package is not None  # noqa: S101 - a case is only ever started under a package
    assert package.group is not None  # noqa: S101 - only wholes have legs
    return package.group


def _legs(parent_ids: list[int]) -> dict[int, list[Leg]]:
    rows = (
        Leg.objects.filter(parent_id__in=parent_ids)
        .select_related("child")
        .prefetch_related("child__results")
        .order_by("parent_id", "position")
    )
    found: dict[int, list[Leg]] = {}
    for leg in rows:
        found.setdefault(leg.parent_id, []).append(leg)
    return found


def _views(parent: Case, legs: list[Leg], now: datetime) -> tuple[LegView, ...]:
    group = _group_of(parent) if legs else None
    return tuple(_view(parent, leg, group, now) for leg in legs if group is not None)


def _view(parent: Case, leg: Leg, group: Group, now: datetime) -> LegView:
    child = leg.child
    signed = next((r for r in child.results.all() if r.status == ResultStatus.SIGNED), None) if child else None
    status = LegStatus(leg.status)
    due_at = child.due_at if child else leg.due_at
    return LegView(
        id=leg.pk, key=leg.key, name=leg.name, procedure_code=leg.procedure_code, agency=_agency(leg, child),
        after=tuple(leg.after), status=status, system=leg.system, limit=Limit.parse(leg.time_limit).label(),
        code=(child.code or "") if child else leg.external_code, national_status=leg.national_status,
        started_at=leg.started_at, taken_at=leg.acknowledged_at, due_at=due_at, finished_at=leg.finished_at,
        lateness=child.lateness if child else _lateness(leg), paused=bool(child and child.paused_since),
        awaits_applicant=bool(child and child.status in {CaseStatus.SUPPLEMENT, CaseStatus.INTAKE_SUPPLEMENT})
        or (leg.national_status == 5 and status == LegStatus.RUNNING),
        result_name=leg.result_name, result_number=leg.result_number, has_result=leg.result_file_id is not None,
        check_code=signed.check_code if signed else "", note=leg.note,
        alert=_alert(parent, leg, group, status, due_at, now),
    )  # fmt: skip


def _agency(leg: Leg, child: Case | None) -> str:
    return directory.get_unit(child.unit_id).agency_name if child and child.unit_id else leg.agency


def _lateness(leg: Leg) -> str:
    if leg.finished_at is None or leg.due_at is None:
        return ""
    return "late" if leg.finished_at > leg.due_at else "on_time"


def _alert(parent: Case, leg: Leg, group: Group, status: LegStatus, due_at: datetime | None, now: datetime) -> str:
    if parent.status in {CaseStatus.WITHDRAWN, CaseStatus.STOPPED, CaseStatus.DELIVERED}:
        return ""
    if status == LegStatus.READY and leg.note:
        return f"Chưa chuyển được: {leg.note}"
    if status in _WAITING_FOR_AGENCY:
        until = take_until(parent, leg, group)
        if until is not None and until < now:
            return f"Quá {group.rules.acknowledge.label()} mà cơ quan chưa nhận"
    if status == LegStatus.RUNNING and due_at is not None and due_at < now:
        return "Bước này đã quá hạn"
    return ""


def may_request_supplement(*, actor: Actor, case: Case) -> bool:
    """Whether the officer at a leg may ask for something, the applicant or an earlier agency."""
    return permissions.can_request_supplement(actor, case)
