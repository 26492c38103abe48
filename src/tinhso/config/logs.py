"""What the processes say on standard error: a line for people, or one JSON object a line; nobody else's text starts a line."""

import json
import logging
import unicodedata
from datetime import UTC, datetime
from typing import Any

import structlog

# Objects of the framework in a record: their text holds more of the request than a log may keep.
_NOT_TOLD = ("request", "response", "_record", "_from_structlog", "_logger", "_name")
_KNOWN = ("at", "level", "logger", "message", "exception", "stack")


def logging_settings(kind: str, *, level: str) -> dict[str, Any]:
    """Django's `LOGGING`: every logger, structlog's too, ends in one handler with one form (`lines` or `json`)."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger, logger_factory=structlog.stdlib.LoggerFactory(),
    )  # fmt: skip
    formatter = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), structlog.processors.format_exc_info],
        "processors": [_facts, _as_json if kind == "json" else _as_lines],
        "keep_exc_info": False,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "one"}},
        "root": {"handlers": ["console"], "level": level},
    }


# The web server's own two loggers take the same way; it would write in a form of its own.
SERVER_LOGGING = {
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")},
}


def _facts(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    record: logging.LogRecord = event["_record"]
    told = {name: value for name, value in event.items() if name not in {*_NOT_TOLD, "event", "level", "logger"}}
    return {
        "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname, "logger": record.name, "message": str(event["event"]), **told,
    }  # fmt: skip


def _as_json(_logger: Any, _method: str, facts: dict[str, Any]) -> str:
    # All but ASCII is escaped: no end of line of any alphabet, and no order to a terminal, is left in it.
    return json.dumps(facts, ensure_ascii=True, default=str, skipkeys=True)


def _as_lines(_logger: Any, _method: str, facts: dict[str, Any]) -> str:
    more = "".join(f" {visible(name)}={visible(str(value))}" for name, value in facts.items() if name not in _KNOWN)
    head = f"{facts['at']} {facts['level']} {visible(facts['logger'])}: {visible(facts['message'])}{more}"
    # A trace has lines of its own; set in, none of them reads as a new entry, whatever the error's text holds.
    traces = [line for name in ("exception", "stack") for line in str(facts.get(name) or "").splitlines()]
    return "\n".join([head, *(f"    {visible(line)}" for line in traces)])


def visible(text: str) -> str:
    """Text of others on one line: ends of lines, orders to a terminal and marks of direction as `\\x1b`, `\\u2028`."""
    if text.isprintable():
        return text
    return "".join(
        _escaped(sign) if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign for sign in text
    )


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
