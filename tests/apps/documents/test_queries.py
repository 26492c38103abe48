"""Typesetting through the app: letters by key, QR, templates of an older version, refusals as sentences."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories.papers import CONTENT, letter_data, pdfa_problems
from tinhso.apps.documents import queries
from tinhso.apps.documents.data import PaperNotTypeset
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
