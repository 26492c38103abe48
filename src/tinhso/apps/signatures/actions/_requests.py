"""Requests to sign: begun, prepared, sent, answered. Each is a short transaction; the calls between them are the flow's."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions, queries
from tinhso.apps.signatures.data import RequestData, SignerNotSet
from tinhso.apps.signatures.enums import OPEN_REQUESTS, OwnerKind, RequestStatus
from tinhso.apps.signatures.events import SignatureAnswered, SignatureAsked
from tinhso.apps.signatures.models import SignerChoice, SigningRequest
from tinhso.apps.signatures.rules import requests as rules
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind


@action
def begin_request(
    *, subject: str, role: OwnerKind, owner_id: int, choice_id: int, description: str, paper_id: int,
    actor: Actor, at: datetime,
) -> RequestData:  # fmt: skip
    """Lập yêu cầu ký một văn bản với nơi ký đã chọn. Asked again, the open or signed one is given.

    Raises:
        Forbidden: the key is not the actor's.
    """
    require(permissions.can_use_key(actor, owner_kind=role.value, owner_id=owner_id))
    known = _open(subject, role)
    if known is None:
        known = SigningRequest.objects.create(
            subject=subject, role=role.value, owner_id=owner_id, choice_id=choice_id, description=description[:200],
            paper_id=paper_id, asked_at=at,
        )  # fmt: skip
    return queries.request_data(known)


@action
def record_prepared(*, request_id: int, prepared_id: int, attributes: bytes, actor: Actor, at: datetime) -> None:
    """Ghi nhận văn bản đã mở chỗ cho chữ ký; sending follows in a job, so that papers of one batch go together."""
    require(actor.kind is ActorKind.SYSTEM)
    request = SigningRequest.objects.select_for_update().get(pk=request_id)
    if request.status != RequestStatus.CHOSEN:
        return
    request.prepared_id, request.attributes, request.status = prepared_id, attributes, RequestStatus.PREPARED
    request.save(update_fields=["prepared", "attributes", "status"])
    event = SignatureAsked(
        request_id=request.pk, subject=request.subject, role=request.role, choice_id=request.choice_id or 0,
        digest=hashlib.sha256(attributes).hexdigest(),
    )  # fmt: skip
    record(event, subject=f"signing_request:{request.pk}", actor=actor, at=at)


@action
def claim_round(*, choice_id: int, actor: Actor, at: datetime) -> uuid.UUID | None:
    """Gom các văn bản chờ gửi của một nơi ký thành một lượt, up to 200; one consent signs them all. None: nothing waits.

    A round claimed and not sent for a while (the process died) is given again with the same name; while somebody is
    sending it, nobody else is.
    """
    require(actor.kind is ActorKind.SYSTEM)
    SignerChoice.objects.select_for_update().get(pk=choice_id)
    waiting = SigningRequest.objects.filter(choice_id=choice_id, status=RequestStatus.PREPARED)
    lapsed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    left = waiting.filter(lapsed, round__isnull=False).order_by("id").first()
    if left is not None:
        waiting.filter(round=left.round).update(claimed_until=at + rules.SEND_LEASE)
        return left.round
    found = list(waiting.filter(round__isnull=True).order_by("id")[: rules.MOST_IN_A_ROUND])
    if not found:
        return None
    name = uuid.uuid4()
    for position, request in enumerate(found):
        request.round, request.position, request.claimed_until = name, position, at + rules.SEND_LEASE
    SigningRequest.objects.bulk_update(found, ["round", "position", "claimed_until"])
    return name


@action
def give_round_back(*, round_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Trả lại một lượt chưa gửi được, so that the next one to look sends it at once."""
    require(actor.kind is ActorKind.SYSTEM)
    SigningRequest.objects.filter(round=round_id, status=RequestStatus.PREPARED).update(claimed_until=None)


@action
def record_sent(*, round_id: uuid.UUID, handle: str, actor: Actor, at: datetime) -> None:
    """Ghi nhận lượt ký đã tới nơi ký; from now on the signer is waited for."""
    require(actor.kind is ActorKind.SYSTEM)
    found = SigningRequest.objects.select_for_update(of=("self",)).select_related("choice__service")
    for request in found.filter(round=round_id, status=RequestStatus.PREPARED).order_by("id"):
        assert request.choice is not None  # noqa: S101 - what is sent has its service
        service = request.choice.service
        life = timedelta(seconds=rules.life_seconds(service.kind, service.options))
        request.status, request.handle, request.expires_at = RequestStatus.WAITING, handle, at + life
        request.save(update_fields=["status", "handle", "expires_at"])


@action
def record_poll(*, round_id: uuid.UUID, actor: Actor, at: datetime) -> bool:
    """Ghi lần hỏi nơi ký gần nhất. False: somebody is asking now, asked a moment ago, or nothing waits.

    One conditional update: of two who come together, one asks.
    """
    require(actor.kind is ActorKind.SYSTEM)
    waiting = SigningRequest.objects.filter(round=round_id, status=RequestStatus.WAITING)
    kind = waiting.values_list("choice__service__kind", flat=True).first() or ""
    free = Q(polled_at__isnull=True) | Q(polled_at__lte=at - rules.poll_lease(kind))
    return waiting.filter(free).update(polled_at=at) > 0


@action
def record_answer(
    *, request_id: int, status: RequestStatus, reason: str, signed_file_id: int | None, digest_after: str,
    actor: Actor, at: datetime,
) -> RequestData:  # fmt: skip
    """Ghi nhận kết quả của một yêu cầu ký. Told twice, the first stands."""
    require(actor.kind is ActorKind.SYSTEM)
    request = SigningRequest.objects.select_for_update().get(pk=request_id)
    if request.status in OPEN_REQUESTS:
        end_request(
            request, status, reason=reason, actor=actor, at=at, signed_file_id=signed_file_id, digest_after=digest_after
        )
    return queries.request_data(request)


@action
def switch_signer(*, subject: str, role: OwnerKind, choice_id: int | None, actor: Actor, at: datetime) -> None:
    """Ký lại, hoặc ký bằng nơi khác: the last request is given up, the next one goes to the chosen signer.

    `choice_id` None: the usual one. Nothing that is signed is given up.

    Raises:
        SignerNotSet: the choice is not this signer's or not in force.
    """
    latest = SigningRequest.objects.select_for_update().filter(subject=subject, role=role.value).order_by("-id").first()
    if latest is None or latest.status == RequestStatus.SIGNED:
        return
    require(permissions.can_use_key(actor, owner_kind=role.value, owner_id=latest.owner_id))
    if latest.status == RequestStatus.CANCELLED:
        return
    end_request(latest, RequestStatus.CANCELLED, reason="", actor=actor, at=at, signed_file_id=None, digest_after="")
    if choice_id is None:
        return
    choices = queries.list_choices(owner_kind=role.value, owner_id=latest.owner_id, at=at)
    if choice_id not in {choice.id for choice in choices}:
        raise SignerNotSet
    SigningRequest.objects.create(
        subject=subject, role=role.value, owner_id=latest.owner_id, choice_id=choice_id, description=latest.description,
        paper_id=latest.paper_id, asked_at=at,
    )  # fmt: skip


def _open(subject: str, role: OwnerKind) -> SigningRequest | None:
    held = [*OPEN_REQUESTS, RequestStatus.SIGNED]
    return SigningRequest.objects.filter(subject=subject, role=role.value, status__in=held).first()


def end_request(
    request: SigningRequest, status: RequestStatus, *, reason: str, actor: Actor, at: datetime, signed_file_id: int | None,
    digest_after: str,
) -> None:  # fmt: skip
    """Write how a request ended; the caller holds its row and the right."""
    request.status, request.reason, request.answered_at = status, reason[:300], at
    request.signed_file_id = signed_file_id
    request.save(update_fields=["status", "reason", "answered_at", "signed_file"])
    event = SignatureAnswered(
        request_id=request.pk, subject=request.subject, role=request.role, status=status.value, reason=request.reason,
        digest_after=digest_after,
    )  # fmt: skip
    record(event, subject=f"signing_request:{request.pk}", actor=actor, at=at)
