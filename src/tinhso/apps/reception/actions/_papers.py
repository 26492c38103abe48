"""The paper file of a case on its way through the house, and its parcels."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries as cases
from tinhso.apps.reception import permissions
from tinhso.apps.reception.data import ParcelKnown, ParcelNotFound
from tinhso.apps.reception.enums import ParcelDirection
from tinhso.apps.reception.events import PaperMoved, ParcelNoted
from tinhso.apps.reception.models import PaperMove, Parcel
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid


@action
def move_paper(*, case_code: str, unit_id: int, place: str, actor: Actor, at: datetime) -> PaperMove:
    """Nhận hồ sơ giấy: the paper file lies with this officer from now on, at a place (a shelf, a room) if one is named.

    Raises:
        CaseNotFound: no such case that this officer may see.
    """
    require(permissions.can_move_papers(actor, unit_id))
    assert actor.account_id is not None  # noqa: S101 - who holds a right has an account
    case = cases.get_case(actor=actor, code=case_code)
    move = PaperMove.objects.create(
        case_id=case.pk, unit_id=unit_id, holder_id=actor.account_id, place=place.strip()[:120], moved_at=at
    )
    event = PaperMoved(case_id=case.pk, unit_id=unit_id, holder_id=actor.account_id, place=move.place)
    record(event, subject=move, actor=actor, at=at)
    return move


@action
def note_parcel(
    *,
    case_code: str,
    direction: str,
    carrier: str,
    tracking_code: str,
    contents: str,
    recipient: str,
    actor: Actor,
    at: datetime,
) -> Parcel:
    """Ghi bưu gửi của hồ sơ: sent now, or come in now.

    Raises:
        CaseNotFound; ParcelKnown: this carrier's code was noted before. Invalid: a part is missing.
    """
    case = cases.get_case(actor=actor, code=case_code)
    require(case.intake_unit_id is not None and permissions.can_handle_post(actor, case.intake_unit_id))
    values = {"carrier": carrier.strip()[:80], "tracking_code": tracking_code.strip().upper()[:60]}
    if not all(values.values()) or not contents.strip() or direction not in ParcelDirection.values:
        raise Invalid("Mời ghi đơn vị vận chuyển, mã bưu gửi và nội dung bên trong.")
    if direction == ParcelDirection.OUT and not recipient.strip():
        raise Invalid("Mời ghi người nhận và địa chỉ nhận.")
    if Parcel.objects.filter(**values).exists():
        raise ParcelKnown
    parcel = Parcel.objects.create(
        case_id=case.pk, direction=direction, contents=contents.strip()[:300], recipient=recipient.strip()[:400],
        sent_at=at if direction == ParcelDirection.OUT else None,
        received_at=at if direction == ParcelDirection.IN else None, **values,
    )  # fmt: skip
    _record(parcel, actor, at)
    return parcel


@action
def confirm_parcel(*, parcel_id: int, case_code: str, actor: Actor, at: datetime) -> Parcel:
    """Ghi bưu gửi đã đến tay người nhận. Told twice, it happens once.

    Raises:
        CaseNotFound; ParcelNotFound: none of this case.
    """
    case = cases.get_case(actor=actor, code=case_code)
    require(case.intake_unit_id is not None and permissions.can_handle_post(actor, case.intake_unit_id))
    parcel = Parcel.objects.select_for_update(of=("self",)).filter(pk=parcel_id, case_id=case.pk).first()
    if parcel is None:
        raise ParcelNotFound
    if parcel.received_at is None:
        parcel.received_at = at
        parcel.save(update_fields=["received_at"])
        _record(parcel, actor, at)
    return parcel


def _record(parcel: Parcel, actor: Actor, at: datetime) -> None:
    event = ParcelNoted(
        case_id=parcel.case_id, parcel_id=parcel.pk, direction=parcel.direction, carrier=parcel.carrier,
        tracking_code=parcel.tracking_code, sent_at=parcel.sent_at, received_at=parcel.received_at,
    )  # fmt: skip
    record(event, subject=parcel, actor=actor, at=at)
