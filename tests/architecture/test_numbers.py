"""Numbers that somebody sends are read in one way: `whole_number`, which says of any text whether it is one.

`int` refuses "²", which `isdigit` takes, and thousands of digits; and takes more than a column holds. So pages neither ask
`isdigit` nor call `int` on a text, except where this list says why the text can be nothing else.
"""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tinhso.apps.cases.queries import case_of_subject, result_of_subject, scan_of_subject
from tinhso.apps.payouts.queries import month_of
from tinhso.interfaces.gateway.bodies import RequestBody
from tinhso.lib.text import whole_number

INTERFACES = Path(__file__).resolve().parents[2] / "src" / "tinhso" / "interfaces"
_ASKS = {"isdigit", "isdecimal", "isnumeric"}
_OURS = "kept or made by ourselves"
_SIGNED = "signed by ourselves"
_PATTERN = "a pattern has taken so many digits of 0 to 9 and no more"
# By file: what `int` is called on, and why that is a number.
READ_OTHERWISE = {
    "access/adapters.py": {"str(settings.NATIONAL_IDENTITY['level'])": "a setting"},
    "access/downloads.py": {"response['Content-Length']": _OURS, "found[1]": _PATTERN, "found[2]": _PATTERN},
    "access/sessions.py": {"value": _SIGNED},
    "api/cases.py": {"file_id": _SIGNED},
    "api/description.py": {"status": _OURS},
    "gateway/connections.py": {"peer[1]": "the port, from the operating system"},
    "ui/forms.py": {"item.get('size') or 0": _OURS},
    "ui/forms_post.py": {"text": _PATTERN, "match[1]": _PATTERN},
    "ui/formats.py": {"value_vnd": _OURS, "amount": _OURS},
    "workspace/messages/views.py": {"scope.removeprefix('unit:')": _OURS},
    "workspace/work/notices.py": {"number": _OURS},
}


def _read(tree: ast.AST) -> Iterator[str]:
    """What is made a number, or asked whether it is one, otherwise than by `whole_number`; sums of ours do not count."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in _ASKS:
            yield ast.unparse(node)
        elif isinstance(called, ast.Name) and called.id == "int" and node.args and not _is_reckoned(node.args[0]):
            yield ast.unparse(node.args[0])
        elif any(isinstance(given, ast.Name) and given.id == "int" for given in node.args[:1]):
            yield ast.unparse(node)  # `map(int, …)`


def _is_reckoned(node: ast.expr) -> bool:
    """`seconds // 60`, `span.total_seconds()`: no text."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.FloorDiv | ast.Mult | ast.Div)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "total_seconds"


def test_pages_read_numbers_in_one_way() -> None:
    found: dict[str, set[str]] = {}
    for file in sorted(INTERFACES.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "int" in text or ".is" in text:
            found[file.relative_to(INTERFACES).as_posix()] = set(_read(ast.parse(text)))
    unexpected = [
        f"{name}: {what}" for name, read in found.items() for what in read - READ_OTHERWISE.get(name, {}).keys()
    ]
    assert unexpected == [], "read it with `whole_number`, and say what happens where it is none"
    gone = [f"{name}: {what}" for name, known in READ_OTHERWISE.items() for what in known.keys() - found[name]]
    assert gone == [], "take what is no longer there off the list"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("int(request.GET.get('sau', ''))", True),
        ("int(text) if text.isdecimal() and len(text) < 19 else 0", True),
        ("text.isdigit()", True),
        ("request.POST['a'].isnumeric()", True),
        ("list(map(int, request.POST.getlist('id')))", True),
        ("[int(one) for one in request.POST.getlist('id')]", True),
        ("whole_number(request.GET.get('sau', ''))", False),
        ("int(seconds // 60)", False),
        ("int(span.total_seconds())", False),
        ("isinstance(found, int)", False),
    ],
)
def test_other_ways_are_recognised(source: str, caught: bool) -> None:
    assert bool(list(_read(ast.parse(source)))) is caught


@pytest.mark.parametrize(
    ("typed", "digits", "number"),
    [
        ("999", 3, 999),
        ("1000", 3, None),
        ("0007", 4, 7),
        ("00007", 4, None),
        ("9" * 5000, 6000, None),
        ("9" * 19, 19, None),
    ],
)
def test_a_number_has_at_most_so_many_digits(typed: str, digits: int, number: int | None) -> None:
    assert whole_number(typed, digits=digits) == number


@pytest.mark.parametrize("odd", ["²", "٢", "-1", "9" * 30, "9" * 5000, "1e3", ""])
def test_behind_the_pages_they_are_read_alike(odd: str) -> None:
    assert [read(f"{kind}:{odd}:0") for read, kind in ((result_of_subject, "result"), (case_of_subject, "paper"))] == [
        None
    ] * 2
    assert scan_of_subject(f"scan:{odd}") is None
    first = date(2026, 11, 1)
    assert month_of(f"{odd}/2026", first) == month_of(f"3/{odd}", first) == first
    assert RequestBody(None, [(b"content-length", odd.encode())], idle_s=1).length is None
