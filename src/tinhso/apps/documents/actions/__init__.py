"""Storing files, keeping their keys, disposing of them; giving papers their numbers."""

from tinhso.apps.documents.actions._disposal import (
    clear_content,
    decide_disposal,
    dispose_file,
    finish_disposal,
    propose_disposal,
    start_retention,
)
from tinhso.apps.documents.actions._examination import finish_previews, keep_preview, record_scan
from tinhso.apps.documents.actions._files import store_file
from tinhso.apps.documents.actions._keys import add_file_key, move_content, rewrap_keys, seal_content
from tinhso.apps.documents.actions._numbers import cancel_number, issue_number, reserve_number
from tinhso.apps.documents.actions._uploads import append_upload, end_upload, finish_upload, forget_upload, start_upload

__all__ = [
    "add_file_key",
    "append_upload",
    "cancel_number",
    "clear_content",
    "decide_disposal",
    "dispose_file",
    "end_upload",
    "finish_disposal",
    "finish_previews",
    "finish_upload",
    "forget_upload",
    "issue_number",
    "keep_preview",
    "move_content",
    "propose_disposal",
    "record_scan",
    "reserve_number",
    "rewrap_keys",
    "seal_content",
    "start_retention",
    "start_upload",
    "store_file",
]
