"""The list of shared letters, `content/letters/letters.yaml`, as typed objects."""

from pathlib import Path
from typing import Any

from tinhso.apps.documents.data import LetterForm
from tinhso.apps.documents.enums import SignedBy
from tinhso.lib.yamltext import load_yaml

FILE = Path("letters/letters.yaml")
SAMPLES = Path("letters/samples/letters.yaml")
_KEYS = {"key", "form", "name", "template", "number_format", "book", "signed_by", "assumed", "data", "cites"}


class LettersError(ValueError):
    """The list of letters is wrong; the message names every problem."""


def load_letters(root: Path) -> dict[str, LetterForm]:
    """Every shared letter by key.

    Raises:
        LettersError: with all problems found, each with the key of its letter.
    """
    source = load_yaml((root / FILE).read_text(encoding="utf-8"))
    basis = f"{source['legal_basis']['article']} Thông tư số {source['legal_basis']['document']}"
    shared_required, shared_optional = _keys(source["shared"])
    problems: list[str] = []
    letters: dict[str, LetterForm] = {}
    for item in source["letters"]:
        key = str(item.get("key", "?"))
        found = list(_problems(item, root, known=letters))
        problems.extend(f"{key}: {problem}" for problem in found)
        if found:
            continue
        required, optional = _keys(item["data"])
        letters[key] = LetterForm(
            key=key,
            name=item["name"],
            form=item["form"],
            template=item["template"],
            number_format=item["number_format"],
            book=item["book"],
            signed_by=item["signed_by"],
            basis=basis,
            required=frozenset(required | shared_required),
            optional=frozenset(optional | shared_optional),
            assumed=bool(item.get("assumed", False)),
            cites=str(item.get("cites", "")),
        )
    if problems:
        raise LettersError("; ".join(problems))
    return letters


def load_samples(root: Path) -> dict[str, dict[str, Any]]:
    """An example of the data of each letter, by key."""
    samples: dict[str, dict[str, Any]] = load_yaml((root / SAMPLES).read_text(encoding="utf-8"))["letters"]
    return samples


def _problems(item: dict[str, Any], root: Path, *, known: dict[str, LetterForm]) -> list[str]:
    problems = []
    missing = _KEYS - {"assumed", "cites"} - item.keys()
    if missing:
        return [f"thiếu {', '.join(sorted(missing))}"]
    if item.keys() - _KEYS:
        problems.append(f"khóa lạ: {', '.join(sorted(item.keys() - _KEYS))}")
    if item["key"] in known:
        problems.append("trùng khóa")
    if not (root / item["template"]).is_file():
        problems.append(f"không có mẫu “{item['template']}”")
    if item["signed_by"] not in SignedBy.values:
        problems.append(f"signed_by “{item['signed_by']}” không có")
    try:
        item["number_format"].format(number="01", unit="UBND")
    except (KeyError, IndexError, ValueError):
        problems.append(f"number_format “{item['number_format']}” chỉ được dùng {{number}} và {{unit}}")
    return problems


def _keys(described: dict[str, str]) -> tuple[set[str], set[str]]:
    """Required and optional keys; an optional one ends in "?"."""
    optional = {key.removesuffix("?") for key in described if key.endswith("?")}
    return {key for key in described if not key.endswith("?")}, optional
