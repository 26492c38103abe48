"""Every named point at which the product can be killed is one at which a test kills it.

Actions have theirs before and after the commit by construction (`kernel/actions.py`, held by tests/kernel); those named
here lie between an outside call, a written file or a signature and the row that tells of it.
"""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_POINT = re.compile(r"\bcrash\(\s*\"([a-z_]+:[a-z_]+)\"")

# How a test kills: by a signal in a process of its own, or by going no further in this one.
_KILLS = re.compile(r"\b(forked|is_killed_at|dies_here|TINHSO_CRASH|raise Killed|KeyboardInterrupt|def die)\b")


@cache
def _points() -> frozenset[str]:
    files = [file for file in (ROOT / "src" / "tinhso").rglob("*.py") if file.name != "crash.py"]
    return frozenset(name for file in files for name in _POINT.findall(file.read_text(encoding="utf-8")))


@cache
def _killed_at_in_tests() -> frozenset[str]:
    here = Path(__file__).name
    texts = [f.read_text(encoding="utf-8") for f in (ROOT / "tests").rglob("test_*.py") if f.name != here]
    return frozenset(name for text in texts if _KILLS.search(text) for name in _points() if f'"{name}' in text)


def test_there_are_points_on_every_kind_of_write_path() -> None:
    kinds = {
        "a file before its row": "store_file:after_rename", "two phases of signing": "sign_result:after_person",
        "an outside call before its record": "start_payment:after_call", "the exchange's log": "journal:after_commit",
        "the outbox": "deliver_messages:sent", "a receipt": "issue_receipt:after_store",
        "an archive": "make_aip:after_store", "a message to people": "send_due:before_record",
    }  # fmt: skip
    assert not {kind: name for kind, name in kinds.items() if name not in _points()}


def test_every_point_is_one_where_a_test_kills() -> None:
    unknown = _points() - _killed_at_in_tests()
    assert not unknown, f"nobody is killed at {sorted(unknown)}"
