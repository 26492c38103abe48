"""Storing files, keeping their keys, disposing of them; giving papers their numbers."""

from tinhso.apps.documents.actions._examination import finish_previews, keep_preview, record_scan
from tinhso.apps.documents.actions._files import store_file
from tinhso.apps.documents.actions._keys import add_file_key, move_content, rewrap_keys, seal_content
from tinhso.apps.documents.actions._numbers import cancel_number, issue_number, reserve_number

__all__ = [
    "add_file_key", "cancel_number", "finish_previews", "issue_number", "keep_preview", "move_content", "record_scan",
    "reserve_number", "rewrap_keys", "seal_content", "store_file",
]  # fmt: skip
