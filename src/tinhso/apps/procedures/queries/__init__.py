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
from tinhso.apps.procedures.queries._process import bpmn_of, fixed_unit, places_of, process_of
from tinhso.apps.procedures.queries._search import get_synonyms, list_synonym_sets, search_procedures
from tinhso.apps.procedures.queries._versions import (
    get_package,
    get_version,
    get_version_by_id,
    list_groups,
    list_versions,
)
from tinhso.apps.procedures.rules import (
    applicable_documents,
    applicable_lookups,
    choose_limit,
    compute_fees,
    condition_holds,
    has_optional_steps,
    holds,
    take_steps,
    text_of,
)

__all__ = [
    "applicable_documents",
    "applicable_lookups",
    "bpmn_of",
    "choose_limit",
    "compute_fees",
    "condition_holds",
    "count_procedures",
    "fixed_unit",
    "get_import",
    "get_package",
    "get_synonyms",
    "get_version",
    "get_version_by_id",
    "has_optional_steps",
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
    "places_of",
    "plan_curated",
    "plan_packages",
    "plan_synonyms",
    "process_of",
    "search_procedures",
    "take_steps",
    "text_of",
]
