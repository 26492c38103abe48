"""What may be asked about cases. Every list starts from `visible_to(actor)`."""

from tinhso.apps.cases.queries._case import (
    available_actions,
    candidates_for_step,
    case_as_filed,
    explain_deadline,
    form_of,
    get_case,
    get_draft,
    get_package,
    get_result_file,
    list_papers,
    needed_documents,
    open_case,
    time_bar_of,
    timeline_of,
)
from tinhso.apps.cases.queries._letters import draft_pdf, paper_pdf, result_pdf
from tinhso.apps.cases.queries._lists import (
    CasePage,
    ListedCase,
    Shelf,
    counts,
    list_cases,
    my_cases,
    overdue_supplements,
    worklist,
)
from tinhso.apps.cases.queries._public import check_paper, find_by_digest, track_case
from tinhso.apps.cases.queries._visibility import visible_to

__all__ = [
    "CasePage",
    "ListedCase",
    "Shelf",
    "available_actions",
    "candidates_for_step",
    "case_as_filed",
    "check_paper",
    "counts",
    "draft_pdf",
    "explain_deadline",
    "find_by_digest",
    "form_of",
    "get_case",
    "get_draft",
    "get_package",
    "get_result_file",
    "list_cases",
    "list_papers",
    "my_cases",
    "needed_documents",
    "open_case",
    "overdue_supplements",
    "paper_pdf",
    "result_pdf",
    "time_bar_of",
    "timeline_of",
    "track_case",
    "visible_to",
    "worklist",
]
