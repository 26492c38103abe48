"""Runs the ExecStart lines of the systemd units exactly as they stand, with their environment, where no systemd runs."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from faults.place import Place, bare_environment, make, prepare

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "one-machine"
UNITS = FOLDER / "systemd"
COMMON = UNITS / "tinhso-.service.d" / "common.conf"


def environment(**own: str) -> dict[str, str]:
    """What `EnvironmentFile=` gives: the template of the settings, with values of the trial in their places."""
    found = {}
    for line in (FOLDER / "tinhso.env.in").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name] = value
    return {**found, **own}


def commands(unit: str, settings: dict[str, str], *, instance: str = "") -> list[list[str]]:
    """The ExecStart lines of a unit as systemd would start them: `${NAME}` and `%i` put in, the release where it lies."""
    name = unit.replace(f"@{instance}.", "@.")
    lines = [
        line.removeprefix("ExecStart=")
        for line in (UNITS / name).read_text(encoding="utf-8").splitlines()
        if line.startswith("ExecStart=")
    ]
    found = []
    for line in lines:
        words = []
        for word in shlex.split(line):
            put_in = word.replace("%i", instance).replace("/opt/tinhso/current", str(ROOT))
            if put_in.startswith("${"):
                put_in = settings[put_in[2:-1]]
            words.append(put_in)
        found.append(words)
    return found


def prepared(stack: ExitStack, *, seed: int, keep: bool) -> Place:
    """An installation in a folder of its own, which goes with the stack unless it is kept.

    Its content is a copy: another run may renew the shared one while this one uses it.
    """
    home = Path("/var/lib/tinhso") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="trial-", dir=home))
    folder.chmod(0o755)
    if not keep:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
    place = make(folder, seed=seed)
    prepare(place)
    shutil.copytree(place.environment["TINHSO_CONTENT_DIR"], folder / "content")
    place.environment["TINHSO_CONTENT_DIR"] = str(folder / "content")
    return place


def started(settings: dict[str, str]) -> dict[str, str]:
    """The whole environment of a service: nothing of this product's from the shell that tries it."""
    return {**bare_environment(), **settings}


class Running:
    """One service, in a session of its own."""

    def __init__(self, unit: str, settings: dict[str, str], *, log: Path, instance: str = "") -> None:
        (self.command,) = commands(unit, settings, instance=instance)
        self.settings, self.log = settings, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As systemd does with `Type=exec`: begun, not waited for."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=started(self.settings), cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def is_alive(self) -> bool:
        """Whether it was begun and has not ended."""
        return self.process is not None and self.process.poll() is None

    def stop(self, *, patience_s: float = 60.0) -> None:
        """As `KillMode=mixed`: SIGTERM to the first process, SIGKILL to what is left of its session."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=patience_s)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
