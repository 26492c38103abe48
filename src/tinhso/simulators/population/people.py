"""The people it knows: those of the demo, and anybody whose personal id is typed, made from its digits."""

from dataclasses import dataclass
from pathlib import Path

from tinhso.lib.identifiers import IdentifierError
from tinhso.lib.text import fold
from tinhso.lib.yamltext import load_yaml
from tinhso.simulators.identity.people import Subject, load_subjects, typed_subject

_PROVINCE = "51"
POPULATION = 1_000_000
_FIRST_YEAR, _YEARS = 1940, 80


@dataclass(frozen=True, slots=True)
class Resident:
    """One person as the register knows him."""

    person: Subject
    commune_code: str

    @property
    def name_parts(self) -> tuple[str, str, str]:
        """Family name, middle names, given name, in capitals."""
        words = self.person.full_name.upper().split()
        return words[0], " ".join(words[1:-1]), words[-1] if len(words) > 1 else ""

    @property
    def birth(self) -> str:
        """`19910412`."""
        return self.person.birth_date.replace("-", "")

    def is_called(self, name: str, birth: str) -> bool:
        """Whether name (any case, any way of writing tone marks) and birth date or year are his."""
        same_name = " ".join(fold(name).split()) == " ".join(fold(self.person.full_name).split())
        return same_name and bool(birth) and self.birth.startswith(birth) and len(birth) in {4, 8}


class Register:
    """Residents by personal id."""

    def __init__(self, file: Path) -> None:
        communes = {
            one["personal_id"]: one.get("commune_code", "")
            for one in load_yaml(file.read_text(encoding="utf-8"))["people"]
        }
        self._known = {
            key: Resident(one, communes.get(key, ""))
            for key, one in load_subjects(file).items()
            if not one.is_enterprise
        }

    def __len__(self) -> int:
        return len(self._known)

    def find(self, personal_id: str) -> Resident | None:
        """The person; None for what is no personal id. Ids that end in 0000 belong to nobody."""
        known = self._known.get(personal_id)
        if known is not None:
            return known
        try:
            made = typed_subject(personal_id)
        except IdentifierError:
            return None
        return None if personal_id.endswith("0000") else Resident(made, "21400")

    def numbered(self, number: int) -> Resident | None:
        """The person of a place in a population of a million: worked out from the number, kept nowhere.

        Each number below 1,000,000 is another person, the same at every start; one in ten thousand is nobody.
        """
        if not 0 <= number < POPULATION:
            return None
        year, sex = _FIRST_YEAR + number % _YEARS, number // _YEARS % 2
        mark = sex + 2 * ((year - 1900) // 100)
        return self.find(f"0{_PROVINCE}{mark}{year % 100:02d}{number:06d}")

    @staticmethod
    def province() -> str:
        """The province all of them live in."""
        return _PROVINCE
