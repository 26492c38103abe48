"""Kinds of documents and settings. Public reference data."""

from pathlib import Path

from django.conf import settings

from tinhso.apps.vault import content, rules
from tinhso.apps.vault.data import DocumentType, VaultSettings, Wanted


def list_types() -> tuple[DocumentType, ...]:
    """Every kind of document (danh mục loại giấy tờ)."""
    return content.load_types(Path(settings.CONTENT_DIR))


def get_settings() -> VaultSettings:
    """What the province has set for vaults."""
    return content.load_settings(Path(settings.CONTENT_DIR))


def type_of_result(*, procedure_code: str, key: str, code: str = "") -> DocumentType | None:
    """The kind a result of a procedure is; `code` is its national code where the package knows one."""
    return rules.type_of(list_types(), kind="results", procedure_code=procedure_code, key=key, code=code)


def type_of_component(*, procedure_code: str, key: str, code: str = "") -> DocumentType | None:
    """The kind a component of a procedure asks for."""
    return rules.type_of(list_types(), kind="components", procedure_code=procedure_code, key=key, code=code)


def copy_types() -> frozenset[str]:
    """The codes of the kinds that are certified copies of other papers."""
    return frozenset(one.code for one in list_types() if one.certified_copy)


def wanted_type(wanted: Wanted) -> str:
    """The code of the kind that a component asks for; empty where none is known."""
    found = type_of_component(procedure_code=wanted.procedure_code, key=wanted.key, code=wanted.code)
    return found.code if found else ""
