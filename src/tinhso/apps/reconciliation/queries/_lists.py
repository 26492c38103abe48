"""Lists for officers: what is held, where both sides differ, and the cases that are only followed."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from tinhso.apps.reconciliation import permissions
from tinhso.apps.reconciliation.data import ArrivalNotFound, MendNotPossible
from tinhso.apps.reconciliation.enums import ArrivalStatus, DifferenceState
from tinhso.apps.reconciliation.models import Arrival, Difference, MirroredCase, Round
from tinhso.apps.reconciliation.permissions import NationalPermission
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor, ActorKind

M = TypeVar("M", bound=Model)


def _visible(rows: QuerySet[M], actor: Actor, *, strangers: bool = True) -> QuerySet[M]:
    """Rows of the actor's units; with `strangers` also those of no unit, which wait for whoever looks."""
    if actor.kind is ActorKind.SYSTEM:
        return rows
    units = Q(unit_id__in=actor.unit_ids_for(NationalPermission.VIEW))
    return rows.filter(units | Q(unit__isnull=True) if strangers else units)


def _page(rows: QuerySet[Any], before: int | None, limit: int) -> list[Any]:
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:limit])


def list_arrivals_held(*, actor: Actor, before: int | None = None, limit: int = 50) -> list[Arrival]:
    """Cases filed on the portal that could not be taken, the newest first."""
    require(permissions.can_view(actor))
    return _page(_visible(Arrival.objects.filter(status=ArrivalStatus.HELD).defer("dossier"), actor), before, limit)


def list_differences(
    *, actor: Actor, state: str = DifferenceState.OPEN, before: int | None = None, limit: int = 50
) -> list[Difference]:
    """Where both sides differ, the newest first."""
    require(permissions.can_view(actor))
    return _page(_visible(Difference.objects.filter(state=state), actor), before, limit)


def list_mirrored(*, actor: Actor, before: int | None = None, limit: int = 50) -> list[MirroredCase]:
    """Cases that ministries' systems run, of the actor's units, the newest first; read-only."""
    require(permissions.can_view(actor))
    return _page(_visible(MirroredCase.objects.all(), actor, strangers=False), before, limit)


def list_rounds(*, actor: Actor, limit: int = 7) -> Sequence[Round]:
    """The latest reconciliations."""
    require(permissions.can_view(actor))
    return list(Round.objects.order_by("-pk")[:limit])


def count_to_settle(actor: Actor) -> int:
    """How many held cases and differences wait for this officer."""
    held = _visible(Arrival.objects.filter(status=ArrivalStatus.HELD), actor).count()
    return held + _visible(Difference.objects.filter(state=DifferenceState.OPEN), actor).count()


def get_arrival(*, actor: Actor, arrival_id: int) -> Arrival:
    """One case filed on the portal.

    Raises:
        ArrivalNotFound: none, or none of this actor's units.
    """
    require(permissions.can_view(actor))
    found = _visible(Arrival.objects.filter(pk=arrival_id), actor).first()
    if found is None:
        raise ArrivalNotFound
    return found


def get_difference(*, actor: Actor, difference_id: int) -> Difference:
    """One difference.

    Raises:
        MendNotPossible: none, or none of this actor's units.
    """
    require(permissions.can_view(actor))
    found = _visible(Difference.objects.filter(pk=difference_id), actor).first()
    if found is None:
        raise MendNotPossible("Không có chỗ khác nhau này.")
    return found


def open_differences() -> dict[tuple[str, str], Difference]:
    """Every difference that is not gone, by code and kind; for the round."""
    rows = Difference.objects.exclude(state=DifferenceState.GONE)
    return {(one.code, one.kind): one for one in rows}
