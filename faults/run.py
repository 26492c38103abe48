"""One run: an installation, the load, the kills, the weather, and the comparison."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faults.course import FAULTS, Course, Profile
from faults.flushing import flushes
from faults.killer import Killer
from faults.load import Load
from faults.machine import Clock, SmallDisk, Weather
from faults.oracle import Oracle
from faults.place import ROOT, Place, die_with_parent, make, pattern_size, prepare
from faults.stopping import LONG_S, Stopper
from faults.tally import Event, Tally
from faults.verdict import Verdict, drain, judge, latest_entry, silences

# What an operation leaves on the disk, with its entries, jobs and the log of the database.
_BYTES_EACH = 30_000
_LOCK = Path(tempfile.gettempdir()) / "tinhso-faults-provider.lock"


@dataclass
class Stage:
    """An installation that is up, and what can be done to its machine."""

    place: Place
    disk: SmallDisk | None
    clock: Clock | None
    prepared_s: float


@contextmanager
def stage(profile: Profile, *, seed: int, keep: bool = False) -> Iterator[Stage]:
    """A prepared, started installation; put away afterwards.

    A machine that does not let us fill a disk is told at once: who runs without it says so (`Profile.without`).
    """
    home = Path("/var/lib/tinhso") if os.geteuid() == 0 else None
    if home is not None:
        home.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=home))
    folder.chmod(0o755)  # the database's own user must get through
    place = make(folder, seed=seed)
    disk, clock = SmallDisk(place.folder), Clock(folder)
    disk_fills = profile.turns > 0 and "full disk" not in profile.without
    try:
        if disk_fills and not disk.mount(needed=pattern_size() + (profile.operations or 0) * _BYTES_EACH):
            raise SystemExit(f"full disk: {disk.reason}; a run without it: --without 'full disk'")
        prepared_s = prepare(place)  # whole: what is kept for the next run must not have been made without a safeguard
        if profile.sabotage:
            place.environment["FAULTS_SABOTAGE"] = profile.sabotage
        if profile.turns:
            place.environment |= clock.environment()
        place.environment["PYTHONPATH"] += f"{os.pathsep}{ROOT / 'faults' / 'sabotage'}"
        place.start()
        yield Stage(place, disk if disk_fills else None, clock if profile.turns else None, prepared_s)
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
    oracle, peer_log, lines = Oracle(folder / "oracle.log"), folder / "peer.log", folder / "lines.log"
    with ExitStack() as stack:
        web_port, gateway_port = place.port + 5, place.port + 6
        stack.enter_context(provider(place, peer_log))
        for arguments in (
            ["faults.proxy", str(web_port), str(place.port), str(profile.broken), str(seed), str(lines)],
            [
                "faults.proxy",
                str(gateway_port),
                str(place.gateway_port),
                str(profile.broken),
                str(seed + 1),
                str(lines),
            ],
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
        stopper = Stopper(place, oracle, load.tally, seed=seed)
        weather = Weather(
            oracle, load.tally, disk=staged.disk, clock=staged.clock, stopper=stopper, turns=profile.turns,
            progress=course.progress, seed=seed,
        )  # fmt: skip
        after = latest_entry(place)
        load.start(lead=course.lead)
        killer.start()
        weather.start()
        while course.goes_on(killer.total, is_fair=weather.is_over):
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
    found = {
        "seed": seed, "profile": asdict(profile), "kills": dict(killer.done), "kills_total": killer.total,
        "reached": course.is_reached(killer.total), "short": course.short(), "silences": silences(oracle.path), **flushed,
        "faults": faults_of([*weather.events, *stopper.done], lines.read_text().splitlines() if lines.exists() else []),
        "stopped": [asdict(one) for one in stopper.done],
        "held_others": [asdict(one) for one in stopper.done if one.seconds >= LONG_S and not one.acknowledged],
        "load_average": round(os.getloadavg()[0], 1), "clients_stuck": stuck, "seals": sealed,
        "loaded_s": round(loaded_s, 1), "drained_s": round(drained_s, 1), "prepared_s": round(staged.prepared_s, 1),
        "left_in_queue": left, **_tallied(load.tally), **_told(verdict),
    }  # fmt: skip
    return {**found, "rare": rare(found, profile.least)}


def faults_of(events: list[Event], lines: list[str]) -> dict[str, dict[str, float]]:
    """How often each fault met somebody who asked, and of those of the machine: for how long, how much was asked and
    acknowledged meanwhile.
    """
    found: dict[str, dict[str, float]] = {what: {"met": number} for what, number in Counter(lines).items()}
    for what in FAULTS:
        met = [one for one in events if one.what == what and one.asked]
        if met:
            found[what] = {
                "met": len(met), "seconds": round(sum(one.seconds for one in met), 1),
                "asked": sum(one.asked for one in met), "acknowledged": sum(one.acknowledged for one in met),
            }  # fmt: skip
    return found


def rare(found: dict[str, Any], least: dict[str, int]) -> dict[str, list[float]]:
    """The faults that came too seldom: how often, and how often they must."""
    met = {what: found["faults"].get(what, {"met": 0})["met"] for what in least}
    return {what: [met[what], number] for what, number in least.items() if met[what] < number}


def _tallied(tally: Tally) -> dict[str, Any]:
    times = sorted(tally.times) or [0.0]
    return {
        "acknowledged": dict(tally.acknowledged), "acknowledged_total": tally.total, "retries": tally.retries,
        "asked_again": tally.again, "answered_differently": tally.different, "wrong": tally.wrong,
        "p50_ms": round(times[len(times) // 2] * 1000), "p99_ms": round(times[int(len(times) * 0.99)] * 1000),
        "longest_s": round(tally.longest[0], 1), "longest": tally.longest[1],
        "longest_tries": tally.longest[2], "longest_try_s": round(tally.longest_try[0], 1),
        "longest_try": tally.longest_try[1],
        "broken": dict(tally.broken.most_common(8)),
    }  # fmt: skip


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "lost": len(verdict.lost), "dup": len(verdict.dup), "orphan": len(verdict.orphan),
        "ambiguous": verdict.ambiguous, "compared": dict(verdict.compared), "findings": verdict.sentences(),
        "reasons": verdict.reasons(),
    }  # fmt: skip


def is_clean(found: dict[str, Any]) -> bool:
    """Whether all was done that was to be, under each fault as often as it must, and nothing was lost, doubled, halved or
    answered in two ways.
    """
    bad = (
        "lost", "dup", "orphan", "answered_differently", "wrong", "clients_stuck", "left_in_queue", "held_others",
        "not_flushed", "short", "rare",
    )  # fmt: skip
    return found["reached"] and not any(found[name] for name in bad) and all(found["seals"])


def _sealed(place: Place, *arguments: str) -> bool:
    done = place.tinhso(*arguments, check=False)
    if done.returncode:
        print(done.stdout[-1500:], done.stderr[-500:], file=sys.stderr)
    return done.returncode == 0


@contextmanager
def provider(place: Place, log: Path) -> Iterator[None]:
    """The driver's own provider in the exchange, at a port that stands in the registry: one run on a machine at a time."""
    with _LOCK.open("rb") if _LOCK.exists() else _LOCK.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run on this machine has the provider's port: waiting until it has ended", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        peer = begin(["faults.peer", str(place.peer_port), str(log)])
        try:
            yield
        finally:
            end(peer)


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
