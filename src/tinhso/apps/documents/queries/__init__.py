"""Reading files, numbers and letters; typesetting papers.

For other apps and pages: files, previews, uploads, books and letters. What is of `_store` serves this app and operators.
"""

from tinhso.apps.documents.queries._files import (
    data_key,
    file_data,
    files_folder,
    get_file,
    list_files,
    list_previews,
    open_content,
    open_file,
    open_preview,
    read_file,
    ring,
    storage,
)
from tinhso.apps.documents.queries._papers import (
    entry_data,
    get_book_entry,
    get_letter,
    list_book_entries,
    list_letters,
    typeset_letter,
    typeset_paper,
)
from tinhso.apps.documents.queries._scans import scanned_sheets
from tinhso.apps.documents.queries._store import (
    blob_of,
    chosen_store,
    content_of,
    contents_to,
    is_held,
    keys_in_use,
    known_blobs,
    media_type_of,
    sealed_copy,
)
from tinhso.apps.documents.queries._uploads import expired_uploads, find_upload, get_upload, offset_of, upload_data

__all__ = [
    "blob_of",
    "chosen_store",
    "content_of",
    "contents_to",
    "data_key",
    "entry_data",
    "expired_uploads",
    "file_data",
    "files_folder",
    "find_upload",
    "get_book_entry",
    "get_file",
    "get_letter",
    "get_upload",
    "is_held",
    "keys_in_use",
    "known_blobs",
    "list_book_entries",
    "list_files",
    "list_letters",
    "list_previews",
    "media_type_of",
    "offset_of",
    "open_content",
    "open_file",
    "open_preview",
    "read_file",
    "ring",
    "scanned_sheets",
    "sealed_copy",
    "storage",
    "typeset_letter",
    "typeset_paper",
    "upload_data",
]  # fmt: skip
