"""Where the applicant's paper file and her parcels are, in plain words (hồ sơ giấy, bưu gửi)."""

from tinhso.apps.reception import queries as reception
from tinhso.apps.reception.enums import ParcelDirection
from tinhso.interfaces.portal.cases.presenter import Moment


def paper_moments(case_id: int) -> list[Moment]:
    """Which office the papers came to, and what went by post; no officer's name, no shelf, no move inside an office."""
    found: list[Moment] = []
    office = 0
    for move in reversed(reception.paper_moves(case_id)):
        if move.unit_id != office:
            found.append(Moment("Hồ sơ giấy đã chuyển", move.moved_at, f"đến {move.unit.name}"))
        office = move.unit_id
    for parcel in reception.parcels_of(case_id):
        named = f"{parcel.carrier}, mã bưu gửi {parcel.tracking_code}"
        if parcel.direction == ParcelDirection.IN:
            found.append(Moment("Cơ quan đã nhận bưu gửi của bạn", parcel.received_at, named))
            continue
        found.append(Moment("Đã gửi bưu chính cho bạn", parcel.sent_at, named))
        if parcel.received_at is not None:
            found.append(Moment("Bưu gửi đã đến tay người nhận", parcel.received_at, named))
    return found
