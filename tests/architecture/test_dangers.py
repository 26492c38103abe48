"""What is dangerous in code, and where it is done all the same: each such place is named here with what makes it safe.

A new place turns this red, and whoever adds it says why nobody's input gets there.
"""

import ast
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.test import Client
from yaml import YAMLError

from tests.architecture.test_routes import LEAVING, Stage, routes, stage
from tinhso.apps.signatures.data import SignerUnavailable
from tinhso.apps.signatures.providers import trustservices
from tinhso.interfaces.access.policy import Audience
from tinhso.kernel import clock
from tinhso.lib.yamltext import load_yaml

__all__ = ["stage"]

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tinhso"
_RUNS = {"execute", "executemany", "RawSQL", "extra", "copy", "callproc", "mogrify"}
_OUR_NAMES = "names of our own tables, columns and roles, quoted by the driver; no value"
_OUR_TEXT = "put together from constants of the module; values are bound"
# Statements that are no constant where they are run.
COMPOSED = {
    "apps/audit/queries.py": "one of two constants",
    "apps/cases/queries/_book_lines.py": _OUR_TEXT,
    "apps/cases/queries/_lists.py": _OUR_TEXT,
    "apps/cases/queries/_rows.py": _OUR_TEXT,
    "apps/cases/queries/_search.py": _OUR_TEXT,
    "apps/exchange/actions/_journal.py": "whole numbers and days the gateway counted, and seconds of a constant",
    "apps/procedures/actions/_copying.py": _OUR_NAMES,
    "apps/procedures/actions/_index.py": _OUR_TEXT,
    "apps/procedures/queries/_search.py": _OUR_TEXT,
    "apps/reception/queries/_queues.py": _OUR_TEXT,
    "config/database.py": _OUR_NAMES,
    "config/demo/copies.py": _OUR_NAMES,
    "config/embedded.py": _OUR_NAMES,
    "config/metrics/state.py": _OUR_TEXT,
    "config/recount/cases.py": _OUR_TEXT,
    "config/recount/logs.py": _OUR_TEXT,
    "config/recount/money.py": _OUR_TEXT,
    "config/receiving.py": "one of two constants",
    "config/restoring.py": "names of settings of the database, a constant tuple",
    "kernel/bulk.py": _OUR_NAMES,
    "kernel/ownrows.py": "names of our tables, and the conditions their models state",
    "kernel/prepared.py": "what Django's own compiler has written; values are bound",
}
_NO_STATEMENT = {"lib/forms/cel.py": "runs an expression of the forms' language, which knows no database"}
# Ways to turn bytes or text into objects or code of the sender's choice.
_REVIVES = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "joblib", "cloudpickle", "xmlrpc", "codeop"}
_EVALUATES = {"eval", "exec", "compile", "__import__"}
# TLS to a server that is not checked by its name against the authorities: whom it is believed by instead.
UNCHECKED = {
    "apps/exchange/providers/diagnosis.py": "its very certificate is in the registry; and one look only tells what it shows",
    "interfaces/gateway/state.py": "its very certificate is in the registry (decision 0039)",
}


@cache
def _sources() -> dict[str, str]:
    """Everything that serves: simulators and migrations take nobody's input."""
    files = {file.relative_to(SOURCE).as_posix(): file for file in sorted(SOURCE.rglob("*.py"))}
    return {
        name: file.read_text(encoding="utf-8")
        for name, file in files.items()
        if not name.startswith("simulators/") and "/migrations/" not in name
    }


def _trees(token: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules in whose text the token stands, parsed; all of them would take seconds."""
    sought = re.compile(token)
    return ((name, ast.parse(text)) for name, text in _sources().items() if sought.search(text))


def _calls(token: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Module, name of what is called, the call."""
    for name, tree in _trees(token):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                yield name, called.attr if isinstance(called, ast.Attribute) else ast.unparse(called), node


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_constant(node.left) and _is_constant(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        return _is_constant(node.func.value)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return isinstance(node, ast.Constant) or (bool(name.strip("_")) and name.isupper())


def test_statements_are_constants_or_known() -> None:
    calls = _calls(rf"\b({'|'.join(_RUNS)})\(")
    found = {module for module, name, call in calls if name in _RUNS and call.args and not _is_constant(call.args[0])}
    assert found == COMPOSED.keys() | _NO_STATEMENT.keys(), "bind the values; else say here why none gets into the text"


@pytest.mark.parametrize(
    "typed", ["' OR '1'='1", "'; DROP TABLE cases_case; --", "1) UNION SELECT 1,2,3 --", "%' --", "$$;$$"]
)
def test_what_is_typed_is_never_part_of_a_statement(typed: str, stage: Stage) -> None:
    client = Client()
    for address in ("/tra-cuu?ma=", "/thu-tuc/?q=", "/phan-anh/?q=", "/api/v1/procedures?q="):
        answer = client.get(address + typed.replace("%", "%25").replace(";", "%3B").replace(" ", "%20"))
        assert answer.status_code in {200, 400, 404, 422}, address


# --- templates, objects, code


def test_templates_are_files() -> None:
    made = re.compile(
        r"from_string\(|render_template_string|import jinja2|from jinja2"
        r"|^from django\.template import .*\b(Template|Engine|engines)\b",
        re.MULTILINE,
    )
    assert [name for name, text in _sources().items() if made.search(text)] == []
    named = [
        f"{module}:{call.lineno}"
        for module, name, call in _calls(r"\brender(_to_string)?\(")
        if name in {"render", "render_to_string"} and len(call.args) > 1 and _of_request(call.args[1])
    ]
    assert named == [], "the name of a template is ours, too"


def _of_request(node: ast.expr) -> bool:
    return bool(re.search(r"request\.(GET|POST|META|headers|COOKIES)|text_of", ast.unparse(node)))


def test_what_is_typed_is_shown_and_not_worked_out(stage: Stage) -> None:
    for typed in ("{{ 1311|add:2 }}", "{% now 'Y' %}", "{{ settings.SECRET_KEY }}", "#{1311+2}", "${1311+2}"):
        text = Client().get("/tra-cuu", {"ma": typed}).content.decode()
        assert "1313" not in text
        assert settings.SECRET_KEY not in text


def test_nothing_revives_objects_of_the_senders_choice() -> None:
    revived = re.compile(rf"^\s*(?:import|from) ({'|'.join(_REVIVES)})\b", re.MULTILINE)
    assert [name for name, text in _sources().items() if revived.search(text)] == []
    calls = _calls(rf"\b({'|'.join(_EVALUATES)})\(")
    assert [f"{module}:{call.lineno}" for module, name, call in calls if _is_builtin(call) and name in _EVALUATES] == []
    for module, text in _sources().items():
        for loaded in re.findall(r"yaml\.(?:load|load_all|full_load|unsafe_load)\(.*", text):
            assert re.search(
                r"Loader=(yaml\.CSafeLoader|getattr\(yaml, \"CSafeLoader\", yaml\.SafeLoader\)|_Loader)\)", loaded
            ), module
    assert "class _Loader(yaml.CSafeLoader)" in _sources()["apps/procedures/content/_reader.py"]
    for hostile in ("!!python/object/apply:os.getcwd []", "!!python/name:os.system", "!!python/module:os"):
        with pytest.raises((YAMLError, ValueError)):
            load_yaml(hostile)
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"


def _is_builtin(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name)


# --- TLS


def test_every_call_to_a_server_checks_its_certificate() -> None:
    calls = [
        (module, call)
        for module, _, call in _calls(r"\bhttpx\.")
        if re.fullmatch(r"httpx\.(get|post|put|request|stream|Client|AsyncClient)", ast.unparse(call.func))
    ]
    assert len(calls) > 15
    for module, call in calls:
        given = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert given.get("verify") == "trusted()", f"{module}:{call.lineno} names no authorities"
    off = re.compile(
        r"CERT_NONE|check_hostname\b.*=.*False|_create_unverified|verify ?= ?False|CERT_OPTIONAL|disable_warnings"
    )
    assert {module for module, text in _sources().items() if off.search(text)} == UNCHECKED.keys()
    other = re.compile(
        r"^\s*(?:import|from) (requests|urllib3|aiohttp|urllib\.request|http\.client)\b(?! import \w*(?:Exception|Error)\b)",
        re.M,
    )
    assert {module for module, text in _sources().items() if other.search(text)} == {
        "config/supervisor.py",  # asks our own server on loopback whether it is there
    }


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[tuple[int, list[str]]]:
    """A server over TLS whose certificate nobody vouches for: its port, and what it was asked."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
    )
    now = clock.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "server.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str]()
    context.load_cert_chain(file)
    with create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        thread = threading.Thread(target=_answer, args=(listening, context, asked))
        thread.start()
        yield listening.getsockname()[1], asked
        thread.join(10)


def _answer(listening: Any, context: ssl.SSLContext, asked: list[str]) -> None:
    plain, _ = listening.accept()
    with plain:
        plain.settimeout(5)
        try:
            with context.wrap_socket(plain, server_side=True) as line:
                asked.append(line.recv(65_536).decode("latin-1"))
        except OSError as refusal:
            asked.append(f"refused: {refusal}")


@pytest.mark.enable_socket
def test_a_server_nobody_vouches_for_is_told_nothing(stranger: tuple[int, list[str]]) -> None:
    port, asked = stranger
    with pytest.raises(SignerUnavailable):
        trustservices.ask_stamp(f"https://localhost:{port}/tsa", b"a question", seconds=5)
    for _ in range(100):
        if asked:
            break
        threading.Event().wait(0.05)
    assert asked[0].startswith("refused: "), "it was told the question before it was known who it is"


# --- what a request may be


def test_nobody_learns_a_request_from_its_echo(stage: Stage) -> None:
    client = Client(raise_request_exception=False)
    public = [
        route for route in routes() if route.policy.audience is Audience.PUBLIC and not route.path.startswith(LEAVING)
    ]
    assert len(public) > 30
    for route in [*public, *routes()[::12]]:
        answer = client.trace(route.address(stage.own), HTTP_COOKIE="tried=here", HTTP_X_TRIED="here-too")
        body = b"" if answer.streaming else answer.content
        assert answer.status_code in {302, 401, 403, 404, 405}, route.path
        assert b"tried=here" not in body, route.path
        assert b"here-too" not in body, route.path


def test_a_parameter_counts_from_its_own_place_and_once(stage: Stage) -> None:
    assert [name for name, text in _sources().items() if _MIXES.search(text)] == [], (
        "the address and the body say different things"
    )
    client = Client()
    twice = client.get("/tra-cuu?ma=H48.99-260101-0001&ma=KHAC-1").content.decode()
    assert 'value="KHAC-1"' in twice
    assert 'value="H48.99-260101-0001"' not in twice, "what is checked is what is used"
    body = client.post("/nop-tien?ma=DIA-CHI", {"ma": "THAN-1", "doi-chieu": "x"}).content.decode()
    assert 'value="THAN-1"' in body
    assert 'value="DIA-CHI"' not in body
    assert client.get("/api/v1/procedures?limit=1&limit=2").status_code in {200, 400, 422}


_MIXES = re.compile(
    r"\*\*request\.(?:GET|POST)[^\n]*\*\*request\.(?:GET|POST)|request\.(?:GET|POST) ?\| ?request\.|request\.REQUEST\b"
)


def test_scripts_keep_what_is_typed_out_of_prototypes() -> None:
    """Names that others choose are keys of a Map, or of an object without ancestors."""
    risky = re.compile(
        r"__proto__|\.prototype\b|\bconstructor\[|Object\.assign\(\s*(?!document\.|[a-z]+, \{)|deepMerge|\bmerge\("
    )
    keyed = re.compile(r"\b(\w+)\[[^\]\d\"'`][^\]]*\]\s*(?:=|\?\?=|\|\|=)(?![=>])")
    wrong = []
    for file in sorted(SOURCE.rglob("static/**/*.js")):
        text = file.read_text(encoding="utf-8")
        wrong += [f"{file.name}: {match[0]}" for match in risky.finditer(text)]
        for match in keyed.finditer(text):
            if f"{match[1]} = Object.create(null)" not in text:
                wrong.append(f"{file.name}: {match[0]}")
    assert wrong == []


def test_a_form_of_hostile_names_changes_no_prototype(tmp_path: Path) -> None:
    script = SOURCE / "interfaces" / "workspace" / "static" / "workspace" / "offline-cel.js"
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "cel.js").write_text(script.read_text(encoding="utf-8"))
    (tmp_path / "try.js").write_text(
        'import { answersOf } from "./cel.js";\n'
        'const shapes = JSON.parse(\'{"__proto__": "text", "constructor": {"fields": {"prototype": "text"}}}\');\n'
        'answersOf(shapes, [["__proto__", "x"], ["__proto__.polluted", "x"], ["constructor.prototype", "x"]]);\n'
        'if ({}.polluted !== undefined || ({}).x !== undefined) throw new Error("polluted");\n'
        'console.log("clean");\n'
    )
    done = subprocess.run(["node", "try.js"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "clean\n", done.stderr


def test_times_to_mend_and_to_renew_are_written_down() -> None:
    text = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
    said = re.search(
        r"high severity is mended within\s+(\d+) days of its advisory, others within (\d+); parts are renewed"
        r" at least every (\d+) days",
        text,
    )
    assert said is not None
    assert [int(days) for days in said.groups()] == [7, 30, 180]
