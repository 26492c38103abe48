"""The legs of a linked case (hồ sơ liên thông): opened with the application, started one after the other.

The whole is a case with a code, a receipt, a fee and a clock of its own, and without a process: its legs are cases of
their procedures at their agencies (`Case.parent`), or messages to a ministry's system.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tinhso.apps.audit.actions import record
from tinhso.apps.cases import queries, rules
from tinhso.apps.cases.actions import _intake
from tinhso.apps.cases.actions._common import civil_date, lock_case, package_of, version_in_force
from tinhso.apps.cases.data import DocumentInput, LegNotSendable
from tinhso.apps.cases.enums import CaseStatus, LegStatus, Presence
from tinhso.apps.cases.events import LegHeld, LegSent, LegStarted
from tinhso.apps.cases.models import Case, CaseDocument, Leg
from tinhso.apps.procedures.data import Group, LegRule
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import DomainError

_RUNNING = (CaseStatus.SUBMITTED, CaseStatus.RECEIVED, CaseStatus.PROCESSING)


@action
def advance_linked(*, case_id: int, receiver: Actor | None, actor: Actor, at: datetime) -> list[str]:
    """Chuyển các bước liên thông đã đủ điều kiện: every leg whose forerunners are done gets its case or its message.

    `receiver` is the officer who has just received the whole: a first leg at the same counter is received by the same
    hand. A leg that cannot start yet says why and is tried again. Returns the keys of the legs started.
    """
    require(actor.kind is ActorKind.SYSTEM)
    parent = lock_case(case_id)
    if parent.status not in _RUNNING:
        return []
    return start_ready(parent, receiver=receiver, actor=actor, at=at)


@action
def record_leg_sent(*, leg_id: int, external_code: str, actor: Actor, at: datetime) -> Leg:
    """Ghi nhận đã chuyển một bước sang hệ thống của bộ. Told twice, it happens once.

    Raises:
        LegNotSendable: the leg has ended meanwhile.
    """
    require(actor.kind is ActorKind.SYSTEM)
    parent = lock_case(Leg.objects.values_list("parent_id", flat=True).get(pk=leg_id))
    leg = Leg.objects.select_for_update().get(pk=leg_id)
    if leg.external_code == external_code:
        return leg
    if leg.status != LegStatus.READY:
        raise LegNotSendable
    leg.status, leg.external_code, leg.note = LegStatus.SENT, external_code, ""
    leg.save(update_fields=["status", "external_code", "note"])
    event = LegSent(case_id=parent.pk, leg=leg.key, system=leg.system, external_code=external_code)
    record(event, subject=parent, actor=actor, at=at)
    return leg


@action
def record_leg_held(*, leg_id: int, reason: str, actor: Actor, at: datetime) -> Leg:
    """Ghi nhận chưa chuyển được một bước; the same reason is written once, and the leg is tried again."""
    require(actor.kind is ActorKind.SYSTEM)
    parent = lock_case(Leg.objects.values_list("parent_id", flat=True).get(pk=leg_id))
    leg = Leg.objects.select_for_update().get(pk=leg_id)
    _hold(parent, leg, reason, actor=actor, at=at)
    return leg


def start_ready(parent: Case, *, receiver: Actor | None, actor: Actor, at: datetime) -> list[str]:
    """Start every leg of a locked whole that may start now."""
    group = group_of(parent)
    legs = {leg.key: leg for leg in Leg.objects.select_for_update().filter(parent=parent)}
    done = [key for key, leg in legs.items() if leg.status == LegStatus.DONE]
    skipped = [key for key, leg in legs.items() if leg.status == LegStatus.SKIPPED]
    started = []
    for rule in group.ready(done, skipped):
        leg = legs[rule.key]
        if leg.status == LegStatus.WAITING or (leg.status == LegStatus.READY and not leg.system):
            begun = _send(parent, leg, actor=actor, at=at) if leg.system else _open_child(
                parent, group, rule, legs, receiver=receiver, actor=actor, at=at
            )  # fmt: skip
            started += [rule.key] if begun else []
    return started


def group_of(parent: Case) -> Group:
    """The group a whole was filed under."""
    group = package_of(parent).group
    assert group is not None  # noqa: S101 - only wholes have legs
    return group


def _send(parent: Case, leg: Leg, *, actor: Actor, at: datetime) -> bool:
    leg.status, leg.started_at = LegStatus.READY, at
    leg.save(update_fields=["status", "started_at"])
    record(LegStarted(case_id=parent.pk, leg=leg.key, system=leg.system), subject=parent, actor=actor, at=at)
    return True


def _open_child(
    parent: Case, group: Group, rule: LegRule, legs: Mapping[str, Leg], *, receiver: Actor | None, actor: Actor, at: datetime
) -> bool:  # fmt: skip
    """The leg's own case through the ordinary intake; what is wrong with it is written on the leg."""
    leg = legs[rule.key]
    try:
        # A savepoint: what the intake wrote before it refused must not stay.
        with transaction.atomic():
            child = _file_child(parent, rule, queries.given_by(legs.values()), legs, actor=actor, at=at)
    except DomainError as refusal:
        said = "; ".join(error.message for error in getattr(refusal, "errors", ())) or refusal.message
        _hold(parent, leg, said, actor=actor, at=at)
        return False
    leg.status, leg.started_at, leg.child_id, leg.note = LegStatus.SENT, at, child.pk, ""
    leg.time_limit = child.time_limit
    leg.save(update_fields=["status", "started_at", "child", "note", "time_limit"])
    event = LegStarted(case_id=parent.pk, leg=leg.key, child_id=child.pk, child_code=child.code or "")
    record(event, subject=parent, actor=actor, at=at)
    assert child.intake_unit_id is not None  # noqa: S101 - a filed case has its unit
    parent.desk_unit_ids = sorted({*parent.desk_unit_ids, child.intake_unit_id, child.unit_id or child.intake_unit_id})
    parent.save(update_fields=["desk_unit_ids"])
    if receiver is not None and child.intake_unit_id == parent.intake_unit_id:
        _intake.receive_whole(child, actor=receiver, at=at)
    return True


def _file_child(
    parent: Case, rule: LegRule, given: Mapping[str, Any], legs: Mapping[str, Leg], *, actor: Actor, at: datetime
) -> Case:
    version = version_in_force(rule.procedure, civil_date(at))
    known = queries.group_variables(parent, package_of(parent), today=civil_date(at))
    child = Case(
        version_id=version.id, procedure_code=version.code, procedure_name=version.facts.name,
        field=version.facts.field, channel=parent.channel, unit_id=parent.unit_id, account_id=parent.account_id,
        mandate_id=parent.mandate_id, applicant=dict(parent.applicant), answers=rules.leg_answers(rule, known, given),
        parent_id=parent.pk, created_at=at, updated_at=at,
    )  # fmt: skip
    if queries.is_communal(version):
        # The counter that has the whole in hand has the communal leg too.
        child.intake_unit_id = parent.intake_unit_id
    _intake.file_child(child, version, _documents(parent, rule, legs), actor=actor, at=at)
    return child


def _documents(parent: Case, rule: LegRule, legs: Mapping[str, Leg]) -> list[DocumentInput]:
    """The papers of a leg: components of the whole, and the results of the legs before it."""
    found = [
        DocumentInput(key=key, presence=_presence(document), file_id=document.file_id, name=document.source)
        for key, source in rule.documents.items()
        for document in parent.documents.filter(key=source)
    ]
    for key, source in rule.receives.items():
        before = legs[source]
        if before.result_file_id is not None:
            name = f"Kết quả bước «{before.name}», số {before.result_number}"
            found.append(
                DocumentInput(
                    key=key, presence=Presence.UPLOADED, file_id=before.result_file_id, name=name, carried=True
                )
            )
    return found


def _presence(document: CaseDocument) -> str:
    """How a component of the whole stands in a leg: what the whole took from the vault comes along as its bytes."""
    return Presence.UPLOADED if document.presence == Presence.VAULT else document.presence


def _hold(parent: Case, leg: Leg, reason: str, *, actor: Actor, at: datetime) -> None:
    if leg.status not in {LegStatus.WAITING, LegStatus.READY} or leg.note == reason:
        return
    leg.status, leg.note = LegStatus.READY, reason
    leg.started_at = leg.started_at or at
    leg.save(update_fields=["status", "note", "started_at"])
    record(LegHeld(case_id=parent.pk, leg=leg.key, reason=reason), subject=parent, actor=actor, at=at)
