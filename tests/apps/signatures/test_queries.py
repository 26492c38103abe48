"""Checking a stranger's file: the same verdict as in this process, and limits that hold."""

import shutil
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.factories.papers import letter
from tests.factories.signatures import AT, World
from tinhso.apps.signatures import queries
from tinhso.apps.signatures.providers import sandbox
from tinhso.apps.signatures.rules import child


@pytest.fixture(autouse=True)
def _keys(world: World, tmp_path: Path, settings: Any) -> None:
    """The world's authority is the installation's."""
    shutil.copytree(world.folder, tmp_path / "keys")
    settings.DATA_DIR = tmp_path


def test_same_verdict_in_a_process_of_its_own(world: World) -> None:
    verdict = queries.verify_upload(world.sealed, at=AT)
    assert verdict.ok
    assert "Nguyễn Thị Ví Dụ" in verdict.text
    assert replace(verdict, text="", pages_compared=0) == queries.verify_pdf(world.sealed, at=AT)


@pytest.mark.parametrize("change", ["plain", "junk", "no PDF", "sealed"])
def test_question_and_answer_lose_nothing(change: str, world: World) -> None:
    content = {"plain": letter(), "junk": world.sealed + b"\n%", "no PDF": b"hello\nworld", "sealed": world.sealed}[
        change
    ]
    out = BytesIO()
    child.main(BytesIO(child.question(content, trust=world.trust, at=AT)), out)
    assert replace(child.answer(out.getvalue()), text="", pages_compared=0) == queries.verify_pdf(content, at=AT)


@pytest.mark.parametrize("wish", ["memory", "seconds", "disk", "nothing_like_that"])
def test_greedy_processes_end(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(__file__).resolve().parents[3]
    monkeypatch.setitem(sandbox._ENVIRONMENT, "PYTHONPATH", f"{here}:{here / 'src'}")
    started = time.monotonic()
    with pytest.raises(sandbox.SandboxError):
        sandbox.run(f"tests.apps.signatures.greedy.{wish}", b"", seconds=1, megabytes=256)
    assert time.monotonic() - started < 30


def test_a_modest_process_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four above end because of their wishes, not because nothing runs at all."""
    here = Path(__file__).resolve().parents[3]
    monkeypatch.setitem(sandbox._ENVIRONMENT, "PYTHONPATH", f"{here}:{here / 'src'}")
    assert sandbox.run("tests.apps.signatures.greedy.modest", b"xin", seconds=1, megabytes=256) == b"xin"


def test_a_file_that_exhausts_the_limits_is_called_unreadable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_CHECK_MEGABYTES", 40)
    verdict = queries.verify_upload(world.sealed, at=AT)
    assert (verdict.ok, verdict.outcome) == (False, "unreadable")
