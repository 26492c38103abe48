"""What we tell the national portal of a case, and how both sides are compared. Pure: values in, values out."""

from tinhso.apps.reconciliation.rules._comparing import compare
from tinhso.apps.reconciliation.rules._flags import FLAG_ACTS, flags_of
from tinhso.apps.reconciliation.rules._telling import TOLD, dossier_of, progress_of, refused_at, status_in_words

__all__ = [
    "FLAG_ACTS",
    "TOLD",
    "compare",
    "dossier_of",
    "flags_of",
    "progress_of",
    "refused_at",
    "status_in_words",
]
