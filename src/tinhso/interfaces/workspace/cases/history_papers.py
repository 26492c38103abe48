"""What happened to the paper file and the parcels of a case, as lines of its history (hồ sơ giấy, bưu gửi)."""

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.reception import queries as reception
from tinhso.apps.reception.enums import ParcelDirection
from tinhso.interfaces.workspace.cases.history import Sentence


def tell_papers(case_id: int) -> list[Sentence]:
    """Every move of the paper file and every parcel; the caller has opened the case."""
    moves, parcels = reception.paper_moves(case_id), reception.parcels_of(case_id)
    names = accounts.account_names({move.holder_id for move in moves}) if moves else {}
    told = []
    for move in moves:
        holder = ", ".join(part for part in (names.get(move.holder_id, ""), move.place) if part)
        told.append(Sentence(f"Hồ sơ giấy đến {move.unit.name}", holder, move.moved_at))
    for parcel in parcels:
        going = parcel.direction == ParcelDirection.OUT
        named = f"{parcel.carrier}, mã {parcel.tracking_code}: {parcel.contents}"
        if parcel.sent_at is not None:
            told.append(
                Sentence("Gửi bưu gửi cho người nộp" if going else "Người nộp gửi bưu gửi", named, parcel.sent_at)
            )
        if parcel.received_at is not None:
            done = "Người nộp đã nhận bưu gửi" if going else "Nhận bưu gửi của người nộp"
            told.append(Sentence(done, named, parcel.received_at))
    return told
