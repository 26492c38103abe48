"""Papers carried to the signer's own program and back: one-time links, what came of them."""

import secrets
from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions, queries
from tinhso.apps.signatures.actions._requests import end_request
from tinhso.apps.signatures.data import HandOverLinks, LinkClosed, RequestData
from tinhso.apps.signatures.enums import LinkPurpose, RequestStatus, ServiceKind
from tinhso.apps.signatures.events import HandOverLinkUsed, PaperHandedOver, ReturnedFileRefused
from tinhso.apps.signatures.models import HandOverLink, SigningRequest
from tinhso.apps.signatures.rules import requests as rules
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.errors import Invalid, NotFound


@action
def hand_over(*, request_uuid: str, actor: Actor, at: datetime) -> HandOverLinks:
    """Cấp cặp liên kết dùng một lần để tải văn bản về ký và gửi lại; links given before end now.

    Raises:
        NotFound: no such request, or it does not wait for the signer's program. Forbidden: it is somebody else's.
    """
    request = _waiting(request_uuid)
    require(permissions.can_hand_over(actor, owner_kind=request.role, owner_id=request.owner_id))
    if request.expires_at is None or request.expires_at <= at:
        raise NotFound("Yêu cầu ký này đã hết thời gian.")
    HandOverLink.objects.filter(request=request, used_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    until = min(at + rules.LINK_LIFE, request.expires_at)
    tokens = {purpose: secrets.token_urlsafe(32) for purpose in LinkPurpose}
    HandOverLink.objects.bulk_create(
        HandOverLink(request=request, purpose=purpose, digest=rules.token_digest(token), issued_at=at, expires_at=until)
        for purpose, token in tokens.items()
    )
    event = PaperHandedOver(request_id=request.pk, subject=request.subject, role=request.role, expires_at=until)
    record(event, subject=f"signing_request:{request.pk}", actor=actor, at=at)
    return HandOverLinks(tokens[LinkPurpose.FETCH], tokens[LinkPurpose.RETURN], until)


@action
def use_link(*, token: str, purpose: LinkPurpose, actor: Actor, at: datetime) -> int:
    """Dùng một liên kết; whoever holds the token may, once. Returns the request's id.

    Raises:
        LinkClosed: unknown, used, run out, or the paper does not wait any more.
    """
    found = HandOverLink.objects.filter(digest=rules.token_digest(token), purpose=purpose)
    link = found.select_for_update(of=("self",)).select_related("request").first()
    if link is None or link.used_at is not None or link.expires_at <= at:
        raise LinkClosed
    request = link.request
    if request.status != RequestStatus.WAITING or (request.expires_at is not None and request.expires_at <= at):
        raise LinkClosed
    link.used_at = at
    link.save(update_fields=["used_at"])
    event = HandOverLinkUsed(request_id=request.pk, subject=request.subject, purpose=purpose.value)
    record(event, subject=f"signing_request:{request.pk}", actor=actor, at=at)
    return request.pk


@action
def refuse_to_sign(*, request_uuid: str, reason: str, actor: Actor, at: datetime) -> RequestData:
    """Từ chối ký một văn bản chờ phần mềm ký; the paper is not signed and can be sent again.

    Raises:
        NotFound, Forbidden: as `hand_over`. Invalid: no reason.
    """
    request = _waiting(request_uuid)
    require(permissions.can_hand_over(actor, owner_kind=request.role, owner_id=request.owner_id))
    words = " ".join(reason.split())
    if not words:
        raise Invalid("Mời ghi lý do từ chối ký.")
    HandOverLink.objects.filter(request=request, used_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    end_request(request, RequestStatus.REFUSED, reason=words, actor=actor, at=at, signed_file_id=None, digest_after="")
    return queries.request_data(request)


@action
def record_return_refused(
    *, request_id: int, digest: str, reasons: list[str], actor: Actor, at: datetime
) -> None:  # fmt: skip
    """Ghi lý do tệp gửi lại không được nhận; the request waits on for the right one."""
    require(actor.kind is ActorKind.SYSTEM)
    request = SigningRequest.objects.select_for_update().get(pk=request_id)
    if request.status == RequestStatus.WAITING:
        request.reason = "; ".join(reasons)[:300]
        request.save(update_fields=["reason"])
    event = ReturnedFileRefused(request_id=request.pk, subject=request.subject, digest=digest, reasons=reasons)
    record(event, subject=f"signing_request:{request.pk}", actor=actor, at=at)


def _waiting(request_uuid: str) -> SigningRequest:
    found = SigningRequest.objects.select_for_update(of=("self",)).select_related("choice__service")
    request = found.filter(uuid=request_uuid, status=RequestStatus.WAITING).first()
    if request is None or request.choice is None or request.choice.service.kind != ServiceKind.PLUGIN:
        raise NotFound("Không có văn bản nào chờ ký bằng phần mềm trên máy với mã này.")
    return request
