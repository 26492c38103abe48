"""Reading files, numbers and letters; typesetting papers.

For other apps and pages: what `__all__` names down to `typeset_paper`. What follows it serves this app and operators.
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
    "get_file", "list_files", "open_file", "read_file", "list_previews", "open_preview", "get_upload",
    "get_book_entry", "list_book_entries", "get_letter", "list_letters", "typeset_letter", "typeset_paper",
    "blob_of", "chosen_store", "content_of", "contents_to", "data_key", "entry_data", "expired_uploads", "file_data",
    "files_folder", "find_upload", "is_held", "keys_in_use", "known_blobs", "media_type_of", "offset_of", "open_content",
    "ring", "sealed_copy", "storage", "upload_data",
]  # fmt: skip
