"""Forms 06 and 07 and ratings: made from the record, a page or a file at a time."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.factories.cases import RECEIVED_AT, CaseMaker
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import RegisterFilter
from tinhso.kernel.errors import Invalid
from tinhso.lib.spreadsheet import csv_lines, write_xlsx

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def wanted(maker: CaseMaker, **changed: object) -> RegisterFilter:
    return RegisterFilter(**{"unit_id": maker.place.commune.id, "start": MARCH[0], "end": MARCH[1], **changed})  # type: ignore[arg-type]


def test_the_register_tells_reception_promise_delivery_and_who_took_it(maker: CaseMaker) -> None:
    delivered, running = maker.at("delivered"), maker.at("appraisal")
    maker.at("submitted")
    page = queries.register_page(actor=maker.officer("one_stop_officer"), wanted=wanted(maker))
    rows = {row.code: row for row in page.rows}
    assert set(rows) == {delivered.code, running.code}, "what is not received is not in the book"
    first = rows[delivered.code]
    assert (first.number, first.received, first.due) == (1, "02/03/2026 09:00", "16/03/2026 09:00")
    assert (first.method, first.taken_by) == ("Tại quầy", delivered.applicant_name)
    assert (rows[running.code].delivered, rows[running.code].taken_by) == ("", "")
    assert len(first.cells()) == len(queries.HEADER)


def test_pages_follow_each_other_and_the_numbers_go_on(maker: CaseMaker) -> None:
    cases = [maker.received() for _ in range(3)]
    reader = maker.officer("auditor")
    first = queries.register_page(actor=reader, wanted=wanted(maker), limit=2)
    second = queries.register_page(actor=reader, wanted=wanted(maker), cursor=first.next, limit=2)
    assert [row.number for row in (*first.rows, *second.rows)] == [1, 2, 3]
    assert [row.case_id for row in (*first.rows, *second.rows)] == [case.pk for case in cases]
    assert second.next == ""
    whole = list(queries.iterate_register(actor=reader, wanted=wanted(maker)))
    assert [row.code for row in whole] == [case.code for case in cases]


@pytest.mark.parametrize("cursor", ["x", "1", "1-2-3", f"{10**20}-1"])
def test_a_strange_cursor_is_refused(maker: CaseMaker, cursor: str) -> None:
    with pytest.raises(Invalid):
        queries.register_page(actor=maker.officer("auditor"), wanted=wanted(maker), cursor=cursor)


def test_another_units_book_is_empty_to_a_stranger(maker: CaseMaker) -> None:
    maker.received()
    stranger = maker.place.officer("one_stop_officer", maker.place.other_commune)
    assert queries.register_page(actor=stranger, wanted=wanted(maker)).rows == ()
    assert queries.register_page(actor=maker.officer("specialist"), wanted=wanted(maker)).rows == ()


def test_by_field_and_period(maker: CaseMaker) -> None:
    case = maker.received()
    reader = maker.officer("auditor")
    assert len(queries.register_page(actor=reader, wanted=wanted(maker, field=case.field)).rows) == 1
    assert queries.register_page(actor=reader, wanted=wanted(maker, field="Lĩnh vực khác")).rows == ()
    april = {"start": date(2026, 4, 1), "end": date(2026, 4, 30)}
    assert queries.register_page(actor=reader, wanted=wanted(maker, **april)).rows == ()
    with pytest.raises(Invalid, match="Ngày cuối"):
        queries.register_page(actor=reader, wanted=wanted(maker, start=date(2026, 4, 1)))


def test_files_carry_vietnamese_and_no_formulas(tmp_path: Path) -> None:
    rows = [(1, "Nguyễn Thị Ví Dụ", "=1+1"), (2, "Trần, «Văn»", "")]
    text = "".join(csv_lines(("STT", "Tên", "Ghi chú"), rows))
    assert text.startswith("\ufeffSTT,Tên,Ghi chú\r\n")
    assert "1,Nguyễn Thị Ví Dụ,'=1+1\r\n" in text
    path = tmp_path / "so.xlsx"
    assert write_xlsx(path, title="Sổ", header=("STT", "Tên", "Ghi chú"), rows=rows) == 2
    assert path.read_bytes().startswith(b"PK")


def test_the_slip_is_a_paper_made_from_the_stays(maker: CaseMaker) -> None:
    case = queries.case_as_filed(maker.at("delivered").pk)
    pdf = queries.control_slip_pdf(case, base_url="https://tinh.example", at=RECEIVED_AT + timedelta(days=1))
    assert pdf.startswith(b"%PDF")
    early = queries.case_as_filed(maker.at("supplement").pk)
    assert queries.control_slip_pdf(early, base_url="https://tinh.example", at=RECEIVED_AT).startswith(b"%PDF")


def test_every_ended_case_has_its_slip(maker: CaseMaker) -> None:
    """Refused before its reception, or withdrawn before it was touched: the archive still asks for its slip."""
    untouched = maker.submitted()
    actions.withdraw_case(case_id=untouched.pk, reason="Đổi ý.", actor=maker.person, at=RECEIVED_AT)
    for case in (untouched, maker.at("intake_refused"), maker.at("withdrawn"), maker.at("stopped")):
        pdf = queries.control_slip_pdf(
            queries.case_as_filed(case.pk), base_url="https://tinh.example", at=RECEIVED_AT + timedelta(days=1)
        )
        assert pdf.startswith(b"%PDF-"), case.status


def test_ratings_are_told_by_unit_with_what_was_wrong(maker: CaseMaker) -> None:
    for satisfaction, faults in (("satisfied", []), ("dissatisfied", ["time"]), ("dissatisfied", ["time", "fees"])):
        case = maker.at("delivered")
        actions.rate_service(
            case_id=case.pk, satisfaction=satisfaction, comment="", faults=faults, actor=maker.person, at=RECEIVED_AT
        )
    (unit,) = queries.ratings_by_unit(actor=maker.officer("leader"), start=MARCH[0], end=MARCH[1])
    assert (unit.unit_id, unit.count, unit.satisfied_percent) == (maker.place.commune.id, 3, 33)
    assert dict(unit.faults) == {"Thời gian giải quyết": 2, "Phí, lệ phí, khoản thu khác": 1}
    assert queries.ratings_by_unit(actor=maker.officer("specialist"), start=MARCH[0], end=MARCH[1]) == []
    assert Case.objects.count() == 3
