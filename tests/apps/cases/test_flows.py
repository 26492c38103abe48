"""Papers and signatures: made once, outside transactions; what cannot be signed goes back to the leader."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.files import PDF
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.enums import PaperKind
from tinhso.apps.cases.models import Case, Paper, Result
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.documents.models import BookEntry
from tinhso.apps.signatures import flows as signature_flows
from tinhso.apps.signatures.actions import claim_papers, keep_paper, record_strengthened
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.models import KeptPaper
from tinhso.apps.vault.models import Document
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden
from tinhso.kernel.flows import FlowInsideTransaction

AT = RECEIVED_AT + timedelta(hours=8)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        ("received", ["acknowledgement"]),
        ("intake_supplement", ["supplement_request"]),
        ("intake_refused", ["intake_refusal"]),
        ("supplement", ["acknowledgement", "supplement_request"]),
        ("withdrawn", ["acknowledgement", "withdrawal_notice"]),
    ],
)
def test_applicant_gets_the_papers_of_what_happened(
    maker: CaseMaker, drain_jobs: Callable[[], int], state: str, kinds: list[str]
) -> None:
    case = maker.at(state)
    drain_jobs()
    made = list(Paper.objects.filter(case=case).order_by("id"))
    assert [paper.kind for paper in made] == kinds
    for paper in made:
        checked = queries.check_paper(paper.check_code)
        assert (checked.number, checked.case_code, checked.valid) == (paper.number, case.code, True)
        assert BookEntry.objects.get(pk=paper.book_entry_id).status == "issued"
        assert queries.find_by_digest(checked.sha256) == checked
    assert [paper.pk for paper in queries.list_papers(case)] == [paper.pk for paper in made]


def test_paper_asked_for_twice_is_made_once(maker: CaseMaker, drain_jobs: Callable[[], int]) -> None:
    case = maker.received()
    drain_jobs()
    first = Paper.objects.get()
    officer = maker.officer("one_stop_officer")
    again = flows.issue_paper(case_id=case.pk, kind=PaperKind.ACKNOWLEDGEMENT, officer=officer, extra={}, at=AT)
    assert (again.pk, again.file_id, BookEntry.objects.count()) == (first.pk, first.file_id, 1)
    kept = actions.record_paper(paper_id=first.pk, file_id=0, actor=SYSTEM, at=AT)
    assert kept.file_id == first.file_id


def test_paper_that_broke_off_keeps_its_number_for_the_next_try(
    maker: CaseMaker, drain_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.received()
    with monkeypatch.context() as patch:
        patch.setattr(queries, "paper_pdf", _raise(OSError("no fonts")))
        with pytest.raises(OSError, match="no fonts"):
            drain_jobs()
    begun = Paper.objects.get()
    assert begun.file_id is None
    case = Case.objects.get()
    flows.issue_paper(
        case_id=case.pk, kind=PaperKind.ACKNOWLEDGEMENT, officer=maker.officer("one_stop_officer"), extra={}, at=AT
    )
    done = Paper.objects.get()
    assert (done.pk, done.number, done.file_id is None) == (begun.pk, begun.number, False)


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Signatures that only note that they were asked for; real ones are tested where they are made."""
    asked: list[str] = []

    def sign(*, pdf: bytes, **kwargs: Any) -> bytes:
        asked.append(f"signed by {kwargs['actor'].name}")
        return pdf

    def seal(*, pdf: bytes, **kwargs: Any) -> bytes:
        asked.append(f"sealed by {kwargs['organisation']}")
        return PDF

    monkeypatch.setattr(signature_flows, "sign_pdf", sign)
    monkeypatch.setattr(signature_flows, "seal_pdf", seal)
    return asked


def test_approved_result_is_signed_then_sealed_once(maker: CaseMaker, signing: list[str]) -> None:
    case = maker.at("approved")
    result = case.results.get()
    signed = flows.sign_result(result_id=result.pk, at=AT)
    assert signed is not None
    assert signed.status == "signed"
    assert signing[0] == f"signed by {maker.officer('leader').name}"
    assert signing[1].startswith("sealed by Ủy ban nhân dân")
    assert Case.objects.get(pk=case.pk).status == "resolved"
    assert flows.sign_result(result_id=result.pk, at=AT) is None
    assert len(signing) == 2


@pytest.mark.parametrize("point", ["sign_result:after_person", "sign_result:after_seal"])
def test_killed_between_the_signatures_the_result_ends_with_one_file_and_one_number(
    maker: CaseMaker, signing: list[str], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def die(name: str) -> None:
        if name == point:
            raise Killed

    result = maker.at("approved").results.get()
    with monkeypatch.context() as patch:
        patch.setattr("tinhso.apps.cases.flows._papers.crash", die)
        with pytest.raises(Killed):
            flows.sign_result(result_id=result.pk, at=RECEIVED_AT)
    result.refresh_from_db()
    assert (result.status, result.file_id) == ("approved", None)
    assert flows.sign_result(result_id=result.pk, at=RECEIVED_AT) is not None
    assert flows.sign_result(result_id=result.pk, at=RECEIVED_AT) is None
    result.refresh_from_db()
    assert (result.status, result.file_id is not None) == ("signed", True)
    assert list(BookEntry.objects.filter(pk=result.book_entry_id).values_list("status", flat=True)) == ["issued"]


def test_job_of_the_approval_signs(maker: CaseMaker, signing: list[str], drain_jobs: Callable[[], int]) -> None:
    case = maker.at("approved")
    with travel(AT):
        drain_jobs()
    assert Case.objects.get(pk=case.pk).resolved_at == AT


def test_refusal_is_typeset_from_the_common_letter(maker: CaseMaker, signing: list[str]) -> None:
    case = maker.at("appraisal")
    maker.propose(case, at=AT, outcome="refuse", text="Không đủ điều kiện.\nThiếu giấy xác nhận.")
    maker.forward(case, "division_head", at=AT)
    result = maker.approve(case, at=AT)
    assert queries.draft_pdf(queries.case_as_filed(case.pk), result, base_url="https://x.example").startswith(b"%PDF")
    signed = flows.sign_result(result_id=result.pk, at=AT)
    assert signed is not None
    assert signed.status == "signed"


@pytest.mark.parametrize("error", [PaperNotTypeset, PaperNotSignable, SigningKeyMissing, Forbidden])
def test_what_cannot_be_signed_goes_back_with_the_reason(
    maker: CaseMaker, signing: list[str], monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    case = maker.at("approved")
    result = case.results.get()
    monkeypatch.setattr(signature_flows, "seal_pdf", _raise(error("Không ký được.")))
    back = flows.sign_result(result_id=result.pk, at=AT)
    assert back is not None
    assert (back.status, back.failure, back.number) == ("proposed", "Không ký được.", "")
    assert Case.objects.get(pk=case.pk).step_kind == "approval"


def test_key_out_of_reach_for_now_is_tried_again(
    maker: CaseMaker, signing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = maker.at("approved").results.get()
    with monkeypatch.context() as patch:
        patch.setattr(signature_flows, "sign_pdf", _raise(OSError("timeout")))
        with pytest.raises(OSError, match="timeout"):
            flows.sign_result(result_id=result.pk, at=AT)
    assert Result.objects.get(pk=result.pk).status == "approved"
    again = flows.sign_result(result_id=result.pk, at=AT)
    assert again is not None
    assert again.number == result.number, "the number taken at approval is kept"


def test_flows_hold_no_transaction_open(maker: CaseMaker) -> None:
    result = maker.at("approved").results.get()
    with transaction.atomic(), pytest.raises(FlowInsideTransaction):
        flows.sign_result(result_id=result.pk, at=AT)


def _raise(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def test_a_result_with_its_stamp_takes_the_place_of_the_one_before(
    maker: CaseMaker, signing: list[str], drain_jobs: Callable[[], int]
) -> None:
    """Both files answer to the register: the one as sealed may be in somebody's hands."""
    result = Result.objects.select_related("file").get(case=maker.at("resolved"))
    drain_jobs()
    assert result.file is not None
    before = result.file.sha256
    subject = f"result:{result.pk}"
    keep_paper(subject=subject, file_id=result.file.pk, sha256=before, actor=SYSTEM, at=AT)
    (paper,) = claim_papers(actor=SYSTEM, at=AT)
    stamped = store_file(content=PDF + b"% stamped", name="a.pdf", made_here=True, actor=SYSTEM, at=AT)
    for taken in (True, False):  # told twice, it happens once
        assert taken is record_strengthened(
            paper_id=paper.id, before=PaperLevel.SIGNED, level=PaperLevel.STAMPED, file_id=stamped.id,
            digest_before=before, digest_after=stamped.sha256, renew_at=None, actor=SYSTEM, at=AT,
        )  # fmt: skip
    drain_jobs()
    result.refresh_from_db()
    assert result.file_id == stamped.id
    held = Document.objects.get(source_key=subject)
    assert (held.file_id, held.sha256) == (stamped.id, stamped.sha256), "the vault follows"
    told = [entry.type for entry in entries_of(f"vault:{held.holder_id}")]
    assert told.count("vault.document_renewed") == 1
    flows.take_strengthened(subject=subject, at=AT)  # told twice, it happens once
    assert [entry.type for entry in entries_of(f"vault:{held.holder_id}")] == told
    old, new = queries.find_by_digest(before), queries.find_by_digest(stamped.sha256)
    assert old is not None
    assert old == new
    assert queries.find_by_digest("0" * 64) is None
    flows.archive_results(case_id=result.case_id, at=AT)
    assert KeptPaper.objects.get().wanted == PaperLevel.ARCHIVED
    with pytest.raises(Forbidden):
        actions.take_strengthened_file(subject=subject, actor=maker.officer("leader"), at=AT)


def test_only_signed_papers_of_the_present_are_kept(maker: CaseMaker, settings: Any) -> None:
    unsigned = store_file(content=PDF, name="a.pdf", made_here=True, actor=SYSTEM, at=AT).id
    signed = store_file(content=PDF + b"/ByteRange", name="a.pdf", made_here=True, actor=SYSTEM, at=AT).id
    settings.DEMO = True
    assert not flows.keep_signed(subject="paper:1", file_id=unsigned, signed_at=AT, at=AT)
    assert not flows.keep_signed(subject="paper:1", file_id=signed, signed_at=AT - timedelta(days=2), at=AT)
    assert flows.keep_signed(subject="paper:1", file_id=signed, signed_at=AT, at=AT)
