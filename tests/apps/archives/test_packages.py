"""From a closed case to a package kept: right by our own check and by another maker's, whole after a kill."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from tests.factories.archives import DUE, ArchiveMaker, foreign_opinions, only_file, package_on_disk, staged
from tests.factories.forks import dies_here
from tests.sweeps import every
from tinhso.apps.archives import actions, flows, queries
from tinhso.apps.archives.data import FileNotKept, ListNotPacked
from tinhso.apps.archives.models import ArchivalFile, Dissemination, SubmissionList
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.models import StoredFile
from tinhso.apps.documents.queries import get_file, open_file
from tinhso.apps.signatures.actions import keep_paper, record_strengthened
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.models import KeptPaper
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel
from tinhso.lib.eark import check_package, read_preserved

# The validator's rule asks CREATOR for an attribute METS itself forbids, and its CSIP rules forbid a second CREATOR.
KNOWN_CONTRADICTION = frozenset({"SIP14"})


@pytest.fixture
def maker(db: None) -> ArchiveMaker:
    return staged()[0]


def kept(maker: ArchiveMaker, drain: Callable[[], int]) -> ArchivalFile:
    listing = maker.listing("approved")
    with travel(DUE):
        drain()
        actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)
        drain()
    return only_file(listing)


def test_closed_case_goes_from_list_to_archive_and_into_use(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], tmp_path: Path
) -> None:
    file = kept(maker, drain_jobs)
    listing = SubmissionList.objects.get(pk=file.listing_id)
    assert (file.status, listing.status, listing.receipt_number[:7]) == ("kept", "accepted", "01/BBGN")
    actions.request_use(
        archival_file_id=file.pk, purpose="Trả lời tòa án", recipient="Tòa án", actor=maker.keeper, at=DUE
    )
    use = Dissemination.objects.get()
    dies_here("make_dip:after_store", lambda: flows.make_dip(dissemination_id=use.pk, at=DUE))
    with travel(DUE):
        drain_jobs()
    use.refresh_from_db()
    assert StoredFile.objects.filter(name__contains="DIP").values("sha256").distinct().count() == 1
    made = {"SIP": file.sip_id, "AIP": file.aip_id, "DIP": use.file_id}
    packages = [package_on_disk(pk or 0, tmp_path / f"{kind}.zip") for kind, pk in made.items()]
    for path, kind in zip(packages, made, strict=True):
        with path.open("rb") as stream:
            report = check_package(stream)
        assert (report.kind, report.problems) == (kind, ())
    for opinion in foreign_opinions(*packages):
        assert (opinion.structure, opinion.schema) == ("WellFormed", "VALID")
        assert opinion.errors <= KNOWN_CONTRADICTION
    with zipfile.ZipFile(packages[2]) as dip:
        assert not any(name.endswith("nhat-ky.json") for name in dip.namelist())
    told = [entry.type for entry in entries_of(f"case:{file.case_id}") if entry.type.startswith("archive.")]
    assert told == ["archive.file_kept", "archive.use_requested"]


def test_package_says_what_the_circular_wants(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], tmp_path: Path
) -> None:
    file = kept(maker, drain_jobs)
    assert file.sip_id
    with zipfile.ZipFile(package_on_disk(file.sip_id, tmp_path / "a.zip")) as package:
        top = package.namelist()[0].split("/")[0]
        assert top == f"uuid-{str(file.uuid).upper()}"
        told = etree.fromstring(package.read(f"{top}/metadata/descriptive/EAD.xml"))
        schema = etree.XMLSchema(etree.fromstring(package.read(f"{top}/schemas/ead-tt05-2025.xsd")))
        assert schema.validate(told), schema.error_log
        assert schema.validate(
            etree.fromstring(package.read(f"{top}/representations/rep1/metadata/descriptive/EAD_doc.xml"))
        )
        values = {etree.QName(node).localname: node.text for node in told}
        assert (values["fileCode"], values["maintenance"], values["language"]) == (file.file_code, "06", "01")
        assert values["keepUntil"] == "2036-12-31"
        assert "Bản chụp giấy tờ số 1" in package.read(f"{top}/documentation/muc-luc.txt").decode()
        names = [name.split("/data/")[1] for name in package.namelist() if "/data/" in name]
        assert {"phieu-kiem-soat.pdf", "ho-so.json", "nhat-ky.json"} <= set(names)


@pytest.mark.parametrize(
    "point",
    every(5, ["store_file:before_commit", "store_file:after_commit", "make_package:after_write", "make_sip:after_store",
     "record_sip:before_commit", "record_sip:after_commit"]),
)  # fmt: skip
def test_killed_while_packing_nothing_is_lost_or_twice(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    listing = maker.listing("submitted")
    with travel(DUE):
        drain_jobs()  # the papers of the case itself
        actions.approve_list(list_id=listing.pk, actor=maker.place.officer("leader"), at=DUE)
        dies_here(point, lambda: flows.pack_list(list_id=listing.pk, at=DUE))
        drain_jobs()
    file = only_file(listing)
    assert (file.status, SubmissionList.objects.get(pk=listing.pk).status) == ("packed", "ready")
    # What a kill may leave in the store is the same content again, never another package.
    assert StoredFile.objects.filter(name__contains="SIP").values("sha256").distinct().count() == 1


@pytest.mark.parametrize(
    "point",
    every(
        3, ["make_package:after_write", "make_aip:after_store", "record_aip:before_commit", "record_aip:after_commit"]
    ),
)
def test_killed_while_keeping_nothing_is_lost(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    listing = maker.listing("approved")
    with travel(DUE):
        drain_jobs()
        actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)
        dies_here(point, lambda: flows.keep_list(list_id=listing.pk, at=DUE))
        drain_jobs()
    assert only_file(listing).status == "kept"
    assert StoredFile.objects.filter(name__contains="AIP").values("sha256").distinct().count() == 1


def test_damaged_file_is_told_and_holds_no_other_up(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = maker.listing("approved", cases=2)
    first, second = ArchivalFile.objects.filter(listing=listing).order_by("id")
    scan = maker.place and first.case.documents.filter(file__isnull=False).get().file_id
    StoredFile.objects.filter(pk=scan).update(sha256="0" * 64)
    monkeypatch.setattr(flows.documents, "open_file", lambda pk: open_file(pk if pk != scan else _any_pdf(scan)))
    with travel(DUE):
        drain_jobs()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("failed", "packed")
    assert "không còn nguyên vẹn" in first.problem
    with pytest.raises(Exception, match="không còn ở bước"):
        actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)
    SubmissionList.objects.filter(pk=listing.pk).update(status="ready")
    with pytest.raises(ListNotPacked):
        actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)


def test_signature_state_is_written_down(maker: ArchiveMaker, drain_jobs: Callable[[], int]) -> None:
    file = kept(maker, drain_jobs)
    # The acknowledgement is signed by the officer's own key of the demo authority, where there is one.
    assert all(level.startswith("PAdES B-") for level in file.signatures)


def _strengthen(subject: str, level: PaperLevel) -> str:
    """A newer version of a kept paper, as the queue of time stamps writes it down; its digest."""
    paper = KeptPaper.objects.get(subject=subject)
    before = get_file(paper.file_id).sha256
    with open_file(paper.file_id) as stream:
        content = stream.read() + f"% {level.label}\n".encode()
    made = store_file(content=content, name="a.pdf", made_here=True, actor=SYSTEM, at=DUE)
    assert record_strengthened(
        paper_id=paper.pk, before=PaperLevel(paper.level), level=level, file_id=made.id, digest_before=before,
        digest_after=made.sha256, renew_at=None, actor=SYSTEM, at=DUE,
    )  # fmt: skip
    return made.sha256


def _looked_at(file_id: int | None, tmp_path: Path) -> tuple[dict[str, str], str, str]:
    """(state of the signature by digest, METS header status, the description of documents) of a right package."""
    path = package_on_disk(file_id or 0, tmp_path / f"{file_id}.zip")
    with path.open("rb") as stream:
        assert check_package(stream).problems == ()
    with zipfile.ZipFile(path) as package:
        top = package.namelist()[0].split("/")[0]
        held = {one.sha256: one.signature for one in read_preserved(package, top)}
        head = etree.fromstring(package.read(f"{top}/METS.xml")).find("{*}metsHdr").get("RECORDSTATUS")
        told = package.read(f"{top}/representations/rep1/metadata/descriptive/EAD_doc.xml").decode()
    return held, head, told


def test_the_package_holds_papers_as_they_were_strengthened(
    maker: ArchiveMaker, drain_jobs: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stamped before the archive takes it over: the package has that version. Stamped later: the package is made anew."""
    # The maker's results bear no signatures: the check of one that does stands for theirs.
    checked = SimpleNamespace(signatures=[SimpleNamespace(timestamped=False)], stamps=(), ok=True)
    monkeypatch.setattr(flows.signatures, "verify_pdf", lambda pdf, at: checked)
    listing = maker.listing("approved")
    with travel(DUE):
        drain_jobs()
        result = only_file(listing).case.results.get()
        subject = f"result:{result.pk}"
        submitted = keep_for_test(subject, result.file_id)
        stamped = _strengthen(subject, PaperLevel.STAMPED)
        actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)
        drain_jobs()
        file = only_file(listing)
        first = file.aip_id
        held, status, _ = _looked_at(first, tmp_path)
        assert (stamped in held, submitted in held, status) == (True, False, "NEW")
        assert not flows.renew_aip(archival_file_id=file.pk, at=DUE), "nothing is newer"
        archived = _strengthen(subject, PaperLevel.ARCHIVED)
        dies_here("renew_aip:after_store", lambda: flows.renew_aip(archival_file_id=file.pk, at=DUE))
        drain_jobs()
    file.refresh_from_db()
    assert file.aip_id != first
    held, status, told = _looked_at(file.aip_id, tmp_path)
    assert (archived in held, stamped in held, status) == (True, False, "REPLACEMENT")
    assert held[archived].startswith("PAdES B-LTA")
    assert "PAdES B-LTA" in told
    renewed = [entry for entry in entries_of(f"case:{file.case_id}") if entry.type == "archive.file_renewed"]
    assert [entry.payload["replaced_file_id"] for entry in renewed] == [first]
    assert submitted in _looked_at(file.sip_id, tmp_path)[0], "what was submitted stays as it was"


def keep_for_test(subject: str, file_id: int | None) -> str:
    """The result's file among the papers that are kept for long, whatever signed it; its digest."""
    sha256 = get_file(file_id or 0).sha256
    if not KeptPaper.objects.filter(subject=subject).exists():
        keep_paper(subject=subject, file_id=file_id or 0, sha256=sha256, actor=SYSTEM, at=DUE)
    return sha256


def test_file_not_kept_is_not_for_use(maker: ArchiveMaker) -> None:
    listing = maker.listing("approved")
    with pytest.raises(FileNotKept):
        actions.request_use(
            archival_file_id=only_file(listing).pk, purpose="x", recipient="y", actor=maker.keeper, at=DUE
        )


def test_receipt_is_typeset_from_what_is_recorded(maker: ArchiveMaker, drain_jobs: Callable[[], int]) -> None:
    file = kept(maker, drain_jobs)
    detail = queries.get_list(actor=maker.keeper, list_id=file.listing_id)
    assert queries.receipt_pdf(detail).startswith(b"%PDF")
    assert (detail.row.percent, detail.verbs) == (100, {"use"})


def _any_pdf(scan: int | None) -> int:
    found = StoredFile.objects.exclude(pk=scan).filter(media_type="application/pdf").first()
    assert found is not None
    return get_file(found.pk).id
