"""Keeping what a signer gave back."""

import hashlib
from datetime import datetime

from tinhso.apps.documents.actions import store_file
from tinhso.apps.signatures import actions
from tinhso.apps.signatures.enums import RequestStatus
from tinhso.apps.signatures.models import SigningRequest
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash


def keep_signed_file(paper: SigningRequest, signed: bytes, at: datetime) -> None:
    """Store the signed file and write that its request is signed; what follows starts with the event."""
    stored = store_file(content=signed, name=f"{paper.subject}-{paper.role}.pdf".replace(":", "-"), actor=SYSTEM, at=at)
    crash("take:after_embed")
    actions.record_answer(
        request_id=paper.pk, status=RequestStatus.SIGNED, reason="", signed_file_id=stored.id,
        digest_after=hashlib.sha256(signed).hexdigest(), actor=SYSTEM, at=at,
    )  # fmt: skip
