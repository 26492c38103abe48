"""What must hold of the source files themselves: who may import whom, who writes, how long a file may be."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tinhso"
TESTS = Path(__file__).resolve().parents[1]
ROOT = SOURCE.parents[1]

# Only these write to tables besides actions and migrations, each for the reason given.
MAY_WRITE = {
    "apps/accounts/adapters/second_factor.py": "draws a QR picture (`save` to a buffer)",
    "apps/signatures/rules/picture.py": "draws the picture of a signature (`save` to a buffer)",
    "config/demo/copies.py": "copies lived cases of a demo province by the million; no act of anybody",
    "interfaces/access/signed_in.py": "keeps a session as Django does (`save` of its own store)",
    "kernel/jobs.py": "the queue runs waiting jobs for tests and demo data",
    "kernel/prepared.py": "composes what actions and a model's own `save` fill in",
    "lib/inspection/pictures.py": "draws a likeness of a page (`save` to a buffer)",
    "lib/inspection/scans.py": "writes a scanned page as JPEG (`save` to a buffer)",
    "lib/qr.py": "draws a QR picture (`save` to a buffer)",
}
_WRITERS = {
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "abulk_create",
    "acreate",
    "save",
}
# `update` and `delete` are also methods of dicts, digests and clients: they count where a queryset can be seen.
_QUERYSET_WRITERS = {"update", "delete"}
_QUERYSET = re.compile(r"\.(objects|filter|exclude|all|select_for_update|documents|steps|results|papers|supplements)\b")
_SQL_WRITE = re.compile(r"\s*(INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|TRUNCATE\s|COPY\s+\S+\s+FROM)")

LONGEST = 500
LONGEST_TEST = 600
# May only shrink: take a file off when it has become short enough. Generated migrations do not count.
LONG_FILES: dict[str, int] = {}


def test_only_actions_and_migrations_write() -> None:
    found = {name for name, _ in _writes()}
    unexpected = [f"{name}: {what}" for name, what in _writes() if name not in MAY_WRITE]
    assert unexpected == [], "change state in an action"
    assert set(MAY_WRITE) - found == set(), "take what no longer writes off the list"


def test_only_actions_use_composed_writes() -> None:
    for file in _sources():
        imported = re.findall(r"^from tinhso\.kernel\.prepared import (.+)$", file.read_text(), re.MULTILINE)
        if any(re.search(r"\b(update|written|inserted)\b", names) for names in imported):
            assert re.match(r"apps/\w+/actions(/|\.py)", _name(file)), f"{_name(file)}: change state in an action"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("Case.objects.create(code='x')", True),
        ("case.save(update_fields=['x'])", True),
        ("case.results.filter(status='x').update(status='y')", True),
        ("Case.objects.filter(pk=1).delete()", True),
        ("cursor.execute('UPDATE cases_case SET code = 1')", True),
        ("cursor.execute(f'INSERT INTO {table} VALUES (1)')", True),
        ("found.update({'a': 1})", False),
        ("cache.delete('key')", False),
        ("cursor.execute('SELECT 1 FROM cases_case FOR UPDATE')", False),
    ],
)
def test_writes_are_recognised(source: str, caught: bool) -> None:
    assert bool(list(_writes_in(ast.parse(source)))) is caught


def test_code_never_names_a_procedure() -> None:
    """A code in a comment or a sentence is an example; in code it would be law in the wrong place."""
    named = []
    for file in _sources():
        examples = {"apps/procedures/content/_facts.py"}  # its error message shows what a code looks like
        text = file.read_text()
        if _name(file) in examples or not re.search(r"\d\.\d{6}", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            named += [f"{_name(file)}:{node.lineno}: {code}" for code in re.findall(r"\b\d\.\d{6}\b", node.value)]
    for file in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.js"), *SOURCE.rglob("*.css")]:
        named += [f"{_name(file)}: {code}" for code in re.findall(r"\b\d\.\d{6}\b", file.read_text())]
    assert named == []


def test_sums_are_said_one_way() -> None:
    """An amount of đồng in a sentence is `lib.amounts.dong`; grouping the digits anew would one day differ."""
    again = re.compile(r":,\} ?(đồng|₫|VND)")
    found = [path for path in SOURCE.rglob("*.py") if again.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(SOURCE)) for path in found] == ["lib/amounts.py"]


def test_file_of_a_decision_matches_its_title() -> None:
    for file in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        title = file.read_text(encoding="utf-8").splitlines()[0]
        number = re.fullmatch(r"(\d{4})-[a-z0-9-]+", file.stem)
        assert number, f"{file.name} is not called NNNN-title.md"
        assert re.match(rf"# (ADR )?{number[1]}[.:–— ]", title), f"{file.name} is titled «{title}»"
    numbers = [file.name[:4] for file in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers)), "two decisions share a number"


def test_files_are_of_a_size_to_be_read() -> None:
    limits = [(SOURCE, LONGEST), (TESTS, LONGEST_TEST), (ROOT / "bench", LONGEST), (ROOT / "faults", LONGEST)]
    too_long = {}
    for folder, limit in limits:
        for file in folder.rglob("*.py"):
            lines = len(file.read_text().splitlines())
            if lines > limit and "migrations" not in file.parts:
                too_long[file.relative_to(ROOT).as_posix()] = lines
    assert {name: lines for name, lines in too_long.items() if lines > LONG_FILES.get(name, 0)} == {}
    assert set(LONG_FILES) - set(too_long) == set(), "these are short enough now: take them off the list"


def test_functions_are_of_a_size_to_be_read() -> None:
    """At most 60 lines, docstring included; declarative tables of arguments apart, that is a screen."""
    too_long = []
    for file in _sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > 60:
                too_long.append(f"{_name(file)}:{node.lineno} {node.name}: {length}")
    assert too_long == []


@cache
def _writes() -> list[tuple[str, str]]:
    """(file, what) of every statement that writes, outside actions and migrations."""
    found = []
    for file in _sources():
        name = _name(file)
        if re.match(r"apps/\w+/actions(\.py|/)", name) or name.startswith("simulators/"):
            continue
        found += [(name, what) for what in _writes_in(ast.parse(file.read_text()))]
    return found


def _writes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in _WRITERS | _QUERYSET_WRITERS:
                continue
            subject = ast.unparse(node.func.value)
            on_rows = node.func.attr in _QUERYSET_WRITERS and _QUERYSET.search(subject + ".")
            if on_rows or (node.func.attr in _WRITERS and "session" not in subject):
                yield f"line {node.lineno}: {ast.unparse(node)[:90]}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_WRITE.match(node.value):
            yield f"line {node.lineno}: {node.value.strip()[:90]}"


def _sources() -> list[Path]:
    return sorted(file for file in SOURCE.rglob("*.py") if "migrations" not in file.parts)


def _name(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()
