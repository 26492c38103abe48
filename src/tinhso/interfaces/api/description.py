"""The API's description, completed: which refusals an operation may give, and in which form it gives them."""

from http import HTTPStatus
from typing import Any

_METHODS = frozenset({"delete", "get", "patch", "post", "put"})
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
# Files leave as what they are; the library knows JSON alone.
FILE: dict[int, Any] = {200: {"description": "OK", "content": {"*/*": {"schema": {"type": "string"}}}}}
PDF: dict[int, Any] = {200: {"description": "OK", "content": {"application/pdf": {"schema": {"type": "string"}}}}}


def complete(document: dict[str, Any], problem: dict[str, Any]) -> None:
    """Add to every operation the refusals that follow from its shape, and tell all refusals as problem+json.

    What follows from the shape: a body may be no JSON (400) or too large (413), a value may be wrong (422), who asks may be
    nobody or the wrong one (401, 403), what a path names may not be there (404). Whoever asks too often is told when to come
    back (429, `Retry-After`), whatever was asked.
    """
    document["components"].setdefault("schemas", {})["Problem"] = problem
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in _METHODS:
                _complete(operation)


def _complete(operation: dict[str, Any]) -> None:
    answers = {str(status): told for status, told in operation["responses"].items()}
    for number in _following(operation):
        answers.setdefault(str(number), {"description": HTTPStatus(number).phrase})
    answers["429"].setdefault("headers", {})["Retry-After"] = _RETRY_AFTER
    for status, told in answers.items():
        if int(status) >= 400:
            told["content"] = _PROBLEM
    operation["responses"] = dict(sorted(answers.items()))


def _following(operation: dict[str, Any]) -> set[int]:
    parameters = operation.get("parameters", [])
    found = {429}
    if parameters or "requestBody" in operation:
        found |= {422}
    if "requestBody" in operation:
        found |= {400, 413}
    if operation.get("security"):
        found |= {401, 403}
    if any(one["in"] == "path" for one in parameters):
        found |= {404}
    return found
