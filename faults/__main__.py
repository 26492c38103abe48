"""`python -m faults`: load, kill, compare. `--profile ci` is the step of every landing, `long` the long run."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from faults import report
from faults.killer import Killer
from faults.load import Load
from faults.oracle import Oracle
from faults.place import ROOT, Place, make, prepare
from faults.verdict import Verdict, drain, judge


@dataclass(frozen=True)
class Profile:
    """How much: kills, acknowledged operations, seconds of load at most, share of pieces that meet a broken line."""

    kills: int
    operations: int
    seconds: float
    broken: float = 0.002
    machines: int = 6
    exchangers: int = 4
    officers: int = 1
    citizens: int = 2


PROFILES = {
    "small": Profile(kills=12, operations=600, seconds=30),
    "ci": Profile(kills=200, operations=20_000, seconds=240),
    "long": Profile(kills=5_000, operations=1_000_000, seconds=6 * 3600),
}


def run(place: Place, profile: Profile, *, seed: int) -> dict[str, Any]:
    """The load and the kills on a running installation; what came of it."""
    folder = place.folder.parent
    oracle, peer_log = Oracle(folder / "oracle.log"), folder / "peer.log"
    with ExitStack() as stack:
        web_port, gateway_port = place.port + 5, place.port + 6
        for arguments in (
            ["faults.peer", str(place.peer_port), str(peer_log)],
            ["faults.proxy", str(web_port), str(place.port), str(profile.broken), str(seed)],
            ["faults.proxy", str(gateway_port), str(place.gateway_port), str(profile.broken), str(seed + 1)],
        ):
            stack.callback(_end, _begin(arguments))
        load = Load(place, oracle, web_port=web_port, gateway_port=gateway_port, seed=seed)
        load.sign_in(
            machines=profile.machines, exchangers=profile.exchangers, officers=profile.officers,
            citizens=profile.citizens,
        )  # fmt: skip
        killer = Killer(place, oracle, kills=profile.kills, seconds=profile.seconds * 0.9, seed=seed)
        started = time.monotonic()
        load.start()
        killer.start()
        while time.monotonic() - started < profile.seconds:
            if killer.total >= profile.kills and load.tally.total >= profile.operations:
                break
            time.sleep(0.2)
            print(f"\r{killer.total} kills, {load.tally.total} acknowledged", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        killer.stop()
        loaded_s = time.monotonic() - started
        stuck = load.finish(patience_s=60)
    drained_s = drain(place)
    verdict = judge(place, oracle.path, peer_log)
    sealed = [_sealed(place, "audit", "verify"), _sealed(place, "exchange", "verify")]
    oracle.close()
    times = sorted(load.tally.times) or [0.0]
    return {
        "seed": seed, "profile": asdict(profile), "kills": dict(killer.done), "kills_total": killer.total,
        "acknowledged": dict(load.tally.acknowledged), "acknowledged_total": load.tally.total,
        "loaded_s": round(loaded_s, 1), "drained_s": round(drained_s, 1), "retries": load.tally.retries,
        "asked_again": load.tally.again, "answered_differently": load.tally.different, "wrong": load.tally.wrong,
        "p50_ms": round(times[len(times) // 2] * 1000), "p99_ms": round(times[int(len(times) * 0.99)] * 1000),
        "longest_s": round(times[-1], 1), "clients_stuck": stuck, "seals": sealed,
        "broken": dict(load.tally.broken.most_common(8)), **_told(verdict),
    }  # fmt: skip


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "lost": len(verdict.lost), "dup": len(verdict.dup), "orphan": len(verdict.orphan),
        "ambiguous": verdict.ambiguous, "compared": dict(verdict.compared), "findings": verdict.sentences(),
    }  # fmt: skip


def is_clean(found: dict[str, Any]) -> bool:
    """Whether nothing was lost, doubled, halved or answered in two ways."""
    bad = ("lost", "dup", "orphan", "answered_differently", "wrong", "clients_stuck")
    return not any(found[name] for name in bad) and all(found["seals"])


def _sealed(place: Place, *arguments: str) -> bool:
    done = place.tinhso(*arguments, check=False)
    if done.returncode:
        print(done.stdout[-1500:], done.stderr[-500:], file=sys.stderr)
    return done.returncode == 0


def _begin(arguments: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, start_new_session=True)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def main() -> None:
    """Prepare, load, kill, compare, report; ends with 1 when anything is lost, doubled or halved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=list(PROFILES), default="small")
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same operations and kills")
    parser.add_argument("--seconds", type=float, help="of load, at most")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--keep", action="store_true", help="leave the installation and the logs where they are")
    options = parser.parse_args()
    profile = PROFILES[options.profile]
    given = {name: getattr(options, name) for name in ("seconds", "kills") if getattr(options, name) is not None}
    profile = replace(profile, **given)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    home = Path("/var/lib/tinhso") if os.geteuid() == 0 else None
    if home is not None:
        home.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=home))
    folder.chmod(0o755)  # the database's own user must get through
    place = make(folder, seed=seed)
    try:
        prepared_s = prepare(place)
        started = time.monotonic()
        place.start()
        found = {"prepared_s": round(prepared_s, 1), "started_s": round(time.monotonic() - started, 1)}
        found |= run(place, profile, seed=seed)
    finally:
        place.stop()
        if options.keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    report.write(found, ROOT / "var" / "faults")
    print(report.table(found))
    if not is_clean(found):
        print(
            json.dumps(
                {k: found[k] for k in ("findings", "answered_differently", "wrong")}, ensure_ascii=False, indent=1
            )
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
