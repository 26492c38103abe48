"""Tỉnh, xã của cả nước (provinces and communes of the whole nation, a reference list for addresses).

One file an edition, `content/places/*.tsv`, from its `valid_from` until the next one's. A line is a province
(`51<tab>t<tab>Quảng Ngãi`) or, indented by a tab, a commune of the province above. These are names to choose an address
from; the units that resolve cases are those of the directory.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_PROVINCES = {"t": "Tỉnh", "tp": "Thành phố"}
_COMMUNES = {"x": "Xã", "p": "Phường", "dk": "Đặc khu"}
_PROVINCE_CODE, _COMMUNE_CODE = re.compile(r"[0-9]{2}"), re.compile(r"[0-9]{5}")


class PlacesError(ValueError):
    """Danh mục tỉnh, xã không đọc được (`problems`: one sentence a line that is wrong)."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Edition:
    """Danh mục từ một ngày: `provinces` are (code, full name), `communes` (code, full name, province code), by alphabet."""

    valid_from: date
    provinces: tuple[tuple[str, str], ...]
    communes: tuple[tuple[str, str, str], ...]


def parse_edition(text: str, *, file: str = "") -> Edition:
    """One edition from the text of its file; order is kept.

    Raises:
        PlacesError: every line that is wrong, and a list without a day.
    """
    return _Reading(file).read(text)


def load_editions(folder: Path) -> tuple[Edition, ...]:
    """Every edition of a folder, oldest first; none when there is no such folder.

    Raises:
        PlacesError: a file that is wrong, or two editions from one day.
    """
    found = [parse_edition(path.read_text(encoding="utf-8"), file=path.name) for path in sorted(folder.glob("*.tsv"))]
    days = [edition.valid_from for edition in found]
    if len(set(days)) < len(days):
        raise PlacesError(["Hai danh mục tỉnh, xã cùng một ngày bắt đầu."])
    return tuple(sorted(found, key=lambda edition: edition.valid_from))


@cache
def known_editions(folder: Path) -> tuple[Edition, ...]:
    """`load_editions`, read once in a process."""
    return load_editions(folder)


def edition_on(editions: Sequence[Edition], day: date) -> Edition | None:
    """The edition of a day; None before the first."""
    return next((edition for edition in reversed(editions) if edition.valid_from <= day), None)


class _Reading:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[str] = []
        self.valid_from: date | None = None
        self.provinces: dict[str, str] = {}
        self.communes: dict[str, tuple[str, str]] = {}
        self.province = ""

    def read(self, text: str) -> Edition:
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            problem = self._read_line(line)
            if problem:
                self.problems.append(f"{self.file}, dòng {number}: {problem}")
        if self.valid_from is None:
            self.problems.append(f"{self.file}: thiếu ngày bắt đầu (valid_from).")
        if self.problems or self.valid_from is None:
            raise PlacesError(self.problems)
        communes = tuple((code, name, owner) for code, (name, owner) in self.communes.items())
        return Edition(self.valid_from, tuple(self.provinces.items()), communes)

    def _read_line(self, line: str) -> str:
        match line.split("\t"):
            case ["valid_from", day]:
                return self._read_day(day)
            case ["", code, kind, name] if _COMMUNE_CODE.fullmatch(code) and kind in _COMMUNES and name.strip():
                if not self.province:
                    return "xã phải đứng dưới một tỉnh."
                if code in self.communes:
                    return f"mã {code} đã có ở trên."
                self.communes[code] = (f"{_COMMUNES[kind]} {name.strip()}", self.province)
            case [code, kind, name] if _PROVINCE_CODE.fullmatch(code) and kind in _PROVINCES and name.strip():
                if code in self.provinces:
                    return f"mã {code} đã có ở trên."
                self.provinces[code] = f"{_PROVINCES[kind]} {name.strip()}"
                self.province = code
            case _:
                return "phải gồm mã, loại và tên, cách nhau bằng tab."
        return ""

    def _read_day(self, day: str) -> str:
        try:
            self.valid_from = date.fromisoformat(day.strip())
        except ValueError:
            return "ngày phải có dạng 2025-07-01."
        return ""
