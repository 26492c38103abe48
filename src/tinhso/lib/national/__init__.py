"""The national public-service portal's words on the wire (Cổng Dịch vụ công quốc gia): values, cases, progress.

Pure: no clock, no network, no knowledge of our own cases.
"""

from tinhso.lib.national.dossier import (
    Component,
    Dossier,
    Fee,
    Identity,
    OnlinePayment,
    Progress,
    ResultPaper,
    SupplementRound,
)
from tinhso.lib.national.values import WireError, flag, read_flag, read_stamp, stamp

__all__ = [
    "Component",
    "Dossier",
    "Fee",
    "Identity",
    "OnlinePayment",
    "Progress",
    "ResultPaper",
    "SupplementRound",
    "WireError",
    "flag",
    "read_flag",
    "read_stamp",
    "stamp",
]
