"""Two web machines, a worker's, a primary and a standby: under load the primary dies, the standby is promoted.

Machines are addresses of the loopback network (127.0.0.11 and .12 the web, .31 and .32 the databases); what they are given is
what real ones are given: `DATABASE_URL` with both databases, one folder of files, nginx in front. The load, the log of what
was acknowledged and the comparison are those of `faults/`.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from deploy.trial.cluster import STANDBY, Machine
from deploy.trial.front import ROOT, Front
from deploy.trial.units import Running, environment, prepared
from faults.load import Load
from faults.oracle import Oracle, read
from faults.place import Place, die_with_parent
from faults.run import end, provider
from faults.verdict import drain, judge, latest_entry

from tinhso.config import embedded

WEB = ("127.0.0.11", "127.0.0.12")
DATABASES = ("127.0.0.31", "127.0.0.32")
_DETECTED_S = 2.0
_CUT_S = 1.5
_PAGE = "/tim?q=khai+sinh"  # asks the database, as nearly every page does


@dataclass
class Province(Place):
    """The place as `faults/` knows it; its database is asked wherever the primary is now."""

    primary: Machine | None = None
    running: list[Running] = field(default_factory=list)

    def database(self) -> "psycopg.Connection[Any]":
        assert self.primary is not None
        return self.primary.session()


class Visitor(threading.Thread):
    """Opens a page ten times a second through the front, and keeps what came when."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.seen = port, []  # type: tuple[int, list[tuple[float, int, str, str]]]
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        import http.client

        while not self._stop_asked.wait(0.1):
            began = time.time()
            try:
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                line.request("GET", _PAGE, headers={"Host": f"127.0.0.1:{self.port}"})
                answer = line.getresponse()
                text = answer.read().decode(errors="replace")
                said = "Hệ thống tạm ngừng trong chốc lát" in text
                self.seen.append((began, answer.status, answer.headers.get("Retry-After", ""), "said" if said else ""))
                line.close()
            except OSError as error:
                self.seen.append((began, 0, "", type(error).__name__))

    def stop(self) -> None:
        """No more pages."""
        self._stop_asked.set()
        self.join(30)


def run(*, seconds: float, seed: int, keep: bool, control: bool = False) -> dict[str, Any]:
    """Bring it up, load it, kill the primary in the middle, promote, compare; what came of it.

    `control` takes the safeguard away: nobody waits for the standby, and its line is cut a moment before. What was
    acknowledged in that moment must then be found missing, or the comparison proves nothing.
    """
    with ExitStack() as stack:
        made = prepared(stack, seed=seed, keep=keep)
        folder = made.folder.parent
        place = Province(made.folder, made.port, made.peer_port, made.log, made.environment)
        cluster = embedded.Cluster(place.folder / "postgres")
        primary = Machine(cluster, cluster.data, DATABASES[0], place.port + 4)
        stack.callback(primary.kill)
        primary.begin()
        standby = primary.copy_to(cluster.folder / "standby", DATABASES[1])
        stack.callback(standby.kill)
        standby.begin()
        if not control:
            primary.configure(f"synchronous_standby_names = 'FIRST 1 ({STANDBY})'")
        place.primary = primary
        _begin_services(place, cluster, folder, stack)
        found = _fail_over(place, standby, folder, stack, seconds=seconds, seed=seed, control=control)
        if not is_clean(found):
            print((folder / "services.log").read_text(errors="replace")[-20_000:], file=sys.stderr)
        return found


def _begin_services(place: Province, cluster: embedded.Cluster, folder: Path, stack: ExitStack) -> None:
    hosts = ",".join(f"{one}:{place.port + 4}" for one in DATABASES)
    password = quote(cluster.password(embedded.APPLICATION))
    settings = environment(
        **{name: value for name, value in place.environment.items() if name.startswith(("TINHSO_", "PYTHON"))},
        DATABASE_URL=f"postgresql://{embedded.APPLICATION}:{password}@{hosts}/{embedded.DATABASE}",
        TINHSO_BASE_URL=f"http://127.0.0.1:{place.port}", TINHSO_ALLOWED_HOSTS="127.0.0.1,localhost",
        TINHSO_WEB_WORKERS="1", TINHSO_GATEWAY_PORT=str(place.gateway_port), TINHSO_GATEWAY_TLS_PORT=str(place.port + 3),
        TINHSO_METRICS_DIR=str(folder / "counts"), TINHSO_METRICS_TOKEN_FILE="", TINHSO_TLS_CERTIFICATE="",
        TINHSO_BACKUP_DIR="", TINHSO_GATEWAY_URL=f"http://127.0.0.1:{place.gateway_port}",
    )  # fmt: skip
    log = folder / "services.log"
    wanted = [("tinhso-web@.service", str(place.port), address) for address in WEB]
    wanted += [("tinhso-worker.service", "", ""), ("tinhso-gateway.service", "", "")]
    for unit, instance, address in wanted:
        service = Running(unit, settings, log=log, instance=instance)
        if address:
            service.command[service.command.index("127.0.0.1")] = address
        stack.callback(service.stop, patience_s=15)
        service.start()
        place.running.append(service)
    simulators = subprocess.Popen(
        [place_python(), "-m", "granian", "--host", "127.0.0.1", "--port", str(place.port + 1), "--interface", "asgi",
         "--no-access-log", "--log-level", "warning", "tinhso.simulators.app:application"],
        env=place.environment, cwd=ROOT, stdout=log.open("ab"), stderr=subprocess.STDOUT, start_new_session=True,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )  # fmt: skip
    stack.callback(end, simulators)
    front = Front(
        folder / "nginx", listen=f"127.0.0.1:{place.port}", servers=[f"{one}:{place.port}" for one in WEB],
        static=place.folder / "staticfiles",
    )  # fmt: skip
    stack.callback(front.stop)
    front.start()
    for port in (place.port, place.port + 1, place.gateway_port):
        place.wait_for(port)


def place_python() -> str:
    """The interpreter of the product."""
    return str(ROOT / ".venv" / "bin" / "python")


def _fail_over(
    place: Province, standby: Machine, folder: Path, stack: ExitStack, *, seconds: float, seed: int, control: bool
) -> dict[str, Any]:
    oracle, peer_log = Oracle(folder / "oracle.log"), folder / "peer.log"
    stack.enter_context(provider(place, peer_log))
    load = Load(place, oracle, web_port=place.port, gateway_port=place.gateway_port, seed=seed)
    load.sign_in(machines=4, exchangers=2, officers=0, citizens=0)
    visitor, after = Visitor(place.port), latest_entry(place)
    load.start()
    visitor.start()
    time.sleep(seconds / 2)
    if control:
        standby.configure("primary_conninfo = ''")
        time.sleep(_CUT_S)
    acknowledged_before = load.tally.total
    assert place.primary is not None
    killed = time.time()
    place.primary.kill()
    time.sleep(_DETECTED_S)  # what a watch needs to be sure; a person needs longer
    promoted = promote(standby)
    place.primary = standby
    time.sleep(seconds / 2)
    stuck = load.finish(patience_s=60)
    visitor.stop()
    drained_s, left = drain(place)
    verdict = judge(place, oracle.path, peer_log, after=after)
    oracle.close()
    first = min(
        (line["at"] for line in read(oracle.path) if line["t"] == "ack" and line["at"] > promoted), default=None
    )
    return {
        "acknowledged_before": acknowledged_before, "acknowledged": load.tally.total, "lost": verdict.lost, "dup": verdict.dup,
        "orphan": verdict.orphan, "compared": dict(verdict.compared), "clients_stuck": stuck, "left_in_queue": left,
        "drained_s": round(drained_s, 1), "detected_s": _DETECTED_S, "promoted_s": round(promoted - killed, 2),
        "first_acknowledged_s": round(first - killed, 2) if first else None, "pages": _pages(visitor, killed),
        "retries": load.tally.retries, "broken": dict(load.tally.broken.most_common(6)),
        "wrong": load.tally.wrong[:5], "load": os.getloadavg()[0],
    }  # fmt: skip


def promote(standby: Machine) -> float:
    """What `failover.sh` does at the standby; when it took writes. Nobody waits for a standby that is not there yet."""
    standby.configure("synchronous_standby_names = ''")
    standby.ask("SELECT pg_promote(true, 60)")
    while standby.ask("SELECT pg_is_in_recovery()"):
        time.sleep(0.05)
    return time.time()


def _pages(visitor: Visitor, killed: float) -> dict[str, Any]:
    """What a visitor saw from the kill on: each kind of answer, how many said what to do, how long until all was well."""
    later = [one for one in visitor.seen if one[0] >= killed]
    kinds = Counter(
        f"{status}{' with Retry-After' if retry else ''}{' and the page that says so' if said == 'said' else ''}"
        if status else said
        for _at, status, retry, said in later
    )  # fmt: skip
    bad = [at for at, status, _retry, _said in later if status != 200]
    return {"answers": dict(kinds), "away_s": round(max(bad) - killed, 1) if bad else 0.0}


def told(found: dict[str, Any]) -> str:
    """The outcome for people."""
    return json.dumps(found, ensure_ascii=False, indent=1)


def is_clean(found: dict[str, Any]) -> bool:
    """Nothing acknowledged was lost, doubled or halved, and everybody was served again."""
    bad = ("lost", "dup", "orphan", "clients_stuck", "left_in_queue", "wrong")
    return not any(found[name] for name in bad) and found["first_acknowledged_s"] is not None
