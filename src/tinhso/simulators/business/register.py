"""The businesses it knows: those of the demo, households in business under their owner's number, and any made from a code."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tinhso.lib.identifiers import IdentifierError, check_tax_code
from tinhso.lib.yamltext import load_yaml

_PROVINCE, _PROVINCE_NAME = "51", "Tỉnh Quảng Ngãi"
_COMMUNES = {"21028": "Phường Nghĩa Lộ", "21400": "Xã Mộ Đức"}


@dataclass(frozen=True, slots=True)
class Business:
    """One registered business as the wire has it."""

    code: str
    name: str
    kind: str
    founded: str
    status: str
    commune_code: str
    street: str
    full_address: str
    representative: str
    position: str

    def wire(self) -> dict[str, Any]:
        """`MainInformation`, `HOAdress`, `Representatives`: interop of the register, spelled as its clients do."""
        return {
            "MainInformation": {
                "ENTERPRISE_CODE": self.code, "ENTERPRISE_GDT_CODE": self.code, "NAME": self.name, "SHORT_NAME": "",
                "NAME_F": "", "ENTERPRISE_TYPE_NAME": self.kind, "FOUNDING_DATE": self.founded,
                "ENTERPRISE_STATUS_NAME": self.status,
            },
            "HOAdress": {
                "CountryName": "Việt Nam", "CityID": _PROVINCE, "CityName": _PROVINCE_NAME, "WardID": self.commune_code,
                "WardName": _COMMUNES.get(self.commune_code, ""), "StreetNumber": self.street,
                "AddressFullText": self.full_address,
            },
            "Representatives": [{"FULL_NAME": self.representative.upper(), "POSITION_NAME": self.position}],
        }  # fmt: skip


class Register:
    """Businesses by tax code."""

    def __init__(self, file: Path) -> None:
        data = load_yaml(file.read_text(encoding="utf-8"))
        people = {one["personal_id"]: one for one in data["people"]}
        self._known = {
            one["organisation_id"]: Business(
                code=one["organisation_id"], name=one["organisation_name"].upper(), kind="Công ty TNHH một thành viên",
                founded="15/03/2019", status="Đang hoạt động", commune_code="21028",
                street=one["address"].partition(",")[0], full_address=one["address"],
                representative=people[one["representative"]]["full_name"], position="Giám đốc",
            )
            for one in data.get("enterprises", [])
        }  # fmt: skip
        self._known |= {key: _household(key, person) for key, person in people.items()}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, code: str) -> Business | None:
        """The business; None for what is no tax code. Codes whose middle is 9999 belong to nobody."""
        known = self._known.get(code)
        if known is not None:
            return known
        try:
            code = str(check_tax_code(code))
        except IdentifierError:
            return None
        if len(code) != 10 or code[4:8] == "9999":
            return None
        street = "Thôn Mẫu"
        return Business(
            code=code, name=f"CÔNG TY TNHH THỬ NGHIỆM {code[-4:]}", kind="Công ty TNHH hai thành viên trở lên",
            founded=f"{int(code[-2:]) % 28 + 1:02d}/06/2020", status="Đang hoạt động", commune_code="21400",
            street=street, full_address=f"{street}, xã Mộ Đức, tỉnh Quảng Ngãi",
            representative="Người Thử Nghiệm Một", position="Giám đốc",
        )  # fmt: skip

    def other(self, code: str) -> Business | None:
        """Another business, for a register that answers the wrong question."""
        return next((one for key, one in self._known.items() if key != code), None)


def _household(key: str, person: dict[str, Any]) -> Business:
    made = Business(
        code=key, name=f"HỘ KINH DOANH {person['full_name'].upper()}", kind="Hộ kinh doanh", founded="01/07/2025",
        status="Đang hoạt động", commune_code=str(person.get("commune_code", "")),
        street=person["address"].partition(",")[0], full_address=person["address"], representative=person["full_name"],
        position="Chủ hộ kinh doanh",
    )  # fmt: skip
    ended = int(key[-2:]) % 10 == 8
    return replace(made, status="Đã chấm dứt hoạt động") if ended else made
