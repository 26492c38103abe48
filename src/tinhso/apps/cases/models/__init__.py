"""Tables of cases. The log is the history; these rows are the state it has led to."""

from tinhso.apps.cases.models._case import (
    Case,
    CaseDocument,
    CaseStep,
    CodeCounter,
    Paper,
    Rating,
    Result,
    Supplement,
)

__all__ = ["Case", "CaseDocument", "CaseStep", "CodeCounter", "Paper", "Rating", "Result", "Supplement"]
