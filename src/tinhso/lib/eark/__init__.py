"""E-ARK information packages: METS, PREMIS 3 and a zip file, written and checked as a stream.

Plain Python and lxml: the law (which metadata, which codes, how long) is the caller's affair. The shape is CSIP 2.1 with
its profiles for submission (SIP), archival (AIP) and dissemination (DIP); TT 05/2025/TT-BNV names the folders.
"""

from tinhso.lib.eark.checker import CheckReport, check_package
from tinhso.lib.eark.model import (
    DataFile,
    PackageKind,
    PackageSpec,
    Party,
    PreservationEvent,
    PreservedFile,
    SideFile,
    Written,
)
from tinhso.lib.eark.writer import PackageError, read_preserved, write_package

__all__ = [
    "CheckReport",
    "DataFile",
    "PackageError",
    "PackageKind",
    "PackageSpec",
    "Party",
    "PreservationEvent",
    "PreservedFile",
    "SideFile",
    "Written",
    "check_package",
    "read_preserved",
    "write_package",
]
