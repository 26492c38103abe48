"""Reading the claims of the national identity: every claim optional, nothing guessed."""

import json
from datetime import date
from pathlib import Path

import pytest

from tinhso.apps.accounts.adapters.claims import identity_level, read_claims, read_date, readable_name
from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.accounts.enums import SubjectKind

PERSON = {
    "sub": "s-1", "TechID": "t-1", "LoaiTaiKhoan": "1", "SoDinhDanh": "051191000001", "HoVaTen": "NGUYỄN THỊ  NHẠN",
    "NgayThangNamSinh": "19910412", "GioiTinh": "2", "SoDienThoai": "0900000001", "ThuDienTu": "a@example.com",
    "loAs": "2", "IAL": "2", "userProfileUri": "https://id.example/p", "logoutUri": "https://id.example/out",
}  # fmt: skip


def test_person() -> None:
    claims = read_claims(PERSON, issuer="vneid")
    assert claims == IdentityClaims(
        issuer="vneid", subject=SubjectKind.PERSON, tech_id="t-1", personal_id="051191000001",
        full_name="Nguyễn Thị Nhạn", birth_date=date(1991, 4, 12), sex="female", phone="+84900000001",
        email="a@example.com", level=2, profile_uri="https://id.example/p", logout_uri="https://id.example/out",
    )  # fmt: skip
    assert IdentityClaims.from_json(json.loads(json.dumps(claims.to_json()))) == claims


def test_nothing_at_all() -> None:
    claims = read_claims({}, issuer="vneid")
    assert (claims.personal_id, claims.tech_id, claims.full_name, claims.level) == ("", "", "", 1)
    assert IdentityClaims.from_json(claims.to_json()) == claims


def test_enterprise_is_known_by_its_code_not_by_the_person_who_signs_in() -> None:
    claims = read_claims(
        PERSON
        | {
            "LoaiTaiKhoan": "2",
            "MaSoDoanhNghiep": "4300999012",
            "MaSoThue": "4300999037",
            "TenDoanhNghiep": "CÔNG TY  TNHH",
        },
        issuer="vneid",
    )
    assert (claims.subject, claims.organisation_id, claims.personal_id) == (SubjectKind.ENTERPRISE, "4300999012", "")
    assert (claims.full_name, claims.birth_date, claims.sex, claims.level) == ("CÔNG TY TNHH", None, "", 2)


def test_tax_code_names_an_organisation_without_an_enterprise_code() -> None:
    claims = read_claims({"LoaiTaiKhoan": "3", "MaSoThue": "4300999037"}, issuer="vneid")
    assert (claims.subject, claims.organisation_id) == (SubjectKind.ORGANISATION, "4300999037")


@pytest.mark.parametrize(
    ("change", "attribute", "value"),
    [
        ({"NgayThangNamSinh": "19910231"}, "birth_date", None),
        ({"NgayThangNamSinh": None}, "birth_date", None),
        ({"SoDienThoai": "12"}, "phone", ""),
        ({"ThuDienTu": "khong co"}, "email", ""),
        ({"GioiTinh": "9"}, "sex", ""),
        ({"logoutUri": "javascript:alert(1)"}, "logout_uri", ""),
        ({"LoaiTaiKhoan": "9"}, "subject", SubjectKind.PERSON),
        ({"HoVaTen": ["a"]}, "full_name", ""),
        ({"TechID": ""}, "tech_id", "s-1"),
        ({"HoVaTen": "Ă" * 500}, "full_name", "Ă" + "ă" * 199),
        ({"SoDinhDanh": 51191000001}, "personal_id", "51191000001"),
    ],
)
def test_unreadable_value_is_left_out(change: dict[str, object], attribute: str, value: object) -> None:
    assert getattr(read_claims(PERSON | change, issuer="vneid"), attribute) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [("19910412", date(1991, 4, 12)), ("12/04/1991", date(1991, 4, 12)), ("1991-04-12", date(1991, 4, 12)),
     ("1991", None), ("", None), ("00000000", None)],
)  # fmt: skip
def test_dates(text: str, expected: date | None) -> None:
    assert read_date(text) == expected


def test_names_keep_their_own_capitals() -> None:
    assert readable_name("Y K'Rôi") == "Y K'Rôi"
    assert readable_name("A THƠIH") == "A Thơih"


@pytest.mark.shared
def test_shapes_seen_in_public_clients(shared_data: Path) -> None:
    examples = json.loads((shared_data / "interop" / "oidc-claims-examples.json").read_text())
    for dialect, level in [("vneid", 2), ("dvcqg_vnconnect", 1)]:
        claims = read_claims(examples[dialect], issuer=dialect)
        assert (claims.personal_id, claims.full_name, claims.level) == ("079090000001", "Nguyễn Văn Mẫu", level)


@pytest.mark.parametrize(
    ("authentication", "identity", "is_organisation", "level"),
    [
        ("2", "2", False, 2),
        ("LoA1", "2", False, 1),
        ("2", "1", False, 1),
        ("LOA2", "", False, 2),
        ("", "", False, 1),
        ("cao", "", False, 1),
        ("3", "", False, 2),
        ("", "", True, 2),
        ("1", "1", True, 2),
    ],
)
def test_identity_level(authentication: str, identity: str, is_organisation: bool, level: int) -> None:
    found = identity_level(authentication=authentication, identity=identity, is_organisation=is_organisation)
    assert found == level
