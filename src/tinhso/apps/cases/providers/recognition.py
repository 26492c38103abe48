"""Reading the letters of a scanned page with Tesseract, a program of its own that may be absent."""

import os
import shutil
import subprocess
from functools import lru_cache

from tinhso.kernel.errors import Unavailable

_SECONDS = 120


class RecognitionUnavailable(Unavailable):
    """Chưa nhận dạng được chữ của trang quét, hệ thống sẽ thử lại."""


@lru_cache(maxsize=4)
def program(command: str) -> str:
    """Where the program is; empty when this machine has none, or when the installation wants none."""
    return shutil.which(command) or "" if command else ""


def read(path: str, jpeg: bytes, *, dpi: int, languages: str) -> str:
    """The letters of one page, empty where there are none.

    Raises:
        RecognitionUnavailable: the program failed or took too long, or does not know the language.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
    if "TESSDATA_PREFIX" in os.environ:
        environment["TESSDATA_PREFIX"] = os.environ["TESSDATA_PREFIX"]
    try:
        done = subprocess.run(  # noqa: S603 - the installation's own program; the page goes in as bytes
            [path, "stdin", "stdout", "-l", languages, "--dpi", str(dpi)],
            input=jpeg, capture_output=True, timeout=_SECONDS, check=True, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise RecognitionUnavailable from error
    return done.stdout.decode("utf-8", "replace").strip()
