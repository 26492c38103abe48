"""The process dies by SIGKILL between scan, conversion, signature, seal, case, vault and time stamp; run again, all is there.

Each point has a case of its own; what dies is a process of its own (`tests/factories/forks.py`). What the typesetter
prints is printed before, for it has threads and a fork has none.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.apps.cases.test_scans import AT, KEY, brought, taken
from tests.factories.cases import CaseMaker
from tests.factories.forks import is_killed_at
from tests.factories.papers import letter
from tests.factories.scans import sheet
from tests.factories.world import world
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.enums import Presence, ScanStatus
from tinhso.apps.cases.models import CaseDocument, Result, Scan
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.models import BookEntry
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import flows as signatures
from tinhso.apps.signatures.actions import claim_papers, keep_paper, record_strengthened
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.queries import verify_pdf
from tinhso.apps.vault.models import Document
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

SCAN_POINTS = [
    "check_scan:measured", "record_scan_check:before_commit", "confirm_scan:before_commit", "finish_scan:converted",
    "sign:after_embed", "finish_scan:signed", "record_scan_attached:before_commit", "record_scan_attached:after_commit",
]  # fmt: skip
RESULT_POINTS = [
    "sign:after_embed", "sign_result:after_person", "sign_result:after_seal", "store_file:after_commit",
    "record_result_signed:before_commit", "record_result_signed:after_commit",
]  # fmt: skip
STAMP_POINTS = [
    "take_strengthened_file:before_commit", "take_strengthened_file:after_commit", "strengthened:after_case",
    "renew_kept_result:before_commit", "renew_kept_result:after_commit",
]  # fmt: skip
VAULT_POINTS = ["keep_result:before_commit", "keep_result:after_commit"]


@pytest.fixture
def maker() -> CaseMaker:
    """Somebody who files in a world that other processes see."""
    return CaseMaker(world())


def dies_at(point: str, work: Callable[[], object]) -> None:
    assert is_killed_at(point, work), f"{point} was not reached"


def printed_before(maker: CaseMaker, *roles: str) -> None:
    """The pictures of the signatures, as they will be asked for."""
    for role in roles:
        signatures.mark_picture("person", maker.officer(role).name, "", b"")
    unit = directory.get_unit(maker.place.commune.id)
    signatures.mark_picture("agency", unit.agency_name, "", b"")


@pytest.mark.sweep
def test_from_the_scan_to_the_case(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    counter, paper = maker.officer("one_stop_officer"), letter()
    printed_before(maker, "one_stop_officer")
    monkeypatch.setattr(queries, "digitised_pdf", lambda scan: paper)

    def course(scan: Scan) -> None:
        flows.check_scan(scan_id=scan.pk, at=AT)
        actions.confirm_scan(scan_id=scan.pk, note="thô", actor=counter, at=AT)
        flows.finish_scan(scan_id=scan.pk, at=AT)

    for number, point in enumerate(SCAN_POINTS, 1):
        scan = taken(maker, brought(maker), sheet(words=point, dpi=60))
        dies_at(point, lambda scan=scan: course(scan))  # type: ignore[misc]  # bound now
        row = CaseDocument.objects.get(case_id=scan.case_id, key=KEY)
        assert (row.presence == Presence.UPLOADED) is (point == SCAN_POINTS[-1]), point
        course(scan)
        course(scan)
        row.refresh_from_db()
        scan.refresh_from_db()
        assert (row.presence, row.file_id, scan.status) == (Presence.UPLOADED, scan.file_id, ScanStatus.DONE), point
        signed = read_file(row.file_id or 0)
        assert signed.count(b"/ByteRange") == 1, point
        told = [entry.type for entry in entries_of(f"case:{scan.case_id}")]
        for once in ("case.scan_attached", "case.scan_checked", "case.scan_confirmed"):
            assert told.count(once) == 1, point
        numbers = BookEntry.objects.filter(book__book="SO-HOA").order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, number + 1)), point
    assert verify_pdf(signed, at=AT).signatures[0].ok


def test_from_the_first_signature_to_the_vault(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Person signs, agency seals, the result is kept, the owner's vault has it: one file, one number, one document."""
    paper = letter()
    printed_before(maker, "leader")
    monkeypatch.setattr("tinhso.apps.cases.flows._vault._signature_report", lambda file_id, at: {"checked": False})
    monkeypatch.setattr(queries, "result_pdf", lambda case, result, *, base_url: paper)

    def course(result: Result) -> None:
        flows.sign_result(result_id=result.pk, at=AT)
        result.refresh_from_db()
        assert result.file_id is not None
        flows.keep_result(result_id=result.pk, file_id=result.file_id, at=AT)

    for point in [*RESULT_POINTS, *VAULT_POINTS]:
        result = maker.at("approved").results.get()
        dies_at(point, lambda result=result: course(result))  # type: ignore[misc]  # bound now
        course(result)
        course(result)
        assert result.status == "signed", point
        sealed = read_file(result.file_id or 0)
        assert sealed.count(b"/ByteRange") == 2, point
        assert BookEntry.objects.get(pk=result.book_entry_id).status == "issued", point
        assert Document.objects.filter(source_key=f"result:{result.pk}").count() == 1, point
        told = [entry.type for entry in entries_of(f"case:{result.case_id}")]
        assert told.count("case.result_signed") == 1, point
    verdict = verify_pdf(sealed, at=AT)
    assert ([one.is_seal for one in verdict.signatures], verdict.sealed) == ([False, True], True)


@pytest.mark.sweep
def test_from_the_time_stamp_to_case_and_vault(maker: CaseMaker) -> None:
    """The stamped version takes the place of the one as sealed in the case and in the vault, or in neither for now."""
    result = maker.at("approved").results.get()
    sealed = store_file(content=letter(), name="a.pdf", made_here=True, actor=SYSTEM, at=AT)
    actions.record_result_signed(result_id=result.pk, file_id=sealed.id, actor=SYSTEM, at=AT)
    flows.keep_result(result_id=result.pk, file_id=sealed.id, at=AT)
    subject, before, level = f"result:{result.pk}", sealed, PaperLevel.SIGNED
    keep_paper(subject=subject, file_id=before.id, sha256=before.sha256, actor=SYSTEM, at=AT)
    for number, point in enumerate(STAMP_POINTS):
        (paper,) = claim_papers(actor=SYSTEM, at=AT + timedelta(days=number))
        stamped = store_file(content=letter() + point.encode(), name="a.pdf", made_here=True, actor=SYSTEM, at=AT)
        record_strengthened(
            paper_id=paper.id, before=level, level=PaperLevel.STAMPED, file_id=stamped.id,
            digest_before=before.sha256, digest_after=stamped.sha256, renew_at=None, actor=SYSTEM, at=AT,
        )  # fmt: skip
        work = lambda: flows.take_strengthened(subject=subject, at=AT)  # noqa: E731 - done in the other process
        dies_at(point, work)
        for _ in range(2):
            work()
        result.refresh_from_db()
        assert result.file_id == stamped.id, point
        held = Document.objects.get(source_key=subject)
        assert (held.file_id, held.sha256) == (stamped.id, stamped.sha256), point
        told = [entry.type for entry in entries_of(f"vault:{held.holder_id}")]
        assert told.count("vault.document_renewed") == number + 1, point
        before, level = stamped, PaperLevel.STAMPED
