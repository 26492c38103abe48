"""Is this paper genuine: by the code on it, or by the file itself. Public."""

import hashlib
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Router, Schema, UploadedFile

from tinhso.apps.cases import queries
from tinhso.apps.cases.data import CaseNotFound, CheckedPaper
from tinhso.apps.signatures.queries import technical_report, verify_upload
from tinhso.interfaces.access import limits
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.api.common import Code, Problem, instant
from tinhso.kernel import clock
from tinhso.kernel.errors import TooLarge

router = Router(tags=["Kiểm tra giấy tờ"])
_LARGEST = 20 * 1_048_576


class Verification(Schema):
    """What holds of a paper: `sentences` for people; `paper` is what the register says, when it is ours.

    Of a file also: `report` with every signature found, and `differences` between what it shows and the register.
    """

    ok: bool
    sentences: list[str]
    paper: dict[str, Any] | None
    differences: list[str] = []
    report: dict[str, Any] | None = None


@router.get(
    "/verification/{code}",
    response={200: Verification, 404: Problem, 429: Problem},
    auth=None,
    summary="Kiểm tra theo mã",
)
def by_code(request: HttpRequest, code: Code) -> dict[str, Any]:
    """What the register says of the paper with this code; the holder's name is masked."""
    source, at = source_of(request), clock.now()
    limits.WRONG_CODES.require(source, at=at)
    try:
        paper = queries.check_paper(code)
    except CaseNotFound:
        limits.WRONG_CODES.spend(source, at=at)
        raise
    said = f"{paper.title} số {paper.number} do {paper.unit_name} cấp." if paper.number else f"{paper.title}."
    return {"ok": paper.valid, "sentences": [said], "paper": _paper(paper)}


@router.post(
    "/verification", response={200: Verification, 413: Problem, 429: Problem}, auth=None, summary="Kiểm tra tệp PDF"
)
def by_file(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> dict[str, Any]:
    """Check the signatures of a PDF and whether it is, byte for byte, a paper of ours."""
    if (file.size or 0) > _LARGEST:
        raise TooLarge("Tệp nặng quá 20 MB, không kiểm tra được.")
    limits.FILES.require(source_of(request), at=clock.now())
    limits.FILES.spend(source_of(request), at=clock.now())
    content = file.read()
    verdict = verify_upload(content, at=clock.now())
    paper = queries.find_by_digest(hashlib.sha256(content).hexdigest())
    differences: list[str] = []
    if paper is None and verdict.text and (found := queries.find_by_text(verdict.text)) is not None:
        paper, differences = found
    return {
        "ok": verdict.ok and not differences, "sentences": [verdict.headline, *verdict.sentences],
        "paper": _paper(paper) if paper else None, "differences": differences, "report": technical_report(verdict),
    }  # fmt: skip


def _paper(paper: CheckedPaper) -> dict[str, Any]:
    return {
        "kind": paper.kind, "title": paper.title, "number": paper.number, "case_code": paper.case_code,
        "unit_name": paper.unit_name, "holder": paper.holder, "issued_at": instant(paper.issued_at),
        "signer": paper.signer, "sha256": paper.sha256, "valid": paper.valid, "ended_at": instant(paper.ended_at),
        "revoked_by": paper.revoked_by, "decision_code": paper.decision_code, "replaced_by": paper.replaced_by,
        "replaces": paper.replaces,
    }  # fmt: skip
