"""An application held against its own OpenAPI description: every phase and check of schemathesis, in this process."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import patch

import schemathesis
import werkzeug.test
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connections, transaction
from schemathesis.config import ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

PHASES = ("examples", "coverage", "fuzzing", "stateful")


class _Caller(werkzeug.test.Client):
    """Takes what the engine says about sockets, of which there are none here."""

    def open(self, *args: Any, **more: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            more.pop(name, None)
        return super().open(*args, **more)


@dataclass
class Findings:
    """What a run came to: how often each operation was called, what was answered, and every failed check once."""

    calls: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        return "\n\n".join(f"{name}\n{words}" for name, words in sorted(self.failures.items()))


def explore(
    app: Any, address: str, *, asgi: bool = False, auth: Mapping[str, dict[str, str]] | None = None,
    operations: Iterable[Mapping[str, Any]] = (),
    phases: Iterable[str] = PHASES, examples: int = 20, excluded: Iterable[str] = (), only: str = "",
) -> Findings:  # fmt: skip
    """Call every operation of the description at `address` of the application in all ways, and check every answer.

    `auth`: by security scheme. `operations`: settings of some operations: values that exist, statuses that are right there.
    `excluded`: names of checks; whoever gives one says why. `only`: a pattern of paths.
    """
    project = ProjectConfig.from_dict(
        {
            "auth": {"openapi": dict(auth or {})}, "operations": [dict(one) for one in operations],
            "phases": {name: {"enabled": name in set(phases)} for name in PHASES},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none", "no-shrink": True},
            "continue-on-failure": True, "analysis": {"constants": {"enabled": False}},
            "checks": {name: {"enabled": False} for name in excluded},
        }
    )  # fmt: skip
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
    load = schemathesis.openapi.from_asgi if asgi else schemathesis.openapi.from_wsgi
    schema = load(address, app, config=config)
    if only:
        paths = schema.raw_schema["paths"]
        schema.raw_schema["paths"] = {path: told for path, told in paths.items() if re.search(only, path)}
    with patch("schemathesis.python.wsgi.get_client", _Caller):
        return _explored(schema)


def _explored(schema: Any) -> Findings:
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, FatalError | NonFatalError):
            found.failures[f"engine: {event}"] = repr(getattr(event, "exception", event))
        if isinstance(event, ScenarioFinished):
            _take(event, found)
    return found


def _take(event: ScenarioFinished, found: Findings) -> None:
    recorder = event.recorder
    for case_id, told in recorder.interactions.items():
        case = recorder.cases[case_id].value
        label = case.operation.label
        found.calls[label] = found.calls.get(label, 0) + 1
        if told.response is not None:
            found.statuses.setdefault(label, set()).add(told.response.status_code)
    for case_id, checks in recorder.checks.items():
        case = recorder.cases[case_id].value
        for check in checks:
            if check.status is not Status.FAILURE or check.failure_info is None:
                continue
            failure = check.failure_info.failure
            name = f"{case.operation.label} · {check.name} · {failure.title}"
            heard = recorder.interactions.get(case_id)
            answer = heard.response.text[:300] if heard is not None and heard.response is not None else ""
            words = f"{failure.message}\n{check.failure_info.code_sample}\n{answer}"
            found.failures.setdefault(name, words)


def carrying(app: Any, headers: Mapping[str, str]) -> Any:
    """The application as asked by somebody whose every call carries these headers."""
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}

    def call(environ: dict[str, Any], start: Any) -> Any:
        cookies = [environ.get("HTTP_COOKIE", ""), given.get("HTTP_COOKIE", "")]
        return app({**environ, **given, "HTTP_COOKIE": "; ".join(one for one in cookies if one)}, start)

    return call


@contextmanager
def within_the_test() -> Iterator[Callable[[dict[str, Any], Any], Any]]:
    """The product as WSGI, for calls out of other threads: they share the test's connection, and what it takes back.

    A call that raises a database error would end the test's transaction for all that follow: each has a point to return to.
    """
    application, turn = get_wsgi_application(), threading.Lock()
    shared = connections["default"]  # the connection itself, not the name for that of the present thread

    def call(environ: dict[str, Any], start: Any) -> Any:
        with turn:
            connections["default"] = shared
            point = transaction.atomic()
            cast("Any", point)._from_testcase = True  # as the test's own: what is durable may begin within
            with point:
                return [b"".join(application(environ, start))]

    shared.inc_thread_sharing()
    for signal in (request_started, request_finished):  # as the test client does: it would end the test's connection
        signal.disconnect(close_old_connections)
    try:
        yield call
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        shared.dec_thread_sharing()
