"""The one rule of who sees which case."""

from collections import defaultdict
from collections.abc import Callable

from django.db.models import Q, QuerySet

from tinhso.apps.accounts.queries import mandates_given_by
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor, ActorKind


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
    return _of_rights(actor, lambda units: Q(step_unit_id__in=sorted(units)))


def _of_rights(actor: Actor, place: Callable[[set[int]], Q]) -> QuerySet[Case]:
    units_by_fields: dict[frozenset[str] | None, set[int]] = defaultdict(set)
    for grant in actor.grants:
        if grant.permission == CasePermission.VIEW:
            units_by_fields[grant.fields] |= grant.unit_ids
    if not units_by_fields:
        return Case.objects.none()
    rights = Q()
    for fields, units in units_by_fields.items():
        rights |= place(units) if fields is None else place(units) & Q(field__in=sorted(fields))
    return Case.objects.filter(rights)


def _at_units(units: set[int]) -> Q:
    """Resolved by one of these units, or having lain at a desk of one.

    For somebody who sees most of the province the same is said by what stays hidden: a list then follows the order of its
    index and meets visible rows at once, where hundreds of units would be looked up one by one and sorted.
    """
    hidden = directory.unit_ids() - units
    if len(hidden) < len(units):
        return ~Q(unit_id__in=sorted(hidden), desk_unit_ids__contained_by=sorted(hidden))
    return Q(unit_id__in=sorted(units)) | Q(desk_unit_ids__overlap=sorted(units))
