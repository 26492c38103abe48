"""The counter: scan, two letters, papers, receipt; nothing lost on the way."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.files import PDF, pdf
from tests.interfaces.workspace.conftest import BIRTH, Office, content_of, example, text_of
from tinhso.apps.cases.models import Case

pytestmark = pytest.mark.django_db
BUSINESS = "1.001612"  # a household business: its premises decide the commune
PAGE = "/can-bo/quay/tiep-nhan"
CARD = "051190000019|051190000|Nguyễn Thị Ví Dụ|12051990|Nữ|Tổ 3, Phường Cẩm Thành, Quảng Ngãi|01012024"
PERSON = {
    "_a.kind": "person",
    "_a.full_name": "Nguyễn Thị Ví Dụ",
    "_a.personal_id": "051190000019",
    "_a.birth_date": "12/05/1990",
}


def filled(code: str = BIRTH, **more: Any) -> dict[str, Any]:
    """The whole page as an officer has filled it in."""
    answers = example(code)[1].answers
    data: dict[str, Any] = {**PERSON, "_procedure": code, "_channel": "counter", "_key": "k1"}
    for key, value in answers.items():
        if isinstance(value, dict):
            data |= {f"{key}.{part}": text for part, text in value.items()}
        elif isinstance(value, list):
            for index, row in enumerate(value):
                data |= {f"{key}.{index}.{part}": text for part, text in row.items()}
        elif value is not False:
            data[key] = value
    return data | more


def unit_of(office: Office) -> dict[str, str]:
    return {"_unit": str(office.place.commune.id)}


def test_scanning_the_card_fills_the_person(office: Office) -> None:
    page = text_of(office.browser("one_stop_officer").post(PAGE, {"_card": CARD, "_key": "k"}))
    assert 'value="051190000019"' in page
    assert 'value="12/05/1990"' in page
    assert "Đã điền từ thẻ" in page


def test_a_wrong_card_is_told_beside_the_field(office: Office) -> None:
    answer = office.browser("one_stop_officer").post(PAGE, {"_card": "https://example.org", "_key": "k"})
    assert answer.status_code == 422
    assert "không phải mã QR của thẻ căn cước" in text_of(answer)


@pytest.mark.parametrize("letters", ["tl", "trich luc", "2.000635", "ho tich khai sinh"])
def test_two_letters_find_the_procedure(office: Office, letters: str) -> None:
    page = text_of(office.browser("one_stop_officer").get(f"{PAGE}/thu-tuc", {"_q": letters}))
    assert 'value="2.000635"' in page


def test_choosing_fills_the_form_from_the_person(office: Office) -> None:
    page = text_of(office.browser("one_stop_officer").post(PAGE, {**PERSON, "_choose": BIRTH, "_key": "k"}))
    assert 'name="full_name" value="Nguyễn Thị Ví Dụ"' in page
    assert "Tiếp nhận và in giấy hẹn" in page
    assert f'value="{office.place.commune.id}" selected' in page, "the officer's own commune"


def test_a_case_is_taken_and_its_receipt_printed(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    answer = browser.post(PAGE, filled() | unit_of(office))
    assert answer.status_code == 302, text_of(answer)[-6000:]
    case = Case.objects.get()
    assert (case.status, case.channel, case.applicant["birth_date"]) == ("processing", "counter", "1990-05-12")
    assert answer["Location"].endswith(f"{case.code}/da-tiep-nhan")
    assert "Người tiếp theo" in text_of(browser.get(answer["Location"]))
    assert content_of(browser.get(f"/can-bo/ho-so/{case.code}/giay-tiep-nhan")).startswith(b"%PDF")


def test_sent_twice_it_is_one_case(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    first, second = (browser.post(PAGE, filled(_again="1") | unit_of(office)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_a_second_case_of_the_same_person_is_warned_of(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    browser.post(PAGE, filled() | unit_of(office))
    warned = browser.post(PAGE, filled(_key="k2") | unit_of(office))
    assert warned.status_code == 422
    assert "đang có hồ sơ cùng thủ tục" in text_of(warned)
    assert browser.post(PAGE, filled(_key="k2", _again="1") | unit_of(office)).status_code == 302
    assert Case.objects.count() == 2


def test_what_is_wrong_is_told_and_everything_typed_stays(office: Office) -> None:
    data = filled(**{"_a.personal_id": "123", "_a.address": "Tổ 3"}) | unit_of(office)
    del data["subject_name"]
    answer = office.browser("one_stop_officer").post(PAGE, data)
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="a-personal_id-error"' in page
    assert 'value="Tổ 3"' in page
    assert not Case.objects.exists()


def test_missing_paper_is_named_and_an_attached_file_survives(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    data = filled("2.000815") | unit_of(office)
    answer = browser.post(PAGE, data)
    assert answer.status_code == 422
    assert "Còn thiếu" in text_of(answer)
    file = SimpleUploadedFile("ban-chinh.pdf", PDF, content_type="application/pdf")
    kept = browser.post(PAGE, data | {"_file.originals": file, "_a.full_name": ""})
    page = text_of(kept)
    assert kept.status_code == 422
    assert "ban-chinh.pdf" in page
    token = page.split('name="_kept.originals" value="')[1].split('"')[0]
    assert browser.post(PAGE, data | {"_kept.originals": token}).status_code == 302
    document = Case.objects.get().documents.get(key="originals")
    assert (document.presence, document.file.name) == ("uploaded", "ban-chinh.pdf")  # type: ignore[union-attr]


def test_the_counter_keeps_the_procedures_limits_of_files(office: Office) -> None:
    data = filled("2.000815") | unit_of(office)
    long = SimpleUploadedFile("day.pdf", pdf(pages=61), content_type="application/pdf")
    page = text_of(office.browser("one_stop_officer").post(PAGE, data | {"_file.originals": long}))
    assert "có 61 trang, tối đa là 60" in page
    assert "Mỗi tệp tối đa 15 MB, 60 trang." in page
    assert '_kept.originals" value=' not in page


def test_a_file_token_of_somebody_else_counts_for_nothing(office: Office) -> None:
    data = filled("2.000815") | unit_of(office)
    file = SimpleUploadedFile("a.pdf", PDF, content_type="application/pdf")
    page = text_of(office.browser("one_stop_officer").post(f"{PAGE}/tep/originals", data | {"_file.originals": file}))
    token = page.split('name="_kept.originals" value="')[1].split('"')[0]
    other = office.browser("one_stop_officer", other=True)
    answer = other.post(PAGE, data | {"_kept.originals": token, "_unit": str(office.place.other_commune.id)})
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_fee_and_papers_follow_the_answers(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    data = filled() | {"_shown": " ".join(example()[1].answers), "_paper_keys": "x"}
    page = browser.post(f"{PAGE}/thay-doi", data).content.decode()
    assert "16.000" in page
    assert 'id="papers"' in page


def test_a_case_of_another_commune_is_taken_and_it_is_said_where_it_goes(office: Office) -> None:
    browser, elsewhere = office.browser("one_stop_officer"), office.place.other_commune
    told = browser.post(f"{PAGE}/thay-doi", filled() | {"_unit": str(elsewhere.id)}).content.decode()
    assert f"Tiếp nhận thay cho {elsewhere.agency_name}" in told
    here = browser.post(f"{PAGE}/thay-doi", filled() | unit_of(office)).content.decode()
    assert "Tiếp nhận thay cho" not in here
    assert browser.post(PAGE, filled() | {"_unit": str(elsewhere.id)}).status_code == 302
    case = Case.objects.get()
    assert case.unit_id == elsewhere.id
    assert case.transfers.get().kind == "filed_elsewhere"


def test_the_address_in_the_form_decides_who_resolves(office: Office) -> None:
    browser = office.browser("one_stop_officer")
    data = filled(BUSINESS) | {"_unit": "dia-chi"}
    address = example(BUSINESS)[0].routed_by
    assert "Theo địa chỉ trong tờ khai" in text_of(browser.post(PAGE, {**PERSON, "_choose": BUSINESS, "_key": "k"}))
    there = data | {f"{address}.commune_code": office.place.other_commune.gso_code, "_key": "k7"}
    assert office.place.other_commune.agency_name in browser.post(f"{PAGE}/thay-doi", there).content.decode()
    nowhere = browser.post(PAGE, data | {f"{address}.commune_code": ""})
    assert nowhere.status_code == 422
    assert "chưa cho biết xã, phường, đặc khu" in text_of(nowhere)
    papers = {f"_doc.{document.key}": "paper" for document in example(BUSINESS)[0].documents}
    answer = browser.post(PAGE, there | papers)
    assert answer.status_code == 302, text_of(answer)[-3000:]
    assert Case.objects.get().unit_id == office.place.other_commune.id


def test_only_those_who_receive(office: Office) -> None:
    for role in ("specialist", "leader", "auditor"):
        assert office.browser(role).get(PAGE).status_code == 403
