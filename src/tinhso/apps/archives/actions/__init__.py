"""What changes the archive: lists, packages, use. Everything here is public but `_common`."""

from tinhso.apps.archives.actions._lists import (
    accept_list,
    approve_list,
    leave_out_file,
    open_list,
    retry_packaging,
    return_list,
    submit_list,
)
from tinhso.apps.archives.actions._packages import (
    record_aip,
    record_aip_renewed,
    record_dip,
    record_packaging_failed,
    record_sip,
    request_use,
)

__all__ = [
    "accept_list",
    "approve_list",
    "leave_out_file",
    "open_list",
    "record_aip",
    "record_aip_renewed",
    "record_dip",
    "record_packaging_failed",
    "record_sip",
    "request_use",
    "retry_packaging",
    "return_list",
    "submit_list",
]
