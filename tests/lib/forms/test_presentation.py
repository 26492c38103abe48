import pytest

from tinhso.lib.forms import display, display_address, initial, row_name, summary, validate
from tinhso.lib.forms.quantities import format_number
from tinhso.lib.forms.sentences import too_few_rows, too_many_rows

from .test_schema import FULL


def test_a_summary_reads_like_the_form(everything, situation):
    answers = validate(everything, FULL, context=situation).answers
    sections = summary(everything, answers, context=situation)
    assert [section.title for section in sections] == ["Người đề nghị", "Công trình", "Hộ gia đình"]
    rows = {label: value for section in sections for label, value in section.rows}
    assert rows == {
        "Họ và tên": "Phạm Thị Mẫu",
        "Số định danh cá nhân": "051190000002",
        "Ngày sinh": "02/01/1990",
        "Số điện thoại": "0912 345 678",
        "Thư điện tử": "mau@example.vn",
        "Nơi ở": "Xã Mẫu, Tỉnh Quảng Ngãi",
        "Mã số thuế": "1234567893-001",
        "Loại công trình": "Nhà ở",
        "Số tầng": "4 tầng",
        "Diện tích": "120,5 m²",
        "Có tầng hầm": "Có",
        "Mô tả tầng hầm": "Sâu\n2 m",
        "Tiền đặt trước": "1.250.000 ₫",
        "Lệ phí": "8.000 ₫",
        "Mục đích": "LIVE; SHOP",
        "Năm xây": "01/1957",
        "Bản vẽ": "7",
        "Số thửa": "12",
        "Thành viên 1 – Họ tên": "A Thiu",
        "Thành viên 1 – Ngày sinh": "02/01/1990",
        "Thành viên 1 – Tuổi": "36",
        "Họ tên vợ hoặc chồng": "Y Hoa",
        "Còn sống": "Có",
        "Tôi cam đoan khai đúng": "Có",
    }
    assert sections[2].paths[:2] == ("members.0.name", "members.0.birth_date")
    assert sections[2].key == "household"


def test_sections_without_answers_are_left_out(everything):
    assert summary(everything, {}) == []
    (only,) = summary(everything, {"truth": False})
    assert only.rows == (("Tôi cam đoan khai đúng", "Không"),)


def test_codes_stand_where_no_directory_is(everything):
    home = {"province_code": "51", "commune_code": "21001", "detail": "Thôn Mẫu", "as_of": "2026-11-22"}
    assert display(everything.field("home"), home) == "Thôn Mẫu, 21001, 51"


def test_names_of_the_day_of_the_answer(situation):
    home = {"province_code": "51", "commune_code": "21000", "detail": "", "as_of": "2024-01-01"}
    assert display_address(home, lookup=situation["lookup"]) == "Xã Cũ, Tỉnh Quảng Ngãi"
    later = {**home, "as_of": "2026-01-01", "province_code": "99"}
    assert display_address(later, lookup=situation["lookup"]) == "21000, 99"


def test_a_group_on_one_line(everything):
    rows = [{"name": "A Thiu", "age": 36}, {"name": "Y Hoa"}]
    assert display(everything.field("members"), rows) == "A Thiu, 36; Y Hoa"
    assert display(everything.field("spouse"), {"name": "Y Hoa"}) == "Y Hoa"
    assert display(everything.field("spouse"), None) == ""


def test_options_that_are_gone_show_their_value(everything):
    assert display(everything.field("kind"), "hut") == "hut"
    assert display(everything.field("uses"), ["live", "old"]) == "LIVE; old"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1250000, "1.250.000"), (1250.5, "1.250,5"), (1250.0, "1.250"), (-3.25, "-3,25"), (0.1, "0,1")],
)
def test_numbers_are_written_the_vietnamese_way(value, text):
    assert format_number(value) == text


def test_rows_have_a_name(everything):
    assert row_name(everything.field("members")) == "thành viên"
    assert row_name(everything.field("spouse")) == "dòng"
    assert too_few_rows(everything.field("spouse")) == "Hãy thêm ít nhất 1 dòng."
    assert too_many_rows(everything.field("spouse")) == "Chỉ được nhập nhiều nhất 1 dòng."


class TestPrefill:
    IDENTITY = {
        "full_name": " Phạm  Thị Mẫu",
        "personal_id": "051190000002",
        "birth_date": "1990-01-02",
        "phone": "không rõ",
        "email": None,
    }

    def test_offers_what_the_identity_tells(self, everything):
        assert initial(everything, identity=self.IDENTITY) == {
            "full_name": "Phạm Thị Mẫu",
            "personal_id": "051190000002",
            "birth_date": "1990-01-02",
        }

    def test_leaves_out_what_cannot_be_used(self, everything):
        assert initial(everything, identity={"personal_id": "1", "birth_date": "?", "full_name": ["x"]}) == {}

    def test_reads_dates_and_groups(self, form_of):
        from datetime import date

        inner = {"key": "name", "type": "person_name", "label": "Tên", "prefill": "identity.full_name"}
        form = form_of(
            {"key": "born", "type": "date", "label": "Sinh", "prefill": "identity.birth_date"},
            {"key": "other", "type": "date", "label": "Khác", "prefill": "account.birth_date"},
            {"key": "once", "type": "group", "label": "Một", "fields": [inner]},
            {"key": "rows", "type": "group", "label": "Nhiều", "repeat": {}, "fields": [inner]},
        )
        assert initial(form, identity={"birth_date": date(1990, 1, 2), "full_name": "Mẫu"}) == {
            "born": "1990-01-02",
            "once": {"name": "Mẫu"},
        }
        assert initial(form, identity={}) == {}
