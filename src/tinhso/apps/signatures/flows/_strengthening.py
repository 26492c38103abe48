"""Stamps, evidence and archive stamps for papers that are signed: one step of some papers at a time."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, queries
from tinhso.apps.signatures.data import KeptPaperData
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.providers import pkcs12, trustservices
from tinhso.apps.signatures.rules import wording
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError
from tinhso.kernel.flows import flow

if TYPE_CHECKING:
    from tinhso.apps.signatures.rules.longterm import Evidence


@flow
def strengthen_papers(*, at: datetime) -> int:
    """Bổ sung dấu thời gian, bằng chứng cho các văn bản đến lượt, some at once; returns how many went a step further.

    A paper delivered without its stamp is good as it is; what an authority does not give now is asked for later. Killed at
    any point, the step is done again: the query is the same, and one version stands.
    """
    if not settings.TIME_STAMPS["url"]:
        return 0
    if settings.DEMO:
        with suppress(DomainError):
            trustservices.believe_simulator(queries.keys_folder(), f"{settings.SIMULATORS_URL}/trust")
    claimed = actions.claim_papers(actor=SYSTEM, at=at)
    if not claimed:
        return 0
    known = queries.known_authorities()
    jobs = [(paper, read_file(paper.file_id), known) for paper in claimed]
    # Only the waiting for the network is shared out: the threads know no database.
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        steps = list(pool.map(lambda job: _step_of(*job, at=at), jobs))
    crash("strengthen:after_answer")
    return sum(_keep_step(paper, pdf, step, at) for (paper, pdf, _), step in zip(jobs, steps, strict=True))


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step came to: the longer file and its level, or why there is none."""

    pdf: bytes = b""
    level: PaperLevel = PaperLevel.SIGNED
    renew_at: datetime | None = None
    failure: str = ""


def _step_of(paper: KeptPaperData, pdf: bytes, known: bytes, *, at: datetime) -> _Step:
    """The next step of one paper, outside of any transaction and thread of the database."""
    from tinhso.apps.signatures.rules import longterm, stamping
    from tinhso.apps.signatures.rules.paper import PaperError

    def ask(query: bytes) -> bytes:
        return trustservices.ask_stamp(settings.TIME_STAMPS["url"], query, seconds=settings.TIME_STAMPS["seconds"])

    try:
        if paper.level == PaperLevel.SIGNED:
            if stamping.is_stamped(pdf):
                return _Step(pdf, PaperLevel.STAMPED)
            return _Step(stamping.put_stamp(pdf, ask(stamping.stamp_query(pdf)))[0], PaperLevel.STAMPED)
        evidenced = longterm.add_evidence(pdf, _evidence(pdf, known, at))
        if paper.level == PaperLevel.STAMPED:
            return _Step(evidenced, PaperLevel.EVIDENCED)
        stamped, _, ends = longterm.put_document_stamp(evidenced, ask)
        days = timedelta(days=settings.TIME_STAMPS["renew_days"])
        return _Step(stamped, PaperLevel.ARCHIVED, renew_at=max(ends - days, at + timedelta(days=1)))
    except PaperError as error:
        return _Step(failure=wording.sentence("; ".join(error.reasons)))
    except DomainError as error:
        return _Step(failure=error.message)


def _evidence(pdf: bytes, known: bytes, at: datetime) -> "Evidence":
    """Certificates of every chain in the file, and who tells that none of them is revoked."""
    from tinhso.apps.signatures.rules import longterm

    certificates: dict[bytes, None] = {}
    answers: dict[bytes, None] = {}
    lists = dict.fromkeys(pkcs12.read_revocation_lists(queries.keys_folder()))
    for chain in longterm.chains(pdf, known=known):
        certificates.update(dict.fromkeys(chain.certificates))
        for own, above in zip(chain.certificates, chain.certificates[1:], strict=False):
            answer, found = trustservices.status_of(own, above)
            answers.update({answer: None} if answer else {})
            lists.update({found: None} if found else {})
    return longterm.Evidence(tuple(certificates), tuple(answers), tuple(lists))


def _keep_step(paper: KeptPaperData, before: bytes, step: _Step, at: datetime) -> bool:
    failure = step.failure or queries.why_not_better(before, step.pdf, at=at)
    if failure:
        actions.record_not_strengthened(paper_id=paper.id, reason=failure, actor=SYSTEM, at=at)
        return False
    name = f"{paper.subject}-{step.level.name.lower()}.pdf".replace(":", "-")
    stored = store_file(content=step.pdf, name=name, made_here=True, actor=SYSTEM, at=at)
    crash("strengthen:after_store")
    return actions.record_strengthened(
        paper_id=paper.id, before=paper.level, level=step.level, file_id=stored.id,
        digest_before=hashlib.sha256(before).hexdigest(), digest_after=hashlib.sha256(step.pdf).hexdigest(),
        renew_at=step.renew_at, actor=SYSTEM, at=at,
    )  # fmt: skip
