"""`python -m bench.tour`: what every page of the tour takes of the processors, the server's and the database's share apart.

The pages, and who opens each, are those of `tests/architecture/page_tour.py`: the whole URL map over a province with something
behind every list. They are asked there by `tests/architecture/test_page_times.py`, in one process, through the whole view;
this command runs that and puts the table into docs/explanation/page-times.md. Nothing is judged here: what a page may weigh
and ask is a budget (`page_budgets.yaml`), what it takes is a figure.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.machine import facts
from bench.tables import table

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "bench" / "tour.json"
PAGE = ROOT / "docs" / "explanation" / "page-times.md"
ROUNDS = 7
_MARKS = ("<!-- tour: begin -->", "<!-- tour: end -->")
_MS = 1000


@dataclass(frozen=True)
class Spent:
    """One page: who opens it, its route, the median processor time of the server and of the database, and its statements."""

    role: str
    route: str
    server_ms: float
    database_ms: float
    statements: int
    kb: float


def spent_on(role: str, route: str, ask: Callable[[], Any], *, rounds: int = ROUNDS) -> Spent:
    """Ask so often, once before it counts; the medians. The database's is that of the session this process has with it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    statements = len(captured)  # the next request forgets them
    server, database = [], []
    for _ in range(rounds):
        connection.ensure_connection()
        session = connection.connection.info.backend_pid
        worked, began = _worked_s(session), time.process_time()
        ask()
        server.append(time.process_time() - began)
        database.append(_worked_s(session) - worked)
    return Spent(
        role, route, round(statistics.median(server) * _MS, 1), round(statistics.median(database) * _MS, 1), statements,
        round(len(answer.content) / _MS, 1),
    )  # fmt: skip


def _worked_s(process: int) -> float:
    """Processor seconds of another process so far, by the kernel's own book (to the nanosecond, up to its last rest)."""
    worked, _, _ = Path(f"/proc/{process}/schedstat").read_text(encoding="utf-8").split()
    return int(worked) / 1e9


def keep(pages: Iterable[Spent]) -> None:
    """What was measured last, with the machine and the day."""
    load = round(os.getloadavg()[0], 1)
    found = {"pages": [asdict(one) for one in pages], "rounds": ROUNDS, "machine": facts(), "load": load}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


def tell(found: dict[str, Any]) -> str:
    """The tables: the sums, and every page, the dearest first."""
    machine = found["machine"]
    pages = sorted(found["pages"], key=lambda one: -(one["server_ms"] + one["database_ms"]))
    whole = [one["server_ms"] + one["database_ms"] for one in pages]
    rows = [
        (f"`/{one['route']}`", one["role"], one["server_ms"], one["database_ms"], one["statements"], one["kb"])
        for one in pages
    ]
    taken_on = f"{machine['date']} at `{machine['commit']}`, {machine['cores']} cores of {machine['cpu']}"
    return (
        f"{len(pages)} pages on {taken_on}, load {found['load']} at the end; medians of {found['rounds']} requests. Server and"
        f" database together: half of the pages take {statistics.median(whole):.0f} ms or less, nine of ten"
        f" {sorted(whole)[len(whole) * 9 // 10]:.0f} ms or less, the dearest {whole[0]:.0f} ms.\n\n"
        + table(["page", "as", "server ms", "database ms", "statements", "kB"], rows)
    )


def write(found: dict[str, Any], page: Path) -> None:
    """Put the tables between their marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_MARKS[0])
    _, _, after = rest.partition(_MARKS[1])
    page.write_text(f"{before}{_MARKS[0]}\n\n{tell(found)}\n\n{_MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Measure, and renew the page of the docs."""
    test = "tests/architecture/test_page_times.py"
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "sweep", test], cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    write(json.loads(KEPT.read_text(encoding="utf-8")), PAGE)
    print(f"{PAGE.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
