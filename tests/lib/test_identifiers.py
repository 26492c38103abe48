import json
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinhso.lib.identifiers import (
    CaseCode,
    IdentifierError,
    OrgCode,
    Sex,
    certificate_serial,
    check_tax_code,
    format_phone,
    mask_personal_id,
    parse_card_qr,
    parse_personal_id,
    parse_phone,
)

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "interop" / "id-check-vectors.json"


class TestPersonalId:
    @pytest.mark.parametrize(
        ("text", "province", "sex", "year"),
        [
            ("051090000001", "051", Sex.MALE, 1990),
            ("051 190 000 001", "051", Sex.FEMALE, 1990),
            ("062.212.345.678", "062", Sex.MALE, 2012),
            ("101301000002", "101", Sex.FEMALE, 2001),
        ],
    )
    def test_reads_province_sex_and_year(self, text, province, sex, year):
        person = parse_personal_id(text)
        assert (person.province_code, person.sex, person.birth_year) == (province, sex, year)
        assert len(person.value) == 12

    def test_knows_who_was_born_abroad(self):
        assert parse_personal_id("101301000002").born_abroad
        assert not parse_personal_id("096301000002").born_abroad

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("05109000000", "12 chữ số"),
            ("0510900000011", "12 chữ số"),
            ("", "12 chữ số"),
            ("05109000000a", "12 chữ số"),
            ("٠٥١٠٩٠٠٠٠٠٠١", "12 chữ số"),
            ("051090000001" + " " * 100, "12 chữ số"),
            ("212345678", "chứng minh nhân dân cũ"),
            ("097090000001", "097"),
            ("003090000001", "003"),
            ("000090000001", "000"),
        ],
    )
    def test_refuses_in_a_sentence(self, text, words):
        with pytest.raises(IdentifierError, match=words) as caught:
            parse_personal_id(text)
        assert str(caught.value).endswith(".")

    def test_refuses_a_birth_in_the_future_when_the_day_is_known(self):
        with pytest.raises(IdentifierError, match="2027"):
            parse_personal_id("051227000001", on=date(2026, 11, 22))
        assert parse_personal_id("051226000001", on=date(2026, 11, 22)).birth_year == 2026

    @given(st.text(max_size=80))
    def test_is_total(self, text):
        with suppress(IdentifierError):
            assert len(parse_personal_id(text).value) == 12


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("051090000001", "051 090 •••• 01"),
        ("212345678", "21 •••• 78"),
        ("12345", "••••"),
        ("", ""),
    ],
)
def test_masks_the_middle(value, masked):
    assert mask_personal_id(value) == masked


class TestTaxCode:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("1234567893", "1234567893"),
            (" 123 456 7893 ", "1234567893"),
            ("1234567893-001", "1234567893-001"),
            ("1234567893999", "1234567893-999"),
            ("051090000001", "051090000001"),
        ],
    )
    def test_accepts_ten_thirteen_and_twelve_digits(self, text, code):
        assert check_tax_code(text) == code

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("1234567890", "kiểm tra"),
            ("0000000000", "kiểm tra"),
            ("9876543210", "kiểm tra"),
            ("12345", "10 chữ số"),
            ("1234567893-000", "001 đến 999"),
            ("003090000001", "mã của tỉnh nào"),
            ("1" * 100, "10 chữ số"),
        ],
    )
    def test_refuses_in_a_sentence(self, text, words):
        with pytest.raises(IdentifierError, match=words):
            check_tax_code(text)

    @given(st.integers(0, 999_999_999), st.integers(0, 9))
    def test_at_most_one_last_digit_holds(self, first, last):
        def holds(digit):
            try:
                return bool(check_tax_code(f"{first:09d}{digit}"))
            except IdentifierError:
                return False

        assert sum(holds(digit) for digit in range(10)) <= 1
        # A slip in one digit is always noticed: the weights are coprime to 11.
        if holds(last):
            slipped = (first + 1) if first % 10 < 9 else first - 1
            with pytest.raises(IdentifierError):
                check_tax_code(f"{slipped:09d}{last}")


class TestPhone:
    @pytest.mark.parametrize(
        "text", ["0912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "84912345678", "0084912345678"]
    )
    def test_reads_the_ways_people_write_it(self, text):
        assert parse_phone(text) == "+84912345678"

    def test_takes_landlines_where_asked(self):
        assert parse_phone("0255 3822 200", landline=True) == "+842553822200"
        with pytest.raises(IdentifierError, match="di động"):
            parse_phone("0255 3822 200")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("0112345678", "10 chữ số"),
            ("912345678", "10 chữ số"),
            ("01234567890", "10 chữ số"),
            ("+1 202 555 0100", "Việt Nam"),
            ("", "10 chữ số"),
            ("không có", "10 chữ số"),
            ("0" * 1000, "10 chữ số"),
        ],
    )
    def test_refuses_in_a_sentence(self, text, words):
        with pytest.raises(IdentifierError, match=words):
            parse_phone(text)

    def test_is_written_for_people(self):
        assert format_phone("+84912345678") == "0912 345 678"
        assert format_phone("+842553822200") == "0255 382 2200"
        assert format_phone("lạ") == "lạ"

    @given(st.sampled_from("35789"), st.text("0123456789", min_size=8, max_size=8))
    def test_what_is_written_reads_back(self, prefix, rest):
        number = parse_phone(f"0{prefix}{rest}")
        assert parse_phone(format_phone(number)) == number == parse_phone(number)


class TestCardQr:
    LINE = "051190000002|212345678|Phạm Thị Mẫu|02011990|Nữ|Thôn Mẫu, Xã Mẫu, Huyện Mẫu, Quảng Ngãi|15062021"

    def test_reads_the_seven_fields(self):
        card = parse_card_qr(self.LINE)
        assert card.personal_id == "051190000002"
        assert card.old_id == "212345678"
        assert card.full_name == "Phạm Thị Mẫu"
        assert card.birth_date == date(1990, 1, 2)
        assert card.sex is Sex.FEMALE
        assert card.address == "Thôn Mẫu, Xã Mẫu, Huyện Mẫu, Quảng Ngãi"
        assert card.issue_date == date(2021, 6, 15)

    def test_ignores_what_newer_cards_add_and_what_scanners_add(self):
        assert parse_card_qr(f"\ufeff{self.LINE}|bố|mẹ|thêm\r\n") == parse_card_qr(self.LINE)

    def test_takes_cards_without_an_old_number_a_full_birth_date_or_an_issue_date(self):
        card = parse_card_qr("051057000002||A Thiu|00001957|Nam|Thôn Mẫu|")
        assert (card.old_id, card.birth_date, card.issue_date) == ("", None, None)
        assert parse_card_qr("051057000002||A Thiu|1957|Nam|Thôn Mẫu|").birth_date is None

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("051190000002", "003190000002", "tỉnh nào"),
            ("212345678", "21234", "chứng minh"),
            ("Phạm Thị Mẫu", " ", "họ tên"),
            ("02011990", "31021990", "Ngày sinh"),
            ("15062021", "2021-06-15", "Ngày cấp"),
            ("|Nữ|", "|X|", "Giới tính"),
            ("|", ";", "không phải mã QR"),
            ("Thôn Mẫu", "Thôn Mẫu" * 500, "không phải mã QR"),
        ],
    )
    def test_refuses_in_a_sentence(self, old, new, words):
        with pytest.raises(IdentifierError, match=words):
            parse_card_qr(self.LINE.replace(old, new))

    @given(st.text(max_size=200))
    def test_is_total(self, text):
        with pytest.raises(IdentifierError):
            parse_card_qr(text.replace("|", ""))


class TestCaseCode:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("H48.12-261008-0007", CaseCode("H48.12", date(2026, 10, 8), 7)),
            ("H48.12-261008-12345", CaseCode("H48.12", date(2026, 10, 8), 12345)),
            ("H15.50.05.13-261008-0975", CaseCode("H15.50.05.13", date(2026, 10, 8), 975)),
            ("000.00.12.H34-231023-0001", CaseCode("000.00.12.H34", date(2023, 10, 23), 1)),
            ("H48.12-261008-150007", CaseCode("H48.12", date(2026, 10, 8), 7, owner_code="15")),
            (
                "G09.20-20260609-0092637",
                CaseCode("G09.20", date(2026, 6, 9), 92637, owner_code="00", long_year=True),
            ),
            ("H48.12-261008-00007", CaseCode("H48.12", date(2026, 10, 8), 7, digits=5)),
        ],
    )
    def test_reads_and_writes_the_same(self, text, code):
        assert CaseCode.parse(text) == code
        assert str(code) == code.format() == text

    def test_tells_a_ministrys_case(self):
        assert CaseCode.parse("H48.12-261008-150007").is_ministry
        assert not CaseCode.parse("H48.12-261008-0007").is_ministry

    @pytest.mark.parametrize("text", ["h48.12-261008-0007", " H48.12 - 261008 - 0007 ", "H48.12\u2013261008\u20130007"])
    def test_forgives_how_people_type_it(self, text):
        assert str(CaseCode.parse(text)) == "H48.12-261008-0007"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "có dạng"),
            ("H48.12-261008-007", "có dạng"),
            ("H48.12/261008/0007", "có dạng"),
            ("12-261008-0007", "có dạng"),
            ("H48.12-261308-0007", "ngày có thật"),
            ("H48.12-00010101-0007", "ngày có thật"),
            ("H48" + ".12" * 12 + "-261008-0007", "có dạng"),
            ("H48" + ".12" * 200, "có dạng"),
        ],
    )
    def test_refuses_in_a_sentence(self, text, words):
        with pytest.raises(IdentifierError, match=words):
            CaseCode.parse(text)

    @given(
        st.sampled_from(["H48", "H48.12", "H48.12.03"]),
        st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        st.integers(1, 99_999),
    )
    def test_every_code_we_issue_reads_back(self, org, day, sequence):
        code = CaseCode(org, day, sequence)
        assert CaseCode.parse(code.format()) == code


class TestOrgCode:
    def test_knows_its_level_and_parent(self):
        code = OrgCode.parse(" h48.12.03 ")
        assert str(code) == "H48.12.03"
        assert code.level == 3
        assert code.parts == ("H48", "12", "03")
        assert code.parent == OrgCode("H48.12")
        assert OrgCode("H48").parent is None

    def test_keeps_the_old_form_as_it_is(self):
        code = OrgCode.parse("000.00.12.H34")
        assert code.is_legacy
        assert code.level == 0
        assert code.parent is None

    def test_knows_what_lies_under_it(self):
        assert OrgCode("H48.12").is_under(OrgCode("H48"))
        assert OrgCode("H48").is_under(OrgCode("H48"))
        assert not OrgCode("H48").is_under(OrgCode("H48.12"))
        assert not OrgCode("H481").is_under(OrgCode("H48"))

    @pytest.mark.parametrize("text", ["", "48", "H4", "H48.1", "H48.", "H48.12.", "H48..12", "H48" + ".12" * 11])
    def test_refuses_in_a_sentence(self, text):
        with pytest.raises(IdentifierError, match="Mã cơ quan"):
            OrgCode.parse(text)


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists(), reason="the shared data folder is not beside the project")
def test_agrees_with_the_shared_vectors():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for row in vectors["mst"]:
        good = [digit for digit in range(10) if _is_tax_code(f"{row['first9']}{digit}")]
        assert good == ([] if row["check"] is None else [row["check"]])
    for row in vectors["cccd"]:
        if "error" in row:
            with pytest.raises(IdentifierError):
                parse_personal_id(row["value"])
        else:
            person = parse_personal_id(row["value"])
            assert (person.sex, person.birth_year) == (row["gender"], row["birth_year"])
            assert person.province_code == f"0{row['province_2024']}"
    for row in vectors["ma_ho_so"]:
        code = CaseCode.parse(row["value"])
        assert (code.org_code, code.day.isoformat(), code.sequence) == (row["org"], row["date"], row["seq"])
    for row in vectors["org_code"]:
        assert OrgCode.parse(row["old"]).is_legacy


def _is_tax_code(text):
    try:
        return bool(check_tax_code(text))
    except IdentifierError:
        return False


@given(st.integers(min_value=1, max_value=2**159 - 1))
def test_the_serial_of_a_certificate_is_whole_octets_that_read_back(number: int) -> None:
    text = certificate_serial(number)
    assert (int(text, 16), len(text) % 2) == (number, 0)
    assert text[:2] != "00"
