"""Housekeeping of the files on disk, and what a crash in the middle of storing leaves."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import files
from tinhso.apps.documents import flows

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_only_old_leftovers_are_swept(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    assert flows.sweep_incoming(at=AT) == 0
    incoming = tmp_path / "files" / "incoming"
    incoming.mkdir(parents=True)
    for name, age in (("old", timedelta(days=2)), ("young", timedelta(hours=2))):
        (incoming / name).write_bytes(b"x")
        os.utime(incoming / name, (0, (AT - age).timestamp()))
    assert flows.sweep_incoming(at=AT) == 1
    assert [path.name for path in incoming.iterdir()] == ["young"]


@pytest.mark.parametrize("crash", ["store_file:after_rename", ""])
def test_a_power_cut_after_the_rename_leaves_whole_content(crash: str, tmp_path: Path) -> None:
    """The process dies between the rename and the row: the content is whole, and storing it again just works."""
    script = (
        "import io, sys\nfrom pathlib import Path\nfrom tinhso.apps.documents.providers import disk\n"
        "with disk.take_in(Path(sys.argv[1]), io.BytesIO(sys.stdin.buffer.read()), limit=10**6, head_bytes=16) as file:\n"
        "    disk.keep(Path(sys.argv[1]), file)\n"
    )
    environment = {**os.environ, "PYTHONPATH": "src", "TINHSO_CRASH_ENABLED": "1", "TINHSO_CRASH": crash}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        input=files.PDF,
        env=environment,
        check=False,
        capture_output=True,
    )
    assert done.returncode == (-9 if crash else 0), done.stderr.decode()
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in found] == [files.PDF]
    assert found[0].parent.name == found[0].name[2:4]
