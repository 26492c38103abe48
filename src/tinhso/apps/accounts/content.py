"""Reads roles (`content/roles/*.yaml`): one file a role, named after it, that an auditor can read and object to; and the
words that make no password (`content/passwords/words.yaml`)."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tinhso.apps.accounts.data import PasswordWords, RoleData
from tinhso.lib.schemas import breaches
from tinhso.lib.yamltext import load_yaml

WORDS_FILE = Path("passwords/words.yaml")

_KEYS = {"role", "name", "purpose", "permissions", "incompatible_with", "legal_basis"}
_REQUIRED = {"role", "name", "purpose", "permissions"}


class RoleFileError(ValueError):
    """Role files are wrong; the message lists every problem, one a line."""


def load_roles(folder: Path) -> dict[str, RoleData]:
    """Every role of a folder by code, in order of code.

    Raises:
        RoleFileError: a file is not of the shape; all problems of all files are listed.
    """
    roles: dict[str, RoleData] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        data = load_yaml(path.read_text(encoding="utf-8"))
        found = _shape_problems(path, data)
        problems += found
        if not found:
            roles[data["role"]] = _role(data)
    if not roles and not problems:
        problems.append(f"{folder}: không có vai trò nào")
    if problems:
        raise RoleFileError("\n".join(problems))
    return roles


def check_roles(folder: Path, *, known_permissions: Collection[str]) -> list[str]:
    """What is wrong with the role files, as Vietnamese sentences with their place; empty when nothing is."""
    try:
        roles = load_roles(folder)
    except RoleFileError as error:
        return str(error).splitlines()
    problems = []
    for role in roles.values():
        place = f"{folder / role.code}.yaml"
        problems += [f"{place}: không có quyền {p}" for p in role.permissions if p not in known_permissions]
        for other in role.incompatible_with:
            if other not in roles:
                problems.append(f"{place}: không có vai trò {other}")
            elif role.code not in roles[other].incompatible_with:
                problems.append(f"{place}: {other} không ghi là không đi cùng {role.code}")
    return problems


def _shape_problems(path: Path, data: Any) -> list[str]:
    if not isinstance(data, dict):
        return [f"{path}: phải là các cặp khóa và giá trị"]
    problems = [f"{path}: thiếu {key}" for key in sorted(_REQUIRED - data.keys())]
    problems += [f"{path}: không hiểu {key}" for key in sorted(data.keys() - _KEYS)]
    for key in ("role", "name", "purpose"):
        if key in data and not (isinstance(data[key], str) and data[key].strip()):
            problems.append(f"{path}: {key} phải là chữ")
    for key in ("permissions", "incompatible_with", "legal_basis"):
        values = data.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            problems.append(f"{path}: {key} phải là danh sách chữ")
        elif len(set(values)) != len(values):
            problems.append(f"{path}: {key} có mục lặp lại")
    if data.get("permissions") == []:
        problems.append(f"{path}: vai trò phải có ít nhất một quyền")
    if data.get("role") != path.stem:
        problems.append(f"{path}: tên tệp phải là {data.get('role')}.yaml")
    return problems


def _role(data: dict[str, Any]) -> RoleData:
    return RoleData(
        code=data["role"],
        name=data["name"],
        purpose=data["purpose"].strip(),
        permissions=tuple(data["permissions"]),
        incompatible_with=tuple(data.get("incompatible_with", [])),
        legal_basis=tuple(data.get("legal_basis", [])),
    )


class PasswordWordsError(ValueError):
    """The list of words is wrong; the message names every problem."""


def schemas() -> dict[str, Any]:
    """JSON Schema of the list of words, for editors and for the check."""
    words = {"type": "array", "items": {"type": "string", "minLength": 2, "maxLength": 60}, "uniqueItems": True}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Từ không làm nên mật khẩu"}
    properties = {"version": {"const": 1}, "words": words | {"minItems": 1}, "generic": words}
    return {
        "password-words.schema.json": head
        | {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}
    }


@lru_cache(maxsize=4)
def load_password_words(root: Path) -> PasswordWords:
    """The words; read once a process. Content without the file has none.

    Raises:
        PasswordWordsError: with all problems found.
    """
    if not (root / WORDS_FILE).exists():
        return PasswordWords(words=(), generic=())
    try:
        value = load_yaml((root / WORDS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PasswordWordsError(f"không đọc được: {error}") from error
    if problems := breaches(schemas()["password-words.schema.json"], value):
        raise PasswordWordsError("; ".join(problems))
    return PasswordWords(words=tuple(value["words"]), generic=tuple(value["generic"]))


def check(root: Path) -> list[str]:
    """What is wrong with the list of words, as sentences."""
    try:
        load_password_words(root)
    except PasswordWordsError as error:
        return [f"{WORDS_FILE}: {part}" for part in str(error).split("; ")]
    return []
