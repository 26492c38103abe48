"""The lists, read from the content of this checkout once, at the first question: the nation knows what the province knows."""

from functools import cached_property
from pathlib import Path
from typing import Any

from tinhso.lib.yamltext import load_yaml

_PROVINCE = ("51", "Quảng Ngãi")
_KINDS = {"ward": "Phường", "commune": "Xã", "special_zone": "Đặc khu"}


class Lists:
    """Shared catalogues of one content folder."""

    def __init__(self, content: Path) -> None:
        self._content = content

    @cached_property
    def areas(self) -> list[dict[str, Any]]:
        """`{id, ma, ten, cap, chaId}`: the province (level 1) and its communes (level 2)."""
        code, name = _PROVINCE
        rows: list[dict[str, Any]] = [{"id": 1, "ma": code, "ten": f"Tỉnh {name}", "cap": 1, "chaId": None}]
        for number, one in enumerate(self._units("communes.yaml")["communes"], start=2):
            name = f"{_KINDS[one['kind']]} {one['name']}"
            rows.append({"id": number, "ma": one["gso"], "ten": name, "cap": 2, "chaId": 1})
        return rows

    @cached_property
    def agencies(self) -> list[dict[str, str]]:
        """`{MADONVI, TENDONVI}`: departments and communes."""
        prefix = str(self._units("province.yaml")["province"]["code"])
        departments = [
            {"MADONVI": f"{prefix}.{one['code']}", "TENDONVI": one["name"]}
            for one in self._units("departments.yaml")["departments"]
        ]
        communes = [
            {
                "MADONVI": f"{prefix}.{one['code']}",
                "TENDONVI": f"Ủy ban nhân dân {_KINDS[one['kind']].lower()} {one['name']}",
            }
            for one in self._units("communes.yaml")["communes"]
        ]
        return [*departments, *communes]

    @cached_property
    def procedures(self) -> dict[str, dict[str, Any]]:
        """By code, what the packages of this checkout say of a procedure."""
        found = {}
        for file in sorted((self._content / "procedures").glob("*/*/procedure.yaml")):
            one = load_yaml(file.read_text(encoding="utf-8"))
            found[str(one["code"])] = {
                "MATTHC": str(one["code"]), "TENTTHC": one["name"], "LINHVUC": one["field"], "CAPTHUCHIEN": one["level"],
                "COQUANTHUCHIEN": one.get("agency", ""),
            }  # fmt: skip
        return found

    @cached_property
    def fields(self) -> list[dict[str, str]]:
        """`{MALINHVUC, TENLINHVUC}` of the procedures, numbered in the order of their names."""
        names = sorted({one["LINHVUC"] for one in self.procedures.values()})
        return [{"MALINHVUC": f"LV{number:03d}", "TENLINHVUC": name} for number, name in enumerate(names, start=1)]

    def _units(self, name: str) -> dict[str, Any]:
        file = next(self._content.glob(f"units/*/{name}"))
        found: dict[str, Any] = load_yaml(file.read_text(encoding="utf-8"))
        return found
