"""Reads the claims of the national identity (VNeID, and the national portal's VNConnect) into `IdentityClaims`.

Every claim is an optional string; a value that cannot be read is left out rather than guessed.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from tinhso.apps.accounts.data import IdentityClaims
from tinhso.apps.accounts.enums import Sex, SubjectKind
from tinhso.lib.identifiers import IdentifierError, parse_phone

_SUBJECTS = {"1": SubjectKind.PERSON, "2": SubjectKind.ENTERPRISE, "3": SubjectKind.ORGANISATION}
_SEXES = {"1": Sex.MALE, "nam": Sex.MALE, "2": Sex.FEMALE, "0": Sex.FEMALE, "nữ": Sex.FEMALE}
_HIGHEST_LEVEL = 2
_LONGEST = {"full_name": 200, "email": 254, "address": 400, "tech_id": 191}


def read_claims(claims: Mapping[str, Any], *, issuer: str) -> IdentityClaims:
    """The claims of one userinfo answer. Never raises: what is missing or unreadable stays empty."""
    subject = _SUBJECTS.get(_text(claims, "LoaiTaiKhoan"), SubjectKind.PERSON)
    is_organisation = subject is not SubjectKind.PERSON
    organisation = _text(claims, "MaSoDoanhNghiep") or _text(claims, "MaSoThue")
    # An organisation's name has capitals of its own (TNHH, CP): it stays as stated.
    name = " ".join(_text(claims, "TenDoanhNghiep", "TenToChuc").split()) if is_organisation else ""
    return IdentityClaims(
        issuer=issuer,
        subject=subject,
        tech_id=_text(claims, "TechID", "sub")[: _LONGEST["tech_id"]],
        # A person's tax code is the personal id again; only an organisation is known by its code.
        personal_id="" if is_organisation else _text(claims, "SoDinhDanh"),
        organisation_id=organisation if is_organisation else "",
        full_name=(name or readable_name(_text(claims, "HoVaTen")))[: _LONGEST["full_name"]],
        birth_date=None if is_organisation else read_date(_text(claims, "NgayThangNamSinh")),
        sex="" if is_organisation else _SEXES.get(_text(claims, "GioiTinh").lower(), ""),
        phone=_phone(_text(claims, "SoDienThoai")),
        email=_email(_text(claims, "ThuDienTu")),
        address=_text(claims, "DiaChi", "ThuongTru", "NoiThuongTru")[: _LONGEST["address"]],
        level=identity_level(
            authentication=_text(claims, "loAs"), identity=_text(claims, "IAL"), is_organisation=is_organisation
        ),
        profile_uri=_web_address(_text(claims, "userProfileUri")),
        logout_uri=_web_address(_text(claims, "logoutUri")),
    )


def stated_level(value: str) -> int:
    """The level in a claim such as `"2"`, `"LoA1"`, `"LOA2"`; 0 when it states none."""
    digits = "".join(character for character in value if character.isdecimal())
    return min(int(digits), _HIGHEST_LEVEL) if digits else 0


def identity_level(*, authentication: str, identity: str, is_organisation: bool) -> int:
    """The level an identity reaches (mức độ tài khoản định danh): the lower of what `loAs` and `IAL` state.

    An organisation's account has no levels in law (NĐ 69/2024): it has full use, so it counts as the highest. A person
    for whom nothing is stated counts as level 1, which is what signing in at all proves.
    """
    if is_organisation:
        return _HIGHEST_LEVEL
    stated = [level for level in (stated_level(authentication), stated_level(identity)) if level]
    return min(stated) if stated else 1


def _text(claims: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return unicodedata.normalize("NFC", str(value).strip())
    return ""


def read_date(text: str) -> date | None:
    """A birth date as `yyyyMMdd` (or with separators, or day first); None when it is no date."""
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) != 8:
        return None
    day_first = not text[:4].isdecimal()
    year, month, day = (digits[4:], digits[2:4], digits[:2]) if day_first else (digits[:4], digits[4:6], digits[6:])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def readable_name(name: str) -> str:
    """A name as people write it: the identity record often has it in capitals."""
    name = " ".join(name.split())
    return name.title() if name.isupper() else name


def _phone(text: str) -> str:
    try:
        return parse_phone(text, landline=True) if text else ""
    except IdentifierError:
        return ""


def _email(text: str) -> str:
    return text if "@" in text and " " not in text and len(text) <= _LONGEST["email"] else ""


def _web_address(text: str) -> str:
    return text if text.startswith(("https://", "http://")) else ""
