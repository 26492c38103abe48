"""`python -m faults.drill`: load, destroy the database and the files, restore from the backup, compare with the oracle.

Two restores: to the end of what the backup has (what was acknowledged and is missing is the loss), and to a moment in the
middle (nothing acknowledged before it may be missing, nothing begun after it may be there).
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faults.course import Profile
from faults.load import Load
from faults.oracle import Oracle, read
from faults.place import ROOT, Place
from faults.run import Stage, provider, stage
from faults.verdict import judge, latest_entry, stored_operations

_PROFILE = Profile(kills=0, operations=None, seconds=30, broken=0.0)
_CLOCKS_DIFFER_S = 1.0


def drill(staged: Stage, *, seconds: float, synchronous: bool, seed: int) -> dict[str, Any]:
    """The whole of it; times in seconds."""
    place, folder = staged.place, staged.place.folder.parent
    repository, key = folder / "backup", folder / "backup.key"
    place.environment |= {"TINHSO_BACKUP_DIR": str(repository), "TINHSO_BACKUP_KEY_FILE": str(key)}
    place.tinhso("backup", "key", str(key))
    command = [
        sys.executable,
        "-m",
        "tinhso.config.cli",
        "backup",
        "receive",
        *(["--synchronous"] if synchronous else []),
    ]
    receiver = subprocess.Popen(command, env=place.environment, cwd=ROOT, start_new_session=True)
    started = time.monotonic()
    place.tinhso("backup", "make")
    made_s = time.monotonic() - started
    peer_log, oracle = folder / "peer.log", Oracle(folder / "oracle.log")
    after = latest_entry(place)
    with provider(place, peer_log):
        load = Load(place, oracle, web_port=place.port, gateway_port=place.gateway_port, seed=seed)
        load.sign_in(machines=6, exchangers=2, officers=1, citizens=1)
        load.start()
        time.sleep(seconds / 2)
        middle = time.time()
        time.sleep(seconds / 2)
        destroyed_at = _destroy(place)
        load.abandon()
    receiver.send_signal(signal.SIGTERM)  # its machine lives on; it ends with all that it has heard
    receiver.wait()
    moment = datetime.fromtimestamp(middle, UTC).isoformat()
    found: dict[str, Any] = {"seed": seed, "synchronous": synchronous, "backup_s": round(made_s, 1)}
    found["acknowledged"] = load.tally.total
    found |= _whole(_restored(place, folder / "whole"), oracle.path, peer_log, after, destroyed_at)
    found |= _at_a_moment(_restored(place, folder / "moment", "--at", moment), oracle.path, middle)
    oracle.close()
    return found


def _destroy(place: Place) -> float:
    """Everything killed, database, files and keys gone; when that was."""
    now = time.time()
    for one in place.family():
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    assert place.process is not None
    place.process.kill()
    place.process.wait()
    place.process = None
    shutil.rmtree(place.folder)
    return now


def _restored(place: Place, folder: Path, *arguments: str) -> tuple[Place, float]:
    """A new installation from the backup, up and serving; seconds it took."""
    found = replace(
        place, folder=folder, process=None, environment={**place.environment, "TINHSO_DATA_DIR": str(folder)}
    )
    started = time.monotonic()
    done = found.tinhso("restore", *arguments, check=False)
    print(done.stdout, done.stderr, file=sys.stderr)
    if done.returncode:
        raise SystemExit("the restore failed")
    found.start()
    return found, time.monotonic() - started


def _whole(restored: tuple[Place, float], log: Path, peer_log: Path, after: int, destroyed_at: float) -> dict[str, Any]:
    place, seconds = restored
    try:
        verdict = judge(place, log, peer_log, after=after, whole_peer=False)
    finally:
        place.stop()
        shutil.rmtree(place.folder)
    lost = {line.rsplit(" ", 1)[-1] for line in verdict.lost}
    first = min((line["at"] for line in read(log) if line["t"] == "ack" and line["op"] in lost), default=destroyed_at)
    return {
        "rto_s": round(seconds, 1), "lost": len(verdict.lost), "rpo_s": round(destroyed_at - first, 2),
        "dup": len(verdict.dup), "orphan": len(verdict.orphan), "findings": verdict.sentences(),
    }  # fmt: skip


def _at_a_moment(restored: tuple[Place, float], log: Path, moment: float) -> dict[str, Any]:
    place, seconds = restored
    missing = early = 0
    try:
        with place.database() as database:
            known = stored_operations(database)
        intents = {line["op"]: line for line in read(log) if line["t"] == "intent"}
        for line in read(log):
            if line["kind"] == "draft":
                continue
            there = known.count(intents[line["op"]]) > 0
            if line["t"] == "ack" and line["at"] < moment - _CLOCKS_DIFFER_S and not there:
                missing += 1
            if line["t"] == "intent" and line["at"] > moment + _CLOCKS_DIFFER_S and there:
                early += 1
    finally:
        place.stop()
        shutil.rmtree(place.folder)
    return {"moment_rto_s": round(seconds, 1), "missing_before_moment": missing, "there_after_moment": early}


def main() -> None:
    """Drill and print; ends with 1 when more is lost than promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of load")
    parser.add_argument(
        "--synchronous", action="store_true", help="every commit waits for the backup: nothing may be lost"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with stage(_PROFILE, seed=options.seed, keep=options.keep) as staged:
        found = drill(staged, seconds=options.seconds, synchronous=options.synchronous, seed=options.seed)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    bad = found["dup"] + found["orphan"] + found["missing_before_moment"] + found["there_after_moment"]
    if bad or (options.synchronous and found["lost"]) or found["rpo_s"] > 60:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
