"""The one rule of who sees which case, and the one of who reads which result in registers."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, QuerySet, Value

from tinhso.apps.accounts.queries import mandates_given_by
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import SIGHT, Case, Result
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.prepared import Prepared

_UNITS: "ArrayField[Any, Any]" = ArrayField(BigIntegerField())


class OneOf(Func):
    """`column = ANY(array)`: one value however many there are, where `__in` would write and read each by itself."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, units: Iterable[int]) -> None:
        super().__init__(F(column), Value(sorted(units), output_field=_UNITS))


class _Shared(Func):
    """`array && array`: whether two sets of units have one in common."""

    template = "(%(expressions)s)"
    arg_joiner = " && "
    output_field = BooleanField()


class _Within(Func):
    """`array <@ array`: whether all units of the one are in the other."""

    template = "(%(expressions)s)"
    arg_joiner = " <@ "
    output_field = BooleanField()


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases an actor may see: a citizen her own, an officer or machine those of the units and fields of the rights.

    A unit sees what it resolves, and what lies or has ever lain at its desk: a division keeps sight of the case it has
    passed on. What may be done with a case is another question, asked of the desk where it lies now.

    A draft belongs to the person who writes it; nobody else sees it. What was filed under a mandate is the principal's
    too, for good; it leaves the representative's sight when the mandate is revoked.
    """
    if actor.kind is ActorKind.SYSTEM:
        return Case.objects.all()
    if actor.kind is ActorKind.CITIZEN and actor.account_id is not None:
        own = Q(account_id=actor.account_id, mandate__revoked_at__isnull=True)
        given = mandates_given_by(actor.personal_id)
        return Case.objects.filter(own | (Q(mandate_id__in=given) & ~Q(status=CaseStatus.DRAFT)) if given else own)
    if actor.kind in {ActorKind.CITIZEN, ActorKind.ANONYMOUS}:
        return Case.objects.none()
    return _seen_by(sight_of(actor))


def visible_results(actor: Actor, on: date) -> QuerySet[Result]:
    """The signed results an actor may read in registers on a day (kết quả trong sổ).

    They stand in the register of the unit whose book gave the number, of the one that holds the case, and of the counter that
    took it in; read by whoever has the right to that register and to see the case. Where such a unit is no more, the one unit
    that took all of it over has its registers (NĐ 23/2015/NĐ-CP Điều 4: cơ quan, tổ chức đang quản lý sổ gốc).
    """
    units = directory.with_heritage(register_units(actor), on)
    cases = visible_to(actor)
    if actor.kind in {ActorKind.OFFICER, ActorKind.MACHINE}:
        cases = _seen_by({fields: set(seen) for fields, seen in sight_with_heritage(actor, on).items()})
    at = Q(book_entry__book__unit_id__in=units) | Q(case__unit_id__in=units) | Q(case__intake_unit_id__in=units)
    return Result.objects.filter(at, signed_at__isnull=False, case__in=cases)


def register_units(actor: Actor) -> frozenset[int]:
    """The units whose registers the actor may read (đơn vị có sổ được xem)."""
    return actor.unit_ids_for(CasePermission.VIEW_REGISTER)


def sight_with_heritage(actor: Actor, on: date) -> dict[frozenset[str] | None, frozenset[int]]:
    """`sight_of`, and the units that went whole into one of these before a day."""
    return {fields: directory.with_heritage(units, on) for fields, units in sight_of(actor).items()}


def seen_by_code(actor: Actor, code: str) -> Case | None:
    """The case of this code with those it names; None where there is none, or none this actor may see."""
    if questions := _asked_by(actor):
        return questions.by_code.first(code=code)
    return _with_named(visible_to(actor)).filter(code=code).first()


def seen_by_number(actor: Actor, case_id: int) -> Case | None:
    """`seen_by_code`, by the inner number."""
    if questions := _asked_by(actor):
        return questions.by_number.first(case_id=case_id)
    return _with_named(visible_to(actor)).filter(pk=case_id).first()


def sees(actor: Actor, case_id: int) -> bool:
    """Whether this actor may see the case of this inner number."""
    if questions := _asked_by(actor):
        return questions.is_seen.first(case_id=case_id) is not None
    return visible_to(actor).filter(pk=case_id).exists()


class _Questions(NamedTuple):
    """The questions of one case that every page of an officer asks, composed once for all who see the same."""

    by_code: Prepared[Case]
    by_number: Prepared[Case]
    is_seen: Prepared[int]


def _asked_by(actor: Actor) -> _Questions | None:
    if actor.kind not in {ActorKind.OFFICER, ActorKind.MACHINE}:
        return None
    sight = frozenset((fields, frozenset(units)) for fields, units in sight_of(actor).items())
    return _questions(sight, directory.unit_ids()) if sight else None


@lru_cache(maxsize=1_000)  # as many different rights to look as there are officers at work, about
def _questions(sight: frozenset[tuple[frozenset[str] | None, frozenset[int]]], _known: frozenset[int]) -> _Questions:
    # What is hidden from a wide sight is told by the units there are: other units, another question.
    seen = _seen_by({fields: set(units) for fields, units in sight})
    whole = _with_named(seen)
    return _Questions(
        Prepared(lambda code: whole.filter(code=code), code=str),
        Prepared(lambda case_id: whole.filter(pk=case_id), case_id=int),
        Prepared(lambda case_id: seen.filter(pk=case_id).values_list("pk", flat=True), case_id=int),
    )


def _with_named(rows: QuerySet[Case]) -> QuerySet[Case]:
    return rows.select_related("assignee", "account", "mandate", "rating")


def lying_with(actor: Actor) -> QuerySet[Case]:
    """Of the cases an officer sees those that lie at a desk of the same rights now; what lies there is seen."""
    return _of_rights(sight_of(actor), lambda units: Q(OneOf("step_unit_id", units)))


def sight_of(actor: Actor) -> dict[frozenset[str] | None, set[int]]:
    """The units an officer's rights to look reach, by the procedure fields for which they hold (None: all)."""
    units_by_fields: dict[frozenset[str] | None, set[int]] = defaultdict(set)
    for grant in actor.grants:
        if grant.permission == CasePermission.VIEW:
            units_by_fields[grant.fields] |= grant.unit_ids
    return dict(units_by_fields)


def is_wide(units: set[int]) -> bool:
    """Whether these are most units of the province: such lists follow the order of the whole and skip the few hidden rows."""
    return len(directory.unit_ids() - units) < len(units)


def hidden_from(units: set[int]) -> list[int]:
    """Every other unit there is or ever was."""
    return sorted(directory.unit_ids() - units)


def _seen_by(sight: dict[frozenset[str] | None, set[int]]) -> QuerySet[Case]:
    return _of_rights(sight, _at_units).exclude(status=CaseStatus.DRAFT)


def _of_rights(sight: dict[frozenset[str] | None, set[int]], place: Callable[[set[int]], Q]) -> QuerySet[Case]:
    rights = Q()
    for fields, units in sight.items():
        rights |= place(units) if fields is None else place(units) & Q(field__in=sorted(fields))
    return Case.objects.filter(rights) if rights else Case.objects.none()


def _at_units(units: set[int]) -> Q:
    """Resolved by one of these units, or having lain at a desk of one.

    For somebody who sees most of the province the same is said by what stays hidden: a list then follows the order of its
    index and meets visible rows at once, where hundreds of units would be looked up one by one and sorted.
    """
    if not is_wide(units):
        return Q(_Shared(SIGHT, Value(sorted(units), output_field=_UNITS)))
    hidden = hidden_from(units)
    return ~Q(_Within(SIGHT, Value(hidden, output_field=_UNITS))) if hidden else Q(unit_id__isnull=False)
