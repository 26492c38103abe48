"""Named crash points for fault tests.

`crash("submit_case:after_commit")` does nothing unless test settings armed that name through the environment
(`TINHSO_CRASH="name@hit"` with `TINHSO_CRASH_ENABLED=1`), and then kills the process with SIGKILL at that hit, as a
power cut would. Points exist on every write path from the start so that fault tests need no rebuilding.
"""

import os
import signal
from collections import Counter

_hits: Counter[str] = Counter()
names: set[str] = set()


def crash(name: str) -> None:
    """Pass, or die here when this point is armed."""
    armed = os.environ.get("TINHSO_CRASH")
    if armed is None or os.environ.get("TINHSO_CRASH_ENABLED") != "1":
        return
    names.add(name)
    point, _, hit = armed.partition("@")
    if point != name:
        return
    _hits[name] += 1
    if _hits[name] >= int(hit or "1"):
        os.kill(os.getpid(), signal.SIGKILL)
