"""Biểu mẫu điện tử như dữ liệu (forms as data): one language, one engine, no database, no clock.

    form = parse_form(yaml_data)                # FormError lists every problem
    problems = check_form(form)                 # dead conditions, unknown names, missing texts
    state = evaluate(form, answers, context=…)  # what is asked, required, computed
    result = validate(form, answers, context=…) # clean answers and errors

Callers give `context` with `today` (ISO date), and as they have them `applicant`, `channel`, `lookup`, `files`.
The language is described in docs/reference/forms.md.
"""

from tinhso.lib.forms.answers import AddressLookup, FileLookup
from tinhso.lib.forms.cel import Context, Expression, ExpressionError, compile_expression
from tinhso.lib.forms.checking import check_condition, check_expression, check_form, sample
from tinhso.lib.forms.engine import FieldError, State, Validated, evaluate, expression_variables, validate
from tinhso.lib.forms.json_schemas import json_schema
from tinhso.lib.forms.language import Field, FieldType, Form, Option, Repeat, Section
from tinhso.lib.forms.parsing import FormError, Problem, parse_form
from tinhso.lib.forms.prefill import initial
from tinhso.lib.forms.presentation import SummaryRow, SummarySection, display, display_address, summary
from tinhso.lib.forms.sentences import row_name

__all__ = [
    "AddressLookup",
    "Context",
    "Expression",
    "ExpressionError",
    "Field",
    "FieldError",
    "FieldType",
    "FileLookup",
    "Form",
    "FormError",
    "Option",
    "Problem",
    "Repeat",
    "Section",
    "State",
    "SummaryRow",
    "SummarySection",
    "Validated",
    "check_condition",
    "check_expression",
    "check_form",
    "compile_expression",
    "display",
    "display_address",
    "evaluate",
    "expression_variables",
    "initial",
    "json_schema",
    "parse_form",
    "row_name",
    "sample",
    "summary",
    "validate",
]
