"""Mã số (identifiers): personal ids, tax codes, phones, card QR texts, case codes, organisation codes, certificate serials.

Everything here is plain Python: text in, value out. A text that is not what it should be raises `IdentifierError`,
whose message is one plain Vietnamese sentence fit to show beside a field.
"""

from tinhso.lib.identifiers.cards import CardData, parse_card_qr
from tinhso.lib.identifiers.codes import CaseCode, OrgCode, certificate_serial
from tinhso.lib.identifiers.contacts import format_phone, parse_phone
from tinhso.lib.identifiers.errors import IdentifierError
from tinhso.lib.identifiers.persons import (
    PROVINCES_OF_BIRTH,
    PersonalId,
    Sex,
    check_tax_code,
    mask_personal_id,
    parse_personal_id,
)

__all__ = [
    "PROVINCES_OF_BIRTH",
    "CardData",
    "CaseCode",
    "IdentifierError",
    "OrgCode",
    "PersonalId",
    "Sex",
    "certificate_serial",
    "check_tax_code",
    "format_phone",
    "mask_personal_id",
    "parse_card_qr",
    "parse_personal_id",
    "parse_phone",
]
