"""Cases filed on the national portal come in; cases of ministries' systems are followed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.audit.actions import record
from tinhso.apps.cases.actions import submit_case
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import ApplicantKind, Channel
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.reconciliation import permissions
from tinhso.apps.reconciliation.data import ArrivalNotFound, ArrivalSettled
from tinhso.apps.reconciliation.enums import ArrivalStatus
from tinhso.apps.reconciliation.events import (
    MirroredCaseReported,
    NationalCaseDismissed,
    NationalCaseHeld,
    NationalCaseTaken,
)
from tinhso.apps.reconciliation.models import Arrival, MirroredCase
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind, Grant
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Invalid
from tinhso.lib.identifiers import CaseCode, IdentifierError
from tinhso.lib.national import Dossier, OnlinePayment

PORTAL = Actor(
    kind=ActorKind.MACHINE, name="Cổng Dịch vụ công quốc gia", grants=(Grant("case.submit", frozenset()),)
)  # fmt: skip
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)


@action
def note_arrival(*, wire: Mapping[str, Any], actor: Actor, at: datetime) -> Arrival:
    """Ghi nhận một hồ sơ mới thấy trên Cổng quốc gia; seen again it is the same row."""
    require(actor.kind is ActorKind.SYSTEM)
    dossier = Dossier.read(wire)
    arrival, _ = Arrival.objects.get_or_create(
        code=dossier.code[:60],
        defaults={
            "procedure_code": dossier.procedure_code[:40], "procedure_name": dossier.procedure_name[:600],
            "applicant_name": dossier.owner[:200], "dossier": dict(wire), "filed_at": dossier.submitted_at,
            "seen_at": at, "unit_id": desk_of(dossier.code, at.astimezone(PROVINCE_TIME).date()),
        },
    )  # fmt: skip
    return arrival


@action
def take_arrival(*, code: str, files: Mapping[str, int], actor: Actor, at: datetime) -> int:
    """Đưa hồ sơ của Cổng quốc gia vào hệ thống, by the one intake; taken already, it is the same case. Its number.

    `files`: stored files by the portal's number of each. The code of the portal is the case's code.

    Raises:
        Invalid, DomainError: as `submit_case`; nothing is written then.
    """
    require(actor.kind is ActorKind.SYSTEM)
    arrival = Arrival.objects.select_for_update(of=("self",)).get(code=code)
    if arrival.case_id is not None:
        return arrival.case_id
    if arrival.status == ArrivalStatus.DISMISSED:
        raise ArrivalSettled
    dossier = Dossier.read(arrival.dossier or {})
    unit_id = unit_of(code, at.astimezone(PROVINCE_TIME).date())
    if unit_id is None:
        raise Invalid(f"Mã hồ sơ {code} không thuộc cơ quan nào của tỉnh.")
    filed_at = min(dossier.submitted_at or at, at)
    keys = _keys_of(dossier.procedure_code, filed_at)
    number = dossier.identities[0].value if dossier.identities else ""
    holders = accounts.accounts_named(number) if dossier.verified_account else []
    case = submit_case(
        procedure_code=dossier.procedure_code, unit_id=unit_id, applicant=_applicant(dossier, number),
        answers=dossier.answers, documents=_documents(dossier, files, keys), channel=Channel.NATIONAL_PORTAL,
        idempotency_key=f"national:{code}", code=code, account_id=holders[0] if holders else None, actor=PORTAL,
        at=filed_at,
    )  # fmt: skip
    arrival.case, arrival.status, arrival.taken_at, arrival.failure = case, ArrivalStatus.TAKEN, at, ""
    arrival.dossier = None
    arrival.save()
    event = NationalCaseTaken(
        case_id=case.pk, code=code, filed_at=dossier.submitted_at, seen_at=arrival.seen_at,
        verified_account=dossier.verified_account, paid_online=dossier.paid_online is OnlinePayment.NATIONAL,
        from_national_store=[keys.get(one.key, one.key) for one in dossier.components if one.from_national_store],
    )  # fmt: skip
    record(event, subject=case, actor=actor, at=at)
    return case.pk


@action
def hold_arrival(*, code: str, reason: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận chưa nhận được hồ sơ của Cổng quốc gia, và vì sao; it is tried again, later each time."""
    require(actor.kind is ActorKind.SYSTEM)
    arrival = Arrival.objects.select_for_update(of=("self",)).get(code=code)
    if arrival.status not in {ArrivalStatus.SEEN, ArrivalStatus.HELD}:
        return
    news = arrival.failure != reason
    arrival.status, arrival.failure, arrival.tries = ArrivalStatus.HELD, reason, arrival.tries + 1
    arrival.next_try_at = at + min(_FIRST_PAUSE * (1 << min(arrival.tries - 1, 10)), _LONGEST_PAUSE)
    arrival.save()
    if news:
        record(NationalCaseHeld(code=code, reason=reason), subject=f"national:{code}", actor=actor, at=at)


@action
def note_acknowledged(*, code: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận đã báo Cổng quốc gia rằng hồ sơ đã nhận."""
    require(actor.kind is ActorKind.SYSTEM)
    Arrival.objects.filter(code=code).update(acknowledged_at=at)


@action
def retry_arrival(*, arrival_id: int, actor: Actor, at: datetime) -> None:
    """Nhận lại ngay một hồ sơ của Cổng quốc gia: in the next round, within a minute.

    Raises:
        ArrivalSettled: it is a case already, or dismissed.
    """
    arrival = _held(arrival_id)
    require(permissions.can_mend(actor, arrival.unit_id))
    arrival.next_try_at = None
    arrival.save(update_fields=["next_try_at"])


@action
def dismiss_arrival(*, arrival_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Không nhận một hồ sơ của Cổng quốc gia, có lý do; the portal goes on showing it as not received.

    Raises:
        ArrivalSettled: it is a case already, or dismissed.
        Invalid: no reason.
    """
    arrival = _held(arrival_id)
    require(permissions.can_mend(actor, arrival.unit_id))
    if not reason.strip():
        raise Invalid("Mời ghi vì sao không nhận hồ sơ này.")
    arrival.status, arrival.failure, arrival.settled_by = ArrivalStatus.DISMISSED, reason.strip()[:2_000], actor.name
    arrival.dossier = None
    arrival.save()
    event = NationalCaseDismissed(code=arrival.code, reason=arrival.failure)
    record(event, subject=f"national:{arrival.code}", actor=actor, at=at)


@action
def record_mirrored(*, wire: Mapping[str, Any], actor: Actor, at: datetime) -> bool:
    """Ghi nhận tình trạng một hồ sơ của hệ thống bộ; whether anything had changed. Nothing of it is ours to decide."""
    require(actor.kind is ActorKind.SYSTEM)
    told = Dossier.read(wire)
    values = {
        "procedure_code": told.procedure_code[:40], "procedure_name": told.procedure_name[:600],
        "applicant_name": told.owner[:200], "system": told.agency[:300], "status": told.status,
        "submitted_at": told.submitted_at, "received_at": told.received_at, "due_at": told.due_at,
        "finished_at": told.finished_at, "delivered_at": told.delivered_at,
    }  # fmt: skip
    known = MirroredCase.objects.select_for_update(of=("self",)).filter(code=told.code).first()
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return False
    values |= {"reported_at": at, "unit_id": desk_of(told.code, at.astimezone(PROVINCE_TIME).date())}
    MirroredCase.objects.update_or_create(code=told.code, defaults=values)
    event = MirroredCaseReported(code=told.code, status=told.status, system=told.agency)
    record(event, subject=f"national:{told.code}", actor=actor, at=at)
    return True


def unit_of(code: str, on: date) -> int | None:
    """The unit whose organisation code a case code begins with; None for a code of nobody here."""
    try:
        unit = directory.get_unit_by_code(CaseCode.parse(code).org_code, on)
    except (IdentifierError, directory.UnitNotFound):
        return None
    return unit.id


def desk_of(code: str, on: date) -> int | None:
    """The one-stop unit of the unit a case code names: whose officers see and mend what belongs to it."""
    unit_id = unit_of(code, on)
    desk = directory.one_stop_of(unit_id, on) if unit_id is not None else None
    return desk.id if desk else unit_id


def _held(arrival_id: int) -> Arrival:
    arrival = Arrival.objects.select_for_update(of=("self",)).filter(pk=arrival_id).first()
    if arrival is None:
        raise ArrivalNotFound
    if arrival.status != ArrivalStatus.HELD:
        raise ArrivalSettled
    return arrival


def _applicant(dossier: Dossier, number: str) -> dict[str, Any]:
    person = dossier.owner_kind == 1
    found = {
        "kind": ApplicantKind.PERSON if person else ApplicantKind.ORGANISATION, "full_name": dossier.owner,
        "personal_id": number, "phone": dossier.phone, "email": dossier.email,
    }  # fmt: skip
    if not person:
        found["organisation_name"] = dossier.owner
    return {name: value for name, value in found.items() if value}


def _documents(dossier: Dossier, files: Mapping[str, int], keys: Mapping[str, str]) -> Sequence[DocumentInput]:
    return [
        DocumentInput(key=keys.get(one.key, one.key), presence="uploaded", file_id=files[one.file_id], name=one.name)
        if one.file_id in files
        else DocumentInput(key=keys.get(one.key, one.key), presence="declared", name=one.name)
        for one in dossier.components
        if not one.deleted
    ]


def _keys_of(procedure_code: str, at: datetime) -> dict[str, str]:
    """Our keys of a procedure's components by the nation's codes."""
    package = procedures.get_package(procedure_code, at.astimezone(PROVINCE_TIME).date())[1]
    return {one.code: one.key for one in package.documents if one.code}
