"""What the machine does to the product: a disk that is full, a clock that jumps. Each says why when it cannot be had."""

import os
import random
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from faults.oracle import Oracle
from faults.stopping import Stopper

_SPARE_BYTES = 700_000_000
_JUMPS = ("0", "240", "-300", "30", "-5")


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
    """Now and then, while the load runs: a full disk for some seconds, a jump of the clock, a process that stands still."""

    def __init__(
        self,
        oracle: Oracle,
        *,
        disk: SmallDisk | None,
        clock: Clock | None,
        stopper: Stopper,
        every_s: float,
        seed: int,
    ) -> None:
        self.oracle, self.disk, self.clock, self.stopper, self.every_s = oracle, disk, clock, stopper, every_s
        self.dice, self.full, self.jumps = random.Random(seed), 0, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

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
            self.clock.jump("0")

    def _live(self) -> None:
        turn = 0
        while not self._stop.wait(self.every_s * self.dice.uniform(0.6, 1.4)):
            turn += 1
            if turn % 3 == 0:
                self.stopper.stop_one()
            elif turn % 3 == 1 and self.disk is not None:
                self._fill()
            elif self.clock is not None:
                offset = self.dice.choice(_JUMPS)
                self.oracle.note("clock", {"offset": offset})
                self.clock.jump(offset)
                self.jumps += 1

    def _fill(self) -> None:
        assert self.disk is not None
        self.oracle.note("disk full", {})
        self.disk.fill()
        self._stop.wait(self.dice.uniform(1.0, 3.0))
        self.disk.empty()
        self.oracle.note("disk has room", {})
        self.full += 1
