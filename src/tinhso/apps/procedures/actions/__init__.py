"""What may be done to the catalogue. Other apps and interfaces call only what is named here."""

from tinhso.apps.procedures.actions._background import (
    begin_import,
    fail_import,
    note_progress,
    request_publication,
)
from tinhso.apps.procedures.actions._imports import (
    approve_import,
    discard_import,
    import_catalogue,
    publish_import,
)
from tinhso.apps.procedures.actions._publishing import abolish_procedure, publish_curated, publish_package
from tinhso.apps.procedures.actions._synonyms import publish_synonyms

__all__ = [
    "abolish_procedure",
    "approve_import",
    "begin_import",
    "discard_import",
    "fail_import",
    "import_catalogue",
    "note_progress",
    "publish_curated",
    "publish_import",
    "publish_package",
    "publish_synonyms",
    "request_publication",
]
