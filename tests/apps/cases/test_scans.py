"""Digitising at the counter and certified electronic copies: what is checked, who may, what survives a power cut."""

import shutil
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import files
from tests.factories.cases import RECEIVED_AT, SUBMITTED_AT, CaseMaker
from tests.factories.papers import pdfa_problems, words_of
from tests.factories.scans import scanned_pdf, sheet, written
from tests.factories.world import World
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, flows, queries
from tinhso.apps.cases.actions import _retention
from tinhso.apps.cases.data import DocumentInput, ScanMoved, ScanNotNeeded
from tinhso.apps.cases.enums import Presence, ScanStatus
from tinhso.apps.cases.models import Case, CaseDocument, EndedCase, Scan
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.models import BookEntry
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures.queries import verify_pdf
from tinhso.apps.signatures.rules.paper import check_signable
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid

AT = RECEIVED_AT + timedelta(minutes=10)
COPIES = "2.000815"


def kept(content: bytes, name: str = "quet.jpg") -> int:
    return store_file(content=content, name=name, actor=SYSTEM, at=AT).id


KEY = "declaration"


def brought(maker: CaseMaker) -> Case:
    """A received case with one component on paper."""
    return maker.received(documents=[DocumentInput(key=KEY, presence=Presence.PAPER)])


def taken(maker: CaseMaker, case: Case, *pages: bytes, declared: int | None = None, key: str = "") -> Scan:
    return actions.take_scan(
        case_id=case.pk, key=key or KEY, file_ids=[kept(page) for page in pages], declared_pages=declared,
        actor=maker.officer("one_stop_officer"), at=AT,
    )  # fmt: skip


def checked(maker: CaseMaker, case: Case, *pages: bytes, **more: Any) -> Scan:
    return flows.check_scan(scan_id=taken(maker, case, *pages, **more).pk, at=AT)


def confirmed(maker: CaseMaker, case: Case, *pages: bytes, note: str = "", **more: Any) -> Scan:
    scan = checked(maker, case, *pages, **more)
    return actions.confirm_scan(scan_id=scan.pk, note=note, actor=maker.officer("one_stop_officer"), at=AT)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ""), ({"gray": True}, ""), ({"lean": 5}, "nghiêng khoảng 5°"), ({"lean": -3}, "nghiêng khoảng 3°"),
        ({"blank": True}, "Trang trắng"), ({"dark": True}, "quá tối"), ({"pale": True}, "quá nhạt"),
        ({"dpi": 100}, "100 dpi"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_page_is_said(maker: CaseMaker, given: dict[str, Any], said: str) -> None:
    scan = checked(maker, brought(maker), sheet(**given))
    (found,) = scan.report
    assert (" ".join(found["problems"]) == "") == (said == "")
    assert said in " ".join(found["problems"])


def test_missing_pages_are_counted(maker: CaseMaker) -> None:
    scan = checked(maker, brought(maker), sheet(), declared=3)
    assert scan.problems == ["Quét được 1 trang, bản giấy có 3 trang: thiếu 2 trang."]
    case = Case.objects.get(pk=scan.case_id)
    more = taken(maker, case, sheet(words="hai"), sheet(words="ba"))
    assert (more.pk, more.status, more.declared_pages) == (scan.pk, ScanStatus.TAKEN, 3)
    assert flows.check_scan(scan_id=scan.pk, at=AT).problems == []


def test_a_scanner_pdf_gives_its_pages_as_they_were(maker: CaseMaker) -> None:
    scan = checked(maker, brought(maker), scanned_pdf(sheet(), sheet(lean=5)))
    assert [bool(page["problems"]) for page in scan.report] == [False, True]
    assert [page["dpi"] for page in scan.report] == [200, 200]


def _bar(pdf: bytes) -> bool:
    """Whether the black bar of `files.filled_form_pdf` and its like is to be seen on the first page."""
    document = pypdfium2.PdfDocument(pdf)
    seen = document[0].render(scale=1).to_pil().convert("L")
    document.close()
    return bool(seen.getpixel((172, 842 - 520)) < 100)


@pytest.mark.parametrize(
    ("given", "said", "shown"),
    [
        (files.filled_form_pdf(), "ô điền được", True),
        (files.annotated_pdf(), "dấu vẽ đè lên trang", True),
        (files.annotated_pdf(scanned_pdf(sheet())), "dấu vẽ đè lên trang", True),
        (files.layered_pdf(), "lớp nội dung ẩn, hiện", False),
        (files.carrying_pdf(), "tệp đính không vào bản số hóa", False),
    ],
    ids=["form", "markup", "markup over a scan", "layers", "embedded"],
)
def test_what_is_no_plain_scan_is_flattened_as_it_shows_and_the_officer_told(
    maker: CaseMaker, given: bytes, said: str, shown: bool
) -> None:
    """Before the first signature: what fields and stamps show is drawn, what acts, hides or hangs on is gone."""
    counter = maker.officer("one_stop_officer")
    scan = checked(maker, brought(maker), given)
    assert any(said in problem for problem in scan.problems), scan.problems
    with pytest.raises(Invalid, match="ghi vì sao vẫn dùng được"):
        actions.confirm_scan(scan_id=scan.pk, note="", actor=counter, at=AT)
    scan = actions.confirm_scan(scan_id=scan.pk, note="Đã xem từng trang.", actor=counter, at=AT)
    paper = queries.digitised_pdf(scan)
    assert _bar(paper) is shown
    with pikepdf.open(BytesIO(paper)) as made:
        sides = [float(side) for side in made.pages[0].MediaBox.as_list()[2:]]
    assert sides == pytest.approx([595, 842], abs=1), "as large as the sheet"
    assert pdfa_problems(paper) == []
    assert check_signable(paper).keys() == {"person"}


def test_a_file_signed_by_others_is_no_scan(maker: CaseMaker) -> None:
    with pytest.raises(Invalid, match="đã được ký số: đó là văn bản điện tử"):
        taken(maker, brought(maker), files.signed_by_others())
    assert not Scan.objects.exists()


def test_no_paper_lacks_its_last_pages(maker: CaseMaker) -> None:
    scan = checked(maker, brought(maker), files.pdf(pages=501))
    assert scan.report == []
    assert "có 501 trang, mỗi tệp quét tối đa 500 trang" in scan.problems[0]


def test_a_damaged_file_is_told_and_cannot_be_confirmed(maker: CaseMaker) -> None:
    broken = sheet()[:4000]
    scan = checked(maker, brought(maker), broken)
    assert scan.report == [] and "Không đọc được" in scan.problems[0]  # noqa: PT018 - one sight
    with pytest.raises(Invalid):
        actions.confirm_scan(scan_id=scan.pk, note="vẫn lấy", actor=maker.officer("one_stop_officer"), at=AT)


def test_problems_need_a_word_from_the_officer(maker: CaseMaker) -> None:
    scan = checked(maker, brought(maker), sheet(lean=5))
    counter = maker.officer("one_stop_officer")
    with pytest.raises(Invalid):
        actions.confirm_scan(scan_id=scan.pk, note=" ", actor=counter, at=AT)
    kept_as_is = actions.confirm_scan(scan_id=scan.pk, note="Bản giấy in lệch sẵn.", actor=counter, at=AT)
    assert kept_as_is.note == "Bản giấy in lệch sẵn."


def test_a_digitised_paper_is_signed_by_the_officer_and_enters_the_case_once(maker: CaseMaker) -> None:
    case = brought(maker)
    before = case.documents.filter(key=KEY).count()
    scan = confirmed(maker, case, sheet(), sheet(words="mat sau"), declared=2)
    for _ in range(2):
        scan = flows.finish_scan(scan_id=scan.pk, at=AT)
    assert scan.status == ScanStatus.DONE
    row = CaseDocument.objects.get(case=case, key=KEY)
    assert (row.presence, row.file_id, before) == (Presence.UPLOADED, scan.file_id, 1)
    pdf = read_file(row.file_id or 0)
    assert pdfa_problems(pdf) == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert len(opened.pages) == 2
        pictures = [page.Resources.XObject["/Sheet"].read_raw_bytes() for page in opened.pages]
    assert pictures == [sheet(), sheet(words="mat sau")]  # byte for byte as scanned
    (signature,) = verify_pdf(pdf, at=AT).signatures
    assert (signature.signer, signature.ok, signature.is_seal) == (maker.officer("one_stop_officer").name, True, False)
    attached = [entry for entry in entries_of(f"case:{case.pk}") if entry.type == "case.scan_attached"]
    assert len(attached) == 1


def test_the_digitised_paper_bears_its_code_name_and_description(maker: CaseMaker) -> None:
    case = brought(maker)
    scan = flows.finish_scan(scan_id=confirmed(maker, case, sheet()).pk, at=AT)
    organisation = directory.code_prefix(case.intake_unit_id or 0, AT.date())
    assert scan.code is not None
    assert scan.code.startswith(f"{organisation}_")
    assert scan.code.endswith("_000001_V1")
    assert scan.file is not None
    assert scan.file.name.startswith(f"{scan.code}_20260302_")
    assert scan.metadata["DocCode"] == scan.code
    assert {"TypeName", "IssuedDate", "OrganName", "Subject"} <= scan.metadata.keys()
    assert scan.metadata["PageAmount"] == 1


def test_a_new_version_takes_the_place_of_the_old_one(maker: CaseMaker) -> None:
    case = brought(maker)
    first = flows.finish_scan(scan_id=confirmed(maker, case, sheet(), key=KEY).pk, at=AT)
    second = flows.finish_scan(scan_id=confirmed(maker, case, sheet(words="lan hai"), key=KEY).pk, at=AT)
    assert (second.code or "").endswith("_000002_V2")
    row = CaseDocument.objects.get(case=case, key=KEY)
    assert row.file_id == second.file_id != first.file_id
    assert read_file(first.file_id or 0)  # the older version is still kept


def test_what_needs_no_scan_is_not_asked_for(maker: CaseMaker) -> None:
    case = brought(maker)
    document = case.documents.get(key=KEY)
    for presence, words in ((Presence.SHOWN, "xuất trình"), (Presence.DATABASE, "cơ sở dữ liệu")):
        CaseDocument.objects.filter(pk=document.pk).update(presence=presence)
        need = next(n for n in queries.scan_needs(case, today=AT.date()) if n.key == document.key)
        assert not need.is_needed
        assert words in need.reason
        with pytest.raises(ScanNotNeeded):
            taken(maker, case, sheet(), key=document.key)


@pytest.mark.parametrize("role", ["specialist", "division_head", "leader", "clerk", "auditor"])
def test_only_the_counter_scans(maker: CaseMaker, role: str) -> None:
    case = brought(maker)
    with pytest.raises(Forbidden):
        actions.take_scan(
            case_id=case.pk, key=KEY, file_ids=[kept(sheet())], declared_pages=None,
            actor=maker.officer(role), at=AT,
        )  # fmt: skip


def test_scans_thrown_away_leave_the_case_as_it_was(maker: CaseMaker) -> None:
    case = brought(maker)
    counter = maker.officer("one_stop_officer")
    scan = checked(maker, case, sheet(blank=True))
    actions.discard_scan(scan_id=scan.pk, actor=counter, at=AT)
    with pytest.raises(ScanMoved):
        actions.confirm_scan(scan_id=scan.pk, note="", actor=counter, at=AT)
    again = taken(maker, case, sheet())
    assert again.pk != scan.pk
    assert case.documents.get(key=again.key).presence == Presence.PAPER


def test_an_ended_case_takes_no_scans(maker: CaseMaker) -> None:
    case = maker.at("resolved")
    with pytest.raises(ScanMoved):
        taken(maker, case, sheet(), key="residence")


def copy_case(place: World, **answers: Any) -> tuple[CaseMaker, Case]:
    maker = CaseMaker.__new__(CaseMaker)
    maker.place, maker.code = place, COPIES
    from tests.factories.cases import load_package, load_scenarios, package_folders
    from tests.factories.world import CONTENT, citizen

    folder = next(folder for folder in package_folders(CONTENT) if folder.name == COPIES)
    maker.scenario = load_scenarios(load_package(folder, root=CONTENT)[1], root=CONTENT)[0][0]
    maker.person = citizen()
    counter = maker.officer("one_stop_officer")
    case = actions.submit_case(
        procedure_code=COPIES, unit_id=place.commune.id, applicant=dict(maker.scenario.applicant),
        answers={**maker.scenario.answers, **answers}, channel="counter", idempotency_key="ban-sao",
        documents=[DocumentInput(key="originals", presence="shown")], actor=counter, at=SUBMITTED_AT,
    )  # fmt: skip
    return maker, actions.receive_case(case_id=case.pk, actor=counter, at=RECEIVED_AT)


def test_an_electronic_copy_is_certified_end_to_end(place: World, tmp_path: Any) -> None:
    maker, case = copy_case(place, copy_form="electronic")
    with pytest.raises(Invalid, match="quét bản chính"):
        maker.propose(case, at=AT)
    scan = confirmed(maker, case, sheet(), sheet(words="mat sau"), key="originals")
    assert (scan.key, scan.purpose, scan.status) == ("originals", "copy", ScanStatus.DONE)
    assert case.documents.get(key="originals").presence == Presence.SHOWN  # shown, never a component
    maker.propose(case, at=AT)
    result = maker.approve(case, at=AT + timedelta(hours=1))
    signed = flows.sign_result(result_id=result.pk, at=AT + timedelta(hours=1))
    assert signed is not None
    assert signed.status == "signed"
    pdf = read_file(signed.file_id or 0)
    assert pdfa_problems(pdf) == []
    verdict = verify_pdf(pdf, at=AT + timedelta(hours=2))
    assert (verdict.ok, verdict.sealed, len(verdict.signatures)) == (True, True, 2)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.pages[0].Resources.XObject["/Sheet"].read_raw_bytes() == sheet()
        assert len(opened.pages) == 3
    words = words_of(pdf, tmp_path)
    assert "BẢN SAO CHỨNG THỰC ĐIỆN TỬ" in words
    assert f"Số chứng thực {signed.number}" in words
    assert "2 trang chụp từ bản chính" in words
    assert signed.check_code in words
    assert BookEntry.objects.get(pk=signed.book_entry_id).status == "issued"
    with pytest.raises(ScanMoved):
        actions.discard_scan(scan_id=scan.pk, actor=maker.officer("one_stop_officer"), at=AT)


def test_a_paper_copy_is_still_possible(place: World) -> None:
    maker, case = copy_case(place)
    need = next(n for n in queries.scan_needs(case, today=AT.date()) if n.key == "originals")
    assert not need.is_needed
    maker.propose(case, at=AT)
    result = maker.approve(case, at=AT + timedelta(hours=1))
    signed = flows.sign_result(result_id=result.pk, at=AT + timedelta(hours=1))
    assert signed is not None
    with pikepdf.open(BytesIO(read_file(signed.file_id or 0))) as opened:
        assert len(opened.pages) == 1


def test_words_read_in_scans_are_found_by_those_who_see_the_case(maker: CaseMaker) -> None:
    case = brought(maker)
    scan = flows.finish_scan(scan_id=confirmed(maker, case, sheet()).pk, at=AT)
    assert scan.file_id is not None
    signed = read_file(scan.file_id)
    actions.record_scan_text(scan_id=scan.pk, text="GIẤY XÁC NHẬN\nĐặng Thị Bình", actor=SYSTEM, at=AT)
    for words in ("giay xac nhan", "Đặng Bình", "dang thi"):
        assert list(queries.search_scans(actor=maker.officer("specialist"), words=words)) == [scan]
    assert not queries.search_scans(actor=maker.officer("specialist"), words="không có chữ này")
    far = maker.place.officer("specialist", maker.place.other_commune)
    assert not queries.search_scans(actor=far, words="giay xac nhan")
    assert read_file(scan.file_id) == signed


@pytest.mark.skipif(
    not shutil.which("tesseract"), reason="needs Tesseract: apt-get install tesseract-ocr tesseract-ocr-vie"
)
@pytest.mark.sweep
def test_the_real_program_reads_vietnamese_and_the_signed_file_stays_as_it_is(maker: CaseMaker) -> None:
    page = written("Giấy xác nhận mức độ khuyết tật", "Đặng Thị Bình, sinh năm 1990")
    scan = flows.finish_scan(scan_id=confirmed(maker, brought(maker), page, note="Dải giấy").pk, at=AT)
    signed = read_file(scan.file_id or 0)
    for _ in range(2):
        scan = flows.recognise_scan(scan_id=scan.pk, at=AT)
    assert "Giấy xác nhận mức độ khuyết tật" in scan.text
    assert list(queries.search_scans(actor=maker.officer("specialist"), words="dang thi binh")) == [scan]
    assert read_file(scan.file_id or 0) == signed
    told = [entry for entry in entries_of(f"case:{scan.case_id}") if entry.type == "case.scan_recognised"]
    assert len(told) == 1


def test_without_the_program_everything_else_goes_on(maker: CaseMaker, settings: Any) -> None:
    settings.OCR = {"command": "no-such-program", "languages": "vie"}
    scan = flows.finish_scan(scan_id=confirmed(maker, brought(maker), sheet()).pk, at=AT)
    assert flows.recognise_scan(scan_id=scan.pk, at=AT).recognised_at is None
    assert scan.status == ScanStatus.DONE


def test_scanned_pages_stay_with_an_open_case_and_may_go_after_it(maker: CaseMaker) -> None:
    scan = flows.finish_scan(scan_id=confirmed(maker, brought(maker), sheet()).pk, at=AT)
    files = {scan.file_id or 0, scan.sources.get().file_id}
    assert queries.files_of_open_cases(frozenset(files)) == dict.fromkeys(files, "hồ sơ chưa kết thúc")
    assert flows.begin_retention(at=AT) == 0
    Case.objects.filter(pk=scan.case_id).update(status="withdrawn", closed_at=AT)
    assert flows.begin_retention(at=AT) == 2
    assert flows.begin_retention(at=AT) == 0
    assert queries.files_of_open_cases(frozenset(files)) == {}
    assert queries.cases_of_files(frozenset(files)) == {number: {scan.case_id} for number in files}


def test_retention_is_begun_for_what_ended_and_nothing_else_is_looked_at(maker: CaseMaker) -> None:
    scan = flows.finish_scan(scan_id=confirmed(maker, brought(maker), sheet()).pk, at=AT)
    case = Case.objects.get(pk=scan.case_id)
    waiting = lambda: list(EndedCase.objects.values_list("pk", flat=True))  # noqa: E731
    flows.begin_retention(at=AT)
    assert waiting() == [], "an open case is not waited for"
    Case.objects.filter(pk=case.pk).update(status="withdrawn", closed_at=AT)
    assert waiting() == [case.pk]
    assert flows.begin_retention(at=AT) == 2
    with CaptureQueriesContext(connection) as asked:
        assert flows.begin_retention(at=AT) == 0
    assert [one["sql"].split()[0] for one in asked if "cases_" in one["sql"]] == ["DELETE"]
    # Its end is put later, as when it was opened again: the period of its files begins anew.
    Case.objects.filter(pk=case.pk).update(closed_at=AT + timedelta(days=30))
    assert flows.begin_retention(at=AT + timedelta(days=31)) == 2
    # A file that comes after the end is found without looking at what came before.
    late = CaseDocument.objects.create(case=case, key="late", name="Bản nộp sau", presence="file", added_at=AT)
    assert waiting() == []
    late.file_id = kept(files.jpeg())
    late.save(update_fields=["file"])
    assert waiting() == [case.pk]
    assert flows.begin_retention(at=AT + timedelta(days=31)) == 1
    with pytest.raises(Forbidden):
        actions.begin_retention_of_ended(kind="case_document", actor=maker.officer("leader"), at=AT)


def test_cases_that_ended_are_taken_portion_by_portion(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = flows.finish_scan(scan_id=confirmed(maker, brought(maker), sheet()).pk, at=AT)
    EndedCase.objects.bulk_create(EndedCase(case_id=scan.case_id + n, written_by=0) for n in range(1, 6))
    Case.objects.filter(pk=scan.case_id).update(status="withdrawn", closed_at=AT)
    monkeypatch.setattr(_retention, "_PORTION", 2)
    assert flows.begin_retention(at=AT) == 2
    assert not EndedCase.objects.exists()
