"""The fictional people and enterprises of the simulator, and the claims it makes about them."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinhso.lib.identifiers import parse_personal_id
from tinhso.lib.yamltext import load_yaml

_NAMESPACE = uuid.UUID("5c3a1f0e-0000-4000-8000-74696e68736f")
_TYPED_NAMES = ("Người Thử Nghiệm Một", "Người Thử Nghiệm Hai", "Người Thử Nghiệm Ba", "Người Thử Nghiệm Bốn")


@dataclass(frozen=True, slots=True)
class Subject:
    """One account of the simulated identity. `key` is the personal id, or the code of an enterprise."""

    key: str
    full_name: str
    birth_date: str
    sex: str
    phone: str
    email: str
    address: str
    level: int
    notes: str = ""
    organisation_name: str = ""
    personal_id: str = ""

    @property
    def is_enterprise(self) -> bool:
        return bool(self.organisation_name)

    @property
    def tech_id(self) -> str:
        """Stable technical id of the account, as the real system keeps one."""
        return str(uuid.uuid5(_NAMESPACE, self.key))


def load_subjects(file: Path) -> dict[str, Subject]:
    """People, then enterprises, by key, in the order of the file."""
    data = load_yaml(file.read_text(encoding="utf-8"))
    subjects = {}
    for person in data["people"]:
        key = person["personal_id"]
        subjects[key] = Subject(
            key=key,
            personal_id=key,
            full_name=person["full_name"],
            birth_date=str(person["birth_date"]),
            sex=person["sex"],
            phone=person["phone"],
            email=person["email"],
            address=person["address"],
            level=person["level"],
            notes=person.get("notes", ""),
        )
    for enterprise in data.get("enterprises", []):
        head = subjects[enterprise["representative"]]
        key = enterprise["organisation_id"]
        subjects[key] = Subject(
            key=key,
            personal_id=head.personal_id,
            full_name=head.full_name,
            birth_date=head.birth_date,
            sex=head.sex,
            phone=enterprise["phone"],
            email=enterprise["email"],
            address=enterprise["address"],
            level=0,
            notes=enterprise.get("notes", ""),
            organisation_name=enterprise["organisation_name"],
        )
    return subjects


def typed_subject(text: str) -> Subject:
    """A fictional person for a typed personal id: the id says sex and birth year, the rest follows from its digits.

    Raises:
        IdentifierError: the text is no personal id.
    """
    personal = parse_personal_id(text)
    serial = int(personal.value[-6:])
    return Subject(
        key=personal.value,
        personal_id=personal.value,
        full_name=_TYPED_NAMES[serial % len(_TYPED_NAMES)],
        birth_date=f"{personal.birth_year}-{serial % 12 + 1:02d}-{serial % 28 + 1:02d}",
        sex=personal.sex.value,
        phone=f"09{serial % 10**8:08d}",
        email=f"nguoi.thu.{personal.value}@example.com",
        address="Thôn Mẫu, xã Mộ Đức, tỉnh Quảng Ngãi",
        level=2,
    )


def claims_of(subject: Subject, *, base_url: str) -> dict[str, Any]:
    """The claims about a subject as the real system's clients see them: strings, capitals in names, compact dates."""
    claims: dict[str, Any] = {
        "sub": f"sim-{subject.tech_id[:13]}",
        "TechID": subject.tech_id,
        "LoaiTaiKhoan": "2" if subject.is_enterprise else "1",
        "SoDinhDanh": subject.personal_id,
        "HoVaTen": subject.full_name.upper(),
        "NgayThangNamSinh": subject.birth_date.replace("-", ""),
        "GioiTinh": "2" if subject.sex == "female" else "1",
        "SoDienThoai": subject.phone,
        "ThuDienTu": subject.email,
        "DiaChi": subject.address,
        "userProfileUri": f"{base_url}/profile",
        "logoutUri": f"{base_url}/logout",
    }
    if subject.is_enterprise:
        claims |= {
            "TenDoanhNghiep": subject.organisation_name,
            "MaSoDoanhNghiep": subject.key,
            "MaSoThue": subject.key,
        }
    else:
        claims |= {"loAs": str(subject.level), "IAL": str(subject.level)}
    return claims
