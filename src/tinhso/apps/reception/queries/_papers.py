"""Where the paper file of a case lies, where it has been, and its parcels. The caller has checked the right to the case."""

from tinhso.apps.reception.models import PaperMove, Parcel


def paper_moves(case_id: int) -> list[PaperMove]:
    """Every move of the paper file, the latest first: the first row says where it is."""
    return list(PaperMove.objects.filter(case_id=case_id).select_related("unit").order_by("-moved_at", "-pk"))


def parcels_of(case_id: int) -> list[Parcel]:
    """The parcels of a case, the latest first."""
    return list(Parcel.objects.filter(case_id=case_id).order_by("-pk"))
