"""Permissions are enum members with dotted, stable codes; roles (content/roles) refer to those codes."""

from enum import StrEnum

registry: dict[str, "Permission"] = {}


class Permission(StrEnum):
    """Base of each app's permission enum (quyền): `RECEIVE = "case.receive"` with a docstring naming the legal act."""

    def __init__(self, _value: str) -> None:
        registry[str(self.value)] = self
