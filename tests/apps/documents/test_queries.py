"""Typesetting through the app: letters by key, QR, templates of an older version, refusals as sentences."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.papers import CONTENT, letter_data, pdfa_problems
from tinhso.apps.documents import queries
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.documents.models import BookEntry, NumberBook
from tinhso.apps.documents.queries import _papers
from tinhso.kernel.errors import NotFound


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path


def test_a_letter_by_its_key() -> None:
    assert queries.get_letter("supplement_request").form == "02"
    with pytest.raises(NotFound, match="khong_co"):
        queries.get_letter("khong_co")


def test_typeset_letter_adds_form_and_qr() -> None:
    data = letter_data("supplement_request")
    del data["qr_svg"]
    plain = queries.typeset_letter("supplement_request", data)
    with_qr = queries.typeset_letter("supplement_request", {**data, "qr_text": "https://tinhso.example/x"})
    assert pdfa_problems(plain) == pdfa_problems(with_qr) == []
    assert plain != with_qr
    assert with_qr == queries.typeset_letter("supplement_request", {**data, "qr_text": "https://tinhso.example/x"})


def test_missing_data_is_told_before_typesetting() -> None:
    data = letter_data("supplement_request")
    del data["items"], data["reason"]
    with pytest.raises(PaperNotTypeset, match="còn thiếu dữ liệu: items, reason"):
        queries.typeset_letter("supplement_request", data)


def test_a_template_that_fails_is_told_with_details() -> None:
    with pytest.raises(PaperNotTypeset) as caught:
        queries.typeset_paper("letters/refusal.typ", {"agency": {"name": "x"}})
    assert caught.value.status == 503
    assert "letters/" in str(caught.value.details)


def test_templates_of_the_version_a_case_started_with() -> None:
    sources = {path.relative_to(CONTENT).as_posix(): path.read_text() for path in (CONTENT / "letters").glob("*.typ")}
    data = letter_data("refusal")
    now = queries.typeset_paper("letters/refusal.typ", data)
    assert queries.typeset_paper("letters/refusal.typ", data, sources=sources) == now
    sources["letters/refusal.typ"] = sources["letters/refusal.typ"].replace("không đủ điều kiện", "chưa đủ điều kiện")
    assert queries.typeset_paper("letters/refusal.typ", data, sources=sources) != now


@pytest.mark.django_db
def test_an_unknown_number_is_told() -> None:
    with pytest.raises(NotFound, match="số văn bản"):
        queries.get_book_entry(987_654)


def test_papers_of_content_that_lies_elsewhere_have_the_products_fonts(tmp_path: Path, settings: Any) -> None:
    settings.CONTENT_DIR = tmp_path / "elsewhere"
    settings.CONTENT_DIR.mkdir()
    (settings.CONTENT_DIR / "one.typ").write_text(
        '#let data = json(bytes(sys.inputs.data))\n#set text(font: "Tinos")\n#data.words', encoding="utf-8"
    )
    assert queries.typeset_paper("one.typ", {"words": "Giấy tiếp nhận"}).startswith(b"%PDF")


def _books() -> list[NumberBook]:
    """Of three units two books each, every hundredth number cancelled, the rest issued."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    books = [NumberBook.objects.create(unit_id=u, book=b, year=2026, latest=400) for u in (1, 2, 3) for b in ("A", "B")]
    BookEntry.objects.bulk_create(
        BookEntry(
            book=book, number=number, status="issued" if number % 100 else "cancelled", subject=f"case:{number}",
            reserved_at=at, settled_at=at + timedelta(hours=number // 3), reason="Đã ghi rõ lý do" * 8,
        )
        for book in books
        for number in range(1, 401)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_bookentry, documents_numberbook")
    return books


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 300])
def test_cancelled_numbers_are_found_without_those_that_were_issued(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(_papers, "_FEW_BOOKS", few)
    _books()
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

    def told(**changed: Any) -> list[tuple[str, int, str]]:
        given: dict[str, Any] = {"unit_ids": {1, 2}, "since": start, "until": end, **changed}
        return [(one.label, one.unit_id, one.book) for one in queries.list_cancelled(**given)]

    assert told() == [(str(n), u, b) for n in (400, 300, 200, 100) for u in (2, 1) for b in ("B", "A")]
    assert told(limit=3) == told()[:3]
    assert told(book="A", unit_ids={3}) == [(str(n), 3, "A") for n in (400, 300, 200, 100)]
    assert told(until=datetime(2026, 3, 5, tzinfo=UTC), unit_ids={1}) == [("200", 1, "B"), ("200", 1, "A"), ("100", 1, "B"),
                                                                        ("100", 1, "A")]  # fmt: skip
    assert told(unit_ids=set()) == []
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        told()
        blocks = 0
        for one in asked.captured_queries:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one['sql']}")
            plan = cursor.fetchone()[0][0]["Plan"]
            blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert blocks < 40, f"{blocks}: 2,400 numbers lie in some 80"
