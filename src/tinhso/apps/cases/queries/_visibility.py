"""The one rule of who sees which case."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, QuerySet, Value

from tinhso.apps.accounts.queries import mandates_given_by
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import SIGHT, Case
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind

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
    return _of_rights(actor, _at_units).exclude(status=CaseStatus.DRAFT)


def lying_with(actor: Actor) -> QuerySet[Case]:
    """Of the cases an officer sees those that lie at a desk of the same rights now; what lies there is seen."""
    return _of_rights(actor, lambda units: Q(OneOf("step_unit_id", units)))


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


def _of_rights(actor: Actor, place: Callable[[set[int]], Q]) -> QuerySet[Case]:
    rights = Q()
    for fields, units in sight_of(actor).items():
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
