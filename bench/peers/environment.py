"""A virtual environment of a peer's own, from its locked requirements, under `var/peers/`; made once, kept."""

import hashlib
import shutil
import subprocess
import venv
from pathlib import Path

from bench.province import ROOT

_FOLDER = ROOT / "var" / "peers"
_PATIENCE_S = 600


class PeerUnavailableError(RuntimeError):
    """The peer cannot be measured here; the message says why, for the report."""


def python_of(name: str) -> Path:
    """The interpreter that has what `bench/peers/NAME.lock` lists, installed when it is not there yet or is another list.

    Raises:
        PeerUnavailableError: it is not installed and the package registry does not give it.
    """
    lock = Path(__file__).parent / f"{name}.lock"
    folder = _FOLDER / name
    mark, program = folder / "installed", folder / "bin" / "python"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return program
    print(f"   installing {name} from its lock ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [program, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock],
            check=False, capture_output=True, text=True, timeout=_PATIENCE_S,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerUnavailableError(f"no environment for {name} could be made: {error}") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or ["no word"]
        raise PeerUnavailableError(f"the package registry did not give {name} ({said[0][:200]})")
    mark.write_text(wanted)
    return program
