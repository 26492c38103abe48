"""Every named point at which the product can be killed is one at which a test kills it.

Actions have theirs before and after the commit by construction (`kernel/actions.py`, held by tests/kernel); those named
here lie between an outside call, a written file or a signature and the row that tells of it.
"""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_POINT = re.compile(r"\bcrash\(\s*\"([a-z_]+:[a-z_]+)\"")

# Points at which no test kills yet. This list may only become shorter.
NOT_KILLED_YET = {
    "build_run:between", "fetch_for_draft:begun", "issue_receipt:after_provider", "journal:before_commit",
    "look_up_for_case:begun", "make_dip:after_store", "seal_content:kept", "send_answers:before_record",
    "send_due:before_record", "remove_mail:between", "work_list:between",
}  # fmt: skip


@cache
def _points() -> frozenset[str]:
    files = [file for file in (ROOT / "src" / "tinhso").rglob("*.py") if file.name != "crash.py"]
    return frozenset(name for file in files for name in _POINT.findall(file.read_text(encoding="utf-8")))


@cache
def _named_in_tests() -> frozenset[str]:
    here = Path(__file__).name
    text = "\n".join(f.read_text(encoding="utf-8") for f in (ROOT / "tests").rglob("test_*.py") if f.name != here)
    return frozenset(name for name in _points() if name in text)


def test_there_are_points_on_every_kind_of_write_path() -> None:
    kinds = {
        "a file before its row": "store_file:after_rename", "two phases of signing": "sign_result:after_person",
        "an outside call before its record": "start_payment:after_call", "the exchange's log": "journal:after_commit",
        "the outbox": "deliver_messages:sent", "a receipt": "issue_receipt:after_store",
        "an archive": "make_aip:after_store", "a message to people": "send_due:before_record",
    }  # fmt: skip
    assert not {kind: name for kind, name in kinds.items() if name not in _points()}


def test_every_point_is_one_where_a_test_kills() -> None:
    unknown = _points() - _named_in_tests() - NOT_KILLED_YET
    assert not unknown, f"nobody is killed at {sorted(unknown)}"


def test_the_list_of_those_not_tried_yet_is_true() -> None:
    assert not NOT_KILLED_YET & _named_in_tests(), "they are tried now: take them off the list"
    assert _points() >= NOT_KILLED_YET
