"""Papers that go to the signer's own program and come back: fetched once, returned once, proved before they count."""

import hashlib
from datetime import datetime

from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, queries
from tinhso.apps.signatures.data import LinkClosed, RequestData, ReturnRefused
from tinhso.apps.signatures.enums import LinkPurpose, RequestStatus
from tinhso.apps.signatures.flows._kept import keep_signed_file
from tinhso.apps.signatures.models import SigningRequest
from tinhso.apps.signatures.rules import wording
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow


@flow
def fetch_to_sign(*, token: str, at: datetime) -> tuple[int, str]:
    """Tải văn bản cần ký về máy người ký bằng liên kết dùng một lần: the file and a name for it.

    Raises:
        LinkClosed: unknown, used, run out.
    """
    request_id = actions.use_link(token=token, purpose=LinkPurpose.FETCH, actor=ANONYMOUS, at=at)
    request = SigningRequest.objects.get(pk=request_id)
    if request.prepared_id is None:
        raise LinkClosed
    return request.prepared_id, request.description


@flow
def return_signed(*, token: str, content: bytes, at: datetime) -> RequestData:
    """Nhận lại văn bản đã ký trên máy người ký, once it is proved to be the same paper with one right signature more.

    The link is used up whatever the file is; the paper waits on for the right one. Killed in between, a new link is asked
    for.

    Raises:
        LinkClosed: unknown, used, run out. ReturnRefused: with every reason.
    """
    request_id = actions.use_link(token=token, purpose=LinkPurpose.RETURN, actor=ANONYMOUS, at=at)
    crash("return:after_link")
    request = SigningRequest.objects.select_related("choice__service").get(pk=request_id)
    if request.prepared_id is None or request.choice is None:
        raise LinkClosed
    choice = queries.choice_data(request.choice)
    reasons = queries.why_not_returned(
        read_file(request.prepared_id), content, role=request.role, certificate=choice.identity, user_id=choice.user_id,
        at=at,
    )  # fmt: skip
    if reasons:
        actions.record_return_refused(
            request_id=request_id, digest=hashlib.sha256(content).hexdigest(), reasons=reasons, actor=SYSTEM, at=at
        )
        raise ReturnRefused(wording.sentence("không nhận tệp gửi lại: " + "; ".join(reasons)))
    crash("return:after_check")
    keep_signed_file(request, content, at)
    request.refresh_from_db()
    if request.status != RequestStatus.SIGNED:  # ended by somebody else meanwhile
        raise LinkClosed
    return queries.request_data(request)
