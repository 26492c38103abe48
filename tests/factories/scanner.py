"""A real clamd with a database of two signatures of our own, started once a run and shared."""

import atexit
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import pytest

from tests.factories.files import EICAR

_CONF = """LocalSocket {folder}/socket
DatabaseDirectory {folder}/db
Foreground yes
LogFile {folder}/log
StreamMaxLength 3M
MaxThreads 2
ConcurrentDatabaseReload no
"""


@lru_cache(maxsize=1)
def clamd() -> str:
    """The path of its socket; skips the test where clamd is not installed."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed (Debian: apt-get install clamav-daemon)")
    folder = Path(tempfile.mkdtemp(prefix="tinhso-clamd-"))
    (folder / "db").mkdir()
    # Name:Type(0 any):Offset:HexSignature
    (folder / "db" / "own.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\nTest.Mark:0:*:{b'TINHSO-BAD-MARK'.hex()}\n")
    (folder / "conf").write_text(_CONF.format(folder=folder))
    process = subprocess.Popen(
        [program, "-c", str(folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    @atexit.register
    def stop() -> None:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    for _ in range(600):
        if (folder / "socket").exists():
            return str(folder / "socket")
        assert process.poll() is None, (folder / "log").read_text() if (folder / "log").exists() else "clamd died"
        time.sleep(0.05)
    raise AssertionError("clamd does not start")
