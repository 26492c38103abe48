"""What may be asked about the archive. Lists start from the units whose archive work the actor holds."""

from tinhso.apps.archives.queries._lists import (
    count_waiting,
    drafting_units,
    due_count,
    due_units,
    get_list,
    list_lists,
    visible_lists,
)
from tinhso.apps.archives.queries._packages import (
    dip_to_make,
    file_to_pack,
    files_to_keep,
    files_to_pack,
    find_package,
    get_package_file,
    get_use_file,
    kept_file_of,
    list_uses,
    receipt_pdf,
    rules_now,
)
from tinhso.apps.archives.queries._retention import files_not_archived

__all__ = [
    "count_waiting",
    "dip_to_make",
    "drafting_units",
    "due_count",
    "due_units",
    "file_to_pack",
    "files_not_archived",
    "files_to_keep",
    "files_to_pack",
    "find_package",
    "get_list",
    "get_package_file",
    "get_use_file",
    "kept_file_of",
    "list_lists",
    "list_uses",
    "receipt_pdf",
    "rules_now",
    "visible_lists",
]
