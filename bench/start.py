"""How long the program takes to start: processor time of the imports, and the second start until it answers."""

import os
import resource
import subprocess
import sys
import time
from typing import Any

from bench.province import ROOT, Province, stop, wait_until_up

_IMPORTS = {
    "web": "import tinhso.config.wsgi; from django.urls import get_resolver; get_resolver().url_patterns",
    "command": "import tinhso.config.cli",
}
_REPEATS = 3
_MOST_CASES = 60  # with more, `demo run` makes the rest beside the pages


def measure(province: Province, *, templates: int) -> dict[str, Any]:
    """Processor seconds of the imports; wall seconds of the supervised start until /healthz answers."""
    found: dict[str, Any] = {name: min(_cpu(code) for _ in range(_REPEATS)) for name, code in _IMPORTS.items()}
    province.installation.stop_database()  # starting it is part of what is measured
    try:
        # The first of the two may still find a step to do; the second is a second start.
        times = [_start(province, min(templates, _MOST_CASES)) for _ in range(2)]
    finally:
        province.installation.start_database()
    return {**found, "healthz_s": round(min(times), 2)}


def _cpu(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env=os.environ, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, 2)


def _start(province: Province, templates: int) -> float:
    """`tinhso demo run` on data that is there already, with web, worker and simulators, until /healthz says 200."""
    command = [sys.executable, "-m", "tinhso.config.cli", "demo", "run", "--cases", str(templates)]
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until_up(province.port, process)
        return time.monotonic() - started
    finally:
        stop(process)
