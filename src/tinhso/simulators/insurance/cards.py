"""Cards of the people the population simulator knows: made from their numbers, so that both agree."""

from dataclasses import dataclass
from typing import Any

from tinhso.simulators.population.people import Resident

_CARE = ("Trạm y tế xã Mộ Đức", "Trung tâm Y tế Quảng Ngãi", "Bệnh viện đa khoa tỉnh Quảng Ngãi")


@dataclass(frozen=True, slots=True)
class Card:
    """One person's card, or that he has none."""

    resident: Resident
    is_valid: bool

    def wire(self) -> dict[str, Any]:
        """The words of the insurer's clients; dates `dd/MM/yyyy`."""
        person = self.resident.person
        serial = int(person.personal_id[-6:])
        born = "/".join(reversed(person.birth_date.split("-")))
        told = {
            "maKetQua": "000" if self.is_valid else "010",
            "ghiChu": "Thẻ còn giá trị sử dụng" if self.is_valid else "Thẻ hết giá trị sử dụng",
            "maSoDinhDanh": person.personal_id, "hoTen": person.full_name.upper(), "ngaySinh": born,
            "gioiTinh": "Nữ" if person.sex == "female" else "Nam", "maSoBHXH": f"51{serial:08d}",
            "maThe": f"GD451{51 * 10**8 + serial:010d}"[:15],
        }  # fmt: skip
        first, last = ("01/01/2026", "31/12/2026") if self.is_valid else ("01/01/2024", "31/12/2024")
        return told | {"gtTheTu": first, "gtTheDen": last, "maDKBD": "51001", "tenDKBD": _CARE[serial % len(_CARE)]}


def card_of(resident: Resident) -> Card | None:
    """The card of a person; numbers that end in 9 have none, those that end in 6 one that has run out."""
    last = resident.person.personal_id[-1]
    return None if last == "9" else Card(resident, is_valid=last != "6")
