"""Rules of the catalogue: pure functions from values to values."""

from tinhso.apps.procedures.rules._bpmn import bpmn_xml, iso_duration
from tinhso.apps.procedures.rules._case import (
    applicable_documents,
    applicable_lookups,
    choose_limit,
    compute_fees,
    condition_holds,
    holds,
    text_of,
)
from tinhso.apps.procedures.rules._process import has_optional_steps, process_graph, take_steps
from tinhso.apps.procedures.rules._search import Lexicon, Question, read_question, score_title, unknown_words
from tinhso.apps.procedures.rules._versions import (
    Span,
    abolish,
    content_digest,
    differences,
    dong,
    fee_label,
    limit_label,
    place_version,
)

__all__ = [
    "Lexicon",
    "Question",
    "Span",
    "abolish",
    "applicable_documents",
    "applicable_lookups",
    "bpmn_xml",
    "choose_limit",
    "compute_fees",
    "condition_holds",
    "content_digest",
    "differences",
    "dong",
    "fee_label",
    "has_optional_steps",
    "holds",
    "iso_duration",
    "limit_label",
    "place_version",
    "process_graph",
    "read_question",
    "score_title",
    "take_steps",
    "text_of",
    "unknown_words",
]
