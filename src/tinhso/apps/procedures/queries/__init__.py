"""Reading the catalogue. Other apps and interfaces call only what is named here; the catalogue is public."""

from tinhso.apps.procedures.queries._lists import (
    count_procedures,
    get_import,
    import_as_staged,
    list_fields,
    list_import_items,
    list_imports,
    list_life_events,
    list_procedures,
    list_procedures_of_event,
    list_summaries,
)
from tinhso.apps.procedures.queries._plan import plan_curated, plan_packages, plan_synonyms
from tinhso.apps.procedures.queries._search import get_synonyms, list_synonym_sets, search_procedures
from tinhso.apps.procedures.queries._versions import (
    get_package,
    get_version,
    get_version_by_id,
    list_groups,
    list_versions,
)
from tinhso.apps.procedures.rules import applicable_documents, choose_limit, compute_fees, holds

__all__ = [
    "applicable_documents",
    "choose_limit",
    "compute_fees",
    "count_procedures",
    "get_import",
    "get_package",
    "get_synonyms",
    "get_version",
    "get_version_by_id",
    "holds",
    "import_as_staged",
    "list_fields",
    "list_groups",
    "list_import_items",
    "list_imports",
    "list_life_events",
    "list_procedures",
    "list_procedures_of_event",
    "list_summaries",
    "list_synonym_sets",
    "list_versions",
    "plan_curated",
    "plan_packages",
    "plan_synonyms",
    "search_procedures",
]
