"""A command that needs the database says in one sentence that there is none."""

import json
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


# One process gets the product ready; each command is a fork of it, for getting ready takes seconds.
PROGRAM = """
import json, os, sys
from tinhso.config.bootstrap import setup
from tinhso.config.cli import main

setup()
ended = []
for number, command in enumerate(json.loads(sys.argv[1])):
    if os.fork() == 0:
        for stream in (1, 2):
            os.dup2(os.open(f"{sys.argv[2]}/{number}.{stream}", os.O_CREAT | os.O_WRONLY), stream)
        sys.argv = ["tinhso", *command]
        main()
        sys.exit(0)
    ended.append(os.waitstatus_to_exitcode(os.wait()[1]))
print(json.dumps(ended))
"""


@pytest.mark.parametrize(
    ("url", "commands"),
    [
        ("", COMMANDS[:1]),
        pytest.param("", COMMANDS[1:], marks=pytest.mark.sweep),
        pytest.param("postgresql://ai:gi@127.0.0.1:1/khong", COMMANDS[:1], marks=pytest.mark.sweep),
    ],
    ids=["embedded", "embedded, others", "elsewhere"],
)
def test_one_sentence_and_no_trace(url: str, commands: tuple[list[str], ...], tmp_path: Path) -> None:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "DJANGO_", "TINHSO_"))
    }
    environment = {**kept, "TINHSO_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(SOURCE)}
    if url:
        environment["DATABASE_URL"] = url
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(commands), str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [2] * len(commands)
    for number, command in enumerate(commands):
        said, complained = ((tmp_path / f"{number}.{stream}").read_text() for stream in (1, 2))
        assert said == "", command
        assert complained.startswith("Không kết nối được cơ sở dữ liệu"), command
        assert len(complained.strip().splitlines()) == 1, command
        assert "gi@" not in complained, "no password on the screen"
