"""Whom a petition concerns (thông báo về phản ánh, kiến nghị)."""

from datetime import datetime

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions.models import Petition
from tinhso.apps.petitions.permissions import PetitionPermission

_HANDLING = (PetitionPermission.RECEIVE, PetitionPermission.ANSWER, PetitionPermission.APPROVE)


def sender_of(petition_id: int) -> tuple[str, int | None]:
    """Code of a petition and the account it was sent from; None for one sent without."""
    code, account_id = Petition.objects.values_list("code", "account_id").get(pk=petition_id)
    return code, account_id


def handlers_of(petition_id: int, *, at: datetime) -> tuple[str, list[int]]:
    """Code of a petition and the officers who work on it: of the handling unit and its offices, and its counter."""
    code, unit_id, intake_id = Petition.objects.values_list("code", "handling_unit_id", "intake_unit_id").get(
        pk=petition_id
    )
    places = {unit_id, *(unit.id for unit in directory.list_units(parent_id=unit_id))}
    if intake_id is not None:
        places.add(intake_id)
    officers = accounts.officers_of(places, at=at, permissions_any=[str(one) for one in _HANDLING])
    return code, [officer.id for officer in officers]
