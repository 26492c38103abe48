"""Texts that follow from a case's values: what the search looks through, letters in a document number."""

import re
from collections.abc import Mapping
from typing import Any

from tinhso.apps.directory.data import UnitData
from tinhso.apps.directory.enums import UnitKind
from tinhso.lib.amounts import dong
from tinhso.lib.text import fold


def search_text(*, code: str | None, applicant: Mapping[str, Any], procedure_name: str) -> str:
    """What the workspace search looks through: folded, so that "hoa" finds "Hòa"."""
    parts = [code or "", applicant.get("full_name", ""), applicant.get("personal_id", ""), applicant.get("phone", "")]
    plain = " ".join(str(part) for part in parts if part).lower()
    return f"{plain} {fold(str(applicant.get('full_name', '')))} {fold(procedure_name)}"


def abbreviation(unit: UnitData) -> str:
    """The issuing unit's letters in a document number: `UBND`, `SXD`, `TTPVHCC` (chữ viết tắt tên cơ quan, NĐ 30/2020)."""
    if unit.kind.is_administrative:
        return "UBND"
    name = str(unit.kind.label) if unit.kind is UnitKind.ONE_STOP else unit.name
    return "".join(word[0].upper() for word in re.split(r"[\s,–-]+", name) if word and word.lower() != "và")


def fee_words(name: str, amount_vnd: int, basis: str) -> str:
    """What the agency has found to be owed, to the applicant."""
    return (
        f"Phải nộp {dong(amount_vnd)}: {name}. Căn cứ: {basis}. Nộp trực tuyến ở trang hồ sơ, hoặc tại Bộ phận Một cửa."
    )


def refund_words(amount_vnd: int, *, is_paid: bool, in_cash: bool = False) -> str:
    """What goes back to the payer, and whether it has left."""
    if not is_paid:
        return f"Đã duyệt hoàn trả {dong(amount_vnd)}; tiền về tài khoản đã trả, hoặc mời nhận tại Bộ phận Một cửa."
    return f"Đã hoàn trả {dong(amount_vnd)} {'bằng tiền mặt' if in_cash else 'qua ngân hàng'}."
