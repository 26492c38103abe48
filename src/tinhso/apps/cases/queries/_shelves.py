"""The shelves of the worklist: what is on each, as a rule over the table of cases (ngăn hồ sơ)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from tinhso.apps.cases.enums import AWAITING_APPLICANT, INTAKE_STATUSES, OPEN_STATUSES, CaseStatus
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries._visibility import OneOf, lying_with, visible_to
from tinhso.apps.cases.queries._work import stands_in_for
from tinhso.apps.procedures.enums import StepKind
from tinhso.kernel.actor import Actor


class Shelf(StrEnum):
    """The worklist's filters (ngăn hồ sơ)."""

    MINE = "mine"  # at my step, mine to do
    WAITING = "waiting"  # chờ tiếp nhận
    DUE_SOON = "due-soon"  # sắp đến hạn
    LATE = "late"  # quá hạn
    SUPPLEMENT = "supplement"  # chờ bổ sung
    TO_SIGN = "to-sign"  # chờ ký
    TO_DELIVER = "to-deliver"  # chờ trả kết quả
    ALL = "all"


DUE_SOON = timedelta(days=2)
# What each shelf is sorted by; what is not named here, by the time left.
ORDER = {Shelf.WAITING: "submitted_at", Shelf.TO_DELIVER: "resolved_at"}
# Shelves of the steps an officer may do now, and those of one counter.
OF_STEPS = {Shelf.MINE, Shelf.TO_SIGN}
OF_COUNTER = {Shelf.WAITING: CasePermission.RECEIVE, Shelf.TO_DELIVER: CasePermission.DELIVER}
# Which step kinds a permission lets an officer do: the inverse of permissions.STEP_PERMISSION, for SQL.
_KINDS_OF = {
    CasePermission.RECEIVE: (StepKind.RECEPTION,),
    CasePermission.ASSIGN: (StepKind.ASSIGNMENT,),
    CasePermission.PROPOSE: (StepKind.APPRAISAL,),
    CasePermission.APPRAISE: (StepKind.EXAMINATION, StepKind.CONSULTATION),
    CasePermission.FORWARD: (StepKind.REVIEW,),
    CasePermission.APPROVE: (StepKind.SUBMISSION, StepKind.APPROVAL),
    CasePermission.ISSUE: (StepKind.DISPATCH, StepKind.ISSUE),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What an officer may do now: kinds of steps with the units and fields, and whose work, besides what is nobody's."""

    steps: tuple[tuple[tuple[StepKind, ...], frozenset[int], frozenset[str] | None], ...]
    people: tuple[int | None, ...]

    def of_kinds(self, kinds: frozenset[StepKind] | None) -> "Reach":
        """The part of it that lies at steps of these kinds; None: all of it."""
        if kinds is None:
            return self
        kept = [(tuple(kind for kind in own if kind in kinds), units, fields) for own, units, fields in self.steps]
        return Reach(tuple(step for step in kept if step[0]), self.people)


def reach_of(actor: Actor, now: datetime) -> Reach:
    """The steps this actor may complete, and the people whose work he may take: himself, and who is away today."""
    steps = []
    for grant in actor.grants:
        kinds = _KINDS_OF.get(grant.permission)  # type: ignore[call-overload]  # a permission code looked up by its enum
        if kinds is not None:
            steps.append((kinds, grant.unit_ids, grant.fields))
    people = (actor.account_id, *sorted(stands_in_for(actor=actor, at=now))) if steps else ()
    return Reach(tuple(steps), people)


def on_shelf(actor: Actor, shelf: Shelf, now: datetime, reach: Reach) -> QuerySet[Case]:
    """The cases of one shelf. `_streams` finds the first of them without walking through the others."""
    if shelf in OF_STEPS:
        return lying_with(actor).filter(doable(reach.of_kinds(kinds_on(shelf))))
    rows = visible_to(actor)
    if shelf is Shelf.WAITING:
        return rows.filter(_of_counter(actor, shelf), status=CaseStatus.SUBMITTED)
    if shelf is Shelf.TO_DELIVER:
        return rows.filter(_of_counter(actor, shelf), status=CaseStatus.RESOLVED)
    if shelf is Shelf.DUE_SOON:
        return rows.filter(status__in=OPEN_STATUSES, due_at__gte=now, due_at__lt=now + DUE_SOON)
    if shelf is Shelf.LATE:
        return rows.filter(status__in=OPEN_STATUSES, due_at__lt=now)
    if shelf is Shelf.SUPPLEMENT:
        return rows.filter(status__in=AWAITING_APPLICANT)
    return rows.filter(status__in=[*OPEN_STATUSES, *INTAKE_STATUSES, CaseStatus.RESOLVED])


def kinds_on(shelf: Shelf) -> frozenset[StepKind] | None:
    """The kinds of steps a shelf is for; None: of all."""
    return frozenset({StepKind.APPROVAL}) if shelf is Shelf.TO_SIGN else None


def doable(reach: Reach) -> Q:
    """At a step within reach, and not given to somebody else who is there."""
    rights = Q(pk__in=[])
    for kinds, units, fields in reach.steps:
        right = Q(OneOf("step_unit_id", units), step_kind__in=kinds)
        rights |= right if fields is None else right & Q(field__in=sorted(fields))
    at_work = Q(status__in=[CaseStatus.RECEIVED, CaseStatus.PROCESSING])
    return rights & (Q(assignee_id__isnull=True) | Q(assignee_id__in=reach.people)) & at_work


def at_units_of(actor: Actor) -> Q:
    """At a step of one of the units an officer sees."""
    return Q(OneOf("step_unit_id", actor.unit_ids_for(CasePermission.VIEW)))


def _of_counter(actor: Actor, shelf: Shelf) -> Q:
    return Q(OneOf("intake_unit_id", actor.unit_ids_for(OF_COUNTER[shelf])))
