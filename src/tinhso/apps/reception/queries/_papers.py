"""Where the paper file of a case lies, where it has been, and its parcels. The caller has checked the right to the case."""

from tinhso.apps.reception.models import PaperMove, Parcel
from tinhso.kernel.prepared import Prepared

_MOVES = Prepared(
    lambda case_id: PaperMove.objects.filter(case_id=case_id).select_related("unit").order_by("-moved_at", "-pk"),
    case_id=int,
)
_PARCELS = Prepared(lambda case_id: Parcel.objects.filter(case_id=case_id).order_by("-pk"), case_id=int)


def paper_moves(case_id: int) -> list[PaperMove]:
    """Every move of the paper file, the latest first: the first row says where it is."""
    return _MOVES.all(case_id=case_id)


def parcels_of(case_id: int) -> list[Parcel]:
    """The parcels of a case, the latest first."""
    return _PARCELS.all(case_id=case_id)
