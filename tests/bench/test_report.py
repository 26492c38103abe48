"""The page of speed: what the bench writes into it, and what it leaves alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import aims, machine, report, tables

ROOT = Path(__file__).resolve().parents[2]


def _figures(*, tps: float = 1_234.5, second_start_s: float = 3.2, others: float = 0.0) -> dict[str, Any]:
    watch = {"seconds": 6.0, "own_cores": 1.4, "others_cores": others, "steal_cores": 0.0, "load": 1.1}
    start = {
        "healthz_s": second_start_s, "healthz_cpu_s": 4.1, "web": 3.0, "command": 0.1, "prepare_s": 40.0, "prepare_cpu_s": 60.0,
    }  # fmt: skip
    return {
        "profile": {"name": "small", "templates": 40}, "seconds": 290, "reused": False,
        "watch": watch, "parts": {"pgbench": watch},
        "machine": {**machine.facts(), "commit": "abc"}, "start": start,
        "pgbench": {"tps": tps, "latency_ms": 6.5, "transactions": 3_703.0, "scale": 5, "clients": 8, "seconds": 3},
    }  # fmt: skip


def test_the_page_keeps_what_is_written_by_hand(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    regions = [f"<!-- {name}: begin -->\nold\n<!-- {name}: end -->\n" for name in ("aims", "bench")]
    page.write_text("# Hand\n" + "between\n".join(regions) + "last\n")
    report.write(page, _figures())
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Hand\n<!-- aims: begin -->")
    assert "<!-- aims: end -->\nbetween\n<!-- bench: begin -->" in text
    assert text.endswith("<!-- bench: end -->\nlast\n")
    assert "| 1,234 | 6.5 | 3,703 |" in text
    report.write(page, _figures())
    assert page.read_text() == text


def test_an_aim_that_is_missed_says_why() -> None:
    assert "| the second start of the demo within 5 s | 3.2 s (4.1 s of processor time) | yes |  |" in aims.tell(
        _figures()
    )
    missed = next(line for line in aims.tell(_figures(second_start_s=6.0)).splitlines() if "second start" in line)
    assert missed.split(" | ")[2] == "**no**"
    assert len(missed.split(" | ")[3]) > 20


def test_a_shared_machine_is_told() -> None:
    assert "The machine was quiet." in report.text(_figures())
    shared = report.text(_figures(others=1.3))
    assert "other work kept 1.3 of" in shared
    assert "The machine was shared" in shared


def test_processor_time_of_what_was_started_is_seen() -> None:
    before = machine.served_s()
    subprocess.run([sys.executable, "-S", "-c", "sum(range(6_000_000))"], check=True)
    assert machine.served_s() > before


def test_tables_are_markdown() -> None:
    assert tables.table(["a", "b"], [(1, "x")]) == "| a | b |\n|---|---|\n| 1 | x |"


@pytest.mark.sweep
def test_every_part_runs(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--tiny", "--json", str(kept)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": "src:."}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    figures = json.loads(kept.read_text())
    assert {"start", "casework", "submissions", "pages", "papers", "gateway", "pgbench"} <= figures.keys()
    assert figures["casework"]["acts"]["rate"] > 0
