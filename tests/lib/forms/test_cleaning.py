import pytest

from tinhso.lib.forms import validate

ZALGO = "A" + "\u0301\u0302" * 40


@pytest.fixture
def clean(form_of, situation):
    """The clean value and the messages of one answer of one field."""

    def judge(raw, **field):
        form = form_of({"key": "x", "label": "Câu hỏi", **field})
        result = validate(form, {"x": raw}, context=situation)
        return result.answers.get("x"), [error.message for error in result.errors]

    return judge


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("  Phạm   Thị Mẫu ", "Phạm Thị Mẫu"),
        ("Y Hoa", "Y Hoa"),
        ("A Thiu", "A Thiu"),
        ("H\u2019Hen Niê", "H'Hen Niê"),
        ("K'Brôi", "K'Brôi"),
        ("Rơ\u0306 Châm Ƀlai", "Rơ\u0306 Châm Ƀlai"),
        ("Pha\u0323m Thi\u0323", "Phạm Thị"),
        ("Nguyễn–Lê", "Nguyễn-Lê"),
        ("John F. Kennedy Jr.", "John F. Kennedy Jr."),
        ("O'Brien", "O'Brien"),
        ("Ý", "Ý"),
    ],
)
def test_names_of_every_people_are_kept_as_written(clean, raw, value):
    assert clean(raw, type="person_name") == (value, [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("Mẫu 😀", "Hãy bỏ: 😀"),
        ("Mẫu 2", "Hãy bỏ: 2"),
        ("<script>", "Hãy bỏ: < >"),
        ("王伟", "Hãy bỏ"),
        ("a" * 500, "500 ký tự"),
        ("'", "Hãy viết như trên giấy tờ"),
        ("- -", "Hãy viết như trên giấy tờ"),
        ("a--------b", "Hãy viết như trên giấy tờ"),
        (["Mẫu"], "phải là chữ"),
        ({"a": {"b": {"c": []}}}, "phải là chữ"),
        (12, "phải là chữ"),
        ("a" * 200_000, "quá dài"),
        (ZALGO * 20, "ký tự"),
    ],
)
def test_what_is_no_name_gets_a_sentence(clean, raw, words):
    value, messages = clean(raw, type="person_name")
    assert value is None
    assert len(messages) == 1
    assert words in messages[0]


def test_texts_lose_what_cannot_be_seen_or_stored(clean):
    assert clean("a\x00b\ud800c\u202ed\ufeff  e\nf", type="text") == ("abcd e f", [])
    assert clean("một \t hai \r\n\r\n ba \rbốn ", type="text", multiline=True) == ("một hai\n\nba\nbốn", [])
    assert clean(" \x00 ", type="text") == (None, [])
    assert clean("😀 được", type="text") == ("😀 được", [])


def test_texts_have_a_limit(clean):
    assert clean("a" * 501, type="text")[1] == ["Nội dung dài 501 ký tự, nhiều nhất được 500 ký tự. Hãy viết ngắn lại."]
    assert clean("a" * 501, type="text", multiline=True)[1] == []
    assert "5 ký tự" in clean("a" * 6, type="text", max_length=5)[1][0]


def test_patterns_speak_of_the_whole_text(clean):
    field = {"type": "text", "pattern": "[0-9]{1,4}|x", "message": "Chỉ gồm số."}
    assert clean("12", **field) == ("12", [])
    assert clean("12a", **field)[1] == ["Chỉ gồm số."]
    assert clean("12a", type="text", pattern="[0-9]+")[1] == ["Câu hỏi không đúng dạng yêu cầu."]


def test_a_pattern_from_content_cannot_hold_up_the_server(clean):
    assert clean("a" * 400 + "!", type="text", pattern="(a+)+")[1] == ["Câu hỏi không đúng dạng yêu cầu."]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("02/01/1990", "1990-01-02"),
        ("2/1/1990", "1990-01-02"),
        ("2-1-1990", "1990-01-02"),
        ("2.1.1990", "1990-01-02"),
        ("02011990", "1990-01-02"),
        ("1990-01-02", "1990-01-02"),
        ("ngày 2 tháng 1 năm 1990", "1990-01-02"),
        ("29/02/2024", "2024-02-29"),
        ("", None),
        ("  ", None),
    ],
)
def test_dates_are_read_as_people_write_them(clean, raw, value):
    assert clean(raw, type="date") == (value, [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("31/02/1990", "31/02/1990 không phải một ngày có thật."),
        ("29/02/2023", "29/02/2023 không phải một ngày có thật."),
        ("2/1/90", "Hãy viết đủ bốn chữ số của năm, ví dụ 02/01/1990."),
        ("01/01/0900", "Năm 0900 không hợp lý. Hãy xem lại."),
        ("hôm qua", "Hãy nhập câu hỏi dạng ngày/tháng/năm, ví dụ 02/01/1990."),
        ("9" * 100, "Hãy nhập câu hỏi dạng ngày/tháng/năm, ví dụ 02/01/1990."),
        (19900102, "Câu trả lời này phải là chữ."),
        (["1990-01-02"], "Câu trả lời này phải là chữ."),
    ],
)
def test_impossible_dates_get_a_sentence(clean, raw, message):
    assert clean(raw, type="date") == (None, [message])


@pytest.mark.parametrize(
    ("raw", "limits", "messages"),
    [
        ("23/11/2026", {"max": "today"}, ["Câu hỏi không thể ở tương lai."]),
        ("22/11/2026", {"max": "today", "min": "today"}, []),
        ("21/11/2026", {"min": "today"}, ["Câu hỏi không thể ở quá khứ."]),
        ("31/12/1899", {"min": "1900-01-01"}, ["Câu hỏi không được trước ngày 01/01/1900."]),
        ("01/01/2030", {"max": "2029-12-31"}, ["Câu hỏi không được sau ngày 31/12/2029."]),
    ],
)
def test_dates_keep_to_their_limits(clean, raw, limits, messages):
    assert clean(raw, type="date", **limits)[1] == messages


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1957", "1957"),
        ("năm 1957", "1957"),
        ("01/1957", "1957-01"),
        ("1957-1", "1957-01"),
        ("2/1/1957", "1957-01-02"),
        ("2026", "2026"),
        ("11/2026", "2026-11"),
        ("", None),
    ],
)
def test_partial_dates_keep_what_is_known(clean, raw, value):
    assert clean(raw, type="partial_date", max="today") == (value, [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("13/1957", "Không có tháng 13"),
        ("0/1957", "Không có tháng 0"),
        ("1957-00", "Không có tháng 0"),
        ("12/2026", "tương lai"),
        ("2027", "tương lai"),
        ("0957", "Năm 0957"),
        ("khoảng 1957", "02/01/1957"),
        (True, "phải là chữ"),
    ],
)
def test_partial_dates_that_cannot_be_get_a_sentence(clean, raw, words):
    value, messages = clean(raw, type="partial_date", max="today")
    assert value is None
    assert words in messages[0]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("12", 12.0),
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1.250", 1250.0),
        ("1.250,25", 1250.25),
        ("1,250,000.5", 1250000.5),
        ("-3", -3.0),
        ("\u22123", -3.0),
        ("120 m²", 120.0),
        (7, 7.0),
        (7.25, 7.25),
        ("-0", 0.0),
        (" ", None),
    ],
)
def test_numbers_are_read_as_people_write_them(clean, raw, value):
    found, messages = clean(raw, type="number", unit="m²")
    assert (found, messages) == (value, [])
    assert str(found) == str(value)


@pytest.mark.parametrize(
    ("raw", "field", "message"),
    [
        ("ba", {}, "Câu hỏi phải là số, ví dụ 12,5."),
        ("ba", {"integer": True}, "Câu hỏi phải là số, ví dụ 12."),
        ("--3", {}, "Câu hỏi phải là số, ví dụ 12,5."),
        ("1.2.3", {}, "Câu hỏi phải là số, ví dụ 12,5."),
        ("1" * 61, {}, "Câu hỏi phải là số, ví dụ 12,5."),
        (" " * 61, {}, "Câu hỏi phải là số, ví dụ 12,5."),
        ("٣", {}, "Câu hỏi phải là số, ví dụ 12,5."),
        ("1" * 30, {}, "Câu hỏi lớn quá mức có thể."),
        pytest.param(10**4000, {}, "Câu hỏi lớn quá mức có thể.", id="huge"),
        (float("nan"), {}, "Câu hỏi phải là số."),
        (float("inf"), {}, "Câu hỏi phải là số."),
        (True, {}, "Câu hỏi phải là số."),
        ([1], {}, "Câu hỏi phải là số."),
        ("1,5", {"integer": True}, "Câu hỏi phải là số nguyên."),
        ("1,555", {}, "Câu hỏi chỉ lấy 2 chữ số sau dấu phẩy."),
        ("0", {"min": 1, "unit": "tầng", "integer": True}, "Câu hỏi phải từ 1 tầng trở lên."),
        ("51", {"max": 50}, "Câu hỏi nhiều nhất là 50."),
        ("1000,6", {"max": 1000.5}, "Câu hỏi nhiều nhất là 1.000,5."),
    ],
)
def test_what_is_no_number_gets_a_sentence(clean, raw, field, message):
    assert clean(raw, type="number", **field) == (None, [message])


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1.250.000", 1_250_000),
        ("1.250.000 ₫", 1_250_000),
        ("1250000đ", 1_250_000),
        ("2000 đồng", 2000),
        ("2.000 VNĐ", 2000),
        (5000, 5000),
        (5000.0, 5000),
        ("0", 0),
    ],
)
def test_money_is_whole_dong(clean, raw, value):
    found, messages = clean(raw, type="money")
    assert (found, messages) == (value, [])
    assert isinstance(found, int)


def test_money_left_empty_is_no_answer(clean):
    assert clean("  ", type="money") == (None, [])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("2,5", "Câu hỏi phải là số đồng chẵn, ví dụ 1.250.000."),
        ("-5", "Câu hỏi không thể là số âm."),
        ("hai triệu", "Câu hỏi phải là số, ví dụ 1.250.000."),
        ("đ", "Câu hỏi phải là số, ví dụ 1.250.000."),
        ("20.000", "Câu hỏi nhiều nhất là 10.000 đồng."),
        ({}, "Câu hỏi phải là số."),
    ],
)
def test_what_is_no_money_gets_a_sentence(clean, raw, message):
    assert clean(raw, type="money", max=10_000) == (None, [message])


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("personal_id", "051 090 000 001", "051090000001"),
        ("tax_code", "1234567893-001", "1234567893-001"),
        ("phone", "0912 345 678", "+84912345678"),
        ("email", " ten.rieng+1@so-lieu.example.vn ", "ten.rieng+1@so-lieu.example.vn"),
        ("personal_id", " ", None),
        ("tax_code", " ", None),
        ("phone", " ", None),
        ("email", " ", None),
    ],
)
def test_codes_are_normalised(clean, kind, raw, value):
    assert clean(raw, type=kind) == (value, [])


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("personal_id", "003090000001", "mã của tỉnh nào"),
        ("personal_id", "051230000001", "tương lai"),
        ("personal_id", "AB1234567", "12 chữ số"),
        ("tax_code", "1234567890", "kiểm tra"),
        ("phone", "0255 3822 200", "di động"),
        ("email", "ten@", "ten@example.vn"),
        ("email", "tên@example.vn", "ten@example.vn"),
        ("email", "a@" + "b" * 300 + ".vn", "ten@example.vn"),
        ("email", ["a@example.vn"], "phải là chữ"),
        ("phone", 912345678, "phải là chữ"),
    ],
)
def test_wrong_codes_get_a_sentence(clean, kind, raw, words):
    value, messages = clean(raw, type=kind)
    assert value is None
    assert words in messages[0]


def test_landlines_where_the_form_says_so(clean):
    assert clean("0255 3822 200", type="phone", landline=True) == ("+842553822200", [])


class TestChoices:
    OPTIONS = [{"value": value, "label": value.upper()} for value in ("a", "b", "c")]

    def test_one_of_the_options(self, clean):
        assert clean("a", type="choice", options=self.OPTIONS) == ("a", [])
        assert clean("d", type="choice", options=self.OPTIONS)[1] == ["Hãy chọn câu hỏi trong các lựa chọn đã cho."]
        assert clean(["a"], type="choice", options=self.OPTIONS)[1] == ["Câu trả lời này phải là chữ."]

    def test_several_come_in_the_order_of_the_form(self, clean):
        assert clean(["c", "a", "c"], type="several", options=self.OPTIONS) == (["a", "c"], [])
        assert clean([], type="several", options=self.OPTIONS) == (None, [])

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (["d"], "các lựa chọn đã cho"),
            ([["a"]], "các lựa chọn đã cho"),
            ([None], "các lựa chọn đã cho"),
            ("a", "phải là một danh sách"),
            (["a"], "ít nhất 2 mục"),
            (["a", "b", "c"], "nhiều nhất 2 mục"),
        ],
    )
    def test_other_sets_get_a_sentence(self, clean, raw, words):
        value, messages = clean(raw, type="several", options=self.OPTIONS, min=2, max=2)
        assert value is None
        assert words in messages[0]

    def test_declarations_are_true_or_false(self, clean):
        assert clean(True, type="declaration") == (True, [])
        assert clean(False, type="declaration") == (False, [])
        assert clean("có", type="declaration")[1] == ["Hãy đánh dấu hoặc để trống: câu hỏi."]


class TestAddress:
    HOME = {"province_code": "51", "commune_code": "21001", "detail": " Thôn  Mẫu "}

    def test_keeps_the_day_beside_the_codes(self, clean):
        value, messages = clean(self.HOME, type="address")
        assert messages == []
        assert value == {
            "province_code": "51",
            "commune_code": "21001",
            "detail": "Thôn Mẫu",
            "as_of": "2026-11-22",
        }

    def test_is_judged_by_the_day_the_form_names(self, clean):
        old = {**self.HOME, "commune_code": "21000"}
        assert clean(old, type="address")[1] == ["Không có xã, phường mang mã 21000 vào ngày 22/11/2026."]
        value, messages = clean(old, type="address", as_of="2024-01-01")
        assert messages == []
        assert value["as_of"] == "2024-01-01"

    @pytest.mark.parametrize(
        "raw", [{}, {"province_code": "51"}, {"province_code": "51", "commune_code": "", "detail": " "}]
    )
    def test_a_province_alone_is_no_answer(self, clean, raw):
        assert clean(raw, type="address") == (None, [])

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"province_code": ""}, "Hãy chọn tỉnh"),
            ({"province_code": "5"}, "Hãy chọn tỉnh"),
            ({"commune_code": ""}, "Hãy chọn xã"),
            ({"commune_code": "99999"}, "99999"),
            ({"province_code": "48"}, "không thuộc tỉnh"),
            ({"detail": "a" * 301}, "300 ký tự"),
            ({"detail": ["a"]}, "phải là chữ"),
        ],
    )
    def test_wrong_parts_get_a_sentence(self, clean, change, words):
        value, messages = clean({**self.HOME, **change}, type="address")
        assert value is None
        assert words in messages[0]

    def test_is_no_text(self, clean):
        assert clean("Thôn Mẫu", type="address")[1] == ["Câu hỏi gồm tỉnh, xã và số nhà, thôn."]

    def test_without_a_directory_only_the_shape_is_judged(self, form_of):
        form = form_of({"key": "x", "label": "Nơi ở", "type": "address"})
        result = validate(form, {"x": {**self.HOME, "commune_code": "99999"}}, context={"today": "2026-11-22"})
        assert result.ok


class TestFiles:
    FIELD = {"type": "file", "accept": ["pdf", "image/png"], "max_files": 2, "max_megabytes": 1}
    PDF = {"id": 7, "name": "đơn.pdf", "size": 1000, "media_type": "application/pdf", "sha256": "ab"}

    def test_keeps_what_a_reference_says(self, clean):
        assert clean([self.PDF], **self.FIELD) == ([{**self.PDF, "id": "7"}], [])
        assert clean([], **self.FIELD) == (None, [])

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (PDF, "danh sách tệp"),
            ([PDF] * 3, "nhiều nhất 2 tệp"),
            (["7"], "không đúng dạng"),
            ([{"name": "a"}], "không đúng dạng"),
            ([{**PDF, "id": True}], "không đúng dạng"),
            ([{**PDF, "id": -1}], "không đúng dạng"),
            pytest.param([{**PDF, "id": 10**4000}], "không đúng dạng", id="huge"),
            ([{**PDF, "id": [1]}], "không đúng dạng"),
            ([{**PDF, "media_type": "text/html"}], "Chỉ nhận: PDF, PNG"),
            ([{**PDF, "size": 2_000_000}], "lớn hơn 1 MB"),
            ([{**PDF, "name": 5}], "phải là chữ"),
        ],
    )
    def test_wrong_references_get_a_sentence(self, clean, raw, words):
        value, messages = clean(raw, **self.FIELD)
        assert value is None
        assert words in messages[0]

    def test_a_size_that_is_none_counts_as_unknown(self, clean):
        value, _ = clean([{**self.PDF, "size": "lớn"}], **self.FIELD)
        assert value[0]["size"] == 0

    def test_the_store_knows_better_than_the_page(self, form_of):
        class Store:
            def get(self, file_id):
                return {**self.facts, "id": file_id} if file_id == "7" else None

            facts = {"name": "thật.pdf", "size": 5, "media_type": "application/pdf", "sha256": "cd"}

        form = form_of({"key": "x", "label": "Đơn", "type": "file", "max_files": 2})
        situation = {"today": "2026-11-22", "files": Store()}
        result = validate(form, {"x": [{"id": "7", "name": "giả.pdf"}]}, context=situation)
        assert result.answers["x"][0]["name"] == "thật.pdf"
        result = validate(form, {"x": [{"id": "8"}]}, context=situation)
        assert result.errors[0].message == "Không tìm thấy tệp đã đính kèm. Hãy tải tệp lên lại."
