"""Caluma, the case engine of Swiss cantons: the same case work as `bench.casework`, through its GraphQL over HTTP.

Its wheel as it comes from the registry, its own migrations in a database of its own on the same server, gunicorn with as
many processes and threads as our pages have. Nobody signs in, everybody may do everything and nothing is read from a
rights table: its lightest setting.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from bench import traffic
from bench.peers.environment import python_of
from bench.province import Province, stop, wait_until_up
from bench.rating import listed, rated

VERSION = "11.3.0"
_DATABASE = "bench_caluma"
_TEXTS = ("full-name", "personal-id", "phone", "email", "address", "parcel", "designer")
_TASKS = ("reception", "assignment", "appraisal", "review", "approval")
_WARM_UP = 8


def measure(province: Province, port: int, *, cases: int, pages: int) -> dict[str, Any]:
    """Start a case, save ten answers, complete five work items, as often as `cases`; then `pages` lists of twenty.

    Raises:
        PeerUnavailableError: it cannot be installed here.
    """
    program = python_of("caluma")
    environment = _database(province, program)
    with _served(program, environment, port):
        call = _Calls(port)
        if "errors" in json.loads(traffic.ask_once(port, call.request(_SET_UP)).body):
            raise SystemExit("Caluma does not take the form and the process")
        traffic.walk_all(port, range(_WARM_UP), call.one_by_one)
        single = rated(port, range(cases), call.one_by_one)
        at_once = rated(port, range(cases), call.answers_at_once)
        lists = listed(port, call.request(_LIST), pages)
    _prove(province, cases=2 * cases + _WARM_UP)
    return {"version": VERSION, "cases": cases, "one_by_one": single, "at_once": at_once, "list": lists}


def _database(province: Province, program: Path) -> dict[str, str]:
    """A database of its own on the province's server, with its schema; how it is told of it."""
    cluster = province.installation.cluster
    with psycopg.connect(province.address("postgres"), autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {_DATABASE} (FORCE)")
        owner.execute(f"CREATE DATABASE {_DATABASE}")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}},
        "DJANGO_SETTINGS_MODULE": "caluma.settings.django", "SECRET_KEY": "bench", "ALLOWED_HOSTS": "*",
        "VISIBILITY_CLASSES": "caluma.caluma_core.visibilities.Any", "LOG_LEVEL": "ERROR",
        "PERMISSION_CLASSES": "caluma.caluma_core.permissions.AllowAny", "DATABASE_NAME": _DATABASE,
        "DATABASE_HOST": str(cluster.socket_folder), "DATABASE_USER": "postgres",
        "DATABASE_PASSWORD": cluster.password("postgres"),
    }  # fmt: skip
    done = subprocess.run(
        [program, "-m", "django", "migrate", "--verbosity", "0"],
        env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"Caluma does not migrate:\n{done.stderr[-3000:]}")
    return environment


@contextmanager
def _served(program: Path, environment: dict[str, str], port: int) -> Iterator[None]:
    command = [
        str(program), "-m", "gunicorn", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}",
        "--log-level", "error", "caluma.wsgi:application",
    ]  # fmt: skip
    with (Path(os.environ["TINHSO_DATA_DIR"]) / "bench-caluma.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until_up(port, process, "/graphql/?query=%7B__typename%7D")
        yield
    finally:
        stop(process)


def _prove(province: Province, *, cases: int) -> None:
    """What was answered is there: every case finished, with ten answers and five completed work items."""
    address = province.address("postgres").replace("/tinhso?", f"/{_DATABASE}?")
    with psycopg.connect(address) as database:
        row = database.execute(
            "SELECT (SELECT count(*) FROM caluma_workflow_case WHERE status = 'completed'),"
            " (SELECT count(*) FROM caluma_form_answer WHERE document_id IS NOT NULL),"
            " (SELECT count(*) FROM caluma_workflow_workitem WHERE status = 'completed')"
        ).fetchone()
    if row != (cases, cases * 10, cases * 5):
        raise SystemExit(f"Caluma has {row} finished cases, answers and work items; {cases} cases were worked")


class _Calls:
    """The calls of one case."""

    def __init__(self, port: int) -> None:
        self._port = port

    def request(self, query: str, **variables: object) -> bytes:
        body = {"query": query, "variables": variables}
        return traffic.render("POST", "/graphql/", port=self._port, headers={}, body=body)

    def one_by_one(self, walk: traffic.Walk, number: int) -> None:
        """As its own pages do: every answer is saved as it is typed."""
        document, item = self._start(walk)
        for name, kind, value in _answers(number):
            query = f"mutation($v: {_VALUES[kind]}!, $d: ID!) {{ {_save(name, kind)} }}"
            _ask(walk, "answer", self.request(query, v=value, d=document))
        self._complete(walk, item)

    def answers_at_once(self, walk: traffic.Walk, number: int) -> None:
        """The ten answers in one call, as a client may write them that waits for a button to be pressed."""
        document, item = self._start(walk)
        answers = _answers(number)
        given = ", ".join(f"$v{place}: {_VALUES[kind]}!" for place, (_, kind, _v) in enumerate(answers))
        saved = " ".join(_save(name, kind, place) for place, (name, kind, _v) in enumerate(answers))
        values = {f"v{place}": value for place, (_, _k, value) in enumerate(answers)}
        _ask(walk, "ten answers", self.request(f"mutation($d: ID!, {given}) {{ {saved} }}", d=document, **values))
        self._complete(walk, item)

    def _start(self, walk: traffic.Walk) -> tuple[str, str]:
        case = _ask(walk, "start", self.request(_START))["saveCase"]["case"]
        return case["document"]["id"], case["workItems"]["edges"][0]["node"]["id"]

    def _complete(self, walk: traffic.Walk, item: str) -> None:
        for _ in _TASKS:
            done = _ask(walk, "complete", self.request(_COMPLETE, id=item))["completeWorkItem"]["workItem"]["case"]
            ready = done["workItems"]["edges"]
            item = ready[0]["node"]["id"] if ready else ""


def _ask(walk: traffic.Walk, step: str, request: bytes) -> Any:
    answer = json.loads(walk.ask(step, request).body)
    if "errors" in answer:
        raise traffic.TrafficError(f"{step}: {answer['errors'][:1]}")
    return answer["data"]


_VALUES = {"String": "String", "Date": "Date", "Integer": "Int"}
_READY = "{ workItems(filter: [{status: READY}]) { edges { node { id } } } }"
_START = (
    'mutation { saveCase(input: {workflow: "permit", form: "permit"}) { case { id document { id } '
    + _READY.strip("{}") + " } } }"
)  # fmt: skip
_COMPLETE = "mutation($id: ID!) { completeWorkItem(input: {id: $id}) { workItem { id case " + _READY + " } } }"
_LIST = (
    "{ allWorkItems(first: 20, filter: [{status: COMPLETED}], order: [{attribute: CREATED_AT, direction: DESC}])"
    " { pageInfo { hasNextPage endCursor } edges { node { id status name createdAt deadline task { slug }"
    ' case { id status createdAt document { answers(filter: [{question: "full-name"}]) { edges { node'
    " { ... on StringAnswer { stringValue: value } } } } } } } } } }"
)


def _answers(number: int) -> list[tuple[str, str, object]]:
    texts: list[tuple[str, str, object]] = [(name, "String", f"{name} {number}") for name in _TEXTS]
    return [*texts, ("kind", "String", "kind-house"), ("issued", "Date", "2026-02-13"), ("storeys", "Integer", 2)]


def _save(name: str, kind: str, place: int | None = None) -> str:
    alias, value = ("", "$v") if place is None else (f"a{place}: ", f"$v{place}")
    return (
        f'{alias}saveDocument{kind}Answer(input: {{question: "{name}", document: $d, value: {value}}})'
        " { answer { id } }"
    )


def _set_up() -> str:
    """A form of ten questions and a process of five steps."""

    def question(kind: str, name: str, more: str = "") -> str:
        given = f'slug: "{name}", label: "{name}", isRequired: "true"{more}'
        return f"save{kind}Question(input: {{{given}}}) {{ question {{ id }} }}"

    parts = ['saveForm(input: {slug: "permit", name: "Permit", isPublished: true}) { form { id } }']
    parts += [question("Text", name, ", maxLength: 200") for name in _TEXTS]
    parts += ['saveOption(input: {slug: "kind-house", label: "House"}) { option { id } }']
    parts += [question("Choice", "kind", ', options: ["kind-house"]'), question("Date", "issued")]
    parts += [question("Integer", "storeys", ", minValue: 1")]
    parts += [
        f'addFormQuestion(input: {{form: "permit", question: "{name}"}}) {{ form {{ id }} }}'
        for name, _kind, _value in _answers(0)
    ]
    parts += [f'saveSimpleTask(input: {{slug: "{task}", name: "{task}"}}) {{ task {{ id }} }}' for task in _TASKS]
    process = f'slug: "permit", name: "Permit", isPublished: true, allowAllForms: true, startTasks: ["{_TASKS[0]}"]'
    parts.append(f"saveWorkflow(input: {{{process}}}) {{ workflow {{ id }} }}")
    for before, after in pairwise(_TASKS):
        flow = f'workflow: "permit", tasks: ["{before}"], next: "\'{after}\'|task"'
        parts.append(f"addWorkflowFlow(input: {{{flow}}}) {{ workflow {{ id }} }}")
    return "mutation { " + " ".join(f"p{number}: {part}" for number, part in enumerate(parts)) + " }"


_SET_UP = _set_up()
