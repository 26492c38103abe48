"""Running a module of ours in a process with little memory, little time and nothing to write to.

The process sets its own limits before it imports the module: setting them between fork and exec is unsafe in a server
with threads.
"""

import os
import resource
import runpy
import subprocess
import sys
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[4]
# The only way out of the process is its standard output.
_ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": str(_SOURCE), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}


class SandboxError(RuntimeError):
    """The process died, ran too long or wanted too much memory."""


def run(module: str, question: bytes, *, seconds: int, megabytes: int) -> bytes:
    """The standard output of `python -m module` given a question, within seconds of processor time.

    Raises:
        SandboxError: no answer within the limits.
    """
    command = [sys.executable, "-P", "-m", __name__, module, str(seconds), str(megabytes)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own module names
            command, input=question, capture_output=True, timeout=seconds * 3, check=False, env=_ENVIRONMENT
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxError(f"{module}: no answer in {seconds * 3} s") from error
    if done.returncode != 0:
        raise SandboxError(f"{module}: ended with {done.returncode}")
    return done.stdout


def _confine(seconds: int, megabytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_048_576,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _confine(int(sys.argv[2]), int(sys.argv[3]))
    runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
