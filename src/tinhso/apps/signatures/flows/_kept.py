"""Taking and keeping what a signer gave back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, queries
from tinhso.apps.signatures.data import Answer, PaperNotSignable, SigningUnavailable
from tinhso.apps.signatures.enums import RequestStatus
from tinhso.apps.signatures.models import SigningRequest
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.rules import wording
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


def take_signatures(
    papers: list[SigningRequest], answer: Answer, at: datetime, *, only_right_ones: bool = False
) -> None:
    """Embed each signature; one that does not belong to its paper fails that paper alone.

    The signatures come in the order the round was asked, whatever of it was kept already. `only_right_ones`: who sent them is
    not known, so a wrong one is as if it had not come.
    """
    from tinhso.apps.signatures.rules import signing

    for paper in papers:
        assert paper.choice is not None and paper.prepared_id is not None  # noqa: S101, PT018 - it was sent
        identity = queries.choice_data(paper.choice).identity
        assert identity is not None  # noqa: S101 - remote signers have certificates
        opened = signing.Prepared(read_file(paper.prepared_id), bytes(paper.attributes))
        try:
            with told():
                signed = signing.finish(opened, answer.signatures[paper.position], identity=identity)
        except (PaperNotSignable, IndexError):
            if only_right_ones:
                continue
            reason = "chữ ký nhận về không đúng với văn bản hoặc chứng thư"
            end_all([paper], RequestStatus.FAILED, reason, at)
            continue
        keep_signed_file(paper, signed, at)


def end_all(papers: list[SigningRequest], status: RequestStatus, reason: str, at: datetime) -> None:
    """End the requests of a round one by one."""
    for paper in papers:
        actions.record_answer(
            request_id=paper.pk, status=status, reason=reason, signed_file_id=None, digest_after="", actor=SYSTEM, at=at
        )


@contextmanager
def told() -> Iterator[None]:
    """What the rules find wrong, as sentences of the app."""
    from tinhso.apps.signatures.rules.paper import PaperError

    try:
        yield
    except PaperError as error:
        raise PaperNotSignable(wording.sentence("văn bản không ký được: " + "; ".join(error.reasons))) from error
    except pkcs12.KeyStoreError as error:
        raise SigningUnavailable(str(error)) from error
