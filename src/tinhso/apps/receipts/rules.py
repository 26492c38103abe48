"""What a receipt says, as XML; names masked; numbers compared. Plain Python."""

from collections.abc import Iterable, Sequence
from typing import Any

from lxml import etree

from tinhso.apps.receipts.data import ReceiptFacts, UsedNumber

_SPACE = "urn:tinhso:bien-lai:1"
_PLAIN: Any = {None: _SPACE}  # the stubs of the library know no default namespace


def spelled(number: int, digits: int) -> str:
    """A number as it is printed: seven digits by the usual form (số biên lai)."""
    return f"{number:0{digits}d}"


def receipt_xml(facts: ReceiptFacts) -> bytes:
    """A receipt as XML, the same bytes for the same facts.

    The element names follow the habit of the tax office's invoices. The schema of receipts under NĐ 254/2026 was not at
    hand: what it names otherwise is changed here and nowhere else.
    """
    root = etree.Element("BienLai", nsmap=_PLAIN)
    data = _add(root, "DLBLai", Id=f"bl-{facts.uuid}")
    common = _add(data, "TTChung")
    for name, value in (
        ("PBan", "1"), ("THDon", facts.template_name), ("KHMBLai", facts.template_code), ("KHBLai", facts.series),
        ("SBLai", facts.number), ("NLap", facts.issued_on.isoformat()), ("DVTTe", "VND"), ("HTTToan", facts.method),
        ("TGNop", facts.paid_at.isoformat()), ("MTCuu", facts.check_code), ("MHSo", facts.case_code),
    ):  # fmt: skip
        _add(common, name, value)
    if facts.replaces:
        linked = _add(common, "TTBLLQuan", TCBLai="1")  # 1: replaces another one
        for name, value in (
            ("KHSBLai", facts.replaces), ("NLap", facts.replaces_on.isoformat() if facts.replaces_on else ""),
            ("LDo", facts.reason),
        ):  # fmt: skip
            _add(linked, name, value)
    content = _add(data, "NDBLai")
    agency = _add(content, "TCThu")
    for name, value in (("Ten", facts.agency), ("MST", facts.tax_code), ("CQCQuan", facts.agency_parent)):
        _add(agency, name, value)
    payer = _add(content, "NNop")
    for name, value in (("Ten", facts.payer_name), ("SDDanh", facts.payer_id), ("DChi", facts.payer_address)):
        _add(payer, name, value)
    items = _add(content, "DSKThu")
    for position, line in enumerate(facts.lines, 1):
        item = _add(items, "KThu")
        loai = "le_phi" if line.kind == "charge" else "phi"
        for name, value in (
            ("STT", str(position)),
            ("Ten", line.name),
            ("Loai", loai),
            ("STien", str(line.amount_vnd)),
        ):
            _add(item, name, value)
    _add(content, "TgTien", str(facts.amount_vnd))
    _add(content, "TgTBChu", facts.amount_words)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made


def masked(name: str) -> str:
    """The payer's name so that who has the receipt recognises it: `N••• T•• Đào`."""
    words = name.split()
    return " ".join([word[0] + "•" * max(len(word) - 1, 1) for word in words[:-1]] + words[-1:])


def gaps(numbers: Iterable[int]) -> list[int]:
    """The numbers that are missing between 1 and the highest."""
    held = set(numbers)
    return [number for number in range(1, max(held, default=0) + 1) if number not in held]


def compare(ours: Sequence[UsedNumber], theirs: Sequence[UsedNumber]) -> list[str]:
    """Where our receipts and the provider's list do not agree, in sentences. `key` is the receipt's own name."""
    told: list[str] = []
    by_key: dict[str, list[UsedNumber]] = {}
    for one in theirs:
        by_key.setdefault(one.key, []).append(one)
    known = {one.key: one for one in ours}
    for one in ours:
        found = by_key.get(one.key, [])
        label = f"{one.series} số {one.number}"
        if not found:
            told.append(f"Biên lai {label}: nhà cung cấp không có.")
        for other in found:
            if (other.series, other.number) != (one.series, one.number):
                told.append(
                    f"Biên lai {label}: nhà cung cấp còn ghi {other.series} số {other.number} cho cùng khoản thu."
                )
            elif other.amount_vnd != one.amount_vnd:
                told.append(
                    f"Biên lai {label}: ta ghi {one.amount_vnd} đồng, nhà cung cấp ghi {other.amount_vnd} đồng."
                )
            elif other.cancelled != one.cancelled:
                state = "đã hủy" if other.cancelled else "còn hiệu lực"
                told.append(f"Biên lai {label}: nhà cung cấp ghi {state}, ta ghi khác.")
    told += [
        f"Nhà cung cấp có {one.series} số {one.number}, ta không có biên lai ấy."
        for one in theirs
        if one.key not in known
    ]
    return told


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, name, attributes)
    if text:
        made.text = text
    return made
