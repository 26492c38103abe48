"""What the machine does to the product: a disk that is full, a clock that jumps. Each says why when it cannot be had."""

import os
import random
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from faults.oracle import Oracle
from faults.stopping import Stopper
from faults.tally import Event, Tally

_SPARE_BYTES = 700_000_000
_JUMPS = ("240", "-300", "30", "-5")
# The last turn comes when so much of the run is done, so that it meets load too.
_LAST_TURN = 0.96
# A full disk is given back when so many have asked since, or after so long.
_MEET_A_FULL_DISK = 10
_FULL_AT_MOST_S = 15.0


class SmallDisk:
    """A file system of its own for the installation, so that it can be filled without harm to anybody else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.image = folder, folder.with_name("disk.img")
        self.reason = ""
        self._is_mounted = False

    def mount(self, *, needed: int) -> bool:
        """Make and mount it; False with `reason` where this machine does not let us."""
        if os.geteuid() != 0:
            self.reason = "mounting needs root"
            return False
        with self.image.open("wb") as image:
            image.truncate(needed + _SPARE_BYTES)
        self.folder.mkdir(exist_ok=True)
        for command in (
            ["mkfs.ext4", "-q", "-F", "-m", "0", str(self.image)],
            ["mount", "-o", "loop", str(self.image), str(self.folder)],
        ):
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                self.reason = f"{command[0]}: {error.strerror}"
                return False
            if done.returncode:
                self.reason = f"{command[0]}: {done.stderr.strip()[:120]}"
                return False
        self._is_mounted = True
        return True

    def fill(self) -> None:
        """Leave no byte."""
        filler = self.folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as out:
            free = os.statvfs(self.folder)
            os.posix_fallocate(out.fileno(), 0, max(free.f_bavail * free.f_frsize - 65_536, 1))
        with suppress(OSError), filler.open("ab", buffering=0) as out:
            while True:
                out.write(b"\0" * 4_096)

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / "filler").unlink(missing_ok=True)

    def unmount(self) -> None:
        """Take it away; what still has files open there is waited for a little."""
        for _ in range(50 if self._is_mounted else 0):
            if subprocess.run(["umount", str(self.folder)], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.2)
        self.image.unlink(missing_ok=True)


class Clock:
    """The product's clock, moved while it runs; those of the database, the bank and the driver stay right.

    Through the one function that reads it, put aside from outside (`faults/sabotage`): libfaketime 0.9.10 makes every
    `time.sleep` of Python 3.11 fail.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"

    def environment(self) -> dict[str, str]:
        """What the product is started with."""
        self.jump("0")
        return {"FAULTS_CLOCK": str(self.file)}

    def jump(self, offset: str) -> None:
        """By so many seconds from the right time."""
        partial = self.file.with_suffix(".new")
        partial.write_text(offset)
        partial.rename(self.file)


class Weather:
    """Now and then a full disk, a jump of the clock, a process that stands still: each so often, spread over the run.

    Its turns come as the work gets on (`progress`, 0 to 1), not as time passes: on a slow machine and on a fast one as much
    is acknowledged between two of them. What each has met is in `events`.
    """

    def __init__(
        self, oracle: Oracle, tally: Tally, *, disk: SmallDisk | None, clock: Clock | None, stopper: Stopper, turns: int,
        progress: Callable[[], float], seed: int,
    ) -> None:  # fmt: skip
        self.oracle, self.disk, self.clock, self.stopper, self.progress = oracle, disk, clock, stopper, progress
        self.tally, self.dice, self.events = tally, random.Random(seed), list[Event]()
        kinds = [self.stopper.stop_one] if turns else []
        kinds += [self._fill] if disk is not None else []
        kinds += [self._jump] if clock is not None else []
        self._deck = [act for _ in range(turns) for act in self.dice.sample(kinds, len(kinds))]
        self._offset, self._since = "0", Event("moved clock", 0, 0, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def is_over(self) -> bool:
        """Whether all its turns have been."""
        return not self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Fair weather from now on."""
        self._stop.set()
        self._thread.join()
        self.stopper.finish()
        if self.disk is not None:
            self.disk.empty()
        if self.clock is not None:
            self._right()
            self.clock.jump("0")

    def _live(self) -> None:
        for number, act in enumerate(self._deck):
            due = _LAST_TURN * (number + self.dice.uniform(0.1, 0.9)) / len(self._deck)
            while self.progress() < due and not self._stop.is_set():
                self._stop.wait(0.05)
            while not self._stop.is_set() and not act():
                self._stop.wait(0.2)

    def _jump(self) -> bool:
        """To another offset than it has, which is the end of the one before."""
        assert self.clock is not None
        self._right()
        self._offset = self.dice.choice([one for one in _JUMPS if one != self._offset])
        self.oracle.note("clock", {"offset": self._offset})
        self.clock.jump(self._offset)
        self._since = self.tally.begin("moved clock")
        return True

    def _right(self) -> None:
        """What was asked while the clock was wrong by one offset has been asked."""
        if self._offset != "0":
            self.events.append(self.tally.end(self._since))
        self._offset = "0"

    def _fill(self) -> bool:
        """Full for some seconds, until some have met it."""
        assert self.disk is not None
        self.oracle.note("disk full", {})
        met = self.tally.begin("full disk")
        self.disk.fill()
        self._stop.wait(self.dice.uniform(1.0, 3.0))
        began = time.monotonic()
        while self.tally.end(met).asked < _MEET_A_FULL_DISK and time.monotonic() - began < _FULL_AT_MOST_S:
            if self._stop.wait(0.1):
                break
        self.events.append(self.tally.end(met))
        self.disk.empty()
        self.oracle.note("disk has room", {})
        return True
