"""Housekeeping of the files on disk."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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
