"""Reads roles (`content/roles/*.yaml`): one file a role, named after it, that an auditor can read and object to."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from tinhso.apps.accounts.data import RoleData
from tinhso.lib.yamltext import load_yaml

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
