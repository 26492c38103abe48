"""The shared letters: every one is listed, typesets from its sample as PDF/A, and says what the law wants on it."""

import shutil
from pathlib import Path

import pytest

from tests.factories.papers import CONTENT, letter, letter_data, pdfa_problems, words_of
from tinhso.apps.documents.content import LettersError, load_letters, load_samples
from tinhso.apps.signatures.rules.paper import check_signable, open_paper, places
from tinhso.lib.typesetting import TypesettingError, typeset

LETTERS = load_letters(CONTENT)
keys = pytest.mark.parametrize("key", sorted(LETTERS))


def test_every_template_is_listed_and_every_sample_belongs_to_one() -> None:
    listed = {Path(letter.template).name for letter in LETTERS.values()} | {
        "common.typ",
        "digitised-mark.typ",
        "result.typ",
        "signature-mark.typ",
    }
    assert listed == {path.name for path in (CONTENT / "letters").glob("*.typ")}
    assert load_samples(CONTENT).keys() == LETTERS.keys()


@keys
def test_typesets_as_pdfa(key: str) -> None:
    assert pdfa_problems(letter(key)) == []


@keys
def test_sample_has_what_the_list_says(key: str) -> None:
    sample = letter_data(key).keys()
    assert sample >= LETTERS[key].required
    assert sample <= LETTERS[key].required | LETTERS[key].optional


@keys
def test_every_required_key_is_needed_and_every_optional_one_is_not(key: str) -> None:
    form = LETTERS[key]
    needed = {name: value for name, value in letter_data(key).items() if name in form.required}
    assert typeset(template=form.template, data=needed, root=CONTENT).startswith(b"%PDF")
    # number and date may be filled in later by hand, so the templates take their absence
    for name in form.required - {"number", "issued_on", "recipients"}:
        with pytest.raises(TypesettingError):
            typeset(template=form.template, data={k: v for k, v in needed.items() if k != name}, root=CONTENT)


@keys
def test_head_of_an_official_paper(key: str, tmp_path: Path) -> None:
    words = words_of(letter(key), tmp_path)
    data = letter_data(key)
    for wanted in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Sơn Thử, ngày 13 tháng 02 năm 2026",
    ):
        assert wanted in words
    assert data["number"] in words
    assert data["code"] in words
    assert "không có giá trị pháp lý" in words
    if LETTERS[key].form:
        assert f"Mẫu số {LETTERS[key].form}, Phụ lục I Thông tư số 03/2025/TT-VPCP" in words


def test_acknowledgement_says_all_that_form_01_asks(tmp_path: Path) -> None:
    words = words_of(letter("acknowledgement"), tmp_path)
    for wanted in (
        "H48.99-260213-0007", "Nguyễn Thị Ví Dụ", "051190000019", "0900 000 007", "vidu@tinhso.example", "Phạm Văn Minh Họa",
        "051085000018", "Giấy ủy quyền ngày 10/02/2026", "Bản vẽ thiết kế xây dựng", "1 bộ", "7 ngày làm việc",
        "16 giờ 10 phút, ngày 13 tháng 02 năm 2026", "16 giờ 10 phút, ngày 03 tháng 3 năm 2026", "01/2026",
        "Trần Văn Thử", "NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ",
    ):  # fmt: skip
        assert wanted in words, wanted


@keys
def test_places_of_signatures_match_who_signs(key: str) -> None:
    wanted = {"agency": {"person", "agency"}, "officer": {"person"}, "nobody": set()}[LETTERS[key].signed_by]
    assert set(places(open_paper(letter(key)))) == wanted
    if wanted:
        for place in check_signable(letter(key)).values():
            left, bottom, right, top = place.box
            assert 0 < left < right < 596
            assert 70 < bottom < top < 842, "a signature may not stand over the foot of the page"


def test_long_names_and_many_documents_still_fit() -> None:
    data = letter_data("acknowledgement")
    data["applicant"] = {**data["applicant"], "name": "Công ty trách nhiệm hữu hạn một thành viên " + "rất dài " * 30}
    data["documents"] = [{"name": f"Giấy tờ số {i} " * 8, "originals": 1, "copies": 2} for i in range(60)]
    pdf = typeset(template=LETTERS["acknowledgement"].template, data=data, root=CONTENT)
    assert pdfa_problems(pdf) == []
    assert int(open_paper(pdf).root["/Pages"]["/Count"]) > 2


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2026-02-05", "ngày 05 tháng 02 năm 2026"),
        ("2026-11-22", "ngày 22 tháng 11 năm 2026"),
        ("2026-03-09", "ngày 09 tháng 3 năm 2026"),
    ],
)
def test_dates_take_zeros_as_the_decree_says(written: str, printed: str, tmp_path: Path) -> None:
    data = {**letter_data("refusal"), "issued_on": written}
    assert printed in words_of(typeset(template=LETTERS["refusal"].template, data=data, root=CONTENT), tmp_path)


def test_a_wrong_list_names_every_problem(tmp_path: Path) -> None:
    shutil.copytree(CONTENT / "letters", tmp_path / "letters")
    file = tmp_path / "letters" / "letters.yaml"
    text = (
        file.read_text()
        .replace("letters/refusal.typ", "letters/khong-co.typ")
        .replace("{number}/PBS-{unit}", "{numero}/PBS")
    )
    file.write_text(text.replace("signed_by: nobody", "signed_by: someone"))
    with pytest.raises(LettersError) as caught:
        load_letters(tmp_path)
    message = str(caught.value)
    assert "refusal: không có mẫu" in message
    assert "supplement_request: number_format" in message
    assert "process_control: signed_by" in message


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    book: PBS\n", "", "supplement_request: thiếu book"),
        ("    book: PBS\n", "    book: PBS\n    colour: red\n", "supplement_request: khóa lạ: colour"),
        ("key: refusal\n", "key: acknowledgement\n", "acknowledgement: trùng khóa"),
    ],
)
def test_keys_of_the_list_are_checked(old: str, new: str, problem: str, tmp_path: Path) -> None:
    shutil.copytree(CONTENT / "letters", tmp_path / "letters")
    file = tmp_path / "letters" / "letters.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(LettersError, match=problem):
        load_letters(tmp_path)


def test_numbers_are_written_by_the_letter() -> None:
    assert LETTERS["supplement_request"].number(label="07", unit="TTPVHCC") == "07/PBS-TTPVHCC"
