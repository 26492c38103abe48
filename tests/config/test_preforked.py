"""Children that are killed are replaced; asked to stop, all end."""

import os
import signal
import time
from pathlib import Path

from tinhso.config.preforked import Keeper


def test_a_killed_child_is_replaced_and_all_end_when_asked(tmp_path: Path) -> None:
    def work() -> None:
        (tmp_path / str(os.getpid())).touch()
        while True:
            signal.pause()

    keeper = os.fork()
    if keeper == 0:
        os._exit(0 if Keeper(work, processes=2).run() in {0, signal.SIGTERM} else 1)
    first = _born(tmp_path, 2)
    os.kill(first[0], signal.SIGKILL)
    later = _born(tmp_path, 3)
    os.kill(keeper, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1]) == 0
    assert len(set(later)) == 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in later)


def _born(folder: Path, count: int) -> list[int]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [int(one.name) for one in folder.iterdir()]
        if len(found) == count:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{count} children were not born")
