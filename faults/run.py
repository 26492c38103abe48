"""One run: an installation, the load, the kills, the weather, and the comparison."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from faults.flushing import flushes
from faults.killer import WEIGHTS, Killer
from faults.load import Load, Tally
from faults.machine import Clock, SmallDisk, Weather
from faults.oracle import Oracle
from faults.place import ROOT, Place, die_with_parent, make, pattern_size, prepare
from faults.stopping import LONG_S, Stopper
from faults.verdict import Verdict, drain, judge, latest_entry, silences


@dataclass(frozen=True)
class Profile:
    """How much: kills, acknowledged operations, and the share of pieces that meet a broken line.

    The run ends when both numbers are reached. `seconds` is what that takes at most on a quiet machine of two processors;
    a slower or busier one is given the time it needs, as long as it gets on. Without a number of operations it is the time
    that counts (the negative controls, the drill).
    """

    kills: int
    operations: int | None
    seconds: float
    broken: float = 0.002
    weather_every_s: float = 0.0
    sabotage: str = ""
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    machines: int = 6
    exchangers: int = 4
    officers: int = 1
    citizens: int = 2


PROFILES = {
    "small": Profile(kills=12, operations=600, seconds=30),
    "ci": Profile(kills=200, operations=20_000, seconds=360, weather_every_s=20),
    "long": Profile(kills=5_000, operations=1_000_000, seconds=6 * 3600, weather_every_s=40),
}

# What an operation leaves on the disk, with its entries, jobs and the log of the database.
_BYTES_EACH = 30_000
# Who is so much slower than a quiet machine, or does nothing for so long, is not slow but broken.
_SLOWEST = 10
_STANDS_STILL_S = 90.0


@dataclass
class Stage:
    """An installation that is up, and what can be done to its machine."""

    place: Place
    disk: SmallDisk | None
    clock: Clock | None
    skipped: list[str]
    prepared_s: float


@contextmanager
def stage(profile: Profile, *, seed: int, keep: bool = False) -> Iterator[Stage]:
    """A prepared, started installation; put away afterwards."""
    home = Path("/var/lib/tinhso") if os.geteuid() == 0 else None
    if home is not None:
        home.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=home))
    folder.chmod(0o755)  # the database's own user must get through
    place = make(folder, seed=seed)
    disk, clock = SmallDisk(place.folder), Clock(folder)
    skipped = []
    if profile.sabotage:
        place.environment["FAULTS_SABOTAGE"] = profile.sabotage
    if profile.weather_every_s:
        place.environment |= clock.environment()
    place.environment["PYTHONPATH"] += f"{os.pathsep}{ROOT / 'faults' / 'sabotage'}"
    try:
        if profile.weather_every_s and not disk.mount(needed=pattern_size() + (profile.operations or 0) * _BYTES_EACH):
            skipped.append(f"full disk: {disk.reason}")
        prepared_s = prepare(place)
        place.start()
        weather = bool(profile.weather_every_s)
        yield Stage(
            place, disk if weather and not disk.reason else None, clock if weather else None,
            skipped, prepared_s,
        )  # fmt: skip
    finally:
        place.stop()
        if keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            disk.unmount()
            shutil.rmtree(folder, ignore_errors=True)


def run(staged: Stage, profile: Profile, *, seed: int) -> dict[str, Any]:
    """The load and the kills on a running installation; what came of it."""
    place = staged.place
    folder = place.folder.parent
    oracle, peer_log = Oracle(folder / "oracle.log"), folder / "peer.log"
    with ExitStack() as stack:
        web_port, gateway_port = place.port + 5, place.port + 6
        for arguments in (
            ["faults.peer", str(place.peer_port), str(peer_log)],
            ["faults.proxy", str(web_port), str(place.port), str(profile.broken), str(seed)],
            ["faults.proxy", str(gateway_port), str(place.gateway_port), str(profile.broken), str(seed + 1)],
        ):
            stack.callback(end, begin(arguments))
        load = Load(place, oracle, web_port=web_port, gateway_port=gateway_port, seed=seed)
        load.sign_in(
            machines=profile.machines, exchangers=profile.exchangers, officers=profile.officers,
            citizens=profile.citizens,
        )  # fmt: skip
        course = Course(profile, load.tally)
        killer = Killer(
            place, oracle, kills=profile.kills, progress=course.progress, seed=seed, weights=profile.weights
        )
        stopper = Stopper(place, oracle, lambda: load.tally.total, seed=seed)
        weather = Weather(
            oracle, disk=staged.disk, clock=staged.clock, stopper=stopper, every_s=profile.weather_every_s or 1e9,
            seed=seed,
        )  # fmt: skip
        after = latest_entry(place)
        load.start()
        killer.start()
        weather.start()
        while course.goes_on(killer.total):
            time.sleep(0.2)
            print(f"\r{killer.total} kills, {load.tally.total} acknowledged", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        killer.stop()
        weather.stop()
        loaded_s = course.seconds
        stuck = load.finish(patience_s=60)
    drained_s, left = drain(place)
    verdict = judge(place, oracle.path, peer_log, after=after)
    flushed = flushes(place, seed=seed)
    sealed = [_sealed(place, "audit", "verify"), _sealed(place, "exchange", "verify")]
    oracle.close()
    times = sorted(load.tally.times) or [0.0]
    return {
        "seed": seed, "profile": asdict(profile), "kills": dict(killer.done), "kills_total": killer.total,
        "acknowledged": dict(load.tally.acknowledged), "acknowledged_total": load.tally.total,
        "reached": course.is_reached(killer.total), "silences": silences(oracle.path), **flushed,
        "stopped": [asdict(one) for one in stopper.done],
        "held_others": [asdict(one) for one in stopper.done if one.seconds >= LONG_S and not one.acknowledged],
        "load_average": round(os.getloadavg()[0], 1),
        "loaded_s": round(loaded_s, 1), "drained_s": round(drained_s, 1), "retries": load.tally.retries,
        "asked_again": load.tally.again, "answered_differently": load.tally.different, "wrong": load.tally.wrong,
        "p50_ms": round(times[len(times) // 2] * 1000), "p99_ms": round(times[int(len(times) * 0.99)] * 1000),
        "longest_s": round(times[-1], 1), "clients_stuck": stuck, "seals": sealed,
        "disk_full": weather.full, "clock_jumps": weather.jumps, "skipped": staged.skipped,
        "prepared_s": round(staged.prepared_s, 1),
        "left_in_queue": left,
        "broken": dict(load.tally.broken.most_common(8)), **_told(verdict),
    }  # fmt: skip


class Course:
    """How far a run is, and whether it goes on."""

    def __init__(self, profile: Profile, tally: Tally) -> None:
        self._profile, self._tally = profile, tally
        self._began = self._moved = time.monotonic()
        self._last = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def progress(self) -> float:
        """0 to 1: by the operations acknowledged where they are counted, otherwise by the time."""
        if self._profile.operations is None:
            return self.seconds / self._profile.seconds / 0.9
        return self._tally.total / self._profile.operations

    def is_reached(self, kills: int) -> bool:
        """Whether it has killed as often, and been answered as often, as it was to."""
        return kills >= self._profile.kills and self._tally.total >= (self._profile.operations or 0)

    def goes_on(self, kills: int) -> bool:
        """Until both numbers are reached, the time is over where it counts, or nothing moves any more."""
        now = time.monotonic()
        if self._tally.total > self._last:
            self._last, self._moved = self._tally.total, now
        if self._profile.operations is None:
            return self.seconds < self._profile.seconds
        slowest = self._profile.seconds * _SLOWEST
        return not self.is_reached(kills) and self.seconds < slowest and now - self._moved < _STANDS_STILL_S


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "lost": len(verdict.lost), "dup": len(verdict.dup), "orphan": len(verdict.orphan),
        "ambiguous": verdict.ambiguous, "compared": dict(verdict.compared), "findings": verdict.sentences(),
        "reasons": verdict.reasons(),
    }  # fmt: skip


def is_clean(found: dict[str, Any]) -> bool:
    """Whether all was done that was to be, and nothing was lost, doubled, halved or answered in two ways."""
    bad = (
        "lost", "dup", "orphan", "answered_differently", "wrong", "clients_stuck", "left_in_queue", "held_others",
        "not_flushed",
    )  # fmt: skip
    return found["reached"] and not any(found[name] for name in bad) and all(found["seals"])


def _sealed(place: Place, *arguments: str) -> bool:
    done = place.tinhso(*arguments, check=False)
    if done.returncode:
        print(done.stdout[-1500:], done.stderr[-500:], file=sys.stderr)
    return done.returncode == 0


def begin(arguments: list[str]) -> "subprocess.Popen[bytes]":
    """A helper of the driver, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=ROOT, start_new_session=True,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )  # fmt: skip


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a helper and what it has started: each leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
