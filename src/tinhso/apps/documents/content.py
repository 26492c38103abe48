"""The list of shared letters and the retention periods of files, as typed objects."""

from pathlib import Path
from typing import Any

from tinhso.apps.documents.data import LetterForm, RetentionKind
from tinhso.apps.documents.enums import SignedBy
from tinhso.lib.yamltext import load_yaml

FILE = Path("letters/letters.yaml")
SAMPLES = Path("letters/samples/letters.yaml")
RETENTION = Path("retention/files.yaml")
_LONGEST_YEARS, _LONGEST_BASIS = 200, 300
_KEYS = {"key", "form", "name", "template", "number_format", "book", "signed_by", "assumed", "data", "cites"}


class LettersError(ValueError):
    """The list of letters is wrong; the message names every problem."""


class RetentionError(ValueError):
    """The list of retention periods is wrong; the message names every problem."""


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


def load_retention(root: Path) -> dict[str, RetentionKind]:
    """How long files are kept, by kind: `content/retention/files.yaml`; no file, no kinds.

    Raises:
        RetentionError: with all problems found, each with the key of its kind.
    """
    if not (root / RETENTION).exists():
        return {}
    kinds: dict[str, RetentionKind] = {}
    problems: list[str] = []
    for item in load_yaml((root / RETENTION).read_text(encoding="utf-8"))["kinds"]:
        key = str(item.get("key", "?"))
        found = list(_kind_problems(item, known=kinds))
        problems.extend(f"{key}: {problem}" for problem in found)
        if not found:
            kinds[key] = RetentionKind(
                key=key, name=item["name"], years=item["years"], basis=item["basis"], assumed=bool(item.get("assumed"))
            )
    if problems:
        raise RetentionError("; ".join(problems))
    return kinds


def check(root: Path) -> list[str]:
    """What is wrong with the list of retention periods, as sentences."""
    try:
        load_retention(root)
    except (RetentionError, KeyError, TypeError, AttributeError) as error:
        return [f"{RETENTION}: {error}"]
    return []


def _kind_problems(item: dict[str, Any], *, known: dict[str, RetentionKind]) -> list[str]:
    missing = {"key", "name", "years", "basis"} - item.keys()
    if missing:
        return [f"thiếu {', '.join(sorted(missing))}"]
    problems = []
    if strange := item.keys() - {"key", "name", "years", "basis", "assumed"}:
        problems.append(f"khóa lạ: {', '.join(sorted(strange))}")
    if item["key"] in known:
        problems.append("trùng khóa")
    years = item["years"]
    if years is not None and (not isinstance(years, int) or not 1 <= years <= _LONGEST_YEARS):
        problems.append(f"years là số năm từ 1 đến {_LONGEST_YEARS}, để trống khi lưu vĩnh viễn")
    if not item["basis"] or len(item["basis"]) > _LONGEST_BASIS:
        problems.append(f"basis phải có và dài không quá {_LONGEST_BASIS} ký tự")
    return problems
