"""How long the program takes to start: processor time of the imports, and the second start until it answers."""

import os
import resource
import subprocess
import sys
import time
from typing import Any

from bench import machine
from bench.province import ROOT, Province, stop, wait_until_up
from bench.tables import table

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
        clock, processor = min(_start(province, min(templates, _MOST_CASES)) for _ in range(2))
    finally:
        province.installation.start_database()
    first = {"prepare_s": province.timings["prepare"], "prepare_cpu_s": province.timings["prepare cpu"]}
    return {**found, **first, "healthz_s": round(clock, 2), "healthz_cpu_s": round(processor, 2)}


def _cpu(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env=os.environ, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, 2)


def _start(province: Province, templates: int) -> tuple[float, float]:
    """`tinhso demo run` on data that is there already, with web, worker and simulators, until /healthz says 200.

    Seconds of the clock and of the processor.
    """
    command = [sys.executable, "-m", "tinhso.config.cli", "demo", "run", "--cases", str(templates)]
    started, before = time.monotonic(), machine.served_s()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until_up(province.port, process)
        return time.monotonic() - started, machine.served_s() - before
    finally:
        stop(process)


def tell(found: dict[str, Any], figures: dict[str, Any]) -> str:
    """This part of the report."""
    rows = [
        ("second `tinhso demo run` until /healthz answers", found["healthz_s"], found["healthz_cpu_s"]),
        ("imports of a web process", "", found["web"]),
        ("imports of the command line", "", found["command"]),
    ]
    if found["prepare_s"]:
        steps = f"database, schema, content, keys, people and {figures['profile']['templates']} lived cases"
        rows.insert(0, (f"first start: {steps}", round(found["prepare_s"], 1), round(found["prepare_cpu_s"], 1)))
    return "### Start\n\n" + table(["", "seconds by the clock", "seconds of processor time"], rows)
