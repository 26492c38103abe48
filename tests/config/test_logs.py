"""What the processes say: one form, and nobody's text starts a line or gives a terminal orders."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.utils.log import log_response

from tinhso.config import logs

EVIL = "a\r\n2026-01-01T00:00:00 CRITICAL root: giả\x1b[31m\u2028b\x85c\x00\u202e"


@pytest.fixture(params=["lines", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[str, io.StringIO]]:
    """The handler of the settings on a stream of ours, for two loggers of the test."""
    config = logs.logging_settings(request.param, level="INFO")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["one"]))
    loggers = [logging.getLogger("tests.said"), logging.getLogger("django.request")]
    for logger in loggers:
        logger.addHandler(handler)
    yield request.param, stream
    for logger in loggers:
        logger.removeHandler(handler)


def entries(form: str, stream: io.StringIO) -> list[str]:
    """The entries, after every sign that may end a line somewhere; a continuation is set in."""
    text = stream.getvalue()
    assert all(sign.isprintable() or sign == "\n" for sign in text), repr(text)
    lines = text.splitlines()
    if form == "json":
        return [json.loads(line)["message"] for line in lines]
    return [line for line in lines if not line.startswith("    ")]


def test_a_path_a_name_and_a_header_of_others_stay_on_their_line(written: tuple[str, io.StringIO]) -> None:
    form, stream = written
    log = logging.getLogger("tests.said")
    request = RequestFactory().get("/x", HTTP_X_NOTE="x")
    request.path, request.META["HTTP_X_NOTE"] = f"/ho-so/{EVIL}", EVIL
    log.error("refused %s for %s: %s", request.path, EVIL, request.META["HTTP_X_NOTE"])
    log_response("Not Found: %s", request.path, response=_Answer(), request=request)
    structlog.get_logger("tests.said").error("a note", name=EVIL)
    try:
        int(EVIL)
    except ValueError:
        log.exception("failed for %s", EVIL)
    found = entries(form, stream)
    assert len(found) == 4, found
    assert "CRITICAL root" in found[0], "it is told, escaped"
    assert not any(line.startswith("2026-01-01") for line in stream.getvalue().splitlines())
    assert "ValueError" in stream.getvalue()


def test_objects_say_when_what_and_where_and_keep_the_fields(written: tuple[str, io.StringIO]) -> None:
    form, stream = written
    request: WSGIRequest = RequestFactory().get("/x?cccd=051190000001")
    logging.getLogger("django.request").error(
        "Không được: %s", request.path, extra={"status_code": 500, "request": request}
    )
    structlog.get_logger("tests.said").warning("a body was not kept", error="đầy")
    assert "051190000001" not in stream.getvalue(), "what stands behind the question mark is not logged"
    first, second = stream.getvalue().splitlines()
    if form == "json":
        told = json.loads(first)
        assert told | {"at": ""} == {
            "at": "", "level": "ERROR", "logger": "django.request", "message": "Không được: /x", "status_code": 500,
        }  # fmt: skip
        assert told["at"].endswith("+00:00")
        assert json.loads(second)["error"] == "đầy"
    else:
        assert first.endswith("ERROR django.request: Không được: /x status_code=500")
        assert second.endswith("WARNING tests.said: a body was not kept error=đầy")


class _Answer:
    """As much of an answer as the framework's log looks at."""

    status_code, reason_phrase = 404, "Not Found"

    def __init__(self) -> None:
        self.said: Any = None
