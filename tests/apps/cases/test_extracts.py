"""Registers of results, certified extracts and duplicates: who may, what they say, and what the public check says of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.papers import words_of
from tests.factories.world import citizen
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import ExtractMoved, ResultNotFound, ResultNotInBook
from tinhso.apps.cases.models import Case, Extract, Paper, Result
from tinhso.apps.cases.queries import BookFilter
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.data import Successor
from tinhso.apps.directory.enums import SuccessionExtent
from tinhso.apps.documents.models import BookEntry, NumberBook
from tinhso.apps.documents.queries import read_file
from tinhso.apps.notifications.models import Notice
from tinhso.apps.signatures.queries import verify_pdf
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden, Invalid

AT = RECEIVED_AT + timedelta(hours=9)
ROLES = ("one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "auditor")
MAY_REQUEST, MAY_DECIDE = {"one_stop_officer", "clerk"}, {"leader"}


@pytest.fixture
def result(maker: CaseMaker) -> Result:
    return maker.at("delivered").results.get()


def ask(result: Result, actor: Actor, *, kind: str = "extract") -> Extract:
    return actions.request_extract(
        result_id=result.pk, kind=kind, recipient="Nguyễn Thị Ví Dụ", purpose="Bản chính bị mất", actor=actor, at=AT
    )


def test_counter_clerk_and_applicant_ask_and_only_the_head_decides(maker: CaseMaker, result: Result) -> None:
    stranger = citizen("051090000031", "Lê Văn Người Lạ")
    weak = replace(maker.person, assurance=1)  # the applicant herself, under too weak an identity
    strangers = [maker.place.officer("clerk", maker.place.other_commune), replace(stranger, assurance=2), weak]
    for actor in [*(maker.officer(role) for role in ROLES if role not in MAY_REQUEST), *strangers]:
        with pytest.raises(Forbidden):
            ask(result, actor)
    made = ask(result, maker.officer("clerk"))
    for actor in [*(maker.officer(role) for role in ROLES if role not in MAY_DECIDE), maker.person]:
        with pytest.raises(Forbidden):
            actions.approve_extract(extract_id=made.pk, actor=actor, at=AT)
        with pytest.raises(Forbidden):
            actions.decline_extract(extract_id=made.pk, reason="x", actor=actor, at=AT)
    assert actions.approve_extract(extract_id=made.pk, actor=maker.officer("leader"), at=AT).status == "approved"


@pytest.mark.parametrize(
    ("kind", "mark", "book"), [("extract", "BẢN SAO TỪ SỔ GỐC", "TL"), ("duplicate", "BẢN CẤP LẠI", "CL")]
)
def test_paper_is_numbered_marked_signed_sealed_and_checked(
    maker: CaseMaker, result: Result, drain_jobs: Callable[[], int], tmp_path: Path, kind: str, mark: str, book: str
) -> None:
    made = ask(result, maker.officer("clerk"), kind=kind)
    with travel(AT):
        actions.approve_extract(extract_id=made.pk, actor=maker.officer("leader"), at=AT)
        drain_jobs()
    paper = Paper.objects.get(extract=made)
    assert paper.file_id
    assert paper.number == f"01/{book}-UBND"
    assert BookEntry.objects.get(pk=paper.book_entry_id).status == "issued"
    content = read_file(paper.file_id)
    words = words_of(content, tmp_path)
    for wanted in (mark, result.number, result.case.applicant_name, "Bản chính bị mất"):
        assert wanted in words
    verdict = verify_pdf(content, at=AT)
    assert (verdict.ok, verdict.sealed, len(verdict.signatures)) == (True, True, 2)
    checked = queries.check_paper(paper.check_code)
    assert (checked.valid, result.number in checked.title) == (True, True)
    entry = queries.book_entry(actor=maker.officer("auditor"), result_id=result.pk, on=AT.date())
    assert [one.number for one in entry.extracts] == [paper.number]
    assert [e.type for e in entry.history] == ["case.result_signed", "case.extract_requested", "case.extract_approved"]
    assert queries.get_extract_file(actor=maker.officer("clerk"), extract_id=made.pk, on=AT.date())[0] == paper.file_id


def test_what_ends_the_result_ends_its_duplicate_and_stands_on_later_extracts(
    maker: CaseMaker, result: Result, drain_jobs: Callable[[], int]
) -> None:
    made = ask(result, maker.officer("clerk"), kind="duplicate")
    with travel(AT):
        actions.approve_extract(extract_id=made.pk, actor=maker.officer("leader"), at=AT)
        drain_jobs()
    actions.revoke_result(
        case_id=result.case_id, reason="Cấp sai", decision="Quyết định 15/QĐ-UBND", actor=maker.officer("leader"), at=AT
    )
    code = Paper.objects.get(extract=made).check_code
    assert queries.check_paper(code).valid is False
    assert queries.check_paper(code).revoked_by == "Quyết định 15/QĐ-UBND"
    with pytest.raises(ResultNotInBook):
        ask(result, maker.officer("clerk"), kind="duplicate")
    told = queries.extract_told(ask(result, maker.officer("clerk")).pk)
    assert "Quyết định 15/QĐ-UBND" in told["notes"][0]
    row = queries.book_entry(actor=maker.officer("clerk"), result_id=result.pk, on=AT.date()).row
    assert (row.in_force, row.note) == (False, told["notes"][0])


def _moved_to_the_book_of(result: Result, unit_id: int) -> None:
    """Its number came from another agency's book, as where one appraises and another one decides."""
    assert result.book_entry is not None
    book = NumberBook.objects.create(unit_id=unit_id, book="TLKS", year=2026, latest=1)
    BookEntry.objects.filter(pk=result.book_entry_id).update(book=book)
    Case.objects.filter(pk=result.case_id).update(desk_unit_ids=[unit_id])


def test_the_agency_that_keeps_the_book_decides(
    maker: CaseMaker, result: Result, drain_jobs: Callable[[], int]
) -> None:
    keeper = maker.place.other_commune
    _moved_to_the_book_of(result, keeper.id)
    own, other = maker.officer("leader"), maker.place.officer("leader", keeper)
    made = ask(result, maker.officer("clerk"))
    words = f"Sổ gốc do {keeper.agency_name} giữ"
    for refused in (
        lambda: actions.approve_extract(extract_id=made.pk, actor=own, at=AT),
        lambda: actions.decline_extract(extract_id=made.pk, reason="x", actor=own, at=AT),
    ):
        with pytest.raises(Forbidden, match=words):
            refused()
    entry = queries.book_entry(actor=own, result_id=result.pk, on=AT.date())
    assert (entry.may_decide, entry.keeper) == (False, keeper.agency_name)
    waits = [(len(queries.waiting_extracts(actor=a, on=AT.date())), queries.count_extracts_waiting(actor=a, on=AT.date()))
             for a in (own, other)]  # fmt: skip
    assert waits == [(0, 0), (1, 1)]
    assert queries.book_entry(actor=other, result_id=result.pk, on=AT.date()).may_decide
    with travel(AT):
        actions.approve_extract(extract_id=made.pk, actor=other, at=AT)
        drain_jobs()
    made.refresh_from_db()
    assert made.paper is not None
    assert made.paper.book_entry.book.unit_id == keeper.id
    assert queries.extract_told(made.pk)["agency"]["name"] == keeper.agency_name


def test_the_heir_of_a_dissolved_keeper_decides(
    maker: CaseMaker, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    commune, heir = maker.place.commune, maker.place.other_commune
    gone = replace(commune, valid_to=date(2026, 1, 1))
    known = directory.get_unit
    monkeypatch.setattr(directory, "get_unit", lambda pk: gone if pk == commune.id else known(pk))
    for extent, decider in ((SuccessionExtent.WHOLE, heir), (SuccessionExtent.PARTIAL, commune)):
        heirs = (Successor(heir, extent, date(2026, 1, 2)),)
        monkeypatch.setattr(directory, "successors_of", lambda pk, on, heirs=heirs: heirs)
        assert queries.book_keeper_id(result.case, result, on=AT.date()) == decider.id


def test_one_request_at_a_time_decided_once(maker: CaseMaker, result: Result) -> None:
    clerk, leader = maker.officer("clerk"), maker.officer("leader")
    made = ask(result, clerk)
    assert queries.count_extracts_waiting(actor=leader, on=AT.date()) == 1
    assert queries.waiting_extracts(actor=leader, on=AT.date())[0][1:] == (result.pk, result.number)
    with pytest.raises(ExtractMoved):
        ask(result, clerk)
    with pytest.raises(Invalid):
        actions.decline_extract(extract_id=made.pk, reason=" ", actor=leader, at=AT)
    assert actions.decline_extract(extract_id=made.pk, reason="Không đủ căn cứ", actor=leader, at=AT).refusal
    with pytest.raises(ExtractMoved):
        actions.approve_extract(extract_id=made.pk, actor=leader, at=AT)
    assert (ask(result, clerk).pk != made.pk, queries.count_extracts_waiting(actor=clerk, on=AT.date())) == (True, 0)
    for wrong in ({"kind": "copy"}, {"recipient": " "}, {"purpose": ""}):
        given = {"kind": "duplicate", "recipient": "A", "purpose": "B", **wrong}
        with pytest.raises(Invalid):
            actions.request_extract(result_id=result.pk, actor=clerk, at=AT, **given)
    with pytest.raises(ResultNotFound):
        actions.approve_extract(extract_id=0, actor=leader, at=AT)


def test_register_is_searched_within_what_one_may_see(maker: CaseMaker, result: Result) -> None:
    clerk = maker.officer("clerk")
    unit_id = maker.place.commune.id

    def numbers(actor: Actor = clerk, **changed: object) -> list[str]:
        wanted = BookFilter(unit_id=unit_id, start=date(2026, 3, 1), end=date(2026, 3, 31), **changed)  # type: ignore[arg-type]
        page = list(queries.book_page(actor=actor, wanted=wanted, on=AT.date()).rows)
        assert list(queries.iterate_book(actor=actor, wanted=wanted, on=AT.date())) == page
        return [row.number for row in page]

    book = queries.books_of(actor=clerk, unit_id=unit_id, on=AT.date())[0]
    words = result.case.applicant_name.split()[-1].lower()
    assert numbers() == numbers(book=book) == numbers(words=words) == numbers(words=result.number) == [result.number]
    assert numbers(book="GPXD") == numbers(words="khongco") == []
    assert numbers(maker.place.officer("clerk", maker.place.other_commune)) == []
    assert numbers(maker.officer("specialist")) == []
    with pytest.raises(ResultNotFound):
        queries.book_entry(
            actor=maker.place.officer("clerk", maker.place.other_commune), result_id=result.pk, on=AT.date()
        )


def test_the_applicant_asks_for_her_own_paper_and_hears_of_the_answer(
    maker: CaseMaker, result: Result, drain_jobs: Callable[[], int]
) -> None:
    person = replace(maker.person, assurance=2)
    made = actions.request_extract(
        result_id=result.pk, kind="extract", recipient="Người khác", purpose="Vay vốn", actor=person, at=AT
    )
    assert (made.recipient, made.requested_by) == (result.case.applicant_name, person.name)
    (own,) = queries.own_results(actor=person, case=result.case)
    assert (own.may_extract, own.may_duplicate, len(own.extracts)) == (False, True, 1)
    drain_jobs()
    with travel(AT):
        actions.decline_extract(extract_id=made.pk, reason="Sổ đang đối chiếu", actor=maker.officer("leader"), at=AT)
        drain_jobs()
    told = [notice.words for notice in Notice.objects.filter(account_id=person.account_id).order_by("pk")]
    assert "Sổ đang đối chiếu" in told[-1]
    assert queries.own_results(actor=person, case=result.case)[0].may_extract


def test_a_cancelled_number_stands_in_the_register_with_its_reason(maker: CaseMaker) -> None:
    case = maker.at("approved")
    failed = case.results.get()
    actions.record_result_failed(result_id=failed.pk, reason="Mẫu bị lỗi", actor=SYSTEM, at=AT)
    wanted = BookFilter(unit_id=maker.place.commune.id, start=date(2026, 3, 1), end=date(2026, 3, 31))
    (row,) = queries.cancelled_numbers(actor=maker.officer("clerk"), wanted=wanted, on=AT.date())
    assert (row.number, row.reason, row.case_code, row.year) == ("01", "Mẫu bị lỗi", case.code, 2026)
    assert row.cells()[7] == "Đã hủy"
    assert (
        queries.cancelled_numbers(actor=maker.officer("clerk"), wanted=replace(wanted, book="KHAC"), on=AT.date()) == []
    )
    assert queries.cancelled_numbers(actor=maker.officer("specialist"), wanted=wanted, on=AT.date()) == []
    earlier = replace(wanted, start=date(2026, 2, 1), end=date(2026, 2, 28))
    assert queries.cancelled_numbers(actor=maker.officer("clerk"), wanted=earlier, on=AT.date()) == []
