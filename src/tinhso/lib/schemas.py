"""Holding a value against its JSON Schema (2020-12)."""

from collections.abc import Mapping
from typing import Any


def breaches(schema: Mapping[str, Any], value: Any) -> list[str]:
    """Where the value breaks the schema and how, one line each: `accounts[0].bank: 'x' is too short`. Dates are judged
    as dates."""
    # Slow to import: half a process's start, for what few processes do.
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [
        f"{error.json_path.removeprefix('$').removeprefix('.')}: {error.message}"
        for error in checker.iter_errors(value)
    ]
