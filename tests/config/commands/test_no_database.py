"""A command that needs the database says in one sentence that there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src"
COMMANDS = (
    ["catalogue", "imports"],
    ["catalogue", "search", "khai", "sinh"],
    ["unit", "show", "H48"],
    ["audit", "verify"],
    ["content", "plan"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("url", ["", "postgresql://ai:gi@127.0.0.1:1/khong"], ids=["embedded", "elsewhere"])
def test_one_sentence_and_no_trace(command: list[str], url: str, tmp_path: Path) -> None:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_", "TINHSO_"))
    }
    environment = {**kept, "TINHSO_DATA_DIR": str(tmp_path), "PYTHONPATH": str(SOURCE)}
    if url:
        environment["DATABASE_URL"] = url
    done = subprocess.run(
        [sys.executable, "-m", "tinhso.config.cli", *command],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Không kết nối được cơ sở dữ liệu")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "gi@" not in done.stderr, "no password on the screen"
